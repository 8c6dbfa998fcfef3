"""Recordings read ahead: two frames at once; between two that are read digits follow their ink."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice, pairwise, takewhile
from queue import Empty, SimpleQueue
from threading import Thread

from camlive.detection import Digit, Frame
from camlive.errors import CamliveError
from camlive.flow import Glance, follow, glance
from camlive.helper import Helper
from camlive.recognizer import Reading, Recognize
from camlive.track import Tracker

LEAP_S = 0.25  # from one frame that is read to the next, at most, where there are frames between
LEAP_BYTES = 40 << 20  # of frames, at most
LET_GO_S = 1.0  # the end waits no longer for a helper that does not answer
LEAPS = 2  # held at once: one is read while the next is decoded
SAME_INK = 0.3  # IoU of two boxes, of which one is of a track that ended and one of a new one

Answer = list[Digit] | BaseException


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
    frames: Iterable[Frame], recognize: Recognize, tracker: Tracker, helper: Helper | None = None
) -> Generator[Reading, None, None]:
    """Reads the frames of a recording on two cores, and gives them all in their order.

    One frame in a quarter of a second is read; from there its digits follow the optical flow of
    their ink, those that the tracker first knows on the next one that is read back to this one.
    Two frames are read side by side while the next are decoded. A frame comes out later than it
    would alone, so this is nothing for a camera.

    Args:
        frames: of the recording.
        recognize: reads a frame; two at once without a helper.
        tracker: follows what is read.
        helper: reads frames, too, from when it is ready until it ends.

    Raises:
        CamliveError: the source failed; the frames before were given.
    """
    held: deque[_Held] = deque()
    failure: CamliveError | None = None
    source = iter(frames)
    with closing(_Readers(recognize, helper)) as readers:
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
            _ask_newest(held, readers, leap)
            yield from _give(held, readers, tracker)
        yield from _give_rest(held, readers, tracker)
    if failure:
        raise failure


class _Readers:
    """Two threads that read frames in the order in which they are asked for.

    Between threads there are these queues only: a signal leaves none of them locked.
    """

    def __init__(self, recognize: Recognize, helper: Helper | None) -> None:
        self._jobs: SimpleQueue[_Held | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[_Held, Answer]] = SimpleQueue()
        self._recognize, self._helper = recognize, helper
        self._helped = False
        self._threads = [
            Thread(target=self._serve, args=(recognize,), name="read 1", daemon=True),
            Thread(target=self._help_along, name="read 2", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, item: _Held) -> None:
        item.asked = True
        self._jobs.put(item)

    def note(self, wait: bool) -> None:
        """Writes down what was read; waits for one reading if told to. Raises what failed."""
        with suppress(Empty):
            while True:
                item, answer = self._answers.get(wait)
                if isinstance(answer, BaseException):
                    raise answer
                item.read, wait = answer, False

    def close(self) -> None:
        """Ends the threads, after what they are reading."""
        with suppress(Empty):
            while True:
                self._jobs.get_nowait()
        for _ in self._threads:
            self._jobs.put(None)
        self._threads[0].join()
        if self._helped:  # else the end does not wait until the helper is ready
            self._threads[1].join(LET_GO_S)

    def _help_along(self) -> None:
        if self._helper:
            with suppress(ChildProcessError):
                self._helper.wait()
        self._helped = True
        self._serve(self._helper or self._recognize)

    def _serve(self, read: Recognize) -> None:
        while (item := self._jobs.get()) is not None:
            try:
                try:
                    digits = read(item.frame.image)
                except ChildProcessError:  # the helper has ended
                    read = self._recognize
                    digits = read(item.frame.image)
                self._answers.put((item, digits))
            except BaseException as error:  # raised where the frame is given
                self._answers.put((item, error))


def _ask_newest(held: deque[_Held], readers: _Readers, most: int) -> None:
    """Asks for the newest frame at the end of a leap; for the one before where that ended late."""
    unread = len([*takewhile(lambda item: not item.asked, reversed(held))])
    if unread == len(held):
        readers.ask(held[-1])
        return
    late = held[-1].frame.time_s - held[-1 - unread].frame.time_s > LEAP_S
    if unread > 1 and late:
        readers.ask(held[-2])
    elif unread >= most or late:
        readers.ask(held[-1])


def _give(
    held: deque[_Held], readers: _Readers, tracker: Tracker, most: int = LEAPS
) -> Iterator[Reading]:
    """Gives a frame if it is settled, and waits while the ends of more than so many leaps are held.

    One at a time: the others keep the readers busy while that one is looked at.
    """
    wait = False
    while True:
        readers.note(wait)
        _settle(held, tracker)
        digits = held[0].digits
        if digits is not None:
            yield held.popleft().frame, digits
        if sum(item.asked for item in held) <= most:
            return
        wait = digits is None


def _give_rest(held: deque[_Held], readers: _Readers, tracker: Tracker) -> Iterator[Reading]:
    if not held:
        return
    if not held[-1].asked:
        readers.ask(held[-1])
    while len(held) > 1:
        yield from _give(held, readers, tracker, most=1)
    last = held[0]
    while last.read is None:
        readers.note(wait=True)
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
