"""Which frames are read ahead, how many are held, and how reading ahead ends."""

import signal
import threading
import time
from contextlib import suppress

import numpy as np
import pytest
from counting import LEAP, Counting

from camlive import ahead
from camlive.detection import Box, Digit, Frame
from camlive.errors import CamliveError, SourceError
from camlive.track import Tracker

SELDOM_S = 0.3  # from frame to frame: each is read


class Plain(Tracker):
    """Shows what was read, as it was read."""

    def update(self, digits, time_s):  # noqa: ARG002
        return list(digits)


def read_ahead(source, recognize, tracker=None):
    return ahead.read_ahead(source, recognize, tracker or Plain())


def frames(count, last=None, step_s=1 / 30):
    """Frames whose brightness is their number, up to 255; then perhaps an error."""
    for index in range(count):
        yield Frame(np.full((4, 4, 3), index % 256, np.uint8), index, index * step_s, "clip")
    if last:
        raise last


def number(image):
    """A digit where the brightness is: no two frames are alike. Even frames are read slowly."""
    index = int(image[0, 0, 0])
    time.sleep(0.02 if index % 2 == 0 else 0)
    return [Digit(Box(20 * index, 0, 9, 9), 7, 1)]


def number_read(image):
    """Another digit on each frame."""
    return [Digit(Box(0, 0, 9, 9), int(image[0, 0, 0]), 1)]


