from collections import Counter

import numpy as np
import pytest
from fixtures_mnist import mnist

from benchmark.drawn import SIZE
from benchmark.pages import KINDS, MARGIN, drawn_pages


@pytest.fixture(scope="module")
def pages():
    return list(drawn_pages(mnist(), pages=2 * len(KINDS)))


def of_kind(pages, kind):
    found = [(label, image) for label, image in pages if kind in label.source]
    assert found
    return found


def ink_of(image):
    """The share of ink in each row and in each column of a page."""
    grey = image.mean(axis=2)
    ink = grey < 0.75 * np.median(grey)
    return ink.mean(axis=1), ink.mean(axis=0)


def test_the_kinds_take_turns(pages):
    assert Counter(label.source for label, _ in pages) == dict.fromkeys(KINDS, 2)
    assert len({label.file for label, _ in pages}) == len(pages)


def test_boxes_hold_the_ink_of_digits(pages):
    for label, image in pages:
        assert image.shape == (SIZE[1], SIZE[0], 3)
        assert len({digit.digit for digit in label.digits}) == 10
        grey = image.mean(axis=2)
        for digit in label.digits:
            b = digit.box
            assert 0 <= b.x < b.right <= SIZE[0]
            assert 0 <= b.y < b.bottom <= SIZE[1]
            window = grey[b.y : b.bottom, b.x : b.right]
            around = grey[max(0, b.y - 20) : b.bottom + 20, max(0, b.x - 20) : b.right + 20]
            assert window.min() < 0.85 * np.quantile(around, 0.8)


def test_digits_stand_in_the_cells_of_a_table_or_over_its_rules(pages):
    for kind, over in (("in their cells", False), ("over the rules", True)):
        for label, image in of_kind(pages, kind):
            rows, columns = ink_of(image)
            level, upright = (np.flatnonzero(share > 0.55) for share in (rows, columns))
            assert len(level) >= 8
            assert len(upright) >= 8
            crossed = [
                any(d.box.y <= y < d.box.bottom for y in level)
                or any(d.box.x <= x < d.box.right for x in upright)
                for d in label.digits
            ]
            assert np.mean(crossed) >= 0.95 if over else not any(crossed)


def test_words_stand_below_the_digits(pages):
    for label, image in of_kind(pages, "words"):
        assert label.printed_text
        lowest = max(digit.box.bottom for digit in label.digits)
        rows, _ = ink_of(image[lowest + 5 :])
        assert np.count_nonzero(rows > 0.02) > 20


def test_the_edges_of_shadows_part_a_page(pages):
    for _, image in of_kind(pages, "shadows"):
        paper = [np.quantile(part, 0.9) for part in np.array_split(image[:, MARGIN:-MARGIN], 8)]
        aside = [np.quantile(part, 0.9) for part in np.array_split(image, 8, axis=1)]
        assert min(*paper, *aside) < 0.93 * max(*paper, *aside)


def test_pages_are_the_same_each_time(pages):
    again = list(drawn_pages(mnist(), pages=len(KINDS)))
    for (label, image), (other, seen) in zip(again, pages, strict=False):
        assert label == other
        np.testing.assert_array_equal(image, seen)
