import itertools

from camlive.detection import Box, Digit
from camlive.reading import group_numbers


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
    assert group_numbers([digit(0, 0, 40), digit(25, 0, 81)]) == []


def test_lines_come_from_top_to_bottom() -> None:
    lines = [digit(0, 100), digit(30, 100), digit(5, 0), digit(35, 0)]
    assert group_numbers(lines) == [[2, 3], [0, 1]]


def test_the_outcome_does_not_depend_on_place_or_scale() -> None:
    at = [(0, 0), (30, 3), (62, 5), (200, 0), (228, 2)]
    near = group_numbers([digit(x, y) for x, y in at])
    far = group_numbers([digit(3 * x + 500, 3 * y + 70, 120, 60) for x, y in at])
    assert near == far == [[0, 1, 2], [3, 4]]
