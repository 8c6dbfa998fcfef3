"""Recordings read ahead: some frames are read, and between them digits follow their ink."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice, pairwise, takewhile

from camlive.detection import Digit, Frame
from camlive.errors import CamliveError
from camlive.flow import Followed, Glance, glance
from camlive.reader import Reader
from camlive.recognizer import Reading, Recognize
from camlive.track import Tracker

LEAP_S = 0.25  # from one frame that is read to the next, at most, where there are frames between
LEAP_BYTES = 44 << 20  # of frames, at most: of 1080p a quarter of a second
SEEN_BACK = 2  # leaps, at most, through which a digit goes back: it is known when it was read twice
LEAPS = SEEN_BACK + 1  # held at once: one is read while the next is decoded
SAME_INK = 0.3  # IoU of two boxes, of which one is of a track that ended and one of a new one


@dataclass(slots=True, eq=False)
class _Held:
    """A frame, what was read on it if it is an end of a leap, and which digits it shows."""

    frame: Frame
    glance: Glance
    asked: bool = False
    read: list[Digit] | None = None
    settled: bool = False  # whether the tracker knows what was read
    digits: list[Digit] = field(default_factory=list)


def read_ahead(
    frames: Iterable[Frame], recognize: Recognize, tracker: Tracker
) -> Generator[Reading, None, None]:
    """Reads the frames of a recording on two cores, and gives them all in their order.

    Frames at most a quarter of a second apart are read, by a thread, while the next are decoded.
    From each the digits follow the optical flow of their ink to the next that is read; those that
    the tracker first knows there go back to where they came into view. A frame comes out later than
    it would alone, so this is nothing for a camera.

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


def _give(held: deque[_Held], reader: Reader, tracker: Tracker) -> Iterator[Reading]:
    """Gives a frame if no later reading adds to it; waits while more than so many leaps are held.

    One at a time: the others keep the reader busy while that one is looked at.
    """
    wait = False
    while True:
        _note(held, reader, wait)
        _settle(held, tracker)
        is_ready = sum(item.settled for item in islice(held, 1, None)) >= SEEN_BACK
        if is_ready:
            yield _given(held)
        if sum(item.asked for item in held) <= LEAPS:
            return
        wait = not is_ready


def _give_rest(held: deque[_Held], reader: Reader, tracker: Tracker) -> Iterator[Reading]:
    if held and not held[-1].asked:
        _ask(held[-1], reader)
    while reader.waiting:
        _note(held, reader, wait=True)
    _settle(held, tracker)
    while held:
        yield _given(held)


def _given(held: deque[_Held]) -> Reading:
    item = held.popleft()
    return item.frame, item.digits


def _settle(held: deque[_Held], tracker: Tracker) -> None:
    """Follows the digits of what was read on to the next that was, and the new ones there back."""
    items = list(held)
    ends: list[int] = []
    for k, item in enumerate(items):
        if not item.asked:
            continue
        if not item.settled:
            if item.read is None:
                return
            if ends:
                for before, after in pairwise(items[ends[-1] : k + 1]):
                    after.digits = tracker.follow(before.glance, after.glance)
            carried, item.digits = item.digits, tracker.update(item.read, item.frame.time_s)
            item.digits += [digit for digit in carried if not _is_there(digit, item.digits)]
            item.settled = True
            if ends:
                _see_back(items[ends[-SEEN_BACK:][0] : k + 1])
        ends.append(k)


def _see_back(frames: Sequence[_Held]) -> None:
    """Follows the digits that are new on the last of some frames back through the others."""
    known = {digit.track for digit in frames[-2].digits}
    new = Followed([digit for digit in frames[-1].digits if digit.track not in known])
    for after, before in pairwise(reversed(frames)):
        there, back = before.digits, new.step(after.glance, before.glance)
        before.digits = there + [digit for digit in back if not _is_there(digit, there)]


def _is_there(digit: Digit, digits: Sequence[Digit]) -> bool:
    return any(
        digit.track == other.track or digit.box.iou(other.box) >= SAME_INK for other in digits
    )
