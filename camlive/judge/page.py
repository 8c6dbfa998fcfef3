"""Regions and their probabilities -> for each the digit it is, or why it is none."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from camlive.detection import Box, Probabilities
from camlive.judge.lookalikes import not_around_others, not_commas, not_slashes, not_stray_bars
from camlive.judge.overlap import apart, overlaps
from camlive.judge.surroundings import COMPANY, beside_the_sure, in_company
from camlive.judge.verdict import (
    BAR,
    CUT,
    LIKELY_PIECE,
    RESTLESS,
    RING,
    SURE,
    SURE_PIECE,
    Verdict,
    by_itself,
)
from camlive.judge.words import LETTERS, RARE, not_among_others
from camlive.segment.region import Region

EIGHT = 8
FOOTED = 0.5  # width over height from which a 1 is more than a bar: it has a foot, or a flag
WAIST = 0.05  # of its height: so far apart the rings of an 8 may be, where the pen was pale


def judge(
    regions: Sequence[Region],
    probabilities: Probabilities,
    least: float,
    joined: Sequence[Box] = (),
) -> list[Verdict]:
    """Picks the digits among overlapping regions.

    A region is a digit if that is its likeliest class, likely enough, and its surroundings do not
    speak against it (bounds set where simulated scenes and real pictures agree). Where a mark was
    proposed whole and in parts the whole is preferred: the classifier calls a wrong whole no
    digit, but a part of a digit may well look like another.

    Args:
        regions: N regions; pieces only of marks that are no sure digit as a whole.
        probabilities: (N, 11), the last class "not a digit".
        least: the chance that a digit must have, 0 to 1.
        joined: marks too wide for a digit, as words in joined writing are.

    Returns:
        N verdicts, in the order of the regions.
    """
    verdicts = [
        by_itself(region, chances, least)
        for region, chances in zip(regions, probabilities, strict=True)
    ]
    # Pieces first: of a mark that is cut only the row that fills it tells of others.
    cut = _cut_rightly(verdicts, SURE_PIECE)
    settled = _on_page(cut, joined, least)
    if any(verdict.refused in (RARE, LETTERS) for verdict in settled):
        return settled  # words fall into pieces that look like digits, too
    likely = _cut_rightly(verdicts, LIKELY_PIECE)
    differ = [v.refused for v in likely] != [v.refused for v in cut]
    return _on_page(likely, joined, least) if differ else settled


def _on_page(verdicts: list[Verdict], joined: Sequence[Box], least: float) -> list[Verdict]:
    """What is left of verdicts by what else is on the page, one of each piece of ink."""
    # First what is believed for its company, since that is company for specks and faint marks.
    verdicts = beside_the_sure(in_company(verdicts))
    # A circle yields to what it is drawn around, before the larger of two over the same ink counts.
    verdicts = not_around_others(verdicts)
    # One reading of each ink is left when it is counted what the page consists of.
    settled = not_among_others(_among_overlapping(verdicts), joined, least)
    if any(verdict.refused == RARE for verdict in settled):  # a surer reading of its ink may count
        left = [s if s.refused == RARE else v for s, v in zip(settled, verdicts, strict=True)]
        settled = not_among_others(_among_overlapping(left), joined, least)
    # Last what looks like a 1, by the digits that the page has in the end.
    return not_stray_bars(not_commas(not_slashes(settled)))


def _cut_rightly(verdicts: list[Verdict], least: float) -> list[Verdict]:
    """Refuses the pieces of cut marks, but for the likeliest row of digits that fills one.

    Each has the least chance, and all together that of sure ones. A row of bars alone does not
    count, nor one around another, and on restless ground one where two of its digits would by
    themselves.
    """
    pieces: dict[tuple[Box, int], list[Verdict]] = {}
    for verdict in verdicts:
        if (origin := verdict.region.cut_from) and verdict.refused in ("", RESTLESS):
            pieces.setdefault((origin, verdict.region.slices), []).append(verdict)
    rows = [(origin, _likeliest_row(some, least)) for (origin, _), some in pieces.items()]
    rows = [(origin, row) for origin, row in rows if _row_counts(row)]
    refused = {id(v): CUT for some in pieces.values() for v in some}
    for origin, row in rows:
        if not any(origin.surrounds(other) for other, _ in rows):
            refused.update({id(v): "" for v in row})
    return [replace(v, refused=refused[id(v)]) if id(v) in refused else v for v in verdicts]


def _row_counts(row: Sequence[Verdict]) -> bool:
    """Whether a row of pieces is believed."""
    is_plain = sum(not v.refused for v in row) >= min(len(row), COMPANY)
    return is_plain and any(v.digit.digit != BAR for v in row)


def _likeliest_row(pieces: Sequence[Verdict], least: float) -> list[Verdict]:
    """Of the pieces of a mark those that fill it from end to end as digits; none if none do.

    Found by dynamic programming (Viterbi): of those whose product of confidences is at least that
    of as many sure ones the one where it is highest.
    """
    rows: dict[tuple[int, int], tuple[float, list[Verdict]]] = {(0, 0): (1.0, [])}
    for piece in sorted(pieces, key=lambda v: v.region.span):
        if piece.digit.confidence < least:
            continue
        start, end = piece.region.span
        for count in range(start + 1):  # of pieces before it
            if (start, count) in rows:
                sure, row = rows[start, count]
                sure *= piece.digit.confidence
                if sure > rows.get((end, count + 1), (0.0, []))[0]:
                    rows[end, count + 1] = sure, [*row, piece]
    last = pieces[0].region.slices
    whole = [found for (end, n), found in rows.items() if end == last and found[0] >= SURE_PIECE**n]
    return max(whole, key=lambda found: found[0], default=(0.0, []))[1]


def _among_overlapping(verdicts: list[Verdict]) -> list[Verdict]:
    """Of regions over the same ink the whole, or parts: two that are surer, or one far surer.

    Or one that is surer that it is the same digit: the whole has a comma. A 1 with a foot counts so
    where nothing else in the whole is one.
    """
    judged = list(verdicts)
    boxes = [verdict.region.box for verdict in verdicts]
    same, within = overlaps(boxes)
    likely = np.array([k for k, verdict in enumerate(verdicts) if not verdict.refused], np.intp)
    sure = np.array([verdict.digit.confidence for verdict in verdicts])
    label = np.array([verdict.digit.digit for verdict in verdicts])
    likely = likely[np.argsort(-sure[likely], kind="stable")]
    is_footed = np.array([box.width > FOOTED * box.height for box in boxes])
    chosen: list[int] = []
    for k in sorted(likely.tolist(), key=lambda k: (-boxes[k].area, k)):
        inside = likely[within[likely, k] & ~within[k, likely]]
        parts = inside[sure[inside] > sure[k]]
        beside = apart(parts.tolist(), same)
        tells = label[parts] != BAR  # any digit has bars, and so has a broken 1
        if label[k] == BAR and len(apart(inside.tolist(), same)) == 1:
            tells |= is_footed[parts]
        surer = parts[tells & (sure[parts] >= SURE)]
        if same[k, chosen].any():
            judged[k] = replace(verdicts[k], refused="part of a larger digit")
        elif _are_several([verdicts[part] for part in beside], verdicts[k]):
            judged[k] = replace(verdicts[k], refused="several digits")
        elif surer.size and (sure[k] < SURE or label[k] in label[surer]):
            judged[k] = replace(verdicts[k], refused="holds a surer digit")
        else:
            chosen.append(k)
    return judged


def _are_several(parts: Sequence[Verdict], whole: Verdict) -> bool:
    """Whether parts that lie beside each other in a whole are digits of their own."""
    boxes = [part.digit.box for part in parts]
    if sum(part.digit.digit != BAR for part in parts) < 2:
        return _are_side_by_side(boxes)
    if whole.digit.digit != EIGHT or whole.digit.confidence < SURE or len(parts) != 2:
        return True
    upper, lower = sorted(boxes, key=lambda box: box.y)
    are_rings = all(part.digit.digit == RING for part in parts)
    return not (are_rings and lower.y - upper.bottom < WAIST * whole.digit.box.height)


def _are_side_by_side(boxes: Sequence[Box]) -> bool:
    """Whether two of the boxes stand beside each other: the pieces of a broken 1 do not."""
    return any(
        min(a.right, b.right) - max(a.x, b.x) < min(a.width, b.width) / 2
        for a, b in combinations(boxes, 2)
    )
