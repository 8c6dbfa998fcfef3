"""Verdicts -> verdicts, by the sure digits in the frame: specks, bars, slashes, circles."""

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np

from camlive.detection import Box
from camlive.overlap import apart, overlaps
from camlive.segment.region import Region
from camlive.verdict import BAR, MOST_CROWD, NO_DIGIT, RESTLESS, SHADED, SURE, TOO_PALE, Verdict

SPECK = 1 / 8  # of the highest sure digit's height: lower marks are specks beside it
PAGE = 20  # sure digits, on a page of which one much higher than the others is a rule:
HIGH = 4  # times their median height counts at most
SMALL = 1 / 3  # of the sure digits' median height: lower marks must be sure themselves
FAINT = 0.3  # of the sure digits' median contrast: fainter marks are rules or show through
COMPANY = 2  # sure digits around a mark by which it is believed, whatever its ground
NEAR = 4  # heights of a digit, from its middle to theirs
LARGE_COMPANY = 4  # sure digits anywhere, itself not counted, by which a pale or shaded mark is
ALIKE = 1.7  # times: heights of one hand, contrasts of one ink
WRITING = 3  # sure digits by which a writer's slant is known
MORE_SLANT = 0.55  # tangent: ones slant up to 0.31 more than the digits' median, slashes from 0.75
BEYOND = 0.15  # and they slant so much more than any of the digits
RINGED = 0.5  # of a circle's height: an unsure digit in it is at least so high
SIGN = 0.3  # of its sides: a sign for which a circle is drawn is at least so large
SLASHED = 0.45  # tangent: a bar in a 0 that slants more is its slash
HOLE = 25  # of 255: less ink than this, on average, is none


