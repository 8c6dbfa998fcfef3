"""A picture's copy turned upright, and what is found on it laid back on the picture."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Box, Image
from camlive.segment.region import HALF, Region
from camlive.segment.working_copy import Way, WorkingCopy

Points = npt.NDArray[np.float64]  # (N, 2) x, y


def turned(copy: WorkingCopy, tilt: int) -> WorkingCopy:
    """A copy on which a page is upright that is turned clockwise on another.

    What lies beyond the picture goes on as its edge is.

    Args:
        copy: of the picture as it is.
        tilt: of the page, in degrees.
    """
    image, way = rotated(copy.image, tilt, cv2.BORDER_REPLICATE)
    way[:, 2] *= copy.scale
    height, width = (round(side * copy.scale) for side in image.shape[:2])
    return replace(copy, image=image, shape=(height, width, 3), tilt=tilt, way=way)


def lying(region: Region, copy: WorkingCopy) -> Region:
    """A region of a turned copy, in pixels of the turned picture, as it lies on the picture.

    The box is tight around the ink there, and may go beyond the picture; the ink stays upright.
    """
    cut_from = region.cut_from and _around(_corners(region.cut_from), copy)
    return replace(region, box=_around(_outline(region), copy), cut_from=cut_from)


def picture_of(mask: Image, copy: WorkingCopy, shape: tuple[int, ...]) -> Image:
    """A mask of a copy, (H', W') uint8, laid on the picture, whose shape is (H, W, 3)."""
    way = copy.way @ np.diag((copy.scale, copy.scale, 1))
    return np.asarray(cv2.warpAffine(mask, _of_pixels(way), shape[1::-1]), np.uint8)


def _outline(region: Region) -> Points:
    """Points around the ink, (N, 2), in pixels of the picture; the corners where none is kept."""
    box, ink = region.box, cv2.threshold(region.ink, HALF, 255, cv2.THRESH_BINARY)[1]
    found = cv2.findNonZero(ink) if ink.size else None
    if found is None:
        return _corners(box)
    x, y, width, height = cv2.boundingRect(found)
    corners = np.array([(0, 0), (1, 0), (0, 1), (1, 1)])
    pixels = cv2.convexHull(found).reshape(-1, 1, 2) + corners
    within = (pixels.reshape(-1, 2) - (x, y)) * (box.width / width, box.height / height)
    return np.asarray(within + np.array((box.x, box.y)), np.float64)


def _corners(box: Box) -> Points:
    return np.array([(x, y) for x in (box.x, box.right) for y in (box.y, box.bottom)], np.float64)


def _around(points: Points, copy: WorkingCopy) -> Box:
    """The box around points, (N, 2), of a turned picture on the picture."""
    there = points @ copy.way[:, :2].T + copy.way[:, 2]
    x, y = np.rint(there.min(axis=0)).astype(int).tolist()
    right, bottom = np.rint(there.max(axis=0)).astype(int).tolist()
    return Box(x, y, max(1, right - x), max(1, bottom - y))


def rotated(image: Image, tilt: int, border: int) -> tuple[Image, Way]:
    """An image turned counterclockwise, whole, and the way from places on it to those before.

    Args:
        image: (H, W) or (H, W, 3) uint8.
        tilt: degrees.
        border: what lies beyond it, as OpenCV names it.
    """
    height, width = image.shape[:2]
    way = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1), np.float64)
    size = np.ceil(np.abs(way[:, :2]) @ (width, height)).astype(int)
    way[:, 2] += (size - (width, height)) / 2
    more = cv2.warpAffine(image, _of_pixels(way), size.tolist(), borderMode=border)
    return np.asarray(more, np.uint8), np.asarray(cv2.invertAffineTransform(way), np.float64)


def _of_pixels(way: Way) -> Way:
    """The same way between indices of pixels, whose middles lie half a pixel further."""
    turn, shift = way[:, :2], way[:, 2]
    return np.asarray(np.c_[turn, shift + turn @ (0.5, 0.5) - 0.5], np.float64)
