"""What touches the closed outline that it stands in: digits in circles and boxes drawn by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce

import cv2
import numpy as np

from camlive.detection import Box, Image
from camlive.segment.contours import LEAST_HEIGHT_PX, components, drawn_mask, pen_width
from camlive.segment.region import HALF, Region
from camlive.segment.rules import SQUARE

RIM = 1.25  # times the pen's width: what is so near to the outer edge is the outline itself
MOST_EDGE = 0.5  # of what is further in: where more of its edge is ink, that is the outline, too
LEAST_HEIGHT = 0.4  # of the height within an outline: what is lower is not what it was drawn around


def enclosed(marks: Sequence[Region]) -> list[Region]:
    """What stands within the closed outlines of marks, all of it and each part.

    They are pieces of what an outline holds, from left to right, as those of digits that touch are:
    they count where all of it is digits.
    """
    return [piece for mark in marks for piece in _enclosed(mark)]


def _enclosed(mark: Region) -> Iterator[Region]:
    ink = np.pad(mark.ink, 1)
    half = np.asarray(cv2.threshold(ink, HALF, 255, cv2.THRESH_BINARY)[1], np.uint8)
    left, top = mark.ink_box.x - 1, mark.ink_box.y - 1
    for hole, inside in _holes(half):
        window = np.s_[hole.y : hole.bottom, hole.x : hole.right]
        within = np.asarray(cv2.bitwise_and(half[window], inside), np.uint8)
        edge = cv2.subtract(inside, cv2.erode(inside, SQUARE, borderValue=0))
        if within[edge > 0].mean() > 255 * MOST_EDGE:
            continue
        bare = np.asarray(cv2.bitwise_and(ink[window], cv2.dilate(within, SQUARE)), np.uint8)
        x, y = left + hole.x, top + hole.y
        parts = _parts(within)
        origin = replace(mark, refused="", cut_from=replace(hole, x=x, y=y), slices=len(parts))
        for box, span in _in_rows(parts):
            patch = bare[max(0, box.y - 1) : box.bottom + 1, max(0, box.x - 1) : box.right + 1]
            place = replace(box, x=x + box.x, y=y + box.y)
            yield replace(origin, box=place, ink=patch, span=span)


def _holes(half: Image) -> Iterator[tuple[Box, Image]]:
    """What the outlines of a mark enclose, (H, W) uint8 {0, 255}: boxes, and the masks of these."""
    outlines = [contours for _, contours in components(half)]
    if all(len(contours) == 1 for contours in outlines):  # most marks have no hole
        return
    filled = drawn_mask([outer for outer, *_ in outlines], Box(0, 0, *half.shape[::-1]))
    rim = RIM * pen_width([edge for edges in outlines for edge in edges])
    depth = cv2.distanceTransform(filled, cv2.DIST_L2, cv2.DIST_MASK_3)
    for hole, (outer, *_) in components(np.where(depth > rim, np.uint8(255), np.uint8(0))):
        yield hole, drawn_mask([outer], hole)


def _parts(within: Image) -> list[Box]:
    """The connected parts of what an outline holds, but for specks, from left to right."""
    least = max(LEAST_HEIGHT_PX, LEAST_HEIGHT * within.shape[0])
    return sorted((box for box, _ in components(within) if box.height >= least), key=lambda b: b.x)


def _in_rows(parts: Sequence[Box]) -> list[tuple[Box, tuple[int, int]]]:
    """Each part, and all in one, and which they are: the first and the first beyond."""
    spans = [(box, (k, k + 1)) for k, box in enumerate(parts)]
    return [*spans, (reduce(Box.union, parts), (0, len(parts)))] if len(parts) > 1 else spans
