"""The digits of a frame that lies between two on which the same was read."""

from collections.abc import Sequence

from camlive.detection import Box, Digit

MOST_MOVED = 0.5  # of the larger side of a digit's box, each of its edges


def are_alike(before: Sequence[Digit], after: Sequence[Digit]) -> bool:
    """Whether two frames show the same digits in the same order, none of them far from its place.

    Args:
        before: the digits of a frame, in reading order.
        after: those of a frame a moment later.
    """
    return [d.digit for d in before] == [d.digit for d in after] and all(
        _are_near(a.box, b.box) for a, b in zip(before, after, strict=True)
    )


def between(before: Sequence[Digit], after: Sequence[Digit], share: float) -> list[Digit]:
    """The digits of a frame between two that are alike: boxes and confidences interpolated.

    Args:
        before: the digits of a frame, in reading order.
        after: those of a frame that is alike.
        share: of the time between the two that has gone by, 0 to 1.
    """
    return [
        Digit(
            _box_between(a.box, b.box, share),
            a.digit,
            a.confidence + share * (b.confidence - a.confidence),
        )
        for a, b in zip(before, after, strict=True)
    ]


def _are_near(a: Box, b: Box) -> bool:
    far = max(abs(p - q) for p, q in zip(a.edges, b.edges, strict=True))
    return far <= MOST_MOVED * max(a.width, a.height, b.width, b.height)


def _box_between(a: Box, b: Box, share: float) -> Box:
    edges = zip(a.edges, b.edges, strict=True)
    x, y, right, bottom = (round(p + share * (q - p)) for p, q in edges)
    return Box(x, y, right - x, bottom - y)
