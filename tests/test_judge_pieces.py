"""Pieces of marks that are cut: which rows of them count."""

import numpy as np
import pytest
from judged import digits_of, plain

from camlive.detection import NOT_A_DIGIT, Box
from camlive.judge.page import judge

WHOLE, LEFT, RIGHT = Box(10, 10, 60, 40), Box(10, 12, 25, 38), Box(40, 10, 30, 40)


def piece_of(whole, slices, span, box, **differences):
    return plain(box, cut_from=whole, slices=slices, span=span, **differences)


@pytest.mark.parametrize(
    ("whole", "left", "right", "wanted"),
    [
        ((NOT_A_DIGIT, 0.6), (1, 0.98), (7, 0.99), [1, 7]),
        ((NOT_A_DIGIT, 0.6), (1, 0.92), (7, 0.99), [1, 7]),
        ((NOT_A_DIGIT, 0.6), (1, 0.92), (7, 0.93), []),
        ((NOT_A_DIGIT, 0.6), (NOT_A_DIGIT, 0.9), (7, 0.99), []),
    ],
)
def test_both_sides_of_a_cut_mark_are_digits_or_none(whole, left, right, wanted):
    table = np.zeros((3, 11), np.float32)
    for row, (label, sure) in zip(table, (whole, left, right), strict=True):
        row[:] = (1 - sure) / 10
        row[label] = sure
    sides = [piece_of(WHOLE, 2, span, box) for span, box in (((0, 1), LEFT), ((1, 2), RIGHT))]
    regions = [plain(WHOLE), *sides]
    assert [d.digit for d in digits_of(judge(regions, table, 0.5))] == wanted


def test_bars_alone_are_no_pieces():
    table = np.eye(11, dtype=np.float32)
    sides = [piece_of(WHOLE, 2, span, box) for span, box in (((0, 1), LEFT), ((1, 2), RIGHT))]
    assert digits_of(judge(sides, table[[1, 1]], 0.5)) == []
    assert [d.digit for d in digits_of(judge(sides, table[[1, 7]], 0.5))] == [1, 7]


@pytest.mark.parametrize(
    ("inner", "wanted"), [(4, [4]), (1, [6, 0]), (NOT_A_DIGIT, [6, 0])], ids=str
)
def test_of_pieces_around_others_the_inner_ones_count(inner, wanted):
    sides = [piece_of(WHOLE, 2, span, box) for span, box in (((0, 1), LEFT), ((1, 2), RIGHT))]
    hole, place = Box(20, 15, 40, 30), Box(28, 17, 24, 26)
    table = np.eye(11, dtype=np.float32)[[6, 0, inner]]
    verdicts = judge([*sides, piece_of(hole, 1, (0, 1), place)], table, 0.5)
    assert [d.digit for d in digits_of(verdicts)] == wanted


LONG = Box(0, 0, 86, 40)
THIRDS = {(0, 1): Box(0, 0, 30, 40), (1, 2): Box(28, 0, 30, 40), (2, 3): Box(56, 0, 30, 40)}
TWO_THIRDS = {(0, 2): Box(0, 0, 58, 40), (1, 3): Box(28, 0, 58, 40)}


def read_as(sure):
    """What is read of a mark whose pieces, by their span, are sure 0s, 1s, 2s and so on."""
    boxes = THIRDS | TWO_THIRDS
    pieces = [piece_of(LONG, 3, span, boxes[span]) for span in sure]
    table = np.full((len(sure), 11), 0.001, np.float32)
    table[range(len(sure)), range(len(sure))] = list(sure.values())
    found = [d.digit for d in digits_of(judge(pieces, table, 0.5))]
    assert found == [d.digit for d in digits_of(judge(pieces[::-1], table[::-1], 0.5))][::-1]
    return found


def test_pieces_count_where_they_fill_their_mark():
    assert read_as(dict.fromkeys(THIRDS, 0.99)) == [0, 1, 2]
    assert read_as({(0, 1): 0.99, (1, 3): 0.99}) == [0, 1]
    assert read_as({(0, 1): 0.99, (1, 2): 0.99}) == []
    assert read_as({(1, 2): 0.99, (2, 3): 0.99}) == []
    assert read_as({(0, 2): 0.99, (1, 3): 0.99}) == []


@pytest.mark.parametrize(
    ("unsure", "others", "counts"),
    [(0.92, 0.99, True), (0.83, 0.99, True), (0.78, 0.999, False), (0.83, 0.96, False)],
)
def test_an_unsure_piece_counts_in_a_row_of_sure_ones(unsure, others, counts):
    found = read_as({(0, 1): others, (1, 2): unsure, (2, 3): others})
    assert found == ([0, 1, 2] if counts else [])


@pytest.mark.parametrize("others", [0, 12])
def test_where_a_digit_is_refused_for_its_page_no_unsure_piece_counts(others):
    """A lone 5 is, for the marks of its size that are no digits; these pieces are larger."""
    sides = [piece_of(WHOLE, 2, span, box) for span, box in (((0, 1), LEFT), ((1, 2), RIGHT))]
    marks = [plain(Box(60 * k, 300, 9, 12)) for k in range(others + 1)]
    table = np.zeros((2 + len(marks), 11), np.float32)
    table[:2, [7, 2]] = np.diag([0.99, 0.9])
    table[2:, NOT_A_DIGIT] = 1
    table[-1, [5, NOT_A_DIGIT]] = 0.7, 0.3
    read = [d.digit for d in digits_of(judge([*sides, *marks], table, 0.5))]
    assert read == ([] if others else [7, 2, 5])


def test_of_several_rows_of_pieces_the_likeliest_counts():
    others = {(0, 1): 0.99, (1, 2): 0.96, (2, 3): 0.99}
    assert read_as(others | {(1, 3): 0.96}) == [0, 3]
    assert read_as(others | {(1, 3): 0.951}) == [0, 3]
    assert read_as({(0, 1): 0.99, (1, 2): 0.99, (2, 3): 0.99, (1, 3): 0.955}) == [0, 1, 2]


def test_a_likelier_row_that_is_not_sure_enough_hides_no_other():
    thirds = dict.fromkeys(THIRDS, 0.95)
    assert 0.95 * 0.905 > 0.95**3
    assert read_as(thirds | {(1, 3): 0.905}) == [0, 1, 2]


def test_rows_of_marks_with_the_same_box_are_kept_apart():
    halves = [piece_of(LONG, 2, span, THIRDS[span]) for span in ((0, 1), (1, 2))]
    first = piece_of(LONG, 3, (0, 1), THIRDS[0, 1])
    table = np.eye(11, dtype=np.float32)[[4, 7, 5]]
    assert [d.digit for d in digits_of(judge([first, halves[1]], table[:2], 0.5))] == []
    kept = digits_of(judge([first, *halves], table, 0.5))
    assert [d.digit for d in kept] == [7, 5]


@pytest.mark.parametrize(("restless", "wanted"), [(1, [4, 0, 2]), (2, [])])
def test_on_restless_ground_a_row_counts_where_two_digits_would_alone(restless, wanted):
    grounds = restless * [{"clarity": 4.0, "crowd": 0.05}] + (3 - restless) * [{}]
    pieces = [
        piece_of(LONG, 3, span, box, **ground)
        for (span, box), ground in zip(THIRDS.items(), grounds, strict=True)
    ]
    table = np.eye(11, dtype=np.float32)[[4, 0, 2]]
    assert [d.digit for d in digits_of(judge(pieces, table, 0.5))] == wanted
