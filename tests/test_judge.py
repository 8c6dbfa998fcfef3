import numpy as np
import pytest
from judged import APART, chosen, digits_of, plain, read

from camlive.detection import NOT_A_DIGIT, Box
from camlive.judge.page import judge

WHOLE, LEFT, RIGHT = Box(10, 10, 60, 40), Box(10, 12, 25, 38), Box(40, 10, 30, 40)


@pytest.mark.parametrize("order", [1, -1])
def test_the_whole_is_preferred_to_its_parts(order):
    readings = [(WHOLE, 4, 0.95), (LEFT, 1, 0.9), (RIGHT, 7, 0.99), (APART, 2, 0.8)]
    assert read(chosen(readings[::order])) == [(WHOLE, 4), (APART, 2)]


@pytest.mark.parametrize("order", [1, -1])
def test_two_parts_that_are_surer_than_the_whole_are_two_digits(order):
    readings = [(WHOLE, 4, 0.9), (LEFT, 1, 0.95), (RIGHT, 7, 0.99), (APART, 2, 0.8)]
    assert read(chosen(readings[::order])) == [(LEFT, 1), (RIGHT, 7), (APART, 2)]


@pytest.mark.parametrize(("sure", "wanted"), [(0.6, [(LEFT, 4)]), (0.95, [(WHOLE, 7)])])
def test_an_unsure_whole_gives_way_to_a_sure_part(sure, wanted):
    """A 4 is no stroke of the long 7 beside it."""
    readings = [(WHOLE, 7, sure), (LEFT, 4, 0.97), (RIGHT, NOT_A_DIGIT, 0.9)]
    assert read(chosen(readings)) == wanted


@pytest.mark.parametrize(
    ("part", "sure", "wanted"),
    [(4, 0.97, LEFT), (4, 0.94, WHOLE), (7, 0.97, WHOLE), (1, 0.97, WHOLE)],
)
def test_a_digit_with_a_comma_gives_way_to_the_digit(part, sure, wanted):
    assert [box for box, _ in read(chosen([(WHOLE, 4, 0.95), (LEFT, part, sure)]))] == [wanted]


@pytest.mark.parametrize(
    ("part", "digit"), [(Box(12, 12, 6, 30), 1), (Box(30, 10, 20, 15), 1), (LEFT, 1)]
)
def test_a_bar_is_no_reason_to_give_up_the_whole(part, digit):
    assert read(chosen([(WHOLE, 4, 0.8), (part, digit, 0.97)])) == [(WHOLE, 4)]


def test_a_broken_stroke_is_one_digit():
    whole, above, below = Box(10, 10, 8, 40), Box(10, 10, 8, 17), Box(10, 31, 8, 19)
    assert read(chosen([(whole, 1, 0.9), (above, 1, 0.95), (below, 1, 0.95)])) == [(whole, 1)]


def test_a_1_with_a_foot_is_no_part_of_another_1_and_a_mark_beside_it():
    whole, footed, bar = Box(10, 10, 50, 97), Box(10, 38, 50, 69), Box(28, 38, 20, 69)
    assert read(chosen([(whole, 1, 0.98), (footed, 1, 0.99)])) == [(footed, 1)]
    assert read(chosen([(whole, 1, 0.98), (bar, 1, 0.99)])) == [(whole, 1)]


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        (Box(10, 10, 30, 44), [(Box(24, 10, 16, 23), 1, 0.99), (Box(10, 32, 16, 22), 1, 0.95)]),
        (Box(10, 10, 30, 50), [(Box(10, 22, 30, 38), 1, 0.99), (Box(12, 10, 20, 11), 7, 0.97)]),
    ],
    ids=["slanted", "with its flag apart"],
)
def test_a_broken_1_is_one_digit(whole, parts):
    assert read(chosen([(whole, 1, 0.985), *parts])) == [(whole, 1)]


def test_the_parts_are_taken_where_the_whole_is_no_digit():
    readings = [(WHOLE, NOT_A_DIGIT, 0.9), (LEFT, 1, 0.99), (RIGHT, 7, 0.99)]
    assert read(chosen(readings)) == [(LEFT, 1), (RIGHT, 7)]


@pytest.mark.parametrize(
    ("whole", "rings", "gap", "wanted"),
    [
        (8, (0, 0), 1, [8]),
        (8, (0, 0), -2, [8]),
        (8, (0, 0), 12, [0, 0]),  # of two rows
        (8, (0, 3), 1, [0, 3]),
        (3, (0, 0), 1, [0, 0]),
    ],
)
def test_two_rings_of_an_eight_are_no_noughts(whole, rings, gap, wanted):
    regions = [
        plain(box)
        for box in (Box(0, 0, 50, 80 + gap), Box(10, 0, 30, 36), Box(0, 36 + gap, 40, 44))
    ]
    table = np.eye(11, dtype=np.float32)[[whole, *rings]]
    table[0] = 0.98 * table[0] + 0.002
    assert [d.digit for d in digits_of(judge(regions, table, 0.5))] == wanted


def test_a_digit_below_the_least_confidence_is_dropped():
    readings = [(LEFT, 3, 0.59), (APART, 5, 0.61)]
    assert read(chosen(readings, 0.6)) == [(APART, 5)]


def test_the_confidence_is_the_probability():
    (digit,) = chosen([(APART, 5, 0.75)])
    assert digit.confidence == pytest.approx(0.75)
    assert digit.track is None


@pytest.mark.parametrize(
    ("digit", "differences", "reason"),
    [
        (5, {}, ""),
        (5, {"contrast": 5.0}, "too faint"),
        (5, {"crowd": 0.3}, "amid other ink"),
        (5, {"crowd": 0.15}, ""),
        (1, {"crowd": 0.15}, "amid other ink"),
        (5, {"clarity": 4.0}, ""),
        (1, {"clarity": 4.0}, "on restless ground"),
        (5, {"clarity": 4.0, "crowd": 0.05}, "on restless ground"),
        (5, {"contrast": 10.0}, "faint beside the digits"),
        (5, {"box": Box(200, 10, 4, 4)}, "a speck beside the digits"),
        (5, {"box": LEFT}, "part of a larger digit"),
        (NOT_A_DIGIT, {}, "looks like no digit"),
    ],
)
def test_what_is_refused_has_a_reason(digit, differences, reason):
    regions = [plain(WHOLE), plain(APART, **differences)]
    table = np.eye(11, dtype=np.float32)[[4, digit]]
    assert [verdict.refused for verdict in judge(regions, table, 0.5)] == ["", reason]


def test_the_verdicts_keep_the_order_of_the_regions():
    regions = [plain(LEFT), plain(WHOLE), plain(RIGHT)]
    table = np.eye(11, dtype=np.float32)[[1, 4, 7]]
    table[1] *= 0.9
    verdicts = judge(regions, table, 0.5)
    assert [verdict.region for verdict in verdicts] == regions
    assert [verdict.refused for verdict in verdicts] == ["", "several digits", ""]


def test_no_region_no_digit():
    assert judge([], np.zeros((0, 11), np.float32), 0.5) == []


@pytest.mark.parametrize(("digit", "count"), [(1, 1), (7, 2)])
def test_a_1_in_the_line_of_other_ink_is_a_piece_of_a_rule(digit, count):
    table = np.full((2, 11), 0.0005, np.float32)
    table[:, digit] = 0.995
    regions = [plain(Box(10, 10, 8, 40), in_line=True), plain(Box(80, 10, 8, 40))]
    assert len(digits_of(judge(regions, table, 0.5))) == count
