"""The digits of a frame that lies between two on which the same was read."""

from collections.abc import Sequence

import numpy as np

from camlive.detection import Box, Digit
from camlive.motion import paired, place_of

MOST_MOVED = 0.5  # of the larger side of a digit's box, each of its edges
SOON_S = 0.13  # from one to the other, within which digits may move further, and some come or go
ENOUGH = 0.75  # of the digits of the frame that has fewer, that are then on both

Pair = tuple[Digit, Digit]


def on_both(before: Sequence[Digit], after: Sequence[Digit], seconds: float) -> list[Pair] | None:
    """The digits that two frames show alike, if that tells what those between them show.

    Args:
        before: the digits of a frame, in reading order.
        after: those of a later frame.
        seconds: from the one to the other.

    Returns:
        Each digit as it was and as it is, in reading order; None where a frame between is to be
        read, for digits came or went or moved far.
    """
    pairs = _pairs(before, after)
    fewer, more = sorted((len(before), len(after)))
    if len(pairs) == more and all(_are_near(a.box, b.box) for a, b in pairs):
        return pairs
    return pairs if seconds <= SOON_S and len(pairs) >= ENOUGH * fewer else None


def _pairs(before: Sequence[Digit], after: Sequence[Digit]) -> list[Pair]:
    """The digits of the same label that are one and the same, by how most moved."""
    if not before or not after:
        return []
    was, now = (np.array([place_of(d.box) for d in digits]) for digits in (before, after))
    same = np.equal.outer([d.digit for d in before], [d.digit for d in after])
    found = sorted(paired(was, now, same, expected=was))
    return [(before[row], after[column]) for row, column in found if same[row, column]]


def between(pairs: Sequence[Pair], share: float) -> list[Digit]:
    """The digits of a frame between two: boxes and confidences interpolated.

    Args:
        pairs: of `on_both`.
        share: of the time between the two that has gone by, 0 to 1.
    """
    return [
        Digit(
            _box_between(a.box, b.box, share),
            a.digit,
            a.confidence + share * (b.confidence - a.confidence),
        )
        for a, b in pairs
    ]


def _are_near(a: Box, b: Box) -> bool:
    far = max(abs(p - q) for p, q in zip(a.edges, b.edges, strict=True))
    return far <= MOST_MOVED * max(a.width, a.height, b.width, b.height)


def _box_between(a: Box, b: Box, share: float) -> Box:
    edges = zip(a.edges, b.edges, strict=True)
    x, y, right, bottom = (round(p + share * (q - p)) for p, q in edges)
    return Box(x, y, right - x, bottom - y)
