"""Sheets of digits drawn by the program's own writer, with their boxes."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from camlive.detection import Box, Image
from camlive.recognizer import Recognize
from camlive.simulate.writer import draw_digit, random_style

Color = tuple[int, int, int]
FloatArray = npt.NDArray[np.floating]
Digits = list[tuple[Box, int]]

MOST_LOST = 2  # of the 30 digits of a sheet
PAPER = (225, 230, 235)


class Sheet(NamedTuple):
    """A picture and what is written on it."""

    image: Image
    digits: Digits


def draw_sheet(
    seed: int = 0,
    scale: float = 1,
    ink: Color = (40, 35, 30),
    paper: Color = PAPER,
    rows: int = 3,
) -> Sheet:
    """Rows of the ten digits, 48 * scale pixels high, on a sheet of 800 * scale pixels."""
    rng = np.random.default_rng(seed)
    image = np.full((round((80 * rows + 30) * scale), round(800 * scale), 3), paper, np.uint8)
    digits = []
    for row in range(rows):
        style = random_style(rng)
        for digit in range(10):
            cover = draw_digit(digit, style, round(48 * scale), rng)
            height, width = cover.shape
            x, y = round((25 + 77 * digit) * scale), round((25 + 80 * row) * scale)
            area = image[y : y + height, x : x + width]
            area[:] = area + cover[..., None] / 255 * (np.array(ink) - area)
            digits.append((Box(x, y, width, height), digit))
    return Sheet(image, digits)


def lit(image: Image, light: FloatArray | float) -> Image:
    """A picture in other light, which multiplies each pixel or all."""
    return np.clip(image * light, 0, 255).astype(np.uint8)


def count(recognize: Recognize, image: Image, digits: Digits) -> tuple[int, int]:
    """Digits read right, and digits read where none is."""
    read = recognize(image)
    right = sum(
        any(r.digit == digit and r.box.iou(box) >= 0.3 for r in read) for box, digit in digits
    )
    false = sum(all(r.box.iou(box) < 0.3 for box, _ in digits) for r in read)
    return right, false


def check(recognize: Recognize, image: Image, digits: Digits, most_lost: int = MOST_LOST) -> None:
    """Checks that nearly all digits are read, and next to nothing else."""
    right, false = count(recognize, image, digits)
    assert right >= len(digits) - most_lost
    assert false <= 1
