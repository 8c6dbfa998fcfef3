"""Verdicts -> verdicts, by what else is in the frame: surer digits, letters, texture."""

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np

from camlive.detection import Box, Digit
from camlive.overlap import apart, overlaps
from camlive.reading import group_numbers
from camlive.segment.region import Region
from camlive.verdict import BAR, NO_DIGIT, RESTLESS, SURE, VERY_SURE, Verdict

SPECK = 1 / 8  # of the highest sure digit's height: lower marks are specks beside it
SMALL = 1 / 3  # of the sure digits' median height: lower marks must be sure themselves
LONE = 0.75  # least confidence of a bar where no digit is sure: much else is a bar
FAINT = 0.3  # of the sure digits' median contrast: fainter marks are rules or show through
COMPANY = 2  # sure digits of a number by which one more is believed, whatever its ground
ALIKE = 1.7  # times: contrasts of the same ink
WRITING = 3  # sure digits by which a writer's slant is known
MORE_SLANT = 0.55  # tangent: ones slant up to 0.31 more than the digits' median, slashes from 0.75
BEYOND = 0.15  # and they slant so much more than any of the digits
HOLE = 25  # of 255: less ink than this, on average, is none
MANY = 6  # marks of a digit's size that are none: from there on only very sure digits count
FEW = 2  # the same for a bar, which many signs have
MOST_LARGER = 2.5  # times: a mark of about the same size
WORD = 4  # letters, and as many as digits, that make a word of what stands together
REACH = 8  # of a digit's height: marks further to its side are no letters of its word
UNLIKE = 0.4  # to each digit: marks that look like none, by which what was not read is no digit
TEXT, TEXT_SHARE = 12, 3  # letters of words, all and to each other digit, that make a page of text


