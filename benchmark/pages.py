"""Drawn pages of what few pictures show: tables, squares, the edges of shadows, words beside."""

from collections.abc import Callable, Iterator
from functools import partial

import cv2
import numpy as np

from benchmark.drawn import SIZE, Canvas, Color, blank_sheet, filmed, write_digit
from benchmark.truth import Label
from camlive.detection import Digit, Image
from camlive.training.mnist import Mnist

PAGES = 120  # the six kinds take turns
MARGIN = 40  # of the page in pixels
HEIGHTS = (28, 64)  # of the digits in pixels
CELL = (1.4, 1.8)  # side of a table's cell, in heights of a digit
EMPTY = 0.3  # share of a table's cells that are
RULE = (2, 5)  # width of a table's rules in pixels
REACH = (1, 6)  # pixels of a digit beyond a rule that it is written over
SQUARE = (16, 40)  # side of the squares of squared paper in pixels
PALE = (0.35, 1.0)  # what a pen there has of a dark one's contrast
FAINT = (0.2, 0.5)  # and its lines of that pen's
SHADOWS = 2  # on a page
SHADE, SOFT = (0.08, 0.45), (1.0, 12.0)  # share of the light that one takes; pixels of its edge
LETTERS = (0.8, 1.6)  # size of the letters, of OpenCV's fonts
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
)
SENTENCES = (
    "the quick brown fox jumps over",
    "please bring milk and eggs",
    "dear sir or madam",
    "we meet again on Friday evening",
    "total of all goods sold",
    "returned within a fortnight",
)
LOOKALIKES = (  # words of letters that look like digits
    "oslo zoo books",
    "glossy looking glass",
    "so long good bye",
    "boils in zinc oxide",
    "SIZE OF SOIL",
    "big blue sky lass",
)

Draw = Callable[[Canvas, Mnist, Color, np.random.Generator], list[Digit]]


def drawn_pages(mnist: Mnist, pages: int = PAGES) -> Iterator[tuple[Label, Image]]:
    """Draws pages with digits by many hands, one pen to a page, seeded.

    Args:
        mnist: the test pictures are used.
        pages: how many.

    Yields:
        Labels, with what the page shows as the source, and pictures (720, 960, 3) uint8 BGR.
    """
    kinds = list(KINDS.items())
    for number in range(pages):
        rng = np.random.default_rng([79, number])
        source, draw = kinds[number % len(kinds)]
        canvas, pen = blank_sheet(rng)
        digits = tuple(draw(canvas, mnist, pen, rng))
        printed = "words" in source
        yield Label(f"page {number}", 0, digits, "", source, printed), filmed(canvas, rng)


def _table(
    canvas: Canvas, mnist: Mnist, pen: Color, rng: np.random.Generator, over: bool
) -> list[Digit]:
    """A table whose digits stand in the middle of their cells, or over one of its rules."""
    size = round(rng.uniform(*HEIGHTS))
    cell, rule = round(size * rng.uniform(*CELL)), int(rng.integers(*RULE, endpoint=True))
    columns, rows = ((side - 2 * MARGIN) // cell for side in SIZE)
    right, bottom = MARGIN + columns * cell, MARGIN + rows * cell
    color = (pen * rng.uniform(0.8, 1.6)).tolist()
    for column in range(columns + 1):
        x = MARGIN + column * cell
        cv2.line(canvas, (x, MARGIN), (x, bottom), color, rule)
    for row in range(rows + 1):
        y = MARGIN + row * cell
        cv2.line(canvas, (MARGIN, y), (right, y), color, rule)
    digits = []
    for row, column in np.argwhere(rng.random((rows, columns)) >= EMPTY).tolist():
        gap = (cell - size) // 2
        place = np.array([MARGIN + column * cell, MARGIN + row * cell]) + gap
        if over:  # to the left or downwards: so all reach it, also narrow and low ones
            aside = gap + int(rng.integers(*REACH, endpoint=True))
            place += aside * np.array([(-1, 0), (0, 1)])[rng.integers(2)]
        digits.append(write_digit(canvas, mnist, (int(place[0]), int(place[1]), size), pen, rng))
    return [digit for digit in digits if digit]


def _rows(
    canvas: Canvas, mnist: Mnist, pen: Color, rng: np.random.Generator, share: float = 1.0
) -> list[Digit]:
    """Rows of digits, down to some share of the page."""
    size = round(rng.uniform(*HEIGHTS))
    step = round(1.9 * size)
    digits = [
        write_digit(canvas, mnist, (x, y, size), pen, rng)
        for y in range(MARGIN, round(SIZE[1] * share) - size - MARGIN, step)
        for x in range(MARGIN, SIZE[0] - size - MARGIN, step)
    ]
    return [digit for digit in digits if digit]


def _squared(canvas: Canvas, mnist: Mnist, pen: Color, rng: np.random.Generator) -> list[Digit]:
    """Rows of digits on squared paper: its lines are fainter than the pen, which may be pale."""
    paper = canvas[0, 0].copy()
    pale = paper + (pen - paper) * rng.uniform(*PALE)
    line = (paper + (pale - paper) * rng.uniform(*FAINT)).tolist()
    width, height = SIZE
    square, thick = round(rng.uniform(*SQUARE)), int(rng.integers(1, 3))
    for x in range(square // 2, width, square):
        cv2.line(canvas, (x, 0), (x, height), line, thick)
    for y in range(square // 2, height, square):
        cv2.line(canvas, (0, y), (width, y), line, thick)
    return _rows(canvas, mnist, pale, rng)


def _shadows(canvas: Canvas, mnist: Mnist, pen: Color, rng: np.random.Generator) -> list[Digit]:
    """Rows of digits, and across them the edges of shadows, hard or soft."""
    digits = _rows(canvas, mnist, pen, rng)
    y, x = np.indices(canvas.shape[:2], np.float32)
    for _ in range(SHADOWS):
        angle, start = rng.uniform(0, 2 * np.pi), rng.uniform(0, SIZE)
        away = (x - start[0]) * np.cos(angle) + (y - start[1]) * np.sin(angle)
        lit = 0.5 + 0.5 * np.tanh(away / rng.uniform(*SOFT))
        canvas *= (1 - rng.uniform(*SHADE) * lit)[..., None]
    return digits


def _words(
    canvas: Canvas,
    mnist: Mnist,
    pen: Color,
    rng: np.random.Generator,
    lines: tuple[str, ...],
) -> list[Digit]:
    """Rows of digits, and below them lines of words, which hold none."""
    digits = _rows(canvas, mnist, pen, rng, share=0.6)
    size, font = rng.uniform(*LETTERS), FONTS[rng.integers(len(FONTS))]
    cover = np.zeros(canvas.shape[:2], np.uint8)
    for y in range(round(0.66 * SIZE[1]), SIZE[1] - MARGIN, round(45 * size)):
        line, thick = lines[rng.integers(len(lines))], int(rng.integers(1, 4))
        cv2.putText(cover, line, (MARGIN, y), font, size, 255, thick, cv2.LINE_AA)
    canvas += (pen - canvas) * (cover[..., None] / np.float32(255))
    return digits


KINDS: dict[str, Draw] = {
    "tables, digits in their cells": partial(_table, over=False),
    "tables, digits over the rules": partial(_table, over=True),
    "squared paper": _squared,
    "the edges of shadows": _shadows,
    "digits beside words": partial(_words, lines=SENTENCES),
    "digits beside words like oslo, zoo": partial(_words, lines=LOOKALIKES),
}
