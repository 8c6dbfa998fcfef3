"""What the frames between two readings show."""

import cv2
import numpy as np
import pytest

from camlive.detection import Box, Digit, Frame
from camlive.flow import glance
from camlive.leap import Held, mend, see_back

PAPER = 225
PLACE = Box(150, 100, 40, 50)


def sheet(x, y):
    """A picture with a 5 whose box begins there."""
    image = np.full((240, 320, 3), PAPER, np.uint8)
    bow = [(34, 2), (6, 2), (4, 22), (22, 20), (36, 32), (24, 48), (2, 46)]
    cv2.polylines(image, [np.add(bow, (x, y))], False, (40, 40, 40), 4, cv2.LINE_AA)
    return image


def held(number, image, digits=()):
    return Held(Frame(image, number, number / 10, "a.mp4"), glance(image), digits=list(digits))


def digit(x, y, track=1):
    return Digit(Box(x, y, PLACE.width, PLACE.height), 5, 0.99, track)


def test_what_a_digit_drifted_by_is_spread_over_the_leap():
    image = sheet(150, 100)
    items = [held(k, image, [digit(x, 100)]) for k, x in enumerate((150, 160, 170, 190))]
    mend(items, [digit(180, 100)])
    shown = [item.digits[0].box.x for item in items]
    assert shown == [150, pytest.approx(163, abs=1), pytest.approx(177, abs=1), 190]


def test_a_digit_that_was_not_carried_mends_nothing():
    image = sheet(150, 100)
    items = [held(k, image, [digit(x, 100)]) for k, x in enumerate((150, 160, 190))]
    mend(items, [digit(180, 100, track=2)])
    assert [item.digits[0].box.x for item in items] == [150, 160, 190]


def test_a_new_digit_is_seen_back_as_long_as_its_ink_is_there():
    blank = np.full((240, 320, 3), PAPER, np.uint8)
    items = [held(0, blank), *(held(k, sheet(150, 100)) for k in (1, 2, 3))]
    items[-1].digits = [digit(150, 100)]
    see_back(items)
    assert [item.digits for item in items] == [[], *[[digit(150, 100)]] * 3]


@pytest.mark.parametrize("track", [1, 2])
def test_a_digit_that_was_known_there_is_not_seen_back(track):
    """By its track, or another's over the same ink."""
    items = [held(k, sheet(150, 100)) for k in range(3)]
    items[1].digits, items[2].digits = [digit(152, 100, track)], [digit(150, 100)]
    see_back(items)
    assert [d.track for d in items[1].digits] == [track]


def test_a_digit_that_was_known_just_before_is_not_followed_back():
    items = [held(k, sheet(150, 100)) for k in range(3)]
    items[1].digits = items[2].digits = [digit(150, 100)]
    see_back(items)
    assert items[0].digits == []


def test_a_new_digit_is_seen_back_beside_another():
    other = digit(20, 20, track=2)
    items = [held(k, sheet(150, 100), [other]) for k in range(3)]
    items[-1].digits.append(digit(150, 100))
    see_back(items)
    assert [[d.track for d in item.digits] for item in items] == [[2, 1]] * 3