def numbers(read):
    return [digits[0].box.x // 20 for _, digits in read]


def test_frames_that_are_read_at_once_come_in_their_order():
    read = list(read_ahead(frames(30, step_s=SELDOM_S), number))
    assert [frame.index for frame, _ in read] == numbers(read) == list(range(30))


def test_frames_are_taken_while_one_is_read():
    taken = threading.Event()

    def source():
        for each in frames(LEAP):
            if each.index == 3:
                taken.set()
            yield each

    def read(_):
        assert taken.wait(10)
        return []

    assert len(list(read_ahead(source(), read))) == LEAP


def test_frames_of_one_time_are_all_given():
    source = (Frame(f.image, f.index, 1.0, "clip") for f in frames(9))
    reader = Counting(lambda _: [])
    assert [frame.index for frame, _ in read_ahead(source, reader)] == list(range(9))
    assert sorted(reader.asked) == [0, 8]


@pytest.mark.parametrize(
    ("fps", "step"), [(60, 16), (22, 5), (15, 4), (10, 2), (7, 1), (5, 1), (3, 1), (2, 1)]
)
@pytest.mark.parametrize("changes", [True, False])
def test_so_many_are_read_that_a_leap_takes_its_time(fps, step, changes):
    """Where the page stays as it is, half as many, unless the frames are far apart."""
    leap = step if changes or fps < 1 / ahead.STOP_S else 2 * step
    reader = Counting(number_read if changes else lambda _: [])
    assert len(list(read_ahead(frames(65, step_s=1 / fps), reader))) == 65
    assert sorted(reader.asked) == sorted({*range(0, 65, leap), 64})


@pytest.mark.parametrize(
    ("appears", "asked"),
    [(True, [0, 16, 24, 32, 40, 48, 56, 64]), (False, [0, 8, 16, 24, 32, 40, 48, 64])],
)
def test_where_the_page_changes_more_is_read_also_just_after(appears, asked):
    """A digit comes or goes after frame 20; each leap that may lose it is read closer, too."""
    reader = Counting(lambda i: number(i) if bool(i[0, 0, 0] > 20) is appears else [])
    assert len(list(read_ahead(frames(65), reader))) == 65
    assert sorted(reader.asked) == asked


def test_what_was_followed_astray_is_spread_over_the_frames_between():
    class Still(Plain):
        """Digits stay where they were read until they are read again."""

        def update(self, digits, time_s):
            self.read = super().update(digits, time_s)
            return list(self.read)

        def follow(self, before, after):  # noqa: ARG002
            return list(self.read)

    assert numbers(read_ahead(frames(2 * LEAP + 1), number, Still())) == [*range(2 * LEAP + 1)]


def test_a_frame_that_stands_long_is_read():
    times_s = [0, 0.04, 0.08, 5, 5.04, 9, 9.04, 9.08, 9.12, 9.16, 20]
    source = (Frame(np.full((4, 4, 3), k, np.uint8), k, s, "c") for k, s in enumerate(times_s))
    reader = Counting(lambda _: [])
    assert len(list(read_ahead(source, reader))) == len(times_s)
    assert sorted(reader.asked) == [0, 2, 3, 4, 5, 9, 10]


@pytest.mark.parametrize(
    ("width", "height", "most"), [(640, 480, 44), (1920, 1080, 33), (3840, 2160, 11)]
)
def test_few_frames_are_held_however_slowly_they_are_taken(width, height, most):
    taken, held = [], []
    image = np.broadcast_to(np.uint8(0), (height, width, 3))
    source = (taken.append(k) or Frame(image, k, k / 30, "clip") for k in range(99))
    for k, _ in enumerate(read_ahead(source, lambda _: time.sleep(0.02) or [])):
        held.append(len(taken) - k)
    assert len(taken) == 99
    assert 2 < max(held) <= most


@pytest.mark.parametrize("sizes", [((4, 4), (2160, 3840)), ((2160, 3840), (4, 4))])
@pytest.mark.parametrize("change", range(1, 6))
def test_frames_may_change_their_size(sizes, change):
    images = [np.broadcast_to(np.uint8(0), (*size, 3)) for size in sizes]
    source = (Frame(images[k >= change], k, k / 30, "clip") for k in range(9))
    assert [frame.index for frame, _ in read_ahead(source, lambda _: [])] == list(range(9))


def test_frames_are_given_one_for_each_that_is_taken():
    taken, before = [], -1
    source = (taken.append(k) or frame for k, frame in enumerate(frames(40)))
    for _ in read_ahead(source, lambda _: []):
        time.sleep(0.005)  # much longer than a reading: all those held could be given
        assert len(taken) > before or before == 40
        before = len(taken)
    assert before == 40


def test_a_frame_is_waited_for_asleep():
    worked_s, began_s = time.thread_time(), time.perf_counter()
    assert len(list(read_ahead(frames(9), lambda _: time.sleep(0.1) or []))) == 9
    worked_s, took_s = time.thread_time() - worked_s, time.perf_counter() - began_s
    assert worked_s < 0.5 * took_s


def test_the_frames_before_a_failure_are_given():
    reading = read_ahead(frames(6, SourceError("gone")), number)
    assert [next(reading)[0].index for _ in range(6)] == list(range(6))
    with pytest.raises(SourceError, match="gone"):
        next(reading)


def test_of_no_frame_nothing_is_given():
    assert list(read_ahead(frames(0), number)) == []


def test_a_reader_that_gives_nothing_is_a_fault():
    with pytest.raises(TypeError, match="gave None, not a list"):
        list(read_ahead(frames(9), lambda _: None))


def test_a_signal_at_any_moment_hangs_nothing():
    class Stop(BaseException):
        pass

    stopped = []

    def stop(*_):
        stopped.append(True)
        raise Stop

    previous = signal.signal(signal.SIGALRM, stop)
    try:
        for k in range(100):
            with suppress(Stop):
                signal.setitimer(signal.ITIMER_REAL, 0.005 + 0.0002 * k)
                for _ in read_ahead(frames(10_000), lambda _: time.sleep(0.002) or []):
                    pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert len(stopped) == 100


@pytest.mark.parametrize("fault", [RuntimeError, SystemExit, CamliveError])
@pytest.mark.parametrize("at", [0, LEAP, 29])
def test_a_fault_of_the_reader_is_raised_and_leaving_early_ends_the_threads(fault, at):
    def fails(image):
        if image[0, 0, 0] == at:
            raise fault("a bug")
        return number(image)

    before = threading.enumerate()
    with pytest.raises(fault, match="a bug"):
        list(read_ahead(frames(30), fails))
    reading = read_ahead(frames(30), number)
    next(reading)
    reading.close()
    assert threading.enumerate() == before
