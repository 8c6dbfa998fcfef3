"""What a row, a column or a table says for a digit that its page speaks against."""

from dataclasses import replace

import numpy as np
import pytest
from judged import SURE, digits_of, plain

from camlive.detection import NOT_A_DIGIT, Box
from camlive.judge.page import judge

WIDTHS = {0: 30, 1: 8}  # pixels, of the digits of a truth table


@pytest.mark.parametrize(
    ("sure", "labels", "letters", "contrast", "kept"),
    [
        ([SURE, SURE, 0.6], [4, 4, 5], 0, 80, 3),
        ([SURE, 0.96, 0.6], [4, 4, 5], 0, 80, 1),  # by one very sure digit only that is kept
        ([SURE, SURE, 0.6], [4, 4, 1], 0, 80, 3),
        ([SURE, SURE, 0.6], [4, 1, 5], 0, 80, 2),  # nor by a bar
        ([SURE, SURE, 0.6], [4, 4, 5], 1, 80, 2),
        ([SURE, SURE, 0.6, 0.6, 0.6], [4, 4, 5, 6, 8], 1, 80, 5),
        ([SURE, SURE, 0.6, 0.6, 0.6], [4, 4, 5, 6, 8], 2, 80, 2),
        ([SURE, SURE, 0.6], [4, 4, 5], 2, 40, 3),  # pieces of squares, which are fainter
    ],
)
@pytest.mark.parametrize("step", [40, 140])  # beside each other, or each in its cell
def test_in_a_row_with_sure_digits_a_less_sure_one_counts(
    sure, labels, letters, contrast, kept, step
):
    line = [Box(10 + step * k, 10, 30, 40) for k in range(len(labels) + letters)]
    assert kept_in(line, sure, labels, contrast) == kept


@pytest.mark.parametrize(
    ("sure", "letters", "contrast", "kept"),
    [
        ([SURE, SURE, SURE, 0.6], 0, 80, 4),
        ([SURE, SURE, 0.6, 0.6], 0, 80, 2),
        ([SURE, SURE, SURE, 0.6], 1, 80, 3),
        ([SURE, SURE, SURE, 0.6], 1, 40, 4),
    ],
)
def test_in_a_column_with_sure_digits_a_less_sure_one_counts(sure, letters, contrast, kept):
    """As in a column of a table; lines of text have letters above each other, too."""
    line = [Box(10, 10 + 110 * k, 30, 40) for k in range(4 + letters)]
    assert kept_in(line, sure, [4, 4, 8, 5], contrast) == kept


def kept_in(line, sure, labels, contrast):
    """How many digits are read where most looks like no digit.

    The first marks of a line, so sure, are digits; the others, of a contrast, none.
    """
    far = [plain(Box(1200 + 200 * k, 700, 30, 40)) for k in range(20)]
    row = [plain(box) for box in line[: len(sure)]]
    beside = [plain(box, contrast=contrast) for box in line[len(sure) :]]
    table = np.zeros((20 + len(line), 11), np.float32)
    table[:, NOT_A_DIGIT] = 1
    for k, (chance, label) in enumerate(zip(sure, labels, strict=True), 20):
        table[k] = (1 - chance) / 10
        table[k, label] = chance
    return len(digits_of(judge([*far, *row, *beside], table, 0.5)))


