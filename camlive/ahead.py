"""Recordings read ahead: some frames are read, and between them digits follow their ink."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, pairwise, takewhile

from camlive.detection import Digit, Frame
from camlive.errors import CamliveError
from camlive.flow import Glance, follow, glance
from camlive.reader import Reader
from camlive.recognizer import Reading, Recognize
from camlive.track import Tracker

LEAP_S = 0.25  # from one frame that is read to the next, at most, where there are frames between
LEAP_BYTES = 40 << 20  # of frames, at most
LEAPS = 2  # held at once: one is read while the next is decoded
SAME_INK = 0.3  # IoU of two boxes, of which one is of a track that ended and one of a new one


@dataclass(slots=True, eq=False)
class _Held:
    """A frame, what was read on it if it is an end of a leap, and which digits it shows."""

    frame: Frame
    glance: Glance
    asked: bool = False
    read: list[Digit] | None = None
    followed: list[Digit] | None = None  # what the tracker made of what was read
    digits: list[Digit] | None = None


def read_ahead(
    frames: Iterable[Frame], recognize: Recognize, tracker: Tracker
) -> Generator[Reading, None, None]:
    """Reads the frames of a recording on two cores, and gives them all in their order.

    One frame in a quarter of a second is read; from there its digits follow the optical flow of
    their ink, those that the tracker first knows on the next one that is read back to this one.
    A thread reads while the next frames are decoded. A frame comes out later than it would alone,
    so this is nothing for a camera.

    Args:
        frames: of the recording.
        recognize: reads a frame, (H, W, 3) uint8 BGR.
        tracker: follows what is read.

    Raises:
        CamliveError: the source failed; the frames before were given.
    """
    held: deque[_Held] = deque()
    failure: CamliveError | None = None
    source = iter(frames)
    with closing(Reader(recognize)) as reader:
        while True:
            try:
                frame = next(source)
            except StopIteration:
                break
            except CamliveError as error:  # what the source gave before still counts
                failure = error
                break
            held.append(_Held(frame, glance(frame.image)))
            leap = max(1, LEAP_BYTES // frame.image.nbytes)
            _ask_newest(held, reader, leap)
            yield from _give(held, reader, tracker)
        yield from _give_rest(held, reader, tracker)
    if failure:
        raise failure


def _ask_newest(held: deque[_Held], reader: Reader, most: int) -> None:
    """Asks for the newest frame at the end of a leap; for the one before where that ended late."""
    unread = len([*takewhile(lambda item: not item.asked, reversed(held))])
    if unread == len(held):
        _ask(held[-1], reader)
        return
    late = held[-1].frame.time_s - held[-1 - unread].frame.time_s > LEAP_S
    if unread > 1 and late:
        _ask(held[-2], reader)
    elif unread >= most or late:
        _ask(held[-1], reader)


def _ask(item: _Held, reader: Reader) -> None:
    item.asked = True
    reader.ask(item.frame)


def _note(held: deque[_Held], reader: Reader, wait: bool) -> None:
    """Writes down what was read; waits for one frame's reading if told to."""
    while answer := reader.answer(wait):
        frame, digits = answer
        next(item for item in held if item.frame is frame).read = digits
        wait = False


def _give(
    held: deque[_Held], reader: Reader, tracker: Tracker, most: int = LEAPS
) -> Iterator[Reading]:
    """Gives a frame if it is settled, and waits while the ends of more than so many leaps are held.

    One at a time: the others keep the reader busy while that one is looked at.
    """
    wait = False
    while True:
        _note(held, reader, wait)
        _settle(held, tracker)
        digits = held[0].digits
        if digits is not None:
            yield held.popleft().frame, digits
        if sum(item.asked for item in held) <= most:
            return
        wait = digits is None


def _give_rest(held: deque[_Held], reader: Reader, tracker: Tracker) -> Iterator[Reading]:
    if not held:
        return
    if not held[-1].asked:
        _ask(held[-1], reader)
    while len(held) > 1:
        yield from _give(held, reader, tracker, most=1)
    last = held[0]
    while last.read is None:
        _note(held, reader, wait=True)
    _settle(held, tracker)
    yield last.frame, last.followed or []


def _settle(held: deque[_Held], tracker: Tracker) -> None:
    """Follows the digits through the first leap once both of its ends are read."""
    first = held[0]
    if first.digits is not None or first.read is None:
        return
    if first.followed is None:  # else it was the end of the leap before
        first.followed = tracker.update(first.read, first.frame.time_s)
    end = next((k for k, item in enumerate(islice(held, 1, None), 1) if item.asked), None)
    if end is None:
        return
    leap = [*islice(held, end + 1)]
    last = leap[-1]
    if last.read is None:
        return
    last.followed = tracker.update(last.read, last.frame.time_s)
    known = {digit.track for digit in first.followed}
    there, back = first.followed, [d for d in last.followed if d.track not in known]
    first.digits = there
    for before, after in pairwise(leap[:-1]):
        after.digits = there = follow(there, before.glance, after.glance)
    for after, before in pairwise(reversed(leap)):
        back = follow(back, after.glance, before.glance)
        there = before.digits or []
        before.digits = there + [d for d in back if not _is_there(d, there)]


def _is_there(digit: Digit, digits: Sequence[Digit]) -> bool:
    return any(digit.box.iou(other.box) >= SAME_INK for other in digits)
