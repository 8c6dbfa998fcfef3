"""Digits that touch: cut apart where the least ink is."""

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Image

LEAST_ASPECT = 0.75  # width over height of two narrow digits side by side
EDGE = 0.25  # of the width: a cut keeps at least this far from either side
MOST_INK = 0.35  # of the height: a cut through more ink parts no digits
LEAST_HEIGHT = 0.5  # of the mark's height: lower pieces are no digits of one number
STEP = 0.03  # cost of a step aside, in pixels of ink: straight cuts are preferred


def cut(ink: Image) -> tuple[Image, ...]:
    """The two sides of the path from top to bottom that crosses the least ink.

    The path is found by dynamic programming, as a seam (Avidan and Shamir, SIGGRAPH 2007).

    Args:
        ink: (H, W) uint8, a mark's coverage by ink.

    Returns:
        Twice (H, W) uint8, the ink left and right of the path; nothing where the mark is too
        narrow for two digits or every path crosses too much ink.
    """
    height, width = ink.shape
    first, end = round(width * EDGE), round(width * (1 - EDGE))
    if width < LEAST_ASPECT * height or end - first < 3:
        return ()
    path = _seam(ink[:, first:end]) + first
    if ink[np.arange(height), path].sum() > 255 * MOST_INK * height:
        return ()
    is_left = np.arange(width) < path[:, None]
    sides = np.where(is_left, ink, np.uint8(0)), np.where(is_left, np.uint8(0), ink)
    least = LEAST_HEIGHT * height
    return sides if all(cv2.boundingRect(side)[3] >= least for side in sides) else ()


def _seam(ink: Image) -> npt.NDArray[np.intp]:
    """The columns (H,) of the path of least cost through (H, W) ink."""
    height, width = ink.shape
    costs = np.full((height, width + 2), np.inf)  # with a wall on either side
    inner = costs[:, 1:-1]
    inner[:] = ink / 255
    for y in range(1, height):
        above = costs[y - 1]
        aside = np.minimum(above[:-2], above[2:]) + STEP
        inner[y] += np.minimum(aside, above[1:-1])
    path = np.empty(height, np.intp)
    path[-1] = inner[-1].argmin()
    for y in range(height - 1, 0, -1):
        left, same, right = costs[y - 1, path[y] : path[y] + 3].tolist()
        aside = min(left, right) + STEP
        path[y - 1] = path[y] + (0 if same <= aside else -1 if left <= right else 1)
    return path
