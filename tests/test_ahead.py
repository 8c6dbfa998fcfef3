import signal
import threading
import time
from contextlib import suppress
from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn import draw_sheet
from test_flow import SHEET, digits_at, frame, worst

from camlive import ahead
from camlive.detection import Box, Digit, Frame
from camlive.errors import CamliveError, SourceError
from camlive.track import Tracker

LEAP = 7  # frames of 30 a second, from one that is read to the next
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


def place(index):
    """Where the sheet lies on a frame: it comes and goes."""
    return 110 + round(60 * np.sin(index / 6)), 90 + index


def filmed(count):
    """Frames of a sheet that moves, their number in a corner."""
    for index in range(count):
        image = frame(SHEET, *place(index))
        image[:4, :4] = index
        yield Frame(image, index, index / 30, "clip")


def written(image):
    return digits_at(SHEET, *place(int(image[0, 0, 0])))


def plain(digits):
    """In the order of the tracks, which then are numbered from 0."""
    ordered = sorted(digits, key=lambda digit: digit.track)
    return [Digit(d.box, d.digit, d.confidence, k) for k, d in enumerate(ordered)]


def test_between_frames_that_are_read_digits_follow_their_ink():
    reader = Counting(written)
    read = list(read_ahead(filmed(41), reader, tracker=Tracker()))
    assert sorted(reader.asked) == [*range(0, 41, LEAP), 40]
    for taken, digits in read:
        truth = [Digit(d.box, d.digit, 0.9, d.track) for d in written(taken.image)]
        found = [Digit(d.box, d.digit, 0.9, d.track) for d in plain(digits)]
        assert worst(found, truth) <= 5  # pixels


@pytest.mark.parametrize("change", range(1, 2 * LEAP))
def test_after_a_cut_the_new_page_is_shown_from_its_first_frame_on(change):
    other = draw_sheet(9, 0.7)

    def there(index):
        return digits_at(other, 40, 30) if index >= change else digits_at(SHEET, *place(index))

    def source():
        for each in filmed(4 * LEAP):
            if each.index >= change:
                image = frame(other, 40, 30)
                image[:4, :4] = each.index
                each = replace(each, image=image)
            yield each

    for taken, digits in read_ahead(source(), lambda i: there(int(i[0, 0, 0])), tracker=Tracker()):
        truth = there(taken.index)
        assert len(digits) == len(truth)
        for true in truth:
            assert any(d.digit == true.digit and d.box.iou(true.box) > 0.6 for d in digits)


@pytest.mark.parametrize("change", range(LEAP, 3 * LEAP))
@pytest.mark.parametrize("written_later", [False, True])
def test_a_digit_is_shown_from_the_frame_on_that_has_it_to_the_last_one(change, written_later):
    """One of a page before a camera that stands still is wiped away, or written."""
    digits = digits_at(SHEET, 100, 100)
    there, box = frame(SHEET, 100, 100), digits[13].box
    wiped = there.copy()
    wiped[box.y - 3 : box.bottom + 3, box.x - 3 : box.right + 3] = 228

    def has_all(index):
        return (index >= change) is written_later

    def source():
        for k in range(5 * LEAP):
            image = there.copy() if has_all(k) else wiped.copy()
            image[:4, :4] = k
            yield Frame(image, k, k / 30, "clip")

    def read(image):
        return digits if has_all(int(image[0, 0, 0])) else digits[:13] + digits[14:]

    for taken, shown in read_ahead(source(), read, tracker=Tracker()):
        assert len(shown) == len(digits) - (not has_all(taken.index)), taken.index


def nearer(index):
    """How a page that comes nearer and goes away is filmed: scale, and shift in pixels."""
    scale = 0.8 + 0.25 * np.sin(index / 12)
    return np.array([[scale, 0, 320 * (1 - scale)], [0, scale, 240 * (1 - scale)]], np.float32)


def alone(index):
    """How a card with a single digit is filmed that is drawn past, faster than it is wide."""
    return np.array([[1, 0, 8 * index - 60], [0, 1, 0]], np.float32)


