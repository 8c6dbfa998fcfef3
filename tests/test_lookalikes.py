"""Slashes and commas, which look like a 1, and circles, which look like a 0."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from judged import chosen, digits_of, plain

from camlive.detection import NOT_A_DIGIT, Box
from camlive.judge.page import judge
from camlive.judge.verdict import BAR


def slanted(box, slant):
    ink = np.zeros((60, 120), np.uint8)
    foot, head = (round(60 - 25 * slant), 55), (round(60 + 25 * slant), 5)
    return replace(plain(box), ink=np.asarray(cv2.line(ink, foot, head, 255, 4), np.uint8))


@pytest.mark.parametrize(
    ("digit", "slant", "others", "reason"),
    [
        (1, 0.8, (0, 0.1, -0.1), "slants like a slash"),
        (1, -0.8, (0, 0.1, -0.1), "slants like a slash"),
        (1, 0.3, (0, 0.1, -0.1), ""),
        (1, 0.8, (0.4, 0.5, 0.6), ""),  # as all of this writer's digits do
        (1, 0.8, (0, 0.1, 0.7), ""),  # as one of them
        (1, 0.8, (0, 0.1), ""),
        (7, 0.8, (0, 0.1, -0.1), ""),
    ],
)
def test_a_bar_that_slants_far_more_than_the_digits_is_a_slash(digit, slant, others, reason):
    regions = [slanted(Box(100 * k, 10, 30, 40), other) for k, other in enumerate(others, 1)]
    table = np.eye(11, dtype=np.float32)[[digit, *[4] * len(others)]]
    verdicts = judge([slanted(Box(0, 10, 30, 40), slant), *regions], table, 0.5)
    assert [verdict.refused for verdict in verdicts] == [reason, *[""] * len(others)]


LOW, HIGH = 40, 60  # heights of a row of digits, two of each


def bar_beside_digits(bar, contrast=80, others=5):
    """Whether a bar is a 1 beside a row of four digits, and some marks that are none."""
    row = [plain(Box(100 + 60 * k, 10, 30, high)) for k, high in enumerate((LOW, LOW, HIGH, HIGH))]
    none = [plain(Box(60 * k, 600, 30, 30)) for k in range(others)]
    table = np.eye(11, dtype=np.float32)[[BAR, 4, 5, 6, 7, *[NOT_A_DIGIT] * others]]
    verdicts = judge([plain(bar, contrast=float(contrast)), *row, *none], table, 0.5)
    assert [verdict.refused == "" for verdict in verdicts[1:5]] == [True] * 4
    return verdicts[0].refused == ""


@pytest.mark.parametrize(
    ("bar", "contrast", "is_one"),
    [
        (Box(30, 300, 8, 33), 80, True),  # far from the digits, and like them
        (Box(30, 300, 8, 31), 80, False),
        (Box(30, 300, 8, 77), 80, True),
        (Box(30, 300, 8, 79), 80, False),
        (Box(30, 300, 8, 40), 61, True),
        (Box(30, 300, 8, 40), 59, False),  # another ink
        (Box(30, 5, 8, 79), 80, True),  # in their row
        (Box(30, 20, 8, 26), 80, True),
        (Box(30, 10, 8, 40), 59, True),
        (Box(30, 50, 8, 79), 80, False),  # begins among them
        (Box(30, 0, 8, 100), 80, True),
        (Box(50, 0, 8, 125), 80, False),  # far higher
        (Box(231, 85, 8, 90), 80, True),  # below one of them
        (Box(231, 180, 8, 90), 80, False),
    ],
)
def test_a_bar_in_no_row_that_is_not_like_the_digits_is_no_one(bar, contrast, is_one):
    assert bar_beside_digits(bar, contrast) is is_one


@pytest.mark.parametrize(("others", "is_one"), [(0, True), (4, True), (5, False)])
def test_on_a_page_of_digits_a_lone_one_may_be_of_any_size(others, is_one):
    """Of four digits and the bar itself."""
    assert bar_beside_digits(Box(30, 300, 8, 31), others=others) is is_one


@pytest.mark.parametrize(
    ("filled", "height", "sure", "is_zero"),
    [(0, 60, 1.0, False), (255, 60, 1.0, True), (0, 60, 0.6, True)],
)
def test_a_circle_around_a_digit_is_no_zero(filled, height, sure, is_zero):
    ink = np.full((60, 60), filled, np.uint8)
    ink[[0, 1, -2, -1]] = 255
    ring = replace(plain(Box(0, 0, 120, 120)), ink=ink)  # of a copy at half the size
    inner = plain(Box(40, 30, 40, height))
    table = np.eye(11, dtype=np.float32)[[0, 7]]
    table[1] *= sure
    verdicts = judge([ring, inner], table, 0.5)
    assert verdicts[0].refused == ("" if is_zero else "drawn around something else")
    assert (verdicts[1].refused == "") is not is_zero


@pytest.mark.parametrize(
    ("width", "height", "is_zero"), [(38, 38, False), (34, 38, True), (38, 34, True)]
)
def test_a_circle_around_a_large_sign_is_no_zero(width, height, is_zero):
    verdicts = in_a_ring(plain(Box(40, 35, width, height)), NOT_A_DIGIT)
    assert verdicts[0].refused == ("" if is_zero else "drawn around something else")
    assert verdicts[1].refused == "looks like no digit"


@pytest.mark.parametrize(
    ("x", "y", "is_zero"), [(40, 41, False), (5, 41, True), (63, 41, False), (66, 41, True)]
)
def test_what_lies_at_the_edge_of_a_circle_is_its_own_curl(x, y, is_zero):
    verdicts = in_a_ring(plain(Box(x, y, 38, 38)), NOT_A_DIGIT)
    assert verdicts[0].refused == ("" if is_zero else "drawn around something else")


@pytest.mark.parametrize(("lean", "is_zero"), [(0.2, False), (0.4, False), (0.5, True), (1, True)])
@pytest.mark.parametrize("side", [1, -1])
def test_a_bar_that_slants_in_a_circle_is_the_slash_of_a_zero(lean, side, is_zero):
    ink = np.zeros((80, 120), np.uint8)
    for y in range(10, 70):
        x = round(60 + side * lean * (y - 40))
        ink[y, x - 2 : x + 3] = 255
    verdicts = in_a_ring(replace(plain(Box(30, 30, 60, 60)), ink=ink), BAR)
    assert [d.digit for d in digits_of(verdicts)] == [0 if is_zero else 1]


HOLE = Box(6, 6, 108, 108)


@pytest.mark.parametrize(
    ("digit", "box", "hole", "read"),
    [
        (7, Box(30, 6, 60, 108), HOLE, [7]),
        (7, Box(30, 6, 60, 108), Box(0, 6, 108, 108), [0]),  # no hole of this ring
        (1, Box(56, 6, 8, 108), HOLE, []),  # it may be a 1, but bars alone are not believed
        (1, Box(10, 6, 8, 108), HOLE, [0]),  # the ring was drawn twice around
        (NOT_A_DIGIT, Box(56, 6, 8, 108), HOLE, [0]),
    ],
)
def test_what_touches_the_circle_around_it_is_cut_off_it(digit, box, hole, read):
    verdicts = in_a_ring(plain(box, cut_from=hole), digit, filled=200)
    assert [d.digit for d in digits_of(verdicts)] == read


@pytest.mark.parametrize(("lean", "is_zero"), [(0.4, False), (0.5, True)])
def test_a_slash_may_touch_its_zero(lean, is_zero):
    ink = np.zeros((120, 120), np.uint8)
    cv2.line(ink, (round(60 - 50 * lean), 110), (round(60 + 50 * lean), 10), 255, 5)
    slash = plain(Box(30, 6, 60, 108), cut_from=HOLE, ink=np.asarray(ink, np.uint8))
    assert [d.digit for d in digits_of(in_a_ring(slash, BAR, filled=200))] == [0] * is_zero


def in_a_ring(inner, digit, filled=0):
    """What is judged of a circle, 120 pixels wide and high, and of something in it."""
    ink = np.full((120, 120), filled, np.uint8)
    ink[[0, 1, -2, -1]] = 255
    ring = replace(plain(Box(0, 0, 120, 120)), ink=ink)
    return judge([ring, inner], np.eye(11, dtype=np.float32)[[0, digit]], 0.5)


@pytest.mark.parametrize(
    ("mark", "sure", "refused"),
    [
        (Box(45, 41, 6, 24), 0.95, True),
        (Box(36, 41, 6, 24), 0.95, True),  # under the end of the digit's last stroke
        (Box(45, 31, 6, 34), 0.95, True),
        (Box(45, 29, 6, 34), 0.95, False),  # begins above the digit's middle
        (Box(45, 33, 6, 23), 0.95, True),
        (Box(45, 31, 6, 22), 0.95, False),  # ends no deeper than the digit
        (Box(45, 45, 6, 37), 0.95, False),  # is hardly lower than it
        (Box(45, 51, 6, 24), 0.95, False),  # stands in another row
        (Box(79, 41, 6, 24), 0.95, True),
        (Box(81, 41, 6, 24), 0.95, False),
        (Box(4, 41, 6, 24), 0.95, False),
        (Box(45, 41, 6, 24), 0.85, False),  # beside what is no sure digit
    ],
)
def test_a_bar_at_the_foot_of_a_digit_is_a_comma(mark, sure, refused):
    digit = (Box(10, 10, 30, 40), 3, sure)
    assert len(chosen([digit, (mark, BAR, 0.99)])) == 2 - refused
    assert len(chosen([digit, (mark, 7, 0.99)])) == 2
