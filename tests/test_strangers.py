"""The more of a page looks like no digit, the surer one must be."""

import pytest
from judged import SURE, chosen, read

from camlive.detection import NOT_A_DIGIT, Box


def test_where_a_reading_counts_no_longer_a_surer_one_of_its_ink_does():
    others = [(Box(60 * k, 300, 30, 40), NOT_A_DIGIT, 0.95) for k in range(5)]
    whole, part = (Box(100, 10, 40, 60), 4, 0.97), (Box(104, 12, 30, 50), 9, 0.998)
    assert read(chosen([*others, whole])) == []
    assert read(chosen([*others, whole, part])) == [part[:2]]
    assert read(chosen([*others[1:], whole, part])) == [whole[:2]]


@pytest.mark.parametrize(
    ("others", "height", "digits", "sure", "kept"),
    [
        (0, 40, 1, 0.51, 1),
        (1, 40, 1, 0.77, 0),  # by the cube of 2 to 3
        (1, 40, 1, 0.78, 1),
        (3, 40, 1, 0.93, 0),
        (3, 40, 1, 0.95, 1),
        (5, 40, 1, 0.97, 0),
        (5, 40, 1, 0.98, 1),
        (15, 40, 1, 0.996, 0),
        (15, 40, 1, 0.997, 1),
        (100, 40, 1, 0.997, 1),  # more tell no more
        (6, 40, 7, 0.98, 7),  # each by the six others, which count half
        (15, 40, 7, 0.98, 7),
        (20, 40, 7, 0.98, 0),
        (100, 120, 1, 0.6, 1),
        (100, 12, 1, 0.6, 1),
    ],
)
def test_the_more_looks_like_no_digit_the_surer_one_must_be(others, height, digits, sure, kept):
    """The other marks stand alone, so that they are no word."""
    assert len(chosen([*alone(others, height), *sevens(digits, sure)])) == kept


def test_alone_a_digit_needs_but_the_least_confidence():
    assert len(chosen(sevens(1, 0.4), min_confidence=0.3)) == 1
    assert len(chosen([*sevens(1, 0.4), *alone(1)], min_confidence=0.3)) == 0


def test_the_least_confidence_is_asked_of_what_its_page_leaves_of_a_digit():
    page = [*sevens(1, 0.9), *alone(1)]  # by the cube of 2 to 3: 0.727
    assert len(chosen(page, min_confidence=0.72)) == 1
    assert len(chosen(page, min_confidence=0.74)) == 0
    assert len(chosen(sevens(1, 0.9), min_confidence=0.74)) == 1


def test_of_the_digits_of_a_page_only_sure_ones_tell_what_it_shows_and_no_bars():
    """Many signs have a stroke apart that looks like a 1."""
    strangers, last = alone(8), [(Box(1800, 10, 30, 40), 5, 0.9)]
    assert len(chosen([*strangers, *sevens(6, 0.975), *last])) == 7
    assert len(chosen([*strangers, *sevens(6, 0.965), *last])) == 0
    assert len(chosen([*strangers, *sevens(6, 0.975, digit=1), *last])) == 0


@pytest.mark.parametrize(
    ("lines", "strays", "sure", "kept"),
    [
        (3, 0, 0.9968, 0),  # by the cube of 2 to 14
        (3, 0, 0.9975, 1),
        (3, 35, 0.9993, 0),
        (3, 36, 0.9993, 1),  # three quarters of it are no text
        (0, 12, 0.9968, 1),
    ],
)
def test_on_a_page_of_text_each_letter_tells(lines, strays, sure, kept):
    text = [
        (Box(40 * k, 700 + 100 * line, 30, 40), NOT_A_DIGIT, 0.9)
        for line in range(lines)
        for k in range(4)
    ]
    assert len(chosen([*text, *alone(strays), *sevens(1, sure)])) == kept


def test_letters_of_a_word_that_look_like_digits_tell_nothing_of_the_others():
    word = [(Box(40 * k, 700, 30, 40), NOT_A_DIGIT, 0.9) for k in range(6)]
    seven = sevens(1, 0.98)
    letters = [(Box(240 + 40 * k, 700, 30, 40), 5, SURE) for k in range(3)]
    assert len(chosen([*word, *letters, *seven])) == 0
    apart = [(Box(240 + 200 * k, 300, 30, 40), 5, SURE) for k in range(3)]
    assert len(chosen([*word, *apart, *seven])) == 4


def alone(count, height=40):
    """Marks that look like no digit, each far from the next."""
    return [(Box(200 * k, 500, height, height), NOT_A_DIGIT, 0.9) for k in range(count)]


def sevens(count, sure, digit=7):
    """As many of a digit, each far from the next."""
    return [(Box(200 * k, 10, 30, 40), digit, sure) for k in range(count)]
