"""Sheets with MNIST's test digits, as cameras film them: paper, pen, digits, camera."""

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Box, Digit, Image
from camlive.simulate.camera import lens, light, sensor
from camlive.training.mnist import Mnist

SIZE = (960, 720)  # width and height of a sheet in pixels
INK = 40  # of 255: fainter edges of MNIST's pictures are cut off
STRENGTHS = (0.1, 0.5)  # of what the simulated camera does to the picture

Canvas = npt.NDArray[np.float32]  # (H, W, 3) BGR, 0 to 255
Color = npt.NDArray[np.float32]  # (3,) BGR, 0 to 255


def blank_sheet(rng: np.random.Generator) -> tuple[Canvas, Color]:
    """A sheet of paper, (720, 960, 3), and the ink of a pen."""
    width, height = SIZE
    paper = np.full((height, width, 3), rng.uniform(170, 235), np.float32)
    return paper, np.array([60, 40, 40], np.float32) * rng.uniform(0.5, 2)


def write_digit(
    canvas: Canvas,
    mnist: Mnist,
    place: tuple[int, int, int],
    pen: Color,
    rng: np.random.Generator,
) -> Digit | None:
    """Writes one of the test pictures' digits.

    Args:
        canvas: drawn into.
        mnist: the digits.
        place: left, top and size of its line in pixels: most digits are as high.
        pen: the ink.
        rng: which digit.

    Returns:
        The digit, its confidence 1; None where it does not fit, and nothing is written.
    """
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


def filmed(canvas: Canvas, rng: np.random.Generator) -> Image:
    """What a simulated camera makes of a sheet, (720, 960, 3) uint8 BGR; nothing moves on it."""
    strength = rng.uniform(*STRENGTHS)
    seen = lens(light(canvas.astype(np.uint8), rng, strength), rng, strength)
    return sensor(seen, rng, strength)
