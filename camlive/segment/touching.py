"""Digits that touch: cut apart where the least ink is."""

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Image

MOST_DIGITS = 4
NARROW, BROAD = 0.35, 0.9  # width over height of a digit that touches its neighbours
MOST_INK = 0.35  # of the height: a cut through more ink parts no digits
LEAST_HEIGHT = 0.5  # of the mark's height: lower pieces are no digits of one number
STEP = 0.03  # cost of a step aside, in pixels of ink: straight cuts are preferred


Pieces = tuple[Image, ...]


def cuttings(ink: Image) -> Iterator[Pieces]:
    """A mark cut apart, once for each number of digits that it is wide enough for.

    Each cut is the path from top to bottom that crosses the least ink, found by dynamic
    programming, as a seam (Avidan and Shamir, SIGGRAPH 2007).

    Args:
        ink: (H, W) uint8, a mark's coverage by ink.

    Yields:
        Two or more (H, W) uint8, the ink between the paths from left to right; nothing for a
        number of digits where a path crosses too much ink.
    """
    height, width = ink.shape
    for count in range(2, MOST_DIGITS + 1):
        if NARROW * height <= width / count <= BROAD * height:
            pieces = _cut(ink, count)
            if pieces and all(cv2.boundingRect(p)[3] >= LEAST_HEIGHT * height for p in pieces):
                yield pieces


def _cut(ink: Image, count: int) -> Pieces:
    """The ink between paths that lie half a digit's width at most from where even ones would."""
    height, width = ink.shape
    half = width / count / 2
    rows, columns = np.arange(height), np.arange(width)
    most = 255 * MOST_INK * height
    pieces: list[Image] = []
    rest = ink
    for cut in range(1, count):
        first, end = round((2 * cut - 1) * half), round((2 * cut + 1) * half)
        window = ink[:, first:end]
        if end - first < 3 or window.min(axis=1).sum() > most:  # no path crosses less
            return ()
        path = _seam(window) + first
        if ink[rows, path].sum() > most:
            return ()
        is_left = columns < path[:, None]
        pieces.append(np.where(is_left, rest, np.uint8(0)))
        rest = np.where(is_left, np.uint8(0), rest)
    return (*pieces, rest)


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
