"""A component -> the regions it may be: its ink, its contrast, and what stands around it."""

from collections.abc import Iterator, Sequence
from itertools import islice

import cv2
import numpy as np

from camlive.detection import Box, Image
from camlive.segment.contours import LEAST_HEIGHT_PX, Contour, components, drawn_mask
from camlive.segment.lines import NARROW
from camlive.segment.planes import Plane
from camlive.segment.region import HALF, LEAST_SIDE_PX, MOST_ASPECT, Region
from camlive.segment.rules import SQUARE

WIDEST = 5.0  # width over height of digits that touch
CLEAR_CONTRAST = 2.5  # least contrast in deviations of the ground around the mark
SAMPLED_PX = 160  # longer side from which a mark's surroundings are sampled
MOST_PARTS = 6  # more than this is texture
BEYOND = 1.5  # of its height: so far beyond its ends ink is looked for
BESIDE = 0.1  # of it: so far on either side of its box
BEYOND_ONE, BEYOND_BOTH = 0.95, 0.9  # share of the rows there with ink: digits stand further apart
FLAT = "does not stand out from the ground around it"
TOO_WIDE = "too wide"
OF_A_RULE = "a piece of a rule"

EMPTY = np.zeros((0, 0), np.uint8)  # the ink of a mark refused at sight


def measured(
    plane: Plane, box: Box, contours: Sequence[Contour], reason: str = ""
) -> Iterator[Region]:
    """A component as a region; one that falls apart at half contrast also in parts.

    One that is too wide for a digit, and may be digits that touch, whole alone, and so one that may
    be a stroke of another.

    Args:
        plane: in which it is.
        box: its box.
        contours: its outer contour and those of its holes.
        reason: why it is no digit itself, if it may be a stroke of one.
    """
    refused = reason or _refusal(box, plane.mask.shape)
    is_row = refused == TOO_WIDE and box.width <= WIDEST * box.height
    if refused and not (reason or is_row):
        yield Region(box, EMPTY, refused)
        return
    margin = max(2, box.height // 8)
    drawn = drawn_mask(contours, box, margin)
    top, left = max(0, box.y - margin), max(0, box.x - margin)
    window = np.s_[top : box.bottom + margin, left : box.right + margin]
    grey = plane.grey[window]
    own_y, own_x = top - box.y + margin, left - box.x + margin
    own = drawn[own_y : own_y + grey.shape[0], own_x : own_x + grey.shape[1]]
    mask = plane.mask[window]
    ground, deviation = _mean_and_deviation(grey, cv2.bitwise_not(mask))
    contrast = ground - _mean_and_deviation(grey, own)[0]
    if contrast < CLEAR_CONTRAST * deviation:
        yield Region(box, EMPTY, FLAT)
        return
    fall = (ground - np.arange(256)) * (255 / max(contrast, 1))
    coverage = cv2.LUT(grey, fall.clip(0, 255).astype(np.uint8))
    ink = cv2.bitwise_and(coverage, cv2.dilate(own, SQUARE))
    beyond = cv2.bitwise_not(cv2.dilate(mask, SQUARE))
    clarity = contrast / max(1.0, _mean_and_deviation(grey, beyond)[1])
    crowd = cv2.countNonZero(cv2.subtract(plane.others[window], own)) / own.size
    for part in islice(_levels(np.asarray(ink, np.uint8)), 1 if refused else None):
        y, x = max(0, part.y - 1), max(0, part.x - 1)
        patch = np.asarray(ink[y : part.bottom + 1, x : part.right + 1], np.uint8)
        place = Box(left + part.x, top + part.y, part.width, part.height)
        why = reason or (TOO_WIDE if is_wide(place) else "")
        in_line = _in_line(plane, place, ground - contrast / 2)
        yield Region(place, patch, why, contrast, clarity, crowd, in_line)


def _in_line(plane: Plane, box: Box, level: float) -> bool:
    """Whether a mark is narrow, and ink darker than a level goes on in its line, as of a rule.

    The rows at its ends are passed over: they are half ink, and where it was cut off.
    """
    if box.width > NARROW * box.height:
        return False
    reach, aside = int(BEYOND * box.height), max(1, round(BESIDE * box.height))
    columns = slice(max(0, box.x - aside), box.right + aside)
    above = slice(max(0, box.y - 1 - reach), max(0, box.y - 1))
    below = slice(box.bottom + 1, box.bottom + 1 + reach)
    ink = (
        (plane.mask[rows, columns] > 0) & (plane.grey[rows, columns] < level)
        for rows in (above, below)
    )
    shares = [np.count_nonzero(part.any(axis=1)) / reach for part in ink]
    return bool(max(shares) > BEYOND_ONE or min(shares) > BEYOND_BOTH)


def _mean_and_deviation(grey: Image, mask: cv2.typing.MatLike) -> tuple[float, float]:
    """Of the grey under a mask; a large window is sampled, which bounds the cost."""
    step = 1 + max(grey.shape) // SAMPLED_PX
    mean, deviation = cv2.meanStdDev(grey[::step, ::step], mask=mask[::step, ::step])
    return float(mean[0, 0]), float(deviation[0, 0])


def _refusal(box: Box, shape: tuple[int, ...]) -> str:
    """Why a component of this geometry cannot be a digit; empty if it may."""
    if box.height < LEAST_HEIGHT_PX or min(box.width, box.height) < LEAST_SIDE_PX:
        return "too small"
    if is_cut(box, shape):
        return "cut by the picture's edge"
    return TOO_WIDE if is_wide(box) else ""


def is_wide(box: Box) -> bool:
    """Whether a mark is too wide for a single digit."""
    return box.width > MOST_ASPECT * box.height


def is_cut(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether a mark is at the edge of a picture of a shape (H, W), and perhaps goes on beyond."""
    return min(box.x, box.y) <= 0 or box.right >= shape[1] or box.bottom >= shape[0]


def is_flat(box: Box) -> bool:
    """Whether a mark is too low for a digit, as a level stroke is."""
    return is_wide(box) or box.height < LEAST_HEIGHT_PX


def _levels(ink: Image) -> Iterator[Box]:
    """The tight box of an ink patch, and those of its parts if it is several at half contrast."""
    half = cv2.threshold(ink, HALF, 255, cv2.THRESH_BINARY)[1]
    whole = Box(*cv2.boundingRect(half))
    if not whole.area:
        return
    yield whole
    least = max(LEAST_HEIGHT_PX, whole.height / 3)
    parts = [box for box, _ in components(np.asarray(half, np.uint8)) if box.height > least]
    if 1 < len(parts) <= MOST_PARTS:
        yield from parts
