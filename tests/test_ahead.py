import os
import signal
import threading
import time
from contextlib import closing, suppress
from itertools import repeat

import numpy as np
import pytest
from drawn import draw_sheet

from camlive.ahead import LEAP, read_ahead
from camlive.between import SOON_S
from camlive.detection import Box, Digit, Frame
from camlive.errors import CamliveError, SourceError
from camlive.helper import Helper
from camlive.recognizer import load

READERS = 2


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


def numbers(read):
    return [digits[0].box.x // 20 for _, digits in read]


class Counting:
    """A reader that knows how often it was asked."""

    def __init__(self, read):
        self.read, self.asked = read, []

    def __call__(self, image):
        self.asked.append(int(image[0, 0, 0]))
        return self.read(image)


def test_frames_that_are_read_at_once_come_in_their_order():
    read = list(read_ahead(frames(30), number))
    assert [frame.index for frame, _ in read] == numbers(read) == list(range(30))


def test_two_frames_are_read_at_once():
    both = threading.Barrier(READERS, timeout=10)  # breaks unless as many wait together

    def meet(image):
        both.wait()
        return number(image)

    read = read_ahead(frames(2 * READERS, step_s=0.2), meet)
    assert numbers(read) == list(range(2 * READERS))


def test_between_frames_that_are_alike_none_is_read():
    def glide(image):
        return [Digit(Box(3 * int(image[0, 0, 0]), 5, 40, 60), 7, 0.9)]

    reader = Counting(glide)
    read = list(read_ahead(frames(41), reader))
    assert sorted(reader.asked) == list(range(0, 41, LEAP))
    assert [digits for _, digits in read] == [glide(frame.image) for frame, _ in read]


@pytest.mark.parametrize("change", range(1, 14))
def test_a_change_is_found_on_its_frame(change):
    def read(image):
        return [Digit(Box(0, 0, 30, 50), 3 if image[0, 0, 0] < change else 8, 0.9)]

    reader = Counting(read)
    shown = [digits[0].digit for _, digits in read_ahead(frames(14), reader)]
    assert shown == [3] * change + [8] * (14 - change)
    assert len(reader.asked) < 9


def test_where_frames_come_unevenly_a_digit_is_where_its_time_says():
    def glide(image):
        return [Digit(Box(int(image[0, 0, 0]), 5, 400, 400), 7, 0.9)]

    times_ms = [0, 10, 20, 100, 130, 140, 150, 160, 250]  # a pixel a millisecond
    images = [np.full((4, 4, 3), ms, np.uint8) for ms in times_ms]
    source = (Frame(i, k, times_ms[k] / 1000, "clip") for k, i in enumerate(images))
    reader = Counting(glide)
    assert [d[0].box.x for _, d in read_ahead(source, reader)] == times_ms
    assert len(reader.asked) < len(times_ms)


def test_frames_of_one_time_are_all_read():
    source = (Frame(f.image, f.index, 1.0, "clip") for f in frames(9))
    reader = Counting(lambda _: [])
    assert len(list(read_ahead(source, reader))) == 9
    assert sorted(reader.asked) == list(range(9))


@pytest.mark.parametrize(
    ("fps", "step"), [(22, 7), (15, 5), (12, 4), (10, 3), (7, 2), (5, 1), (3, 1), (2, 1)]
)
def test_where_frames_come_seldom_more_are_read(fps, step):
    reader = Counting(lambda _: [])
    assert len(list(read_ahead(frames(25, step_s=1 / fps), reader))) == 25
    assert sorted(reader.asked) == sorted({*range(0, 25, step), 24})


@pytest.mark.parametrize("shown", [{16}, {13, 14, 15, 16, 17, 18}, {*range(40)} - {16}])
def test_what_one_reading_finds_or_misses_goes_no_further_than_few_frames(shown):
    def read(image):
        some = [Digit(Box(0, 0, 30, 50), 3, 0.9), Digit(Box(50, 0, 30, 50), 4, 0.9)]
        return some if image[0, 0, 0] in shown else some[:1]

    counts = [len(digits) for _, digits in read_ahead(frames(40), read)]
    found = {k for k, count in enumerate(counts) if count == 2}
    assert 16 in found or 16 not in shown
    assert found <= shown
    few = int(SOON_S * 30)
    assert all({*range(k - few + 1, k + few)} - shown for k in shown - found)


def test_a_frame_that_stands_long_is_read():
    times_s = [0, 0.04, 0.08, 5, 5.04, 9, 9.04, 9.08, 9.12, 9.16, 20]
    source = (Frame(np.full((4, 4, 3), k, np.uint8), k, s, "c") for k, s in enumerate(times_s))
    reader = Counting(lambda _: [])
    assert len(list(read_ahead(source, reader))) == len(times_s)
    assert sorted(reader.asked) == [0, 2, 3, 4, 5, 9, 10]


@pytest.mark.parametrize(
    ("width", "height", "most"), [(640, 480, 16), (1920, 1080, 12), (3840, 2160, 2)]
)
def test_few_frames_are_held_however_slowly_they_are_taken(width, height, most):
    taken, held = [], []
    image = np.broadcast_to(np.uint8(0), (height, width, 3))
    source = (taken.append(k) or Frame(image, k, k / 30, "clip") for k in range(50))
    for k, _ in enumerate(read_ahead(source, lambda _: time.sleep(0.001) or [])):
        held.append(len(taken) - k)
    assert len(taken) == 50
    assert max(held) == most + 1


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


@pytest.mark.parametrize("fault", [RuntimeError, SystemExit, CamliveError])
def test_the_frames_before_a_fault_of_the_reader_are_given(fault):
    def fails(image):
        if image[0, 0, 0] == 4:
            raise fault("a bug")
        return number(image)

    reading = read_ahead(frames(30), fails)
    assert [next(reading)[0].index for _ in range(4)] == list(range(4))
    with pytest.raises(fault, match="a bug"):
        next(reading)
    with pytest.raises(StopIteration):
        next(reading)


def test_a_signal_at_any_moment_hangs_nothing():
    class Stop(BaseException):
        pass

    def stop(*_):
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


def test_a_fault_of_the_reader_is_raised_and_leaving_early_ends_the_threads():
    def fails(_):
        raise RuntimeError("a bug")

    before = threading.enumerate()
    with pytest.raises(RuntimeError, match="a bug"):
        list(read_ahead(frames(3), fails))
    reading = read_ahead(frames(30), number)
    next(reading)
    reading.close()
    assert threading.enumerate() == before


def test_a_helper_reads_along_once_it_is_ready():
    image = draw_sheet(rows=1).image
    expected = load()(image)
    here = []

    def recognize(_):
        here.append(1)
        time.sleep(0.01)
        return expected

    with closing(Helper({})) as helper:
        for _ in range(2):  # it serves one recording after another
            helper.wait()
            here.clear()
            sheets = (Frame(image, k, k / 5, "clip") for k in range(60))
            read = list(read_ahead(sheets, recognize, helper))
            assert [frame.index for frame, _ in read] == list(range(60))
            assert [digits for _, digits in read] == list(repeat(expected, 60))
            assert 0 < len(here) < 60


def test_a_recording_is_read_to_its_end_before_its_helper_is_ready():
    class Late(Helper):
        def __init__(self):
            self.ready = threading.Event()

        def wait(self):
            self.ready.wait(20)

    late, began_s = Late(), time.monotonic()
    assert len(list(read_ahead(frames(5), number, late))) == 5
    assert time.monotonic() - began_s < 5
    late.ready.set()


def test_the_end_does_not_wait_for_a_helper_that_does_not_answer():
    class Stuck(Helper):
        def __init__(self):
            self.asked, self.released = threading.Event(), threading.Event()

        def wait(self):
            pass

        def __call__(self, _):
            self.asked.set()
            self.released.wait(30)
            return []

    def source():
        yield from frames(9)  # two are asked for
        assert stuck.asked.wait(10)
        raise KeyboardInterrupt

    stuck, began_s = Stuck(), time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(read_ahead(source(), lambda _: stuck.asked.wait(10) and [], stuck))
    assert time.monotonic() - began_s < 10
    stuck.released.set()


@pytest.mark.parametrize("after", [0, 100], ids=["while it begins", "while it reads"])
def test_without_a_helper_that_was_killed_all_is_read(after):
    with closing(Helper({})) as helper:
        if after:
            helper.wait()
        here = []
        reading = read_ahead(frames(250), lambda i: here.append(1) or number(i), helper)
        read = [next(reading) for _ in range(after)]
        assert len(here) < max(1, after)
        os.kill(helper.pid, signal.SIGKILL)
        read += reading
    assert [frame.index for frame, _ in read] == list(range(250))
    assert numbers(read[-50:]) == list(range(200, 250))
