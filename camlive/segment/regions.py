"""Image -> candidate regions, each kept or refused with a reason."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import cv2
import numpy as np

from camlive.detection import Box, Image
from camlive.segment.contours import LEAST_HEIGHT_PX, Contour, components, drawn_mask
from camlive.segment.planes import Plane, planes
from camlive.segment.region import HALF, LEAST_SIDE_PX, MOST_ASPECT, Region, with_joined
from camlive.segment.rules import SHORT_RULE, SQUARE, darker_than_rules, without_rules
from camlive.segment.working_copy import WorkingCopy

WIDEST = 5.0  # width over height of digits that touch
CLEAR_CONTRAST = 2.5  # least contrast in deviations of the ground around the mark
LONG_RULE = 0.3  # of the picture: a mark this long may hold a ruled line or a frame
HIGHEST = 8  # height over width of a mark that may hold digits: what is higher is the rule alone
SAMPLED_PX = 160  # longer side from which a mark's surroundings are sampled
MOST_PARTS = 6  # more than this is texture
TOO_WIDE = "too wide"
TOO_MANY = "not among the highest marks"

_EMPTY = np.zeros((0, 0), np.uint8)


def marks_of(copy: WorkingCopy) -> list[Region]:
    """Finds the marks on a picture's copy.

    Both polarities are searched, dark ink in the darkest channel and light ink in the lightest,
    so that ink of any colour shows. A mark that falls apart at half its contrast is given whole
    and in parts: marks may overlap, and the classifier chooses.

    Args:
        copy: the picture's.

    Returns:
        The marks in pixels of the copy: the highest of those measured, of which those too wide
        for a digit are refused; then those beyond, without their ink; then those refused at sight.
    """
    marks = [mark for plane in planes(copy.image) for mark in _marks(plane)]
    measured = sorted((mark for mark in marks if mark.ink.size), key=lambda m: -m.box.height)
    most = copy.most_regions
    more = [Region(m.box, _EMPTY, m.refused or TOO_MANY) for m in measured[most:]]
    return [*measured[:most], *more, *(mark for mark in marks if not mark.ink.size)]


def whole_regions(marks: Sequence[Region], most: int) -> list[Region]:
    """The marks that may be digits, and small ones joined with larger ones; at most so many."""
    return with_joined([mark for mark in marks if not mark.refused])[:most]


def _marks(plane: Plane) -> Iterator[Region]:
    """The connected marks of a plane; rules are taken out of what they join."""
    height, width = plane.mask.shape
    for box, contours in components(plane.mask):
        large = box.width > width * LONG_RULE or box.height > height * LONG_RULE
        large &= box.height < HIGHEST * box.width
        wide = _is_wide(box) and box.width > width * SHORT_RULE
        if (large or wide) and box.height >= LEAST_HEIGHT_PX:  # else nothing in it is high enough
            yield from _freed(plane, box, drawn_mask(contours, box), large)
        yield from _measured(plane, box, contours)


def _freed(plane: Plane, box: Box, drawn: Image, large: bool) -> Iterator[Region]:
    """The marks that are left of one without its rules; none if it holds no rule.

    Rules are cut out of large marks; the strokes of small ones look too much like them. Where rules
    are fainter than the ink, what is darker is proposed, too; where they are much fainter, alone.
    """
    side = max(plane.mask.shape)
    freed, rules = without_rules(drawn, side)
    window = np.s_[box.y : box.bottom, box.x : box.right]
    ways = [freed] if large and cv2.hasNonZero(cv2.subtract(drawn, freed)) else []
    enough = cv2.countNonZero(rules) >= (side if large else 1)
    if enough and (darker := darker_than_rules(drawn, rules, plane.grey[window], side)):
        ink, much_darker = darker
        ways = [ink] if much_darker else [*ways, ink]
    for ink in ways:
        others = plane.mask.copy()  # a digit on a rule is not crowded by it
        others[window] = cv2.subtract(others[window], cv2.subtract(drawn, ink))
        bare = replace(plane, others=others)
        for part, outlines in components(ink, (box.x, box.y)):
            yield from _measured(bare, part, outlines)


def _measured(plane: Plane, box: Box, contours: Sequence[Contour]) -> Iterator[Region]:
    """A component as a region; one that falls apart at half contrast also in parts.

    One that is too wide for a digit, and may be digits that touch, whole alone.
    """
    refused = _refusal(box, plane.mask.shape)
    if refused and not (refused == TOO_WIDE and box.width <= WIDEST * box.height):
        yield Region(box, _EMPTY, refused)
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
        yield Region(box, _EMPTY, "does not stand out from the ground around it")
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
        too_wide = TOO_WIDE if _is_wide(place) else ""
        yield Region(place, patch, too_wide, contrast, clarity, crowd)


def _mean_and_deviation(grey: Image, mask: cv2.typing.MatLike) -> tuple[float, float]:
    """Of the grey under a mask; a large window is sampled, which bounds the cost."""
    step = 1 + max(grey.shape) // SAMPLED_PX
    mean, deviation = cv2.meanStdDev(grey[::step, ::step], mask=mask[::step, ::step])
    return float(mean[0, 0]), float(deviation[0, 0])


def _refusal(box: Box, shape: tuple[int, ...]) -> str:
    """Why a component of this geometry cannot be a digit; empty if it may."""
    if box.height < LEAST_HEIGHT_PX or min(box.width, box.height) < LEAST_SIDE_PX:
        return "too small"
    if min(box.x, box.y) <= 0 or box.right >= shape[1] or box.bottom >= shape[0]:
        return "cut by the picture's edge"
    return TOO_WIDE if _is_wide(box) else ""


def _is_wide(box: Box) -> bool:
    return box.width > MOST_ASPECT * box.height


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
