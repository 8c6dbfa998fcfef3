"""Verdicts -> verdicts: slashes, commas, stray bars, which look like a 1, and circles, like a 0."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np

from camlive.detection import Box
from camlive.judge.verdict import BAR, CUT, NO_DIGIT, RING, SURE, Verdict
from camlive.segment.region import Region

WRITING = 3  # sure digits by which a writer's slant is known
MORE_SLANT = 0.55  # tangent: ones slant up to 0.31 more than the digits' median, slashes from 0.75
BEYOND = 0.15  # and they slant so much more than any of the digits
FOOT = 0.5  # of a digit's height: the comma after it begins further down than that
BELOW = 0.1  # and ends so far below its foot, at least
COMMA = 0.9  # and is lower than that
AFTER = 1.0  # and begins no further to its right
ROW, COLUMN = 6, 2  # heights of a bar from its middle to that of a digit in its row, or column
ASIDE = 0.5  # of its height: a digit whose middle is further aside is in another
SIZES = 2.0  # of the higher to the lower of two of a row, at most
HIGH = 0.8, 1.3  # of the digits' lower and upper quartile: a bar in no row is between
PALE = 0.75  # of their median contrast: and as dark
SIGN = 0.3  # of its sides: a sign for which a circle is drawn is at least so large
MIDDLE = 0.2  # and its middle is no further from the circle's
SLASHED = 0.45  # tangent: a bar in a 0 that slants more is its slash
HOLE = 25  # of 255: less ink than this, on average, is none


def not_slashes(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses slashes: bars that slant far more, to either side, than any of the sure digits."""
    writing = _writing(verdicts)
    if len(writing) < WRITING:
        return verdicts
    slants = [*map(_slant, writing)]
    middle = float(np.median(slants))
    least = min(middle - MORE_SLANT, min(slants) - BEYOND)
    most = max(middle + MORE_SLANT, max(slants) + BEYOND)

    def is_slash(bar: Region) -> bool:
        return not least <= _slant(bar) <= most

    return _without_bars(verdicts, is_slash, "slants like a slash")


def not_commas(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses bars at the foot of the digit before them: commas of a list or of a fraction."""
    sure = [v.region.box.edges for v in verdicts if not v.refused and v.digit.confidence >= SURE]
    edges = np.array(sure).reshape(-1, 4)

    def is_comma(bar: Region) -> bool:
        box, (x, y, right, bottom) = bar.box, edges.T
        height = bottom - y
        at_foot = (box.y > y + FOOT * height) & (box.y < bottom)
        at_foot &= (box.bottom > bottom + BELOW * height) & (box.height < COMMA * height)
        return bool((at_foot & (box.x > x) & (box.x < right + AFTER * height)).any())

    return _without_bars(verdicts, is_comma, "stands as a comma does")


def not_stray_bars(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses bars in no row or column with a digit that are not as high and dark as the sure ones.

    Where at least as many marks are no digits as are: of these, bars look most like one. On a page
    of digits alone a 1 by itself may be of any size.
    """
    kept = [v for v in verdicts if not v.refused]
    others = sum(v.refused == NO_DIGIT and not v.region.cut_from for v in verdicts)
    writing = _writing(verdicts)
    if others < len(kept) or len(writing) < WRITING:
        return verdicts
    least, most = HIGH * np.quantile([region.box.height for region in writing], (0.25, 0.75))
    dark = PALE * median(region.contrast for region in writing)
    x, y = np.array([v.region.box.middle for v in kept]).T
    heights = np.array([v.region.box.height for v in kept])

    def is_stray(bar: Region) -> bool:
        own, (middle_x, middle_y) = bar.box.height, bar.box.middle
        if least <= own <= most and bar.contrast >= dark:
            return False
        aside, above = abs(x - middle_x) / own, abs(y - middle_y) / own
        near = (aside < ROW) & (above < ASIDE) | (aside < ASIDE) & (above < COLUMN)
        alike = np.maximum(heights, own) < SIZES * np.minimum(heights, own)
        return bool((near & alike).sum() == 1)  # itself

    return _without_bars(verdicts, is_stray, "a bar apart from the digits")


def _writing(verdicts: Sequence[Verdict]) -> list[Region]:
    """The sure digits, bars aside: what a writer's hand is known by."""
    kept = (v for v in verdicts if not v.refused and v.digit.digit != BAR)
    return [v.region for v in kept if v.digit.confidence >= SURE]


def _without_bars(
    verdicts: Sequence[Verdict], is_such: Callable[[Region], bool], reason: str
) -> list[Verdict]:
    """Refuses the bars that are such ones."""
    return [
        replace(v, refused=reason)
        if not v.refused and v.digit.digit == BAR and is_such(v.region)
        else v
        for v in verdicts
    ]


def _slant(region: Region) -> float:
    """How far a mark slants to the right, as a tangent, by its second moments."""
    moments = cv2.moments(region.ink)
    return -moments["mu11"] / max(moments["mu02"], 1.0)


def not_around_others(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses circles that are drawn around something: a 0 that holds a digit or a large sign."""
    inner = [v for v in verdicts if v.refused in ("", NO_DIGIT, CUT)]
    return [
        replace(verdict, refused="drawn around something else")
        if not verdict.refused
        and verdict.digit.digit == RING
        and any(_is_within(v, verdict.region) and _counts(v, verdict) for v in inner)
        else verdict
        for verdict in verdicts
    ]


def _is_within(mark: Verdict, ring: Region) -> bool:
    """Whether a mark lies in the hole of a region, and holds other ink, or was cut off it."""
    box, hole = mark.region.box, mark.region.cut_from
    if hole and mark.refused != NO_DIGIT:
        return ring.box.surrounds(hole)
    if box.area >= ring.box.area or box.intersection(ring.box) < box.area:
        return False
    scale = ring.ink.shape[1] / ring.box.width  # the ink is that of a smaller copy
    left, right = ((x - ring.box.x) * scale for x in (box.x, box.right))
    top, bottom = ((y - ring.box.y) * scale for y in (box.y, box.bottom))
    within = ring.ink[round(top) : round(bottom), round(left) : round(right)]
    return within.size > 0 and bool(within.mean() < HOLE)


def _is_in_the_middle(box: Box, ring: Box) -> bool:
    """As a sign is for which a circle is drawn; the curl with which a 0 begins is not."""
    (x, y), (middle_x, middle_y) = box.middle, ring.middle
    return abs(x - middle_x) < MIDDLE * ring.width and abs(y - middle_y) < MIDDLE * ring.height


def _counts(mark: Verdict, ring: Verdict) -> bool:
    """Whether a mark in a circle shows that this is no 0; the slash of a 0 does not."""
    width = mark.region.box.width / ring.region.box.width
    height = mark.region.box.height / ring.region.box.height
    if mark.refused and not _is_in_the_middle(mark.region.box, ring.region.box):
        return False
    if mark.refused == NO_DIGIT:
        return min(width, height) >= SIGN
    if mark.digit.digit == BAR and abs(_slant(mark.region)) > SLASHED:
        return False
    return mark.digit.confidence >= SURE
