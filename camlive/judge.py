"""Regions and their probabilities -> for each the digit it is, or why it is none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from camlive.detection import Digit, Probabilities
from camlive.segment.region import Region
from camlive.surroundings import apart_from, beside_the_sure, not_among_others, not_around_digits
from camlive.verdict import NO_DIGIT, VERY_SURE, Verdict, by_itself

WITHIN = 0.8  # of its area: a region that lies so far in another is a part of it


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
        by_itself(region, chances, min_confidence)
        for region, chances in zip(regions, probabilities, strict=True)
    ]
    verdicts = not_around_digits(beside_the_sure(_cut_rightly(verdicts)))
    return not_among_others(_among_overlapping(verdicts))


def _cut_rightly(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses the pieces of a cut mark unless all are sure digits and the whole is none."""
    whole = {v.region.box for v in verdicts if v.refused != NO_DIGIT and not v.region.cut_from}
    sure = Counter(
        (v.region.cut_from, v.region.pieces)
        for v in verdicts
        if not v.refused and v.digit.confidence >= VERY_SURE
    )
    return [
        replace(verdict, refused="a cut through one mark")
        if (origin := verdict.region.cut_from)
        and not verdict.refused
        and (origin in whole or sure[origin, verdict.region.pieces] < verdict.region.pieces)
        else verdict
        for verdict in verdicts
    ]


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
        if not apart_from(chosen, digit):
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
        if within and digit.box != whole.box and apart_from(parts, digit):
            parts.append(digit)
    return len(parts) > 1
