"""Recordings read ahead: two frames at once, and none that lies between two that are alike."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import pairwise, takewhile
from queue import Empty, SimpleQueue
from threading import Thread

from camlive.between import Pair, between, on_both
from camlive.detection import Digit, Frame
from camlive.errors import CamliveError
from camlive.helper import Helper
from camlive.recognizer import Reading, Recognize

LEAP = 8  # frames from one that is read to the next, at most
LEAP_S = 0.34  # the same, where frames come seldom or unevenly
LEAP_BYTES = 40 << 20  # the same, where they are large
LET_GO_S = 1.0  # the end waits no longer for a helper that does not answer
LEAPS = 2  # held at once: what differs is read while the next is decoded

Answer = list[Digit] | BaseException


@dataclass(slots=True, eq=False)
class _Held:
    """A frame, whether it is to be read, and what came of that; written by one thread only."""

    frame: Frame
    asked: bool = False
    answer: Answer | None = None

    def reading(self) -> Reading:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.frame, self.answer or []


def read_ahead(
    frames: Iterable[Frame], recognize: Recognize, helper: Helper | None = None
) -> Generator[Reading, None, None]:
    """Reads the frames of a recording on two cores, and gives them all in their order.

    One frame in eight is read; where two of these are not alike, the one in the middle, too, and
    so on. On a frame between two that are alike each digit is where its straight way takes it. Two
    frames are read side by side while the next is decoded. A frame comes out later than it would
    alone, so this is nothing for a camera.

    Args:
        frames: of the recording.
        recognize: reads a frame; two at once without a helper.
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
            held.append(_Held(frame))
            leap = min(LEAP, max(1, LEAP_BYTES // frame.image.nbytes))
            _ask_newest(held, readers, leap)
            yield from _give(held, readers, LEAPS * leap)
        yield from _give_rest(held, readers)
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
        """Writes down what was read; waits for one reading if told to."""
        with suppress(Empty):
            while True:
                item, answer = self._answers.get(wait)
                item.answer, wait = answer, False

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


def _ask_newest(held: deque[_Held], readers: _Readers, leap: int) -> None:
    """Asks for the newest frame at the end of a leap; for the one before where that ended late."""
    unread = len([*takewhile(lambda item: not item.asked, reversed(held))])
    if unread == len(held):
        readers.ask(held[-1])
        return
    if unread > 1 and held[-1].frame.time_s - held[-1 - unread].frame.time_s > LEAP_S:
        readers.ask(held[-2])
        unread = 1
    if unread >= leap:
        readers.ask(held[-1])


def _give(held: deque[_Held], readers: _Readers, most: int) -> Iterator[Reading]:
    """Gives a frame if one is read, and waits while more than so many are held.

    One at a time: the others keep the readers busy while that one is looked at.
    """
    wait = False
    while True:
        readers.note(wait)
        _settle(held, readers)
        is_ready = len(held) > 1 and held[0].answer is not None and held[1].answer is not None
        if is_ready:  # what comes after it is settled
            yield held.popleft().reading()
        if len(held) <= most:
            return
        wait = not is_ready


def _give_rest(held: deque[_Held], readers: _Readers) -> Iterator[Reading]:
    if not held:
        return
    if not held[-1].asked:
        readers.ask(held[-1])
    yield from _give(held, readers, 1)
    while held[0].answer is None:
        readers.note(wait=True)
    yield held.popleft().reading()


def _settle(held: deque[_Held], readers: _Readers) -> None:
    """Fills what lies between two frames that were read and are alike; else asks for its middle."""
    asked = [k for k, item in enumerate(held) if item.asked]
    for low, high in pairwise(asked):
        before, after = held[low].answer, held[high].answer
        if held[low + 1].answer is not None or before is None or after is None:
            continue
        start_s, end_s = held[low].frame.time_s, held[high].frame.time_s
        pairs: list[Pair] | None = None
        if isinstance(before, list) and isinstance(after, list) and start_s < end_s:
            pairs = on_both(before, after, end_s - start_s)
        if pairs is None:
            readers.ask(held[(low + high) // 2])
            continue
        for k in range(low + 1, high):
            share = (held[k].frame.time_s - start_s) / (end_s - start_s)
            held[k].answer = between(pairs, share)