@pytest.mark.parametrize(("way", "sheet"), [(nearer, SHEET), (alone, draw_sheet(3, 1, rows=1))])
def test_a_digit_is_one_and_the_same_however_it_moves(way, sheet):
    few = sheet.digits[:1] if way is alone else sheet.digits
    still = frame(SHEET, 100, 100) if way is nearer else frame(sheet, 100, 100)
    if way is alone:
        still[100:220, 175:] = still[100:101, 175:176]

    def there(index):
        scale, x, y = way(index)[0, 0], *way(index)[:, 2]
        return [
            Digit(
                Box(
                    *(round(v) for v in (scale * (b.x + 100) + x, scale * (b.y + 100) + y)),
                    round(scale * b.width),
                    round(scale * b.height),
                ),
                digit,
                0.9,
            )
            for b, digit in few
        ]

    def source():
        for k in range(50):
            image = cv2.warpAffine(still, way(k), (640, 480), borderMode=cv2.BORDER_REPLICATE)
            image[:4, :4] = k
            yield Frame(image, k, k / 30, "clip")

    tracks = {}
    for taken, digits in read_ahead(source(), lambda i: there(int(i[0, 0, 0])), tracker=Tracker()):
        truth = there(taken.index)
        assert len(digits) == len(truth)
        for k, true in enumerate(truth):
            shown = max(digits, key=lambda digit: digit.box.iou(true.box))
            assert shown.box.iou(true.box) > 0.5
            assert shown.digit == true.digit
            tracks.setdefault(k, set()).add(shown.track)
    assert {len(ids) for ids in tracks.values()} == {1}


@pytest.mark.parametrize("end", [LEAP, 2 * LEAP, 3 * LEAP, 6 * LEAP - 1])
@pytest.mark.parametrize("missed", [True, False])
def test_what_one_reading_misses_is_shown_and_what_one_finds_is_not(end, missed):
    def read(image):
        digits = written(image)
        return digits[:-1] if bool(image[0, 0, 0] == end) is missed else digits

    read = list(read_ahead(filmed(6 * LEAP), read, tracker=Tracker()))
    counts = {len(digits) for frame, digits in read}
    assert counts == {len(SHEET.digits) - (not missed)}


def test_where_a_track_takes_over_the_same_ink_is_shown_once():
    """All digits get new ids with each reading."""

    class Forgetful(Tracker):
        ids = 0

        def update(self, digits, time_s):  # noqa: ARG002
            self.ids += len(digits)
            return [Digit(d.box, d.digit, d.confidence, self.ids + k) for k, d in enumerate(digits)]

    read = list(read_ahead(filmed(30), written, tracker=Forgetful()))
    assert {len(digits) for _, digits in read} == {len(SHEET.digits)}


def test_frames_of_one_time_are_all_given():
    source = (Frame(f.image, f.index, 1.0, "clip") for f in frames(9))
    reader = Counting(lambda _: [])
    assert [frame.index for frame, _ in read_ahead(source, reader)] == list(range(9))
    assert sorted(reader.asked) == [0, 8]


@pytest.mark.parametrize(
    ("fps", "step"), [(60, 15), (22, 5), (15, 3), (10, 2), (7, 1), (5, 1), (3, 1), (2, 1)]
)
def test_so_many_are_read_that_a_leap_takes_its_time(fps, step):
    reader = Counting(lambda _: [])
    assert len(list(read_ahead(frames(25, step_s=1 / fps), reader))) == 25
    assert sorted(reader.asked) == sorted({*range(0, 25, step), 24})


def test_a_frame_that_stands_long_is_read():
    times_s = [0, 0.04, 0.08, 5, 5.04, 9, 9.04, 9.08, 9.12, 9.16, 20]
    source = (Frame(np.full((4, 4, 3), k, np.uint8), k, s, "c") for k, s in enumerate(times_s))
    reader = Counting(lambda _: [])
    assert len(list(read_ahead(source, reader))) == len(times_s)
    assert sorted(reader.asked) == [0, 2, 3, 4, 5, 9, 10]


@pytest.mark.parametrize(
    ("width", "height", "most"), [(640, 480, 24), (1920, 1080, 19), (3840, 2160, 4)]
)
def test_few_frames_are_held_however_slowly_they_are_taken(width, height, most):
    taken, held = [], []
    image = np.broadcast_to(np.uint8(0), (height, width, 3))
    source = (taken.append(k) or Frame(image, k, k / 30, "clip") for k in range(50))
    for k, _ in enumerate(read_ahead(source, lambda _: time.sleep(0.001) or [])):
        held.append(len(taken) - k)
    assert len(taken) == 50
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


@pytest.mark.parametrize("fault", [RuntimeError, SystemExit, CamliveError])
@pytest.mark.parametrize("at", [0, 2 * LEAP, 29])
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
