"""Image -> candidate regions, each kept or refused with a reason."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np

from camlive.detection import Box, Image
from camlive.segment.contours import (
    LEAST_HEIGHT_PX,
    Component,
    Contour,
    components,
    drawn_mask,
    pen_width,
)
from camlive.segment.lines import SHORT_RULE, WIDEST_RULE
from camlive.segment.measure import EMPTY, FLAT, is_cut, is_flat, is_wide, measured
from camlive.segment.page import page_planes
from camlive.segment.planes import Plane
from camlive.segment.region import Region, may_join, with_joined
from camlive.segment.rules import SQUARE, darker_than_rules, without_rules
from camlive.segment.working_copy import WorkingCopy

MISSED = 0.1  # share of a mark's ink that the mask misses clearly, of one that is looked at again
LACKED = 0.03  # share that it lacks at all, of one that is given again
SAME_PLACE = 0.1  # of its height: a mark no edge of which is further from another's is that one
LONG_RULE = 0.3  # of the picture: a mark this long may hold a ruled line or a frame
HIGHEST = 8  # height over width of a mark that may hold digits: what is higher is the rule alone
LEAST_SHADOW_PX = 20  # both sides of a mark that may be one; lower marks in it are its scraps
MOST_PAIRS = 100_000  # of marks and strokes that may be of them: more is texture
MOST_SHADED = 64  # marks in one: more is texture
LEAST_PAPER = 0.004  # share of a square by which the grey of the paper in it is known
EVEN = 200  # the grey that it is given
TOO_MANY = "not among the highest marks"


def marks_of(copy: WorkingCopy) -> list[Region]:
    """Finds the marks on a picture's copy.

    Both polarities are searched, dark ink in the darkest channel and light ink in the lightest,
    so that ink of any colour shows. A mark that falls apart at half its contrast is given whole
    and in parts, and one that is partly lost beside something far darker than its paper as it is
    against that paper, too: marks may overlap, and the classifier chooses.

    Args:
        copy: the picture's.

    Returns:
        The marks in pixels of the copy: the highest of those measured, of which those too wide
        for a digit, and low ones that may be a stroke of one, are refused; then those beyond,
        without their ink; then those refused at sight.
    """
    return marks_in(page_planes(copy), copy.most_regions)


def marks_in(planes: Sequence[Plane], most: int) -> list[Region]:
    """The marks of a picture's planes, of which at most so many with their ink; as above."""
    marks = [mark for plane in planes for mark in _all_marks(plane)]
    seen = [mark for mark in marks if mark.ink.size]
    seen.sort(key=lambda mark: (mark.shaded, -mark.box.height))
    more = [Region(m.box, EMPTY, m.refused or TOO_MANY) for m in seen[most:]]
    return [*seen[:most], *more, *(mark for mark in marks if not mark.ink.size)]


def whole_regions(marks: Sequence[Region], most: int) -> list[Region]:
    """The marks that may be digits, and small ones joined with larger ones; at most so many."""
    strokes = [mark for mark in marks if mark.refused and mark.ink.size]
    return with_joined([mark for mark in marks if not mark.refused], strokes)[:most]


def _all_marks(plane: Plane) -> Iterator[Region]:
    """The marks of a plane's mask, and those of its full one of which that lacks a part."""
    found = list(components(plane.mask))
    marks = list(_with_strokes(plane, found, list(_marks(plane, found))))
    yield from marks
    if not cv2.hasNonZero(plane.missed):
        return
    places = np.array([mark.box.edges for mark in marks if mark.ink.size]).reshape(-1, 4)
    full = np.asarray(cv2.bitwise_or(plane.mask, plane.full), np.uint8)
    bare = replace(plane, mask=full, others=full, fine=None)
    more = cv2.subtract(plane.full, plane.mask)
    for mark in _marks(bare, _missed(plane)):
        off = np.abs(places - mark.box.edges).max(axis=1, initial=0)
        is_new = not (off <= SAME_PLACE * mark.box.height).any()
        if is_new and _share(more, plane.full, mark.box) > LACKED:  # not only of a rule about it
            yield mark


