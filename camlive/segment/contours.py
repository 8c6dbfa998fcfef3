"""Masks to connected components and back."""

from collections.abc import Iterator, Sequence
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Box, Image

LEAST_HEIGHT_PX = 8  # on the copy; smaller marks hold too little to be read

Contour = npt.NDArray[np.int32]  # (N, 1, 2) x, y
Component = tuple[Box, list[Contour]]  # its box, its outer contour and those of its holes


def components(mask: Image, offset: tuple[int, int] = (0, 0)) -> Iterator[Component]:
    """Each connected component of a mask that is not tiny."""
    found, hierarchy = cv2.findContours(
        mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=offset
    )
    contours = cast("Sequence[Contour]", found)
    links = hierarchy[0].tolist() if contours else []
    for contour, (_, _, child, parent) in zip(contours, links, strict=True):
        if parent >= 0 or len(contour) < 4:
            continue
        box = Box(*cv2.boundingRect(contour))
        if max(box.width, box.height) < LEAST_HEIGHT_PX:
            continue
        holes = []
        while child >= 0:
            holes.append(contours[child])
            child = links[child][0]
        yield box, [contour, *holes]


def drawn_mask(contours: Sequence[Contour], box: Box, margin: int = 0) -> Image:
    """A component's mask over its box widened by a margin."""
    mask = np.zeros((box.height + 2 * margin, box.width + 2 * margin), np.uint8)
    offset = (margin - box.x, margin - box.y)
    cv2.drawContours(mask, contours, -1, 255, cv2.FILLED, offset=offset)
    return mask


def pen_width(edges: Sequence[Contour]) -> float:
    """How broad the strokes of a mark are on average, in pixels, by its area and edges.

    Args:
        edges: outer contours and those of their holes, as `components` gives them.
    """
    area = abs(sum(cv2.contourArea(edge, oriented=True) for edge in edges))
    length = sum(cv2.arcLength(edge, True) for edge in edges)
    return 1 + 2 * area / length  # edges run through the middles of pixels
