from dataclasses import replace

import numpy as np
import pytest
from drawn import draw_sheet

from camlive.detection import NOT_A_DIGIT, Box
from camlive.recognizer import Recognizer, choose, load
from camlive.segment import Region

INK = np.full((30, 20), 255, np.uint8)
WHOLE, LEFT, RIGHT = Box(10, 10, 60, 40), Box(10, 12, 25, 38), Box(40, 10, 30, 40)
APART = Box(200, 10, 30, 40)


def plain(box, /, **differences):
    """A region that stands out from plain ground."""
    return replace(Region(box, INK, contrast=80.0, clarity=40.0), **differences)


def chosen(readings, min_confidence=0.5):
    """The outcome for boxes with a class and its probability each."""
    table = np.zeros((len(readings), 11), np.float32)
    for row, (_, digit, sure) in zip(table, readings, strict=True):
        row[:] = (1 - sure) / 10
        row[digit] = sure
    regions = [plain(box) for box, _, _ in readings]
    return choose(regions, table, min_confidence)


def read(digits):
    return [(d.box, d.digit) for d in digits]


@pytest.mark.parametrize("order", [1, -1])
def test_the_whole_is_preferred_to_its_parts(order):
    readings = [(WHOLE, 4, 0.95), (LEFT, 1, 0.9), (RIGHT, 7, 0.99), (APART, 2, 0.8)]
    assert read(chosen(readings[::order])) == [(WHOLE, 4), (APART, 2)]


@pytest.mark.parametrize("order", [1, -1])
def test_two_parts_that_are_surer_than_the_whole_are_two_digits(order):
    readings = [(WHOLE, 4, 0.9), (LEFT, 1, 0.95), (RIGHT, 7, 0.99), (APART, 2, 0.8)]
    assert read(chosen(readings[::order])) == [(LEFT, 1), (RIGHT, 7), (APART, 2)]


def test_the_parts_are_taken_where_the_whole_is_no_digit():
    readings = [(WHOLE, NOT_A_DIGIT, 0.9), (LEFT, 1, 0.99), (RIGHT, 7, 0.99)]
    assert read(chosen(readings)) == [(LEFT, 1), (RIGHT, 7)]


def test_a_digit_below_the_least_confidence_is_dropped():
    readings = [(LEFT, 3, 0.59), (APART, 5, 0.61)]
    assert read(chosen(readings, 0.6)) == [(APART, 5)]


def test_the_confidence_is_the_probability():
    (digit,) = chosen([(APART, 5, 0.75)])
    assert digit.confidence == pytest.approx(0.75)
    assert digit.track is None


@pytest.mark.parametrize(
    ("digit", "differences", "kept"),
    [
        (5, {}, True),
        (5, {"contrast": 5.0}, False),
        (5, {"crowd": 0.3}, False),
        (5, {"clarity": 4.0}, True),
        (1, {"clarity": 4.0}, False),
        (5, {"clarity": 4.0, "crowd": 0.05}, False),
        (5, {"contrast": 10.0}, False),  # faint beside the other
        (5, {"box": Box(200, 10, 4, 4)}, False),  # a speck beside the other
    ],
)
def test_the_surroundings_may_speak_against_a_digit(digit, differences, kept):
    regions = [plain(WHOLE), plain(APART, **differences)]
    table = np.eye(11, dtype=np.float32)[[4, digit]]
    assert len(choose(regions, table, 0.5)) == 1 + kept


def test_no_region_no_digit():
    assert choose([], np.zeros((0, 11), np.float32), 0.5) == []


def test_all_regions_are_classified_in_one_batch():
    batches = []

    def all_sevens(batch):
        batches.append(batch)
        return np.eye(11, dtype=np.float32)[np.full(len(batch), 7)]

    digits = Recognizer(all_sevens)(draw_sheet(rows=1).image)
    assert len(batches) == 1
    assert batches[0].dtype == np.float32
    assert batches[0].shape[1:] == (28, 28, 1)
    assert len(digits) == 10
    assert {digit.digit for digit in digits} == {7}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("scale", [0.75, 1, 2.5])
@pytest.mark.parametrize(
    "colors", [{}, {"ink": (225, 230, 228), "paper": (50, 60, 45)}], ids=["ink", "chalk"]
)
def test_the_shipped_model_reads_a_drawn_page(seed, scale, colors):
    sheet = draw_sheet(seed, scale, **colors)
    digits = load()(sheet.image)
    right = [
        any(d.digit == digit and d.box.iou(box) >= 0.5 for d in digits)
        for box, digit in sheet.digits
    ]
    assert all(right)
    assert len(digits) == len(sheet.digits)


@pytest.mark.parametrize("level", [0, 120, 255])
def test_the_shipped_model_finds_nothing_on_a_blank_page(level):
    assert load()(np.full((480, 640, 3), level, np.uint8)) == []
