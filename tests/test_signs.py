"""Signs between digits: 3 + 4 is two numbers."""

import cv2
import numpy as np
import pytest
from drawn import PAPER
from judged import plain

from camlive.detection import Box, Digit
from camlive.judge.verdict import CUT, Verdict
from camlive.reading import between_signs, group_numbers, numbers_of
from camlive.recognizer import _with_signs
from camlive.simulate.writer import draw_digit, random_style
from camlive.track import Tracker

LEFT, RIGHT = Digit(Box(0, 0, 20, 40), 3, 1.0), Digit(Box(50, 0, 20, 40), 4, 1.0)
INK = (60, 50, 45)
# Each sign by its lines, x and y in its own width from its middle.
SIGNS = {
    "+": [(-1, 0, 1, 0), (0, -1, 0, 1)],
    "-": [(-1, 0, 1, 0)],
    "x": [(-1, -1, 1, 1), (-1, 1, 1, -1)],
    "=": [(-1, -0.4, 1, -0.4), (-1, 0.4, 1, 0.4)],
}


@pytest.mark.parametrize(
    ("mark", "parts"),
    [
        (Box(24, 18, 22, 3), True),  # a dash
        (Box(30, 8, 10, 24), True),
        (Box(30, 18, 5, 5), False),  # a speck
        (Box(24, 38, 22, 3), False),  # a rule below
        (Box(34, -40, 4, 120), False),  # a wall
        (Box(4, 18, 62, 3), False),  # a line across
        (Box(80, 18, 22, 3), False),  # beside them
    ],
)
def test_a_mark_of_a_signs_size_between_two_digits_parts_them(mark, parts):
    digits = between_signs([RIGHT, LEFT], [mark])
    assert [digit.after_sign for digit in digits] == [parts, False]
    assert numbers_of(digits) == ([[1], [0]] if parts else [[1, 0]])


@pytest.mark.parametrize(("cut_from", "parts"), [(None, True), (Box(0, 0, 70, 40), False)])
def test_a_refused_piece_of_digits_that_touch_is_no_sign_between_them(cut_from, parts):
    between = Digit(Box(30, 8, 10, 24), 1, 1.0)
    refused = Verdict(plain(between.box, cut_from=cut_from), between, CUT)
    verdicts = [refused, *(Verdict(plain(digit.box), digit) for digit in (LEFT, RIGHT))]
    assert _with_signs(verdicts, [])[2].digit.after_sign == parts


def test_the_last_reading_of_followed_digits_tells_of_signs_between():
    tracker, marked = Tracker(), between_signs([LEFT, RIGHT], [Box(24, 18, 22, 3)])
    tracker.update(marked, 0)
    assert numbers_of(tracker.update(marked, 0.1)) == [[0], [1]]
    assert numbers_of(tracker.update([LEFT, RIGHT], 0.2)) == [[0, 1]]


def written(seed, lines, height):
    """Two digits by one writer with a sign between, or none: the picture, and the digits."""
    rng = np.random.default_rng(seed)
    style, digits = random_style(rng), rng.integers(10, size=2).tolist()
    image = np.full((480, 640, 3), PAPER, np.uint8)
    pen, gap, size = max(2, round(style.pen * height)), round(0.16 * height), 0.24 * height
    x, y = 150, 200
    for k, digit in enumerate(digits):
        if k and lines:
            ends = np.array(lines) * size + (x + size, y + height / 2) * 2
            for line in np.rint(ends).astype(int).tolist():
                cv2.line(image, line[:2], line[2:], INK, pen, cv2.LINE_AA)
            x += round(2 * size) + gap
        cover = draw_digit(digit, style, height, rng)
        area = image[y : y + height, x : x + cover.shape[1]]
        area[:] = area + cover[: len(area), :, None] / 255 * (np.array(INK) - area)
        x += cover.shape[1] + gap
    return cv2.GaussianBlur(image, (3, 3), 0), digits


@pytest.mark.parametrize("sign", [*SIGNS, ""])
def test_digits_with_a_sign_between_are_two_numbers(recognizer, sign):
    pages = [written(seed, SIGNS.get(sign, []), (30, 60)[seed % 2]) for seed in range(40)]
    read = [(recognizer(image), digits) for image, digits in pages]
    whole = [some for some, digits in read if [each.digit for each in some] == digits]
    joined = sum(bool(group_numbers(some)) for some in whole)
    assert len(whole) >= 34
    assert joined >= len(whole) - 1 if not sign else joined <= 2
