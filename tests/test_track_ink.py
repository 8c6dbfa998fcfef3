"""Tracks that follow the ink of their digits."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import draw_sheet
from test_flow import SHEET, digits_at, frame

from camlive.detection import Digit, Image
from camlive.flow import glance
from camlive.track import Tracker

STEP_S = 1 / 30


@pytest.mark.parametrize("few", [1, len(SHEET.digits)])
def test_a_digit_that_is_followed_is_where_its_ink_is_and_gone_where_that_is(few: int) -> None:
    tracker = Tracker()
    at_home = digits_at(SHEET, 100, 90)[:few]
    for k in range(3):
        tracker.update(at_home, k * STEP_S)
    home, away = glance(frame(SHEET, 100, 90)), glance(frame(SHEET, 160, 70))
    blank = glance(np.full((480, 640, 3), 90, np.uint8))
    followed = tracker.follow(home, away)
    truth = digits_at(SHEET, 160, 70)[:few]
    assert [(d.digit, d.track) for d in followed] == [(d.digit, d.track) for d in truth]
    assert all(a.box.iou(b.box) > 0.8 for a, b in zip(followed, truth, strict=True))
    read_on = tracker.update(truth, 3 * STEP_S)
    assert [d.track for d in read_on] == list(range(few))
    assert tracker.follow(away, blank) == []
    assert tracker.update([], 4 * STEP_S) == []
    back = tracker.update(truth, 5 * STEP_S)
    assert [d.track for d in back] == list(range(few))


@pytest.mark.parametrize(("label", "same"), [(7, True), (4, False)])
def test_where_its_ink_was_lost_another_digit_at_its_place_is_another(
    label: int, same: bool
) -> None:
    """After a cut one that was sure for long would keep its label on the next."""
    paper, blank = frame(SHEET, 100, 90), np.full((480, 640, 3), 90, np.uint8)
    tracker = Tracker()
    here = digits_at(SHEET, 100, 90)[:1]
    for k in range(20):
        tracker.update([replace(d, digit=7) for d in here], k * STEP_S)
    assert not tracker.follow(glance(paper), glance(blank))
    for k in (20, 21):
        (shown,) = tracker.update([replace(d, digit=label) for d in here], k * STEP_S) or [None]
    assert shown is not None
    assert (shown.digit, shown.track == 0) == (label, same)


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        ([4, 4, 9, 9, 4], [[], [(4, 1)], [(4, 1)], [(4, 1)], [(4, 1)]]),
        ([1, 7, 1, 7], [[], [(7, 0)], [(7, 0)], [(7, 0)]]),  # misread
        ([1, 1, 7, 7], [[], [(1, 1)], [(1, 1)], [(1, 1)]]),
    ],
)
def test_in_one_place_one_digit_is_shown(
    labels: list[int], shown: list[list[tuple[int, int]]]
) -> None:
    """After its ink was lost: another, or the same, which is misread."""
    paper, blank = glance(frame(SHEET, 100, 90)), glance(np.full((480, 640, 3), 90, np.uint8))
    tracker, (here,) = Tracker(), digits_at(SHEET, 100, 90)[:1]
    for k in range(6):
        tracker.update([replace(here, digit=7)], k * STEP_S)
    tracker.follow(paper, blank)
    seen = []
    for k, label in enumerate(labels, 6):
        digits = tracker.update([replace(here, digit=label)], k * STEP_S)
        seen.append([(d.digit, d.track) for d in digits])
    assert seen == shown


def test_followed_digits_are_told_apart_where_two_sheets_cross() -> None:
    """Between two readings each moves more than the digits are apart, in opposite directions."""
    row = draw_sheet(1, 0.5, rows=1)

    def film(k: int) -> Image:
        image = frame(row, 60 + 8 * k, 60)
        image[240:] = frame(row, 200 - 8 * k, 330)[240:]
        return image

    def read(k: int) -> list[Digit]:
        return digits_at(row, 60 + 8 * k, 60) + digits_at(row, 200 - 8 * k, 330)

    tracker = Tracker()
    ids = []
    for k in range(0, 18, 6):
        ids.append([d.track for d in tracker.update(read(k), k * STEP_S)])
        for n in range(k, k + 6):
            tracker.follow(glance(film(n)), glance(film(n + 1)))
    assert ids == [list(range(20))] * 3
