"""Regions and their probabilities -> for each the digit it is, or why it is none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from camlive.detection import NOT_A_DIGIT, Digit, Probabilities
from camlive.reading import group_numbers
from camlive.segment.region import Region

LEAST_CONTRAST = 6.0  # steps of segment's logarithmic grey: fainter marks are shadow or texture
MOST_CROWD = 0.1  # share of its surroundings under other ink: more is texture
ALONE = 0.02  # the same share: less is nothing
CLEAR = 7.0  # clarity from which the ground is plain; below it only a sure digit counts
SURE = 0.9  # confidence of a sure digit
BAR = 1  # a bar is too common among other things to be believed on ground that is not plain
CUT_SURE = 0.97  # confidence from which the pieces of a mark are digits: letters can be cut, too
SPECK = 1 / 8  # of the highest sure digit's height: lower marks are specks beside it
FAINT = 0.3  # of the sure digits' median contrast: fainter marks are rules or show through
HOLE = 25  # of 255: less ink than this, on average, is none
WORD = 4  # letters, and as many as digits, that make a word of what stands together
WITHIN = 0.8  # of its area: a region that lies so far in another is a part of it
SAME_INK = 0.5  # of the smaller box: two regions that share more are readings of the same ink
NO_DIGIT = "looks like no digit"


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What became of a region.

    Attributes:
        region: the region.
        digit: its likeliest digit, with the probability of that as the confidence.
        refused: why it is not taken for that digit, in words; empty if it is.
    """

    region: Region
    digit: Digit
    refused: str = ""


def judge(
    regions: Sequence[Region], probabilities: Probabilities, min_confidence: float
) -> list[Verdict]:
    """Picks the digits among overlapping regions.

    A region is a digit if that is its likeliest class, likely enough, and its surroundings do not
    speak against it (bounds set where simulated scenes and real pictures agree). Where a mark was
    proposed whole and in parts the whole is preferred: the classifier calls a wrong whole no
    digit, but a part of a digit may well look like another.

    Args:
        regions: N regions.
        probabilities: (N, 11), the last class "not a digit".
        min_confidence: 0 to 1.

    Returns:
        N verdicts, in the order of the regions.
    """
    verdicts = [
        _by_itself(region, chances, min_confidence)
        for region, chances in zip(regions, probabilities, strict=True)
    ]
    verdicts = _not_around_digits(_beside_the_sure(_cut_rightly(verdicts)))
    return _not_in_words(_among_overlapping(verdicts))


def _by_itself(region: Region, chances: Probabilities, min_confidence: float) -> Verdict:
    """The verdict on a region's own shape and ground."""
    label = int(chances[:NOT_A_DIGIT].argmax())
    digit = Digit(region.box, label, float(chances[label]))
    if chances[NOT_A_DIGIT] > digit.confidence:
        return Verdict(region, digit, NO_DIGIT)
    if digit.confidence < min_confidence:
        return Verdict(region, digit, "not sure enough")
    if region.contrast < LEAST_CONTRAST:
        return Verdict(region, digit, "too faint")
    if region.crowd > MOST_CROWD:
        return Verdict(region, digit, "amid other ink")
    clear_shape = digit.confidence >= SURE and label != BAR and region.crowd < ALONE
    if region.clarity < CLEAR and not clear_shape:
        return Verdict(region, digit, "on restless ground")
    return Verdict(region, digit)


def _cut_rightly(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses the pieces of a cut mark unless all are sure digits and the whole is none."""
    whole = {v.region.box for v in verdicts if v.refused != NO_DIGIT and not v.region.cut_from}
    sure = Counter(
        (v.region.cut_from, v.region.pieces)
        for v in verdicts
        if not v.refused and v.digit.confidence >= CUT_SURE
    )
    return [
        replace(verdict, refused="a cut through one mark")
        if (origin := verdict.region.cut_from)
        and not verdict.refused
        and (origin in whole or sure[origin, verdict.region.pieces] < verdict.region.pieces)
        else verdict
        for verdict in verdicts
    ]


def _beside_the_sure(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses specks and faint marks beside digits that are sure."""
    sure = [v.region for v in verdicts if not v.refused and v.digit.confidence >= SURE]
    if not sure:
        return verdicts
    least_height = SPECK * max(region.box.height for region in sure)
    least_contrast = FAINT * float(np.median([region.contrast for region in sure]))
    return [_beside(verdict, least_height, least_contrast) for verdict in verdicts]


def _beside(verdict: Verdict, least_height: float, least_contrast: float) -> Verdict:
    if verdict.refused:
        return verdict
    if verdict.region.box.height < least_height:
        return replace(verdict, refused="a speck beside the digits")
    if verdict.region.contrast < least_contrast:
        return replace(verdict, refused="faint beside the digits")
    return verdict


def _not_around_digits(verdicts: list[Verdict]) -> list[Verdict]:
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


def _among_overlapping(verdicts: list[Verdict]) -> list[Verdict]:
    """Of regions over the same ink, the whole, or two or more parts that are surer."""
    judged = list(verdicts)
    likely = [verdict.digit for verdict in verdicts if not verdict.refused]
    likely.sort(key=lambda digit: -digit.confidence)
    chosen: list[Digit] = []
    for k in sorted(range(len(verdicts)), key=lambda k: -verdicts[k].region.box.area):
        digit = verdicts[k].digit
        if verdicts[k].refused:
            continue
        if not _apart_from(chosen, digit):
            judged[k] = replace(verdicts[k], refused="part of a larger digit")
        elif _several(digit, likely):
            judged[k] = replace(verdicts[k], refused="several digits")
        else:
            chosen.append(digit)
    return judged


def _several(whole: Digit, likely: Sequence[Digit]) -> bool:
    """Whether two or more digits within a region, side by side, are surer than the whole.

    Args:
        whole: what the region is read as.
        likely: the digits of the frame, the surest first.
    """
    parts: list[Digit] = []
    for digit in takewhile(lambda d: d.confidence > whole.confidence, likely):
        within = digit.box.intersection(whole.box) > WITHIN * digit.box.area
        if within and digit.box != whole.box and _apart_from(parts, digit):
            parts.append(digit)
    return len(parts) > 1


def _not_in_words(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses what stands together with letters: the o of a word is no 0."""
    digits = [verdict.digit for verdict in verdicts if not verdict.refused]
    if not digits:
        return verdicts
    marks = [*digits, *_letters(verdicts, digits)]
    for together in group_numbers(marks):
        inside = [marks[k] for k in together if k < len(digits)]
        letters = len(together) - len(inside)
        if letters >= max(WORD, len(inside)):
            verdicts = [
                replace(verdict, refused="among letters")
                if not verdict.refused and verdict.digit in inside
                else verdict
                for verdict in verdicts
            ]
    return verdicts


def _letters(verdicts: list[Verdict], digits: Sequence[Digit]) -> list[Digit]:
    """Marks that look like no digit, the largest of each ink, apart from the digits."""
    letters: list[Digit] = []
    none = [v.digit for v in verdicts if v.refused == NO_DIGIT and not v.region.cut_from]
    for mark in sorted(none, key=lambda d: -d.box.area):
        if _apart_from(digits, mark) and _apart_from(letters, mark):
            letters.append(mark)
    return letters


def _apart_from(others: Sequence[Digit], digit: Digit) -> bool:
    """Whether a digit is of other ink than all the others."""
    return all(
        digit.box.intersection(other.box) <= SAME_INK * min(digit.box.area, other.box.area)
        for other in others
    )
