"""Numbers of MNIST's test digits that touch, on sheets as cameras film them."""

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from benchmark.truth import Label
from camlive.detection import Box, Digit, Image
from camlive.simulate.camera import lens, light, sensor
from camlive.training.mnist import Mnist

SHEETS = 60  # four of them take turns: digits apart, and those that overlap by three lengths
OVERLAPS = (0.05, 0.1, 0.15)  # of the height: the most by which two neighbours' boxes overlap
GAPS = (0.1, 0.25)  # of the height, where they stand apart
SIZE = (960, 720)  # width and height of a sheet in pixels
HEIGHTS = (28, 80)  # of the digits in pixels
LINES, NUMBERS, LENGTHS = 5, 4, (2, 5)  # to a sheet, to a line at most, digits to a number
INK = 40  # of 255: fainter edges of MNIST's pictures are cut off
STRENGTHS = (0.1, 0.5)  # of what the simulated camera does to the picture

Canvas = npt.NDArray[np.float32]  # (H, W, 3) BGR, 0 to 255


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
        strength = rng.uniform(*STRENGTHS)
        seen = lens(light(canvas.astype(np.uint8), rng, strength), rng, strength)
        image = sensor(seen, rng, strength)
        yield Label(f"sheet {number}", 0, tuple(digits), "", source, printed_text=False), image


def _sheet(
    mnist: Mnist, gaps: tuple[float, float], rng: np.random.Generator
) -> tuple[Canvas, list[Digit]]:
    """A sheet of numbers whose digits have gaps in a range, in heights of a digit."""
    width, height = SIZE
    canvas = np.full((height, width, 3), rng.uniform(170, 235), np.float32)
    pen = np.array([60, 40, 40], np.float32) * rng.uniform(0.5, 2)
    size = round(rng.uniform(*HEIGHTS))
    digits: list[Digit] = []
    for line in range(min(LINES, round((height - 60) / (1.7 * size)))):
        y, x = 30 + round(1.7 * line * size), 40
        for _ in range(NUMBERS):
            for _ in range(rng.integers(LENGTHS[0], LENGTHS[1] + 1)):
                digit = _write(canvas, mnist, (x, y, size), pen, rng)
                if not digit:
                    break
                digits.append(digit)
                x = digit.box.right + round(rng.uniform(*gaps) * size)
            x += round(rng.uniform(0.8, 1.5) * size)
    return canvas, digits


def _write(
    canvas: Canvas,
    mnist: Mnist,
    place: tuple[int, int, int],
    pen: npt.NDArray[np.float32],
    rng: np.random.Generator,
) -> Digit | None:
    """Writes a digit at left, top and size of its line; None where it does not fit."""
    x, y, size = place
    index = rng.integers(len(mnist.x_test))
    left, top, width, height = cv2.boundingRect(np.asarray(mnist.x_test[index] > INK, np.uint8))
    tight = mnist.x_test[index][top : top + height, left : left + width]
    scale = size / 20  # MNIST's longer side
    ink = cv2.resize(tight, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    box = Box(x, y + size - ink.shape[0], ink.shape[1], ink.shape[0])
    if box.right >= canvas.shape[1]:
        return None
    window = canvas[box.y : box.bottom, box.x : box.right]
    cover = cv2.merge([ink] * 3).astype(np.float32) / 255
    np.minimum(window, window + (pen - window) * cover, out=window)
    return Digit(box, int(mnist.y_test[index]), 1.0)
