"""What the sure digits around a mark say of it: specks, bars, company."""

from dataclasses import replace

import numpy as np
import pytest
from judged import APART, chosen, digits_of, plain

from camlive.detection import Box
from camlive.judge.page import judge

WHOLE = Box(10, 10, 60, 40)


@pytest.mark.parametrize(("height", "kept"), [(12, 1), (4, 0)])
def test_a_mark_far_lower_than_the_digits_is_a_speck(height, kept):
    digits = [(WHOLE, 4, 0.99), (APART, 2, 0.99)]
    assert len(chosen([*digits, (Box(300, 10, 8, height), 7, 0.85)])) == 2 + kept


def test_a_column_of_digits_that_looks_like_one_makes_no_speck_of_them():
    column = Box(0, 0, 60, 800)
    digits = [(Box(5, 100 * k, 40, 50), 5, 0.98) for k in range(8)]
    assert len(chosen([(column, 1, 0.95), *digits])) == 8


@pytest.mark.parametrize(("height", "digits", "kept"), [(400, 7, 8), (400, 6, 1), (120, 3, 4)])
def test_what_is_high_and_looks_like_a_digit_makes_no_specks_of_a_page(height, digits, kept):
    """Of digits 16 pixels high; few may be specks beside one large digit."""
    page = [(Box(60 + 40 * k, 20, 12, 16), 5, 0.98) for k in range(digits)]
    assert len(chosen([(Box(10, 10, 40, height), 7, 0.95), *page])) == kept


@pytest.mark.parametrize(
    ("place", "contrast", "sure", "believed"),
    [
        (Box(90, 10, 12, 40), 80, 0.95, True),
        (Box(90, 10, 12, 40), 50, 0.95, True),
        (Box(90, 10, 12, 40), 40, 0.95, False),  # of another ink
        (Box(90, 10, 12, 40), 160, 0.95, False),
        (Box(40, 120, 12, 40), 80, 0.95, True),  # below them
        (Box(90, 10, 12, 66), 80, 0.95, True),
        (Box(90, 10, 12, 72), 80, 0.95, False),  # much larger
        (Box(90, 18, 8, 23), 80, 0.95, False),  # much smaller
        (Box(170, 10, 12, 40), 80, 0.95, True),
        (Box(182, 10, 12, 40), 80, 0.95, False),  # too far from one of them
        (Box(90, 10, 12, 40), 80, 0.85, False),  # they are not sure themselves
    ],
)
def test_a_bar_on_restless_ground_is_believed_among_sure_digits_like_it(
    place, contrast, sure, believed
):
    regions = [plain(box) for box in (Box(10, 10, 30, 40), Box(50, 10, 30, 40), place)]
    regions[2] = replace(regions[2], clarity=3.0, contrast=contrast)
    table = np.full((3, 11), 0.005, np.float32)
    table[[0, 1, 2], [4, 7, 1]] = sure, sure, 0.9
    assert [d.digit for d in digits_of(judge(regions, table, 0.5))] == [4, 7, 1][: 2 + believed]


@pytest.mark.parametrize(
    ("digits", "believed"),
    [
        ([4, 7, 2, 5, 9], 5),
        ([4, 7, 2, 5], 0),  # three others vouch for each
        ([4, 7, 2, 1, 1, 1], 0),  # bars do not
        ([4, 7, 2, 5, 9, 1], 6),
        ([0, 0, 0, 0, 0, 0], 0),  # a pattern
    ],
)
def test_pale_marks_are_believed_where_four_others_vouch_for_each(digits, believed):
    assert len(digits_of(judge(pale(len(digits)), one_hot(digits), 0.5))) == believed


@pytest.mark.parametrize(
    ("digit", "contrast", "believed"), [(1, 3.1, True), (1, 2.9, False), (6, 2.9, True)]
)
def test_a_pale_bar_that_is_fainter_than_the_digits_is_a_piece_of_a_rule(digit, contrast, believed):
    marks = [*pale(5), replace(pale(6)[5], contrast=contrast)]
    verdict = judge(marks, one_hot([4, 7, 2, 5, 9, digit]), 0.5)[5]
    assert verdict.refused == ("" if believed else "too faint")


def test_a_pale_mark_amid_other_ink_or_that_is_unsure_is_not_believed():
    crowded = [replace(pale(1)[0], crowd=0.2), *pale(5)[1:]]
    read = digits_of(judge(crowded, one_hot([4, 7, 2, 5, 9]), 0.5))
    assert [d.digit for d in read] == [7, 2, 5, 9]
    unsure = one_hot([4, 7, 2, 5, 9, 3]) * np.float32([[0.8], *[[1]] * 5])
    assert [d.digit for d in digits_of(judge(pale(6), unsure, 0.5))] == [7, 2, 5, 9, 3]


def test_readings_of_the_same_ink_vouch_once():
    proposals = [plain(Box(10 + k, 10, 30, 40), contrast=4.0, clarity=10.0) for k in range(6)]
    assert not digits_of(judge(proposals, one_hot([4, 7, 2, 5, 9, 3]), 0.5))


def test_what_shows_through_from_the_back_is_not_believed():
    front = [plain(Box(10 + 40 * k, 100, 30, 40)) for k in range(2)]
    verdicts = judge([*pale(6), *front], one_hot([4, 7, 2, 5, 9, 3, 6, 8]), 0.5)
    assert [d.digit for d in digits_of(verdicts)] == [6, 8]


def pale(count):
    """So many marks of one row, paler than is believed by itself."""
    return [plain(Box(10 + 40 * k, 10, 30, 40), contrast=4.0, clarity=10.0) for k in range(count)]


def one_hot(digits):
    return np.eye(11, dtype=np.float32)[digits]


@pytest.mark.parametrize(
    ("digit", "sure", "believed"), [(9, 4, True), (9, 3, False), (1, 4, False), (1, 3, False)]
)
def test_a_shaded_mark_is_believed_beside_four_digits_but_never_as_a_one(digit, sure, believed):
    regions = [plain(Box(300 * k, 300 * k, 30, 40)) for k in range(sure + 1)]
    regions[0] = replace(regions[0], shaded=True)
    verdict = judge(regions, one_hot([digit, *[4, 7, 2, 5][:sure]]), 0.5)[0]
    assert verdict.refused == ("" if believed else "at the edge of a shadow")
