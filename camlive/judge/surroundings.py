"""Verdicts -> verdicts, by the sure digits in the frame: specks, faint and pale marks."""

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import numpy as np

from camlive.judge.overlap import apart, overlaps
from camlive.judge.verdict import (
    ALIKE,
    BAR,
    MOST_CROWD,
    RESTLESS,
    SHADED,
    SURE,
    TOO_PALE,
    Verdict,
)
from camlive.segment.region import Region

SPECK = 1 / 8  # of the highest sure digit's height: lower marks are specks beside it
PAGE = 8  # sure digits, the highest among them, of which no single one tells what specks are:
HIGH = 4  # times their median height counts at most
FAINT = 0.3  # of the sure digits' median contrast: fainter marks are rules or show through
COMPANY = 2  # sure digits around a mark by which it is believed, whatever its ground
NEAR = 4  # heights of a digit, from its middle to theirs
LARGE_COMPANY = 4  # sure digits anywhere, itself not counted, by which a pale or shaded mark is
PALE_BAR = 0.75  # of their median contrast: a pale bar that is fainter is a piece of a rule


def beside_the_sure(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses specks and faint marks beside digits that are sure."""
    sure = [v.region for v in verdicts if not v.refused and v.digit.confidence >= SURE]
    if not sure:
        return verdicts
    _, within = overlaps([region.box for region in sure])
    single = within.sum(0) < 3  # itself and another reading of it: a column of digits holds more
    heights = [region.box.height for region, is_one in zip(sure, single, strict=True) if is_one]
    highest = float(max(heights, default=0))
    if len(heights) >= PAGE:
        highest = min(highest, HIGH * median(heights))
    least_contrast = _least_contrast(sure)
    return [_beside(verdict, SPECK * highest, least_contrast) for verdict in verdicts]


def _least_contrast(sure: Sequence[Region]) -> float:
    """What is fainter than this beside sure digits is a rule, or shows through; 0 without any."""
    return FAINT * float(np.median([region.contrast for region in sure])) if sure else 0.0


def _beside(verdict: Verdict, least_height: float, least_contrast: float) -> Verdict:
    if verdict.refused:
        return verdict
    if verdict.region.box.height < least_height:
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
    is_bar = verdict.digit.digit == BAR
    is_edge = verdict.refused == SHADED and is_bar  # of the shadow itself
    if is_edge or verdict.digit.confidence < SURE or verdict.region.crowd > MOST_CROWD:
        return False
    if is_bar and company:
        usual = median(other.region.contrast for other in company)
        if verdict.region.contrast < PALE_BAR * usual:
            return False
    like = [other for other in company if _are_alike(verdict, other)]
    kinds = {verdict.digit.digit, *(other.digit.digit for other in like)}
    return len(like) >= LARGE_COMPANY and len(kinds) > 1


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
