"""Recordings read ahead: two frames at once, and none that lies between two that are alike."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise, takewhile
from queue import Empty, SimpleQueue
from threading import Event, Thread

from camlive.between import are_alike, between
from camlive.detection import Digit, Frame, Image
from camlive.errors import CamliveError
from camlive.helper import Helper
from camlive.recognizer import Reading, Recognize

LEAP = 4  # frames from one that is read to the next, at most
LEAP_S = 0.17  # the same, where frames come seldom or unevenly
LEAP_BYTES = 32 << 20  # the same, where they are large
LEAPS = 2  # held at once

Answer = Future[list[Digit]]
Jobs = SimpleQueue[tuple[Image, Answer] | None]


@dataclass(slots=True, eq=False)
class _Held:
    """A frame, and what is read on it once that is asked for."""

    frame: Frame
    answer: Answer | None = None

    @property
    def is_read(self) -> bool:
        return self.answer is not None and self.answer.done()

    @property
    def reading(self) -> Reading:
        assert self.answer
        return self.frame, self.answer.result()


def read_ahead(
    frames: Iterable[Frame], recognize: Recognize, helper: Helper | None = None
) -> Generator[Reading, None, None]:
    """Reads the frames of a recording on two cores, and gives them all in their order.

    One frame in four is read; where two of these are not alike, the one in the middle, too, and so
    on. On a frame between two that are alike each digit is where its straight way takes it. Two
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
    with _readers(recognize, helper) as ask:
        try:
            for frame in frames:
                held.append(_Held(frame))
                leap = min(LEAP, max(1, LEAP_BYTES // frame.image.nbytes))
                _ask_newest(held, ask, leap)
                yield from _give(held, ask, LEAPS * leap)
        except CamliveError:  # of the source: what it gave before still counts
            yield from _give_rest(held, ask)
            raise
        yield from _give_rest(held, ask)


def _ask_newest(held: deque[_Held], ask: Callable[[_Held], None], leap: int) -> None:
    """Asks for the newest frame at the end of a leap; for the one before where that ended late."""
    unread = len([*takewhile(lambda item: item.answer is None, reversed(held))])
    if unread == len(held):
        ask(held[-1])
        return
    if unread > 1 and held[-1].frame.time_s - held[-1 - unread].frame.time_s > LEAP_S:
        ask(held[-2])
        unread = 1
    if unread >= leap:
        ask(held[-1])


def _give(held: deque[_Held], ask: Callable[[_Held], None], most: int) -> Iterator[Reading]:
    """Gives the frames that are read, and waits while more than so many are held."""
    while True:
        _settle(held, ask)
        while len(held) > 1 and held[0].is_read and held[1].is_read:
            yield held.popleft().reading
        if len(held) <= most:
            return
        wait([i.answer for i in held if i.answer and not i.is_read], None, FIRST_COMPLETED)


def _give_rest(held: deque[_Held], ask: Callable[[_Held], None]) -> Iterator[Reading]:
    if held:
        if not held[-1].answer:
            ask(held[-1])
        yield from _give(held, ask, 1)
        yield held.popleft().reading


def _settle(held: deque[_Held], ask: Callable[[_Held], None]) -> None:
    """Fills what lies between two frames that were read and are alike; else asks for its middle."""
    asked = [k for k, item in enumerate(held) if item.answer]
    for low, high in pairwise(asked):
        if high - low == 1 or not (held[low].is_read and held[high].is_read):
            continue
        (first, before), (last, after) = held[low].reading, held[high].reading
        if not are_alike(before, after):
            ask(held[(low + high) // 2])
            continue
        for k in range(low + 1, high):
            share = (held[k].frame.time_s - first.time_s) / (last.time_s - first.time_s)
            answer = held[k].answer = Future()
            answer.set_result(between(before, after, share))


@contextmanager
def _readers(recognize: Recognize, helper: Helper | None) -> Iterator[Callable[[_Held], None]]:
    """Two threads that read frames as they are asked for; gives what asks them."""
    jobs: Jobs = SimpleQueue()
    helped = Event()

    def ask(item: _Held) -> None:
        item.answer = Future()
        jobs.put((item.frame.image, item.answer))

    def help_along() -> None:
        if helper:
            with suppress(ChildProcessError):
                helper.wait()
        helped.set()
        _serve(jobs, helper or recognize, recognize)

    threads = [
        Thread(target=_serve, args=(jobs, recognize, recognize), name="read 1", daemon=True),
        Thread(target=help_along, name="read 2", daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield ask
    finally:
        with suppress(Empty):
            while True:
                jobs.get_nowait()
        for _ in threads:
            jobs.put(None)
        threads[0].join()
        if helped.is_set():  # else the end does not wait until the helper is ready
            threads[1].join()


def _serve(jobs: Jobs, read: Recognize, otherwise: Recognize) -> None:
    """Answers until there are no more jobs, by the other way from when a helper has ended."""
    while (job := jobs.get()) is not None:
        image, answer = job
        try:
            try:
                digits = read(image)
            except ChildProcessError:
                read = otherwise
                digits = read(image)
            answer.set_result(digits)
        except Exception as error:
            answer.set_exception(error)