def beside_the_sure(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses specks and faint marks beside digits that are sure."""
    sure = [v.region for v in verdicts if not v.refused and v.digit.confidence >= SURE]
    if not sure:
        return verdicts
    _, within = overlaps([region.box for region in sure])
    single = within.sum(0) < 3  # itself and another reading of it: a column of digits holds more
    heights = [region.box.height for region, is_one in zip(sure, single, strict=True) if is_one]
    highest, usual = float(max(heights, default=0)), median(heights or [0])
    if len(heights) >= PAGE:
        highest = min(highest, HIGH * usual)
    least_height, small = SPECK * highest, SMALL * usual
    least_contrast = _least_contrast(sure)
    return [_beside(verdict, least_height, small, least_contrast) for verdict in verdicts]


def _least_contrast(sure: Sequence[Region]) -> float:
    """What is fainter than this beside sure digits is a rule, or shows through; 0 without any."""
    return FAINT * float(np.median([region.contrast for region in sure])) if sure else 0.0


def _beside(verdict: Verdict, least_height: float, small: float, least_contrast: float) -> Verdict:
    if verdict.refused:
        return verdict
    height, unsure = verdict.region.box.height, verdict.digit.confidence < SURE
    if height < least_height or (unsure and height < small):
        return replace(verdict, refused="a speck beside the digits")
    if verdict.region.contrast < least_contrast:
        return replace(verdict, refused="faint beside the digits")
    return verdict


def in_company(verdicts: list[Verdict]) -> list[Verdict]:
    """Believes restless, pale and shaded marks that have sure digits of their ink and size about.

    Pale digits vouch for pale and shaded ones, too: then all is pencil, or in dim light. What is
    far paler than digits that are not pale shows through from the back.
    """
    sure = [v for v in verdicts if v.digit.confidence >= SURE and v.refused in ("", TOO_PALE)]
    least = _least_contrast([v.region for v in sure if not v.refused])
    may_vouch = [
        v for v in sure if not v.refused or (v.digit.digit != BAR and v.region.contrast >= least)
    ]
    same, _ = overlaps([v.region.box for v in may_vouch])
    order = sorted(range(len(may_vouch)), key=lambda k: -may_vouch[k].digit.confidence)
    company = [may_vouch[k] for k in apart(order, same)]
    return [replace(v, refused="") if _is_believed(v, company, least) else v for v in verdicts]


def _is_believed(verdict: Verdict, company: Sequence[Verdict], least_contrast: float) -> bool:
    if verdict.refused == RESTLESS:
        return _is_among(verdict, company)
    is_pale = verdict.refused in (TOO_PALE, SHADED) and verdict.region.contrast >= least_contrast
    return is_pale and _is_one_of(verdict, company)


def _is_among(verdict: Verdict, company: Sequence[Verdict]) -> bool:
    """Whether some digits of a plain ground stand around a mark, and are like it."""
    near = (v for v in company if not v.refused and _distance(v, verdict) < NEAR)
    return sum(_are_alike(verdict, other) for other in near) >= COMPANY


def _is_one_of(verdict: Verdict, company: Sequence[Verdict]) -> bool:
    """Whether a mark is surely one of many digits, of more than one kind, as a pattern is not."""
    is_edge = verdict.refused == SHADED and verdict.digit.digit == BAR  # of the shadow itself
    if is_edge or verdict.digit.confidence < SURE or verdict.region.crowd > MOST_CROWD:
        return False
    like = [other.digit.digit for other in company if _are_alike(verdict, other)]
    return len(like) >= LARGE_COMPANY and len({*like, verdict.digit.digit}) > 1


def _distance(one: Verdict, other: Verdict) -> float:
    """From middle to middle, in heights of the higher one."""
    a, b = one.region.box, other.region.box
    return math.dist(a.middle, b.middle) / max(a.height, b.height)


def _are_alike(one: Verdict, other: Verdict) -> bool:
    """Whether two marks are apart, about as high, and of about the same contrast."""
    a, b = one.region, other.region
    heights = sorted((a.box.height, b.box.height))
    contrasts = sorted((a.contrast, b.contrast))
    is_alike = heights[1] < ALIKE * heights[0] and contrasts[1] < ALIKE * contrasts[0]
    return is_alike and not a.box.intersection(b.box)


def not_slashes(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses bars that slant far more, to either side, than any of the sure digits: slashes."""
    slants = [
        _slant(v.region)
        for v in verdicts
        if not v.refused and v.digit.confidence >= SURE and v.digit.digit != BAR
    ]
    if len(slants) < WRITING:
        return verdicts
    middle = float(np.median(slants))
    least = min(middle - MORE_SLANT, min(slants) - BEYOND)
    most = max(middle + MORE_SLANT, max(slants) + BEYOND)
    return [
        replace(v, refused="slants like a slash")
        if not v.refused and v.digit.digit == BAR and not least <= _slant(v.region) <= most
        else v
        for v in verdicts
    ]


def _slant(region: Region) -> float:
    """How far a mark slants to the right, as a tangent, by its second moments."""
    moments = cv2.moments(region.ink)
    return -moments["mu11"] / max(moments["mu02"], 1.0)


def not_around_others(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses circles that are drawn around something: a 0 that holds a digit or a large sign."""
    inner = [v for v in verdicts if v.refused in ("", NO_DIGIT)]
    return [
        replace(verdict, refused="drawn around something else")
        if not verdict.refused
        and verdict.digit.digit == 0
        and any(_is_within(v.region.box, verdict.region) and _counts(v, verdict) for v in inner)
        else verdict
        for verdict in verdicts
    ]


def _is_within(box: Box, ring: Region) -> bool:
    """Whether a box lies in the hole of a region, and holds other ink."""
    if box.area >= ring.box.area or box.intersection(ring.box) < box.area:
        return False
    scale = ring.ink.shape[1] / ring.box.width  # the ink is that of a smaller copy
    left, right = ((x - ring.box.x) * scale for x in (box.x, box.right))
    top, bottom = ((y - ring.box.y) * scale for y in (box.y, box.bottom))
    within = ring.ink[round(top) : round(bottom), round(left) : round(right)]
    return within.size > 0 and bool(within.mean() < HOLE)


def _counts(mark: Verdict, ring: Verdict) -> bool:
    """Whether a mark in a circle shows that this is no 0; the slash of a 0 does not."""
    width = mark.region.box.width / ring.region.box.width
    height = mark.region.box.height / ring.region.box.height
    if mark.refused:
        return min(width, height) >= SIGN
    if mark.digit.digit == BAR and abs(_slant(mark.region)) > SLASHED:
        return False
    return mark.digit.confidence >= SURE or height >= RINGED
