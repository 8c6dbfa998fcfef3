import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from test_flow import SHEET, digits_at, frame, worst

from camlive import flow, track
from camlive import reader as reading
from camlive.beside import read_beside
from camlive.detection import Digit, Frame, Image
from camlive.recognizer import Recognize
from camlive.track import Tracker

STEP_S = 1 / 30
WAIT_S = 60


def place(index: int) -> tuple[int, int]:
    """Where the sheet lies on a frame: it speeds up, and comes back."""
    return 110 + round(60 * np.sin(index / 6)), 90 + 2 * index


def filmed(count: int, pause_s: float = 0.0) -> Iterator[Frame]:
    """Frames of a sheet that moves, each marked with its number in a corner."""
    for index in range(count):
        image = frame(SHEET, *place(index))
        image[:8, :8] = index
        yield Frame(image, index, index * STEP_S, "camera")
        time.sleep(pause_s)


def number(image: Image) -> int:
    return int(image[0, 0, 0])


class Reader:
    """Reads what is written, and is held up from its second frame on until it may go on."""

    def __init__(self, go_on: threading.Event) -> None:
        self.go_on, self.asked = go_on, list[int]()

    def __call__(self, image: Image) -> list[Digit]:
        self.asked.append(number(image))
        if len(self.asked) > 1:
            assert self.go_on.wait(WAIT_S)
        return digits_at(SHEET, *place(number(image)))


@pytest.fixture
def until_answered(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Waits until the frame that was asked for is read."""
    readers: list[reading.Reader] = []

    def begin(recognize: Recognize) -> reading.Reader:
        readers.append(reading.Reader(recognize))
        return readers[-1]

    def wait() -> None:
        ends_s = time.monotonic() + WAIT_S
        while readers[-1]._answers.empty():
            assert time.monotonic() < ends_s
            time.sleep(0.002)

    monkeypatch.setattr("camlive.beside.Reader", begin)
    return wait


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "recognise"]


def test_each_frame_is_given_at_once_with_its_digits_where_they_are() -> None:
    """Nothing is read after the first frame but one that nobody waits for."""
    go_on = threading.Event()
    reader = Reader(go_on)
    given = []
    for taken, digits in read_beside(filmed(14), reader, Tracker()):
        given.append(taken.index)
        assert worst_place(digits, taken.index) <= 5  # pixels
        if taken.index == 13:
            go_on.set()
    assert given == list(range(14))
    assert reader.asked == [0, 1]


def worst_place(digits: list[Digit], index: int) -> int:
    truth = digits_at(SHEET, *place(index))
    by_track = sorted(digits, key=lambda digit: digit.track or 0)
    assert len(by_track) == len(truth)
    plain = [Digit(d.box, d.digit, 0.9, k) for k, d in enumerate(by_track)]
    return worst(plain, truth)


def test_what_was_read_late_is_taken_to_the_newest_frame(
    until_answered: Callable[[], None],
) -> None:
    """Frame 1 is read until frame 9 has come; a digit that was not there before tells."""
    go_on = threading.Event()
    reader = Reader(go_on)

    def read(image: Image) -> list[Digit]:
        digits = reader(image)
        return digits if number(image) else digits[:-1]

    counts, times_s = [], []

    class Noting(Tracker):
        def update(self, digits: Sequence[Digit], time_s: float) -> list[Digit]:
            times_s.append(time_s)
            return super().update(digits, time_s)

    for taken, digits in read_beside(filmed(12), read, Noting()):
        counts.append(len(digits))
        if taken.index == 8:
            go_on.set()
        if taken.index in (8, 9):
            until_answered()
        if taken.index == 10:
            assert worst_place(digits, 10) <= 5
    everything = len(SHEET.digits)
    assert counts[:11] == [everything - 1] * 10 + [everything]  # seen twice it is shown
    assert reader.asked[:3] == [0, 1, 9]
    assert times_s[:3] == [0, STEP_S, 9 * STEP_S]  # of the frames that were read


def test_a_frame_alone_is_read_and_of_none_nothing_is_given() -> None:
    go_on = threading.Event()
    shown = [len(digits) for _, digits in read_beside(filmed(1), Reader(go_on), Tracker())]
    assert shown == [len(SHEET.digits)]
    assert [*read_beside(iter(()), Reader(go_on), Tracker())] == []


@pytest.mark.parametrize("few", [1, len(SHEET.digits)])
def test_after_a_cut_nothing_of_the_old_page_comes_back(few: int) -> None:
    """Also not with the reading of a frame before the cut, which comes after it."""
    cut = 6

    def source() -> Iterator[Frame]:
        for each in filmed(20, 0.02):
            blank = np.full_like(each.image, 90)
            yield each if each.index < cut else replace(each, image=blank)

    def read(image: Image) -> list[Digit]:
        time.sleep(0.06)
        return digits_at(SHEET, *place(number(image)))[:few] if number(image) < cut else []

    counts = [len(digits) for _, digits in read_beside(source(), read, Tracker())]
    assert counts == [few] * cut + [0] * (20 - cut)


@pytest.mark.parametrize("frames", [2, 100], ids=["in the last reading", "on the way"])
def test_an_error_of_the_reader_is_raised_and_its_thread_ends(frames: int) -> None:
    def read(image: Image) -> list[Digit]:
        if number(image) > 0:
            raise ZeroDivisionError
        return []

    with pytest.raises(ZeroDivisionError):
        list(read_beside(filmed(frames, 0.02), read, Tracker()))
    assert not threads()


def test_the_thread_begins_with_the_first_frame_that_is_read() -> None:
    """A signal that comes before leaves none behind."""
    reader = reading.Reader(lambda _: [])
    assert not threads()
    reader.close()
    assert not threads()


def test_the_thread_ends_when_nobody_wants_more_frames() -> None:
    given = read_beside(filmed(9), lambda _: [], Tracker())
    next(given)
    next(given)
    assert threads() == ["recognise"]
    given.close()
    assert not threads()


def test_however_long_a_reading_takes_few_copies_are_kept(
    monkeypatch: pytest.MonkeyPatch, until_answered: Callable[[], None]
) -> None:
    go_on, steps = threading.Event(), [0]
    moved = flow.moved

    def counted(*args: Any) -> Any:
        steps[-1] += 1
        return moved(*args)

    monkeypatch.setattr(flow, "moved", counted)
    monkeypatch.setattr(track, "moved", counted)
    for taken, _ in read_beside(filmed(80), Reader(go_on), Tracker()):
        steps.append(0)
        if taken.index == 77:
            go_on.set()
            until_answered()
    assert max(steps[:78]) == 1
    assert 1 < steps[78] <= 9  # MOST_SINCE, and one more
