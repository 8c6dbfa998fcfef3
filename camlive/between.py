"""The digits of a frame that lies between two on which nearly the same was read."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from camlive.detection import Box, Digit

MOST_MOVED = 0.5  # of the larger side of a digit's box, each of its edges
MOST_UNPAIRED = 1  # digits that one of the two frames alone shows

Pair = tuple[Digit | None, Digit | None]


def paired(before: Sequence[Digit], after: Sequence[Digit]) -> list[Pair] | None:
    """The digits of two frames in pairs; None if the frames are not alike.

    They are alike if they show the same digits in the same order, none of them far from its
    place; one digit may have come or gone and stands in a pair alone.

    Args:
        before: the digits of a frame, in reading order.
        after: those of a frame a moment later.
    """
    labels = [d.digit for d in before], [d.digit for d in after]
    pairs: list[Pair] = []
    unpaired = 0
    for kind, i, i_end, j, j_end in SequenceMatcher(None, *labels, autojunk=False).get_opcodes():
        if kind == "equal":
            pairs += zip(before[i:i_end], after[j:j_end], strict=True)
            continue
        pairs += [(digit, None) for digit in before[i:i_end]]
        pairs += [(None, digit) for digit in after[j:j_end]]
        unpaired += i_end - i + j_end - j
    if unpaired > MOST_UNPAIRED or not all(_is_near(a.box, b.box) for a, b in pairs if a and b):
        return None
    return pairs


def between(pairs: Sequence[Pair], share: float) -> list[Digit]:
    """The digits of a frame between two that are alike: boxes and confidences interpolated.

    A digit without its pair is there in the half that is nearer to the frame that shows it.

    Args:
        pairs: of the two frames, in reading order.
        share: of the time between the two that has gone by, 0 to 1.
    """
    digits = (_digit_between(a, b, share) for a, b in pairs)
    return [digit for digit in digits if digit]


def _digit_between(a: Digit | None, b: Digit | None, share: float) -> Digit | None:
    if not a or not b:
        return a if share < 0.5 else b
    confidence = a.confidence + share * (b.confidence - a.confidence)
    return Digit(_box_between(a.box, b.box, share), a.digit, confidence)


def _is_near(a: Box, b: Box) -> bool:
    far = max(abs(p - q) for p, q in zip(_edges(a), _edges(b), strict=True))
    return far <= MOST_MOVED * max(a.width, a.height, b.width, b.height)


def _box_between(a: Box, b: Box, share: float) -> Box:
    edges = zip(_edges(a), _edges(b), strict=True)
    x, y, right, bottom = (round(p + share * (q - p)) for p, q in edges)
    return Box(x, y, right - x, bottom - y)


def _edges(box: Box) -> tuple[int, int, int, int]:
    return box.x, box.y, box.right, box.bottom
