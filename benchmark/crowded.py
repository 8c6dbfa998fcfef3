"""Frames full of what is no digit, which cost the most: noise, a page of print, a brick wall."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np

from camlive.detection import Image
from camlive.record.encoder import Encoder

FRAMES, FPS = 25, 25.0
FONT = cv2.FONT_HERSHEY_COMPLEX
LINE_PX, BRICK_PX = 30, (70, 160)  # height of a line of print; height and width of a brick


def noise(height: int, width: int, rng: np.random.Generator) -> Image:
    """Grains of any colour, (height, width, 3) uint8 BGR."""
    return rng.integers(0, 256, (height, width, 3), np.uint8)


def print_page(height: int, width: int, rng: np.random.Generator) -> Image:
    """Lines of printed letters on white paper, (height, width, 3) uint8 BGR."""
    page = np.full((height, width, 3), 240, np.uint8)
    letters = np.array([*" abcdefghijklmnopqrstuvwxyz"])
    for base in range(2 * LINE_PX, height, LINE_PX):
        line = "".join(rng.choice(letters, width // LINE_PX * 2))
        cv2.putText(page, line, (LINE_PX, base), FONT, 0.7, (30, 30, 30), 2, cv2.LINE_AA)
    return page


def bricks(height: int, width: int, rng: np.random.Generator) -> Image:
    """A wall of bricks, no two of one shade, (height, width, 3) uint8 BGR."""
    high, wide = BRICK_PX
    wall = np.full((height, width, 3), 185, np.uint8)
    for row in range(0, height, high):
        for left in range(-(row // high % 2) * wide // 2, width, wide):
            shade = np.array((60, 75, 150)) * rng.uniform(0.7, 1.3)
            wall[row + 5 : row + high, max(0, left + 5) : left + wide] = shade
    grain = rng.normal(0, 12, (height, width, 1))
    return (wall + grain).clip(0, 255).astype(np.uint8)


KINDS: dict[str, Callable[[int, int, np.random.Generator], Image]] = {
    "noise": noise,
    "print": print_page,
    "bricks": bricks,
}


def film(path: Path, kind: str, size: tuple[int, int]) -> None:
    """Writes a recording that glides over frames of a kind; size is width and height."""
    image = KINDS[kind](size[1], size[0], np.random.default_rng(0))
    with closing(Encoder(path, size, FPS)) as video:
        for frame in range(FRAMES):
            video.write(np.roll(image, 3 * frame, axis=1), frame / FPS)
