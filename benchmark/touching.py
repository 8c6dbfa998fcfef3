"""Numbers of MNIST's test digits that touch, on sheets as cameras film them."""

from collections.abc import Iterator

import numpy as np

from benchmark.drawn import SIZE, Canvas, blank_sheet, filmed, write_digit
from benchmark.truth import Label
from camlive.detection import Digit, Image
from camlive.training.mnist import Mnist

SHEETS = 60  # four of them take turns: digits apart, and those that overlap by three lengths
OVERLAPS = (0.05, 0.1, 0.15)  # of the height: the most by which two neighbours' boxes overlap
GAPS = (0.1, 0.25)  # of the height, where they stand apart
HEIGHTS = (28, 80)  # of the digits in pixels
LINES, NUMBERS, LENGTHS = 5, 4, (2, 5)  # to a sheet, to a line at most, digits to a number


def touching_numbers(mnist: Mnist, sheets: int = SHEETS) -> Iterator[tuple[Label, Image]]:
    """Writes numbers, each digit by another hand, with one pen to a sheet, seeded.

    Args:
        mnist: the test pictures are used.
        sheets: how many.

    Yields:
        Labels, with how the digits stand as the source, and pictures (720, 960, 3) uint8 BGR.
    """
    for number in range(sheets):
        rng = np.random.default_rng([78, number])
        kind = number % (1 + len(OVERLAPS))
        source = f"overlapping by up to {OVERLAPS[kind - 1]:.0%}" if kind else "apart"
        gaps = (-OVERLAPS[kind - 1], 0.0) if kind else GAPS
        canvas, digits = _sheet(mnist, gaps, rng)
        image = filmed(canvas, rng)
        yield Label(f"sheet {number}", 0, tuple(digits), "", source, printed_text=False), image


def _sheet(
    mnist: Mnist, gaps: tuple[float, float], rng: np.random.Generator
) -> tuple[Canvas, list[Digit]]:
    """A sheet of numbers whose digits have gaps in a range, in heights of a digit."""
    canvas, pen = blank_sheet(rng)
    size = round(rng.uniform(*HEIGHTS))
    digits: list[Digit] = []
    for line in range(min(LINES, round((SIZE[1] - 60) / (1.7 * size)))):
        y, x = 30 + round(1.7 * line * size), 40
        for _ in range(NUMBERS):
            for _ in range(rng.integers(LENGTHS[0], LENGTHS[1] + 1)):
                digit = write_digit(canvas, mnist, (x, y, size), pen, rng)
                if not digit:
                    break
                digits.append(digit)
                x = digit.box.right + round(rng.uniform(*gaps) * size)
            x += round(rng.uniform(0.8, 1.5) * size)
    return canvas, digits
