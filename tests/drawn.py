"""Sheets of digits drawn by the program's own writer, with their boxes."""

from typing import NamedTuple

import numpy as np

from camlive.detection import Box, Image
from camlive.simulate.writer import draw_digit, random_style

Color = tuple[int, int, int]


class Sheet(NamedTuple):
    """A picture and what is written on it."""

    image: Image
    digits: list[tuple[Box, int]]


def draw_sheet(
    seed: int = 0,
    scale: float = 1,
    ink: Color = (40, 35, 30),
    paper: Color = (225, 230, 235),
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
