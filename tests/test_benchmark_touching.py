from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest
from fixtures_mnist import mnist

from benchmark.drawn import SIZE
from benchmark.touching import GAPS, OVERLAPS, touching_numbers


@pytest.fixture(scope="module")
def sheets():
    return list(touching_numbers(mnist(), sheets=8))


def test_apart_and_touching_take_turns(sheets):
    kinds = Counter(label.source for label, _ in sheets)
    assert len(kinds) == 1 + len(OVERLAPS)
    assert set(kinds.values()) == {2}
    assert len({label.file for label, _ in sheets}) == 8


def gaps(label):
    """Between neighbours of a number, in heights of the line."""
    lines = defaultdict(list)
    for digit in label.digits:
        lines[digit.box.bottom].append(digit.box)
    return [
        (right.x - left.right) / max(box.height for box in boxes)
        for boxes in lines.values()
        for left, right in pairwise(boxes)
    ]


def test_digits_stand_as_the_source_says(sheets):
    for label, _ in sheets:
        within = [gap for gap in gaps(label) if gap < 0.5]
        assert len(within) > 20
        if label.source == "apart":
            assert min(within) >= GAPS[0] - 0.04
        else:
            most = float(label.source.split()[-1].rstrip("%")) / 100
            assert -most - 0.04 <= min(within) <= -most / 2
            assert max(within) <= 0.01


def test_boxes_hold_the_ink(sheets):
    for label, image in sheets:
        assert image.shape == (SIZE[1], SIZE[0], 3)
        assert len({digit.digit for digit in label.digits}) == 10
        grey = image.mean(axis=2)
        paper = np.median(grey)
        for digit in label.digits:
            b = digit.box
            assert 0 <= b.x < b.right <= SIZE[0]
            assert grey[b.y : b.bottom, b.x : b.right].min() < 0.8 * paper


def test_sheets_are_the_same_each_time(sheets):
    again = list(touching_numbers(mnist(), sheets=2))
    for (label, image), (other, seen) in zip(again, sheets, strict=False):
        assert label == other
        np.testing.assert_array_equal(image, seen)
