import itertools
import random

import pytest

from camlive.detection import Box, Digit
from camlive.reading import group_numbers, in_reading_order, numbers_of


def digit(x: int, y: int, height: int = 40, width: int = 20) -> Digit:
    return Digit(Box(x, y, width, height), 1, 1.0)


def test_digits_in_a_row_are_one_number_left_to_right_in_any_order() -> None:
    row = [digit(10, 10), digit(40, 14), digit(75, 8)]
    for order in itertools.permutations(range(3)):
        groups = group_numbers([row[i] for i in order])
        assert [[order[i] for i in group] for group in groups] == [[0, 1, 2]]


def test_a_digit_alone_is_no_number() -> None:
    assert group_numbers([digit(0, 0)]) == []
    assert group_numbers([]) == []


def test_a_wide_gap_another_line_or_another_size_parts_digits() -> None:
    assert group_numbers([digit(0, 0), digit(61, 0)]) == []
    assert group_numbers([digit(0, 0), digit(25, 30)]) == []
    assert group_numbers([digit(0, 0, 40), digit(25, 0, 121)]) == []
    assert group_numbers([digit(0, 0, 40), digit(25, 0, 119)]) == [[0, 1]]


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize(
    ("starts", "numbers"),
    [
        ((0, 28, 56, 100, 128), [[0, 1, 2], [3, 4]]),  # two columns: gaps of 8, between them 24
        ((0, 28, 56, 94, 122), [[0, 1, 2, 3, 4]]),  # hardly further apart than half the height
        ((0, 24, 48, 82, 106), [[0, 1, 2, 3, 4]]),  # three times as far, but close together
        ((0, 32, 64, 110, 142), [[0, 1, 2, 3, 4]]),  # far apart, but hardly more than the others
        ((0, 48, 92, 140), [[0, 1, 2, 3]]),  # written wide
        ((0, 50), [[0, 1]]),  # nothing to compare with
    ],
)
def test_a_gap_much_wider_than_the_others_parts_two_columns(starts, numbers, scale) -> None:
    row = [digit(scale * x, 0, 40 * scale, 20 * scale) for x in starts]
    assert group_numbers(row) == numbers


def test_thin_ones_at_an_even_pace_are_no_columns() -> None:
    widths = (8, 8, 30, 30)
    row = [digit(34 * k + (34 - width) // 2, 0, 40, width) for k, width in enumerate(widths)]
    assert group_numbers(row) == [[0, 1, 2, 3]]


def test_numbers_come_in_reading_order_those_of_one_digit_among_them() -> None:
    places = [(200, 0), (230, 2), (300, 8), (0, 10), (100, 4), (128, 6), (0, 90), (28, 92)]
    digits = [digit(x, y) for x, y in places]
    assert numbers_of(digits) == [[3], [4, 5], [0, 1], [2], [6, 7]]
    assert group_numbers(digits) == [[4, 5], [0, 1], [6, 7]]


def test_a_digit_goes_on_with_the_number_whose_end_is_nearest() -> None:
    assert group_numbers([digit(0, 0), digit(30, 30), digit(56, 15)]) == [[1, 2]]


def test_lines_come_from_top_to_bottom() -> None:
    lines = [digit(0, 100), digit(30, 100), digit(5, 0), digit(35, 0)]
    assert group_numbers(lines) == [[2, 3], [0, 1]]


def test_the_outcome_does_not_depend_on_place_or_scale() -> None:
    at = [(0, 0), (30, 3), (62, 5), (200, 0), (228, 2)]
    near = group_numbers([digit(x, y) for x, y in at])
    far = group_numbers([digit(3 * x + 500, 3 * y + 70, 120, 60) for x, y in at])
    assert near == far == [[0, 1, 2], [3, 4]]


@pytest.mark.parametrize("slope", [-0.25, -0.1, 0, 0.1, 0.25])
def test_digits_are_read_row_by_row_along_slanted_lines(slope: float) -> None:
    page = [
        digit(x, round(y + slope * x) + 300, height=36 + x % 9)
        for y in (0, 70, 140)
        for x in (10, 42, 71, 190, 221, 400, 433)
    ]
    shuffled = random.Random(1).sample(page, len(page))
    assert in_reading_order(shuffled) == page


def test_the_order_of_few_digits() -> None:
    above, left, right = digit(300, 0), digit(10, 90), digit(200, 95)
    assert in_reading_order([right, above, left]) == [above, left, right]
    assert in_reading_order([]) == []


@pytest.mark.parametrize("slope", [-0.25, 0.25])
def test_a_number_on_a_slanted_line_is_one_number(slope: float) -> None:
    row = [digit(x, round(200 + slope * x)) for x in (10, 42, 74, 107, 140)]
    assert group_numbers(row) == [[0, 1, 2, 3, 4]]


def test_small_rows_that_slant_are_read_one_after_the_other() -> None:
    # Two rows of height 20, each falling by 4 pixels from digit to digit.
    places = [(0, 0), (20, 4), (40, 8), (5, 40), (30, 44)]
    rows = [digit(x, y, height=20, width=12) for x, y in places]
    assert in_reading_order([rows[i] for i in (3, 2, 0, 4, 1)]) == rows