def cell(row, column, label, height=None, step=110, line=80):
    """A digit of a table, by hand as high as others or a tenth more or less, or of one height."""
    height = height or 40 + 4 * ((row + 2 * column) % 3 - 1)
    middle = 60 + step * column
    return Box(middle - WIDTHS[label] // 2, 100 + line * row - height // 2, WIDTHS[label], height)


def kept_of(cells, sure=0.92, letters=(), contrast=80.0, unsure=()):
    """How many digits of a table are read, below the letters of its head, on a page of letters.

    Args:
        cells: boxes and labels.
        sure: of each digit.
        letters: boxes of other marks.
        contrast: of these.
        unsure: which of the digits are less sure.
    """
    head = [plain(Box(40 + 110 * k, 5, 30, 40)) for k in range(3)]
    far = [plain(Box(1200 + 200 * k, 700, 30, 40)) for k in range(20)]
    others = [*head, *far, *(plain(box, contrast=contrast) for box in letters)]
    table = np.zeros((len(others) + len(cells), 11), np.float32)
    table[: len(others), NOT_A_DIGIT] = 1
    table[len(others) :] = (1 - sure) / 10
    for k, (_, label) in enumerate(cells, len(others)):
        table[k, label] = sure
    for k in unsure:
        table[len(others) + k, cells[k][1]] = 0.7
    regions = [*others, *(plain(box) for box, _ in cells)]
    return len(digits_of(judge(regions, table, 0.5)))


def truth_table(rows, columns, **how):
    """So many rows and columns of noughts and ones."""
    cells = [(row, column, row >> column & 1) for row in range(rows) for column in range(columns)]
    return [(cell(row, column, label, **how), label) for row, column, label in cells]


@pytest.mark.parametrize(
    ("rows", "columns", "kept"), [(4, 3, 12), (3, 2, 6), (2, 3, 6), (2, 2, 0), (6, 1, 0), (1, 6, 0)]
)
def test_a_table_of_sure_digits_counts_even_of_noughts_and_ones(rows, columns, kept):
    assert kept_of(truth_table(rows, columns)) == kept


def test_a_table_of_unsure_digits_does_not_count():
    assert kept_of(truth_table(4, 3), sure=0.88) == 0


def test_a_printed_table_does_not_count():
    assert kept_of(truth_table(4, 3, height=40)) == 0


@pytest.mark.parametrize(("step", "kept"), [(110, 12), (330, 12), (440, 0)])
def test_cells_stand_as_far_apart_as_tables_have_them(step, kept):
    assert kept_of(truth_table(4, 3, step=step)) == kept


@pytest.mark.parametrize(("contrast", "kept"), [(80.0, 8), (40.0, 12)])
def test_letters_between_two_columns_part_a_table_but_fainter_marks_do_not(contrast, kept):
    letters = [Box(210, 80 + 80 * row, 30, 40) for row in range(4)]
    cells = truth_table(4, 4)
    cells = [(box, label) for box, label in cells if not 200 < box.middle[0] < 300]
    assert kept_of(cells, letters=letters, contrast=contrast) == kept


@pytest.mark.parametrize(("line", "kept"), [(80, 6), (260, 6), (320, 0)])
def test_rows_stand_as_far_apart_as_tables_have_them(line, kept):
    assert kept_of(truth_table(3, 2, line=line)) == kept


@pytest.mark.parametrize(
    ("unsure", "kept"),
    [((0,), 6), ((0, 5), 6), ((2,), 6), ((0, 2), 0), ((0, 1, 4, 5), 0)],
)
def test_of_four_neighbours_three_are_sure(unsure, kept):
    """Of three rows of two the middle one is in both fours."""
    assert kept_of(truth_table(3, 2), unsure=unsure) == kept


def test_a_letter_in_a_corner_breaks_its_four_alone():
    cells = truth_table(4, 3)
    assert kept_of(cells[1:], letters=[cells[0][0]]) == 11


def test_small_tables_apart_do_not_count_together():
    cells = [
        (replace(box, x=box.x + 700 * far, y=box.y + 300 * far), label)
        for far in range(2)
        for box, label in truth_table(2, 2)
    ]
    assert kept_of(cells) == 0


def test_halves_of_a_table_that_a_last_four_joins_are_one():
    """Two fours, and a four between them that shares a digit with each, make eight digits."""
    places = {(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3)}
    cells = [(cell(row, column, 0), 0) for row, column in sorted(places)]
    assert kept_of(cells) == len(cells)
