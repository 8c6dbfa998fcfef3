"""Ink patch -> (28, 28) tile with MNIST's geometry: the one normalisation, of training and live."""

from collections.abc import Sequence

import cv2
import numpy as np

from camlive.detection import Batch, Image

TILE_PX = 28  # side of a tile
INK_PX = 20  # the longer side of the ink within it
FINE_PX = 80  # longer side at which strokes are measured: four times the tile's
LEAST_STROKE = 0.085  # of the ink's longer side; thinner strokes would fade in the tile
DRAWN = 64  # of 255: what counts as stroke when its width is measured
FAINT = 16  # of 255: less coverage than this is paper when the ink's extent is measured


def to_tile(ink: Image) -> Image:
    """Fits ink into a tile as MNIST does.

    The ink's longer side becomes 20 pixels, the aspect is kept, the edges stay grey, and the
    centre of mass comes to the tile's centre (LeCun et al., "The MNIST database").

    Args:
        ink: (H, W) uint8, coverage by ink, 0 to 255; H, W >= 1.

    Returns:
        (28, 28) uint8, white ink on black; all black where there is no ink.
    """
    tile = np.zeros((TILE_PX, TILE_PX), np.uint8)
    ink = _cropped(ink)
    if ink.size:
        ink = _cropped(_thickened(ink))
    if not ink.size:  # there was none, or specks far apart that faded
        return tile
    small = _resized(ink, INK_PX / max(ink.shape))
    peak = int(small.max())
    if peak < 255:  # what is small or thin fades when it is resized; MNIST's strokes are white
        small = _scaled(small, 255 / max(peak, FAINT))
    left, top = _corner(small)
    tile[top : top + small.shape[0], left : left + small.shape[1]] = small
    return tile


def _cropped(ink: Image) -> Image:
    """The ink without the paper around it."""
    x, y, width, height = cv2.boundingRect(cv2.threshold(ink, FAINT, 255, cv2.THRESH_BINARY)[1])
    return ink[y : y + height, x : x + width]


def _resized(ink: Image, factor: float) -> Image:
    size = max(1, round(ink.shape[1] * factor)), max(1, round(ink.shape[0] * factor))
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(ink, size, interpolation=interpolation), np.uint8)


def _scaled(ink: Image, factor: float) -> Image:
    return np.asarray(cv2.convertScaleAbs(ink, alpha=factor), np.uint8)


def _thickened(ink: Image) -> Image:
    """Ink whose strokes are wide enough to survive in the tile: a thin pen is made a wider one."""
    if max(ink.shape) > FINE_PX:
        ink = _resized(ink, FINE_PX / max(ink.shape))
        ink = _scaled(ink, 255 / max(int(ink.max()), FAINT))
    strokes = cv2.threshold(ink, DRAWN, 255, cv2.THRESH_BINARY)[1]
    framed = cv2.copyMakeBorder(strokes, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    depth = cv2.mean(cv2.distanceTransform(framed, cv2.DIST_L2, 3), framed)[0]
    lacking = round(LEAST_STROKE * max(ink.shape) - (4 * depth - 2))  # a stroke's mean depth: w/4
    if lacking < 1:
        return ink
    wide = cv2.copyMakeBorder(ink, *(lacking,) * 4, cv2.BORDER_CONSTANT)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (lacking + 1, lacking + 1))
    return _scaled(np.asarray(cv2.dilate(wide, kernel), np.uint8), 1.5)


def _corner(ink: Image) -> tuple[int, int]:
    """Where the ink's top left pixel goes so that its centre of mass is the tile's centre."""
    moments = cv2.moments(ink)
    mass = max(moments["m00"], 1)
    left = round(TILE_PX / 2 - moments["m10"] / mass)  # MNIST's means lie at column, row 14.0
    top = round(TILE_PX / 2 - moments["m01"] / mass)
    height, width = ink.shape
    return min(max(left, 0), TILE_PX - width), min(max(top, 0), TILE_PX - height)


def to_batch(tiles: Sequence[Image] | Image) -> Batch:
    """Stacks tiles for the classifier.

    Args:
        tiles: N arrays (28, 28) uint8, or one (N, 28, 28).

    Returns:
        (N, 28, 28, 1) float32, 0 to 1.
    """
    stack = np.asarray(tiles, np.float32).reshape(-1, TILE_PX, TILE_PX, 1)
    return stack / np.float32(255)
