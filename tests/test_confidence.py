"""The confidence that is given is the network's chance, with a page's many marks in mind."""

import numpy as np
import pytest
from drawn import draw_sheet

from camlive.confidence import MODESTY, chance_of, confidence_of
from camlive.recognizer import Recognizer


def sevens(chance):
    """A classifier that takes all for sevens with this chance, else for no digit."""
    odds = np.zeros(11, np.float32)
    odds[[7, 10]] = chance, 1 - chance
    return lambda batch: np.tile(odds, (len(batch), 1))


@pytest.mark.parametrize("chance", [0, 1e-9, 0.2, 0.5, 0.8, 0.97, 1 - 1e-9, 1])
def test_the_chance_of_a_confidence_gives_that_confidence(chance):
    assert confidence_of(chance_of(chance)) == pytest.approx(chance, abs=1e-12)
    assert chance_of(confidence_of(chance)) == pytest.approx(chance, abs=1e-12)


def test_confidence_is_more_modest_than_the_chance_and_rises_with_it():
    chances = np.linspace(0, 1, 101)
    given = np.array([confidence_of(chance) for chance in chances.tolist()])
    assert (np.diff(given) > 0).all()
    assert given[[0, 50, 100]] == pytest.approx([0, 0.5, 1])
    assert (given[51:100] < chances[51:100]).all()
    assert (given[1:50] > chances[1:50]).all()
    assert confidence_of(0.9) == pytest.approx(1 / (1 + (1 / 9) ** (1 / MODESTY)))
    assert MODESTY > 1


def test_a_page_of_other_marks_makes_less_sure():
    assert confidence_of(0.9, odds=1 / 9) == pytest.approx(0.5)
    assert confidence_of(1, odds=0.01) == 1
    assert confidence_of(0, odds=0.01) == 0


def test_digits_have_the_confidence_and_are_chosen_by_it():
    image = draw_sheet(rows=1).image
    classify, given = sevens(0.9), confidence_of(0.9)
    seen = Recognizer(classify).examine(image)
    assert len(seen.digits) == 10
    assert [digit.confidence for digit in seen.digits] == pytest.approx([given] * 10)
    assert seen.probabilities.max() == np.float32(0.9)
    assert len(Recognizer(classify, min_confidence=given - 0.001)(image)) == 10
    assert Recognizer(classify, min_confidence=given + 0.001)(image) == []


def test_less_sure_for_their_page_digits_are_left_out_where_more_is_asked_for():
    two = draw_sheet(rows=1).image[:, :170]

    def read(min_confidence):
        rows = iter([sevens(0.95), sevens(0)])  # of the first two marks; the others are pieces

        def classify(batch):
            read = [next(rows, sevens(0))(tile[None]) for tile in batch]
            return np.concatenate([np.zeros((0, 11), np.float32), *read])

        return Recognizer(classify, min_confidence)(two)

    given = confidence_of(0.95, odds=(2 / 3) ** 3)  # beside one mark that is none
    assert [digit.confidence for digit in read(0.5)] == [pytest.approx(given)]
    assert len(read(given - 0.001)) == 1
    assert read(given + 0.001) == []
