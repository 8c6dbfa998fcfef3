"""Ink patch -> (28, 28) tile with MNIST's geometry: the one normalisation, of training and live."""

from collections.abc import Sequence

import cv2
import numpy as np

from camlive.detection import Batch, Image

TILE_PX = 28  # side of a tile
INK_PX = 20  # the longer side of the ink within it
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
    x, y, width, height = cv2.boundingRect(np.asarray(ink > FAINT, np.uint8))
    if not width:
        return tile
    scale = INK_PX / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(ink[y : y + height, x : x + width], size, interpolation=interpolation)
    peak = int(small.max())
    if peak < 255:  # thin strokes fade when they shrink; MNIST's are white
        small = cv2.convertScaleAbs(small, alpha=255 / max(peak, FAINT))
    left, top = _corner(small)
    tile[top : top + size[1], left : left + size[0]] = small
    return tile


def _corner(ink: Image) -> tuple[int, int]:
    """Where the ink's top left pixel goes so that its centre of mass is the tile's centre."""
    moments = cv2.moments(ink)
    mass = max(moments["m00"], 1)
    centre = TILE_PX / 2
    left = round(centre - moments["m10"] / mass - 0.5)
    top = round(centre - moments["m01"] / mass - 0.5)
    height, width = ink.shape
    return min(max(left, 0), TILE_PX - width), min(max(top, 0), TILE_PX - height)


def to_batch(tiles: Sequence[Image]) -> Batch:
    """Stacks tiles for the classifier.

    Args:
        tiles: N arrays (28, 28) uint8.

    Returns:
        (N, 28, 28, 1) float32, 0 to 1.
    """
    stack = np.asarray(tiles, np.float32).reshape(-1, TILE_PX, TILE_PX, 1)
    return stack / np.float32(255)