def beside_the_sure(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses specks and faint marks beside digits that are sure, and unsure bars where none is."""
    sure = [v.region for v in verdicts if not v.refused and v.digit.confidence >= SURE]
    if not sure:
        return [
            replace(v, refused="a bar, and no sure digit")
            if not v.refused and v.digit.digit == BAR and v.digit.confidence < LONE
            else v
            for v in verdicts
        ]
    _, within = overlaps([region.box for region in sure])
    single = within.sum(0) < 3  # itself and another reading of it: a column of digits holds more
    heights = [region.box.height for region, is_one in zip(sure, single, strict=True) if is_one]
    least_height, small = SPECK * max(heights, default=0), SMALL * median(heights or [0])
    least_contrast = FAINT * float(np.median([region.contrast for region in sure]))
    return [_beside(verdict, least_height, small, least_contrast) for verdict in verdicts]


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
    """Believes a mark on restless ground that stands in a number with sure digits of its ink."""
    sure = [v for v in verdicts if not v.refused and v.digit.confidence >= SURE]
    if len(sure) < COMPANY:
        return verdicts
    return [
        replace(v, refused="") if v.refused == RESTLESS and _is_in_company(v, sure) else v
        for v in verdicts
    ]


def _is_in_company(verdict: Verdict, sure: Sequence[Verdict]) -> bool:
    """Whether sure digits of about the same contrast stand together with it."""
    numbers = group_numbers([verdict.digit, *(other.digit for other in sure)])
    number = next((number for number in numbers if 0 in number), [])
    contrasts = [verdict.region.contrast] + [other.region.contrast for other in sure]
    alike = [abs(math.log(contrasts[k] / contrasts[0])) < math.log(ALIKE) for k in number if k]
    return sum(alike) >= COMPANY


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


def not_around_digits(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses circles that are drawn around a digit: a 0 with a sure digit in its hole."""
    sure = [v for v in verdicts if not v.refused and v.digit.confidence >= SURE]
    return [
        replace(verdict, refused="drawn around a digit")
        if not verdict.refused and verdict.digit.digit == 0 and _holds(verdict.region, sure)
        else verdict
        for verdict in verdicts
    ]


def _holds(ring: Region, sure: Sequence[Verdict]) -> bool:
    """Whether one of the sure digits lies in the hole of a region, and is of other ink."""
    scale = ring.ink.shape[1] / ring.box.width  # the ink is that of a smaller copy
    for verdict in sure:
        box = verdict.region.box
        if box.area < ring.box.area and box.intersection(ring.box) == box.area:
            left, right = ((x - ring.box.x) * scale for x in (box.x, box.right))
            top, bottom = ((y - ring.box.y) * scale for y in (box.y, box.bottom))
            within = ring.ink[round(top) : round(bottom), round(left) : round(right)]
            if within.size and within.mean() < HOLE:
                return True
    return False


def not_among_others(verdicts: list[Verdict], unread: Sequence[Box]) -> list[Verdict]:
    """Refuses what stands together with letters, and the less sure where most looks like none.

    Letters are what looks like no digit and, where that is much, what was not read: where print
    is small its letters run together, or are too many.
    """
    digits = [verdict.digit for verdict in verdicts if not verdict.refused]
    if not digits:
        return verdicts
    others = _others(verdicts)
    letters = others
    if len(others) >= UNLIKE * len(digits):
        near = _in_their_rows(unread, [digit.box for digit in digits])
        letters = _of_one_ink_each([*others, *(Digit(box, 0, 0.0) for box in near)])
    in_words = _in_words(digits, letters)
    sizes = np.array([max(d.box.width, d.box.height) for d in (*digits, *others)])
    alike = np.maximum(sizes[:, None], sizes) <= MOST_LARGER * np.minimum(sizes[:, None], sizes)
    peers, strangers = (part.sum(1) for part in np.hsplit(alike[: len(digits)], [len(digits)]))
    many = np.where([digit.digit == BAR for digit in digits], FEW, MANY)
    rare = dict(zip(digits, strangers >= np.maximum(many, peers), strict=True))

    def reason(digit: Digit) -> str:
        if digit in in_words:
            return "among letters"
        unsure = digit.confidence < VERY_SURE
        return "among much that is no digit" if unsure and rare[digit] else ""

    return [v if v.refused else replace(v, refused=reason(v.digit)) for v in verdicts]


def _in_their_rows(marks: Sequence[Box], digits: Sequence[Box]) -> list[Box]:
    """The marks that stand in the row of a digit, not far from it, and overlap none."""
    x, y, right, bottom = (
        np.array(edges) for edges in zip(*(d.edges for d in digits), strict=True)
    )
    places = np.array([mark.edges for mark in marks]).reshape(-1, 4, 1)
    aside = np.maximum(places[:, 0] - right, x - places[:, 2])
    above = np.maximum(places[:, 1] - bottom, y - places[:, 3])
    near = (above < 0) & (aside < REACH * (bottom - y))
    beside = near.any(1) & ~(near & (aside < 0)).any(1)
    return [marks[k] for k in np.flatnonzero(beside).tolist()]


def _in_words(digits: Sequence[Digit], letters: Sequence[Digit]) -> set[Digit]:
    """The digits that stand together with letters: the o of a word is no 0.

    Where there is far more text than digits, few letters suffice.
    """
    marks = [*digits, *letters]
    groups = [
        ([marks[k] for k in group if k < len(digits)], sum(k >= len(digits) for k in group))
        for group in group_numbers(marks)
    ]
    words = [(inside, count) for inside, count in groups if count >= max(WORD, len(inside))]
    found = {digit for inside, _ in words for digit in inside}
    if sum(count for _, count in words) >= max(TEXT, TEXT_SHARE * (len(digits) - len(found))):
        found |= {digit for inside, count in groups if 2 * count >= len(inside) for digit in inside}
    return found


def _others(verdicts: list[Verdict]) -> list[Digit]:
    """Marks that look like no digit, the largest of each ink, apart from the digits."""
    same, _ = overlaps([verdict.region.box for verdict in verdicts])
    digits = [k for k, v in enumerate(verdicts) if not v.refused]
    none = [k for k, v in enumerate(verdicts) if v.refused == NO_DIGIT and not v.region.cut_from]
    return _of_one_ink_each([verdicts[k].digit for k in none if not same[k, digits].any()])


def _of_one_ink_each(marks: Sequence[Digit]) -> list[Digit]:
    """The marks without those that are of the same ink as a larger one."""
    same, _ = overlaps([mark.box for mark in marks])
    order = sorted(range(len(marks)), key=lambda k: -marks[k].box.area)
    return [marks[k] for k in apart(order, same)]
