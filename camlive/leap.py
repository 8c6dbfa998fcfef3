"""A leap from one frame that is read to the next: what the frames between show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from camlive.detection import Digit, Frame
from camlive.flow import Followed, Glance
from camlive.motion import place_of, shifted

SAME_INK = 0.3  # IoU of two boxes, of which one is of a track that ended and one of a new one


@dataclass(slots=True, eq=False)
class Held:
    """A frame on its way.

    Attributes:
        frame: the frame.
        glance: how its ink is followed; None where it is not.
        is_stop: whether it may be read.
        asked: whether it is to be.
        read: what was read.
        settled: whether the tracker knows of that.
        digits: what the frame shows.
    """

    frame: Frame
    glance: Glance | None
    is_stop: bool = False
    asked: bool = False
    read: Sequence[Digit] | None = None
    settled: bool = False
    digits: list[Digit] = field(default_factory=list)


def apart_s(one: Held, other: Held) -> float:
    """Seconds from one frame to another."""
    return other.frame.time_s - one.frame.time_s


def followed(items: Sequence[Held]) -> list[tuple[Held, Glance]]:
    """Those whose ink is followed."""
    return [(item, item.glance) for item in items if item.glance]


def mend(items: Sequence[Held], carried: Sequence[Digit]) -> None:
    """Spreads over a leap by what digits that were carried to its end are read to be elsewhere."""
    read = {digit.track: place_of(digit.box) for digit in items[-1].digits}
    astray = {
        digit.track: read[digit.track] - place_of(digit.box)
        for digit in carried
        if digit.track in read
    }
    for item in items[1:-1]:
        share = apart_s(items[0], item) / (apart_s(items[0], items[-1]) or 1)
        item.digits = [
            shifted(digit, share * astray[digit.track]) if digit.track in astray else digit
            for digit in item.digits
        ]


def see_back(items: Sequence[Held]) -> None:
    """Follows the digits that are new on the last of some frames back through the others."""
    frames = followed(items)
    known = {digit.track for digit in frames[-2][0].digits} if len(frames) > 1 else set()
    new = Followed([digit for digit in frames[-1][0].digits if digit.track not in known])
    for (_, here), (before, there) in pairwise(reversed(frames)):
        shown, back = before.digits, new.step(here, there)
        before.digits = shown + [digit for digit in back if not is_there(digit, shown)]


def is_there(digit: Digit, digits: Sequence[Digit]) -> bool:
    """Whether a digit, or another of the same ink, is among some."""
    return any(
        digit.track == other.track or digit.box.iou(other.box) >= SAME_INK for other in digits
    )
