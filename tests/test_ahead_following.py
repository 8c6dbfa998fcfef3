"""Between frames that are read, digits follow their ink, each shown while it is there."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from counting import LEAP, STOP, Counting
from drawn import draw_sheet
from test_flow import SHEET, digits_at, frame, worst

from camlive.ahead import read_ahead
from camlive.detection import Box, Digit, Frame, black_like
from camlive.track import Tracker


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


@pytest.mark.parametrize("change", range(1, 2 * LEAP, 3))
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

    given = list(read_ahead(source(), lambda i: there(int(i[0, 0, 0])), tracker=Tracker()))
    assert len(given) == 4 * LEAP
    for taken, digits in given:
        truth = there(taken.index)
        assert len(digits) == len(truth)
        for true in truth:
            assert any(d.digit == true.digit and d.box.iou(true.box) > 0.6 for d in digits)


@pytest.mark.parametrize("change", range(STOP, 3 * LEAP, 3))
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
        for k in range(4 * LEAP):
            image = there.copy() if has_all(k) else wiped.copy()
            image[:4, :4] = k
            yield Frame(image, k, k / 30, "clip")

    def read(image):
        return digits if has_all(int(image[0, 0, 0])) else digits[:13] + digits[14:]

    given = list(read_ahead(source(), read, tracker=Tracker()))
    assert len(given) == 4 * LEAP
    for taken, shown in given:
        assert len(shown) == len(digits) - (not has_all(taken.index)), taken.index


@pytest.mark.parametrize("change", range(LEAP + 1, LEAP + STOP))
def test_a_page_held_up_for_a_moment_before_another_is_seen(change):
    """Both ends of the leap show the same page; the ink between them is lost."""
    other = draw_sheet(9, 0.7)

    def is_other(index):
        return change <= index < change + STOP

    def source():
        for k in range(4 * LEAP):
            image = frame(other, 40, 30) if is_other(k) else frame(SHEET, 100, 100)
            image[:4, :4] = k
            yield Frame(image, k, k / 30, "clip")

    reader = Counting(
        lambda i: digits_at(*((other, 40, 30) if is_other(i[0, 0, 0]) else (SHEET, 100, 100)))
    )
    for taken, digits in read_ahead(source(), reader, tracker=Tracker()):
        assert len(digits) == (0 if is_other(taken.index) else len(SHEET.digits))
    assert LEAP + STOP in reader.asked


@pytest.mark.parametrize("every", [2, 3])
def test_digits_of_frames_between_lie_on_the_way(every):
    """Only some of the frames have an image that can be followed."""

    def source():
        for each in filmed(5 * LEAP):
            is_followed = each.index % every == 0
            image = each.image if is_followed else black_like(each.image)
            yield replace(each, image=image, is_followed=is_followed)

    read = list(read_ahead(source(), Counting(written), Tracker(), keep_images=False))
    assert [taken.index for taken, _ in read] == list(range(5 * LEAP))
    for taken, digits in read[: -every + 1]:  # the last ones have none after them
        truth = digits_at(SHEET, *place(taken.index))
        found = [Digit(d.box, d.digit, 0.9, d.track) for d in plain(digits)]
        assert worst(found, [replace(d, track=k) for k, d in enumerate(truth)]) <= 5  # pixels
    assert all(len(digits) == len(SHEET.digits) for _, digits in read)


def test_images_that_nobody_needs_are_let_go():
    let_go = list(read_ahead(filmed(4 * LEAP), written, Tracker(), keep_images=False))
    kept = list(read_ahead(filmed(4 * LEAP), written, Tracker()))
    assert len(let_go) == len(kept) == 4 * LEAP
    for taken, _ in let_go:
        assert taken.image.shape == (480, 640, 3)
        assert not taken.image.any()
    assert all(taken.image.any() for taken, _ in kept)


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
    given = list(read_ahead(source(), lambda i: there(int(i[0, 0, 0])), tracker=Tracker()))
    assert len(given) == 50
    for taken, digits in given:
        truth = there(taken.index)
        assert len(digits) == len(truth)
        for k, true in enumerate(truth):
            shown = max(digits, key=lambda digit: digit.box.iou(true.box))
            assert shown.box.iou(true.box) > 0.5
            assert shown.digit == true.digit
            tracks.setdefault(k, set()).add(shown.track)
    assert {len(ids) for ids in tracks.values()} == {1}


@pytest.mark.parametrize("end", [STOP, LEAP, 2 * LEAP, 3 * LEAP, 4 * LEAP - 1])
@pytest.mark.parametrize("missed", [True, False])
def test_what_one_reading_misses_is_shown_and_what_one_finds_is_not(end, missed):
    def read(image):
        digits = written(image)
        return digits[:-1] if bool(image[0, 0, 0] == end) is missed else digits

    read = list(read_ahead(filmed(4 * LEAP), read, tracker=Tracker()))
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