def _with_strokes(
    plane: Plane, found: Sequence[Component], marks: Sequence[Region]
) -> Iterator[Region]:
    """Marks, with the ink of those too flat for a digit that may be a stroke of another."""
    shape = plane.mask.shape
    flat = {box: edges for box, edges in found if is_flat(box) and not is_cut(box, shape)}
    whole, boxes = [mark.box for mark in marks if not mark.refused], list(flat)
    if len(whole) * len(boxes) > MOST_PAIRS:
        yield from marks
        return
    beside = {boxes[k] for k in np.argwhere(may_join(whole, boxes))[:, 1].tolist()}
    for mark in marks:
        if mark.box in beside and not mark.ink.size:
            yield from measured(plane, mark.box, flat[mark.box], mark.refused)
        else:
            yield mark


def _missed(plane: Plane) -> Iterator[Component]:
    """The connected marks of the full mask of which much is missed."""
    for box, contours in components(plane.full):
        missed = plane.missed[box.y : box.bottom, box.x : box.right]
        if cv2.hasNonZero(missed):
            drawn = drawn_mask(contours, box)
            if cv2.countNonZero(cv2.bitwise_and(missed, drawn)) > MISSED * cv2.countNonZero(drawn):
                yield box, contours


def _share(part: cv2.typing.MatLike, whole: Image, box: Box) -> float:
    """The share of a mask's ink in a box that is in a part of it."""
    place = np.s_[box.y : box.bottom, box.x : box.right]
    return cv2.countNonZero(part[place]) / max(1, cv2.countNonZero(whole[place]))


def _marks(plane: Plane, found: Iterable[Component]) -> Iterator[Region]:
    """Connected marks of a mask; rules are taken out of what they join, shadows off digits.

    What is broader than any rule is a desk, or what lies on it.
    """
    height, width = plane.mask.shape
    for box, contours in found:
        large = box.width > width * LONG_RULE or box.height > height * LONG_RULE
        large &= box.height < HIGHEST * box.width
        wide = is_wide(box) and box.width > width * SHORT_RULE
        is_high = box.height >= LEAST_HEIGHT_PX  # else nothing in it is high enough
        if (large or wide) and is_high and pen_width(contours) <= WIDEST_RULE * max(width, height):
            yield from _freed(plane, box, drawn_mask(contours, box), large)
        whole = list(measured(plane, box, contours))
        yield from whole
        if min(box.width, box.height) >= LEAST_SHADOW_PX and not any(m.ink.size for m in whole):
            yield from _out_of_shadow(plane, box, contours)


def _out_of_shadow(plane: Plane, box: Box, contours: Sequence[Contour]) -> Iterator[Region]:
    """The marks within one that is refused without its ink, in the mask of a smaller window.

    Along the edge of a shadow all is darker than the mean of a large window, and digits there are
    one with it. In a small window that band is narrow; but it would hollow out broad strokes.
    """
    if plane.fine is None:
        return
    place = np.s_[box.y : box.bottom, box.x : box.right]
    drawn = drawn_mask(contours, box)
    ink = np.asarray(cv2.bitwise_and(plane.fine[place], drawn), np.uint8)
    marks = [c for c in components(ink, (box.x, box.y)) if c[0].height >= LEAST_SHADOW_PX]
    if not marks or len(marks) > MOST_SHADED:
        return
    mask = plane.mask.copy()
    mask[place] = cv2.bitwise_or(cv2.subtract(mask[place], drawn), ink)
    bare = replace(plane, mask=mask, others=mask)
    for part, outlines in marks:
        found = list(measured(bare, part, outlines))
        if found and found[0].refused == FLAT:
            again = measured(_evened(bare, part), part, outlines)
            found = [replace(mark, shaded=True) for mark in again]
        yield from found


def _evened(plane: Plane, box: Box) -> Plane:
    """The plane without shadows around a mark: its grey less that of the paper nearby."""
    reach = max(2, box.height // 4)
    top, left = max(0, box.y - reach), max(0, box.x - reach)
    window = np.s_[top : box.bottom + reach, left : box.right + reach]
    grey, side = plane.grey[window], (2 * reach + 1, 2 * reach + 1)
    paper = cv2.bitwise_not(cv2.dilate(plane.mask[window], SQUARE))
    share = cv2.blur(paper.astype(np.float32) / 255, side)
    ground = cv2.blur(cv2.bitwise_and(grey, paper).astype(np.float32), side)
    lighter = np.where(share > LEAST_PAPER, EVEN - ground / np.maximum(share, LEAST_PAPER), 0)
    even = plane.grey.copy()
    even[window] = (grey + lighter).clip(0, 255)
    return replace(plane, grey=even)


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
            yield from measured(bare, part, outlines)
