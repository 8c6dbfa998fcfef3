"""What stands among letters is no digit."""

from dataclasses import replace

import numpy as np
import pytest
from judged import SURE, chosen, digits_of, plain, read

from camlive.detection import NOT_A_DIGIT, Box
from camlive.judge.page import judge

N = NOT_A_DIGIT


def in_line(*labels, step=40):
    """Marks side by side, each with its likeliest class."""
    return [(Box(10 + step * k, 10, 30, 40), label, SURE) for k, label in enumerate(labels)]


def test_what_stands_together_with_letters_is_refused():
    assert chosen(in_line(N, 0, N, N, N)) == []
    assert read(chosen(in_line(N, 0, N, N))) == [(Box(50, 10, 30, 40), 0)]  # three are no text
    assert len(chosen(in_line(1, N, 2, N, 5, N, 6, N))) == 4  # nor are signs between digits
    assert chosen(in_line(1, N, 2, N, N, 5, N, 6)) == []
    assert len(chosen(in_line(1, N, 2, N, N, 3, N, 6))) == 4  # no letter looks like a 3
    assert len(chosen(in_line(N, 0, N, N, N, step=90))) == 1


def test_another_reading_of_the_digits_ink_is_no_letter():
    line, over = in_line(N, 0, N, N), (Box(52, 12, 28, 38), N, 0.95)
    assert read(chosen([*line, over])) == read(chosen(line)) == [(Box(50, 10, 30, 40), 0)]


def test_a_piece_of_a_mark_or_what_is_in_a_shadow_is_no_letter():
    boxes = [box for box, *_ in in_line(N, 0, N, N, N)]
    table = np.full((5, 11), 0.000005, np.float32)
    table[range(5), [N, 0, N, N, N]] = SURE
    regions = [plain(box) for box in boxes]
    assert digits_of(judge(regions, table, 0.5)) == []
    for difference in ({"cut_from": Box(170, 10, 90, 40)}, {"shaded": True}):
        regions[4] = replace(plain(boxes[4]), **difference)
        assert [d.digit for d in digits_of(judge(regions, table, 0.5))] == [0]


def words(*texts, gap=60):
    """Words in one line; a space between two is so wide beyond the step."""
    marks, x = [], 10
    for text in texts:
        for label in text:
            marks.append((Box(x, 10, 30, 40), label, SURE))
            x += 34
        x += gap - 30
    return marks


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ([[N, N, 0], [9, 0, 0, N, 5], [0, N]], 0),  # the goods on
        ([[N, N, 0], [9, 0, 0, 5, 5], [N, 0, N]], 5),  # a number among words
        ([[N, N, 0], [9, 0, 0, 5, N], [0, 0, 0]], 8),  # three letters are no text
        ([[N, N, 0], [9, 4, 0, N, 5], [0, N, 0, 0]], 8),  # no letter looks like a 4
        ([[N, N, 0], [9, 7, 0, N, 5], [0, N, 0, 0]], 8),
        ([[N, N, 0], [9, 8, 0, N, 5], [0, N, 0, 0]], 8),
        ([[N, N, 0], [9, 8, N, N, 5], [0, N, 0]], 6),
        ([[N, N, 0], [9, 8, N, N, 5], [0, N, N]], 0),  # one letter in so many may
        ([[1, 2, N, 1, 5, N, 2, 0, N, 2, 6, N, 1, 9]], 10),  # the signs of a sum stand apart
    ],
)
def test_words_with_a_letter_in_a_line_of_text_hold_no_digit(line, kept):
    assert len(chosen(words(*line))) == kept


def test_an_unsure_digit_that_no_letter_looks_like_tells_nothing():
    marks = words([N, N, 0], [9, 4, 0, N, 5], [0, N, 0, 0])
    unsure = [(box, digit, 0.8 if digit == 4 else sure) for box, digit, sure in marks]
    assert chosen(unsure) == []


@pytest.mark.parametrize(
    ("digits", "brackets", "kept"),
    [((2, 5, 2), [2, 6], 3), ((2, 5, 2), [2], 3), ((2, 5, 2), [6], 0), ((1, 1, 1), [2, 6], 3)],
)
def test_the_brackets_of_a_formula_make_no_word(digits, brackets, kept):
    """25 x (5 + 2), all signs as high as the digits, of which some are narrow."""
    first, second, third = digits
    marks = in_line(first, N, N, second, N, third, N)
    narrow = [
        (Box(box.x, box.y, 19 if k in brackets else 21, box.height), *rest)
        for k, (box, *rest) in enumerate(marks)
    ]
    assert len(chosen(narrow)) == kept


def test_readings_of_one_ink_are_one_letter():
    whole = Box(50, 8, 60, 42)
    parts = [(Box(50, 8, 30, 42), N, 0.95), (Box(81, 8, 29, 42), N, 0.95)]
    further = [(Box(120, 10, 30, 40), N, 0.95)]
    assert len(chosen([*in_line(0), (whole, N, 0.95), *parts, *further])) == 1


@pytest.mark.parametrize(
    ("label", "word", "kept"),
    [
        (0, Box(50, 10, 120, 40), 0),  # o after a word in one stroke, and two letters
        (4, Box(50, 10, 120, 40), 1),  # no letter looks like it
        (0, Box(50, 28, 120, 12), 1),  # too low for a word, as a line is
        (0, Box(50, 10, 900, 40), 1),  # too long
        (0, Box(0, 10, 120, 40), 1),  # holds the digit, so it was cut
    ],
)
def test_a_word_in_one_stroke_is_of_two_letters(label, word, kept):
    marks = [(Box(10, 10, 30, 40), label, SURE)]
    marks += [(Box(180 + 40 * k, 10, 30, 40), N, SURE) for k in range(2)]
    assert len(chosen(marks, joined=[word])) == kept


@pytest.mark.parametrize(("lines", "kept"), [(4, 6), (5, 4)])
def test_on_a_page_of_text_what_has_as_many_letters_as_digits_is_a_word(lines, kept):
    """Of four words the second has fewer letters than digits, the third a sure 2."""
    page = [
        (Box(10 + 40 * k, 100 + 100 * row, 30, 40), N, SURE)
        for row in range(lines)
        for k in range(4)
    ]
    loose = words([N, 0], [N, 1, 5], [N, 2, 0, N], [6, N], gap=100)
    assert len(chosen([*page, *loose])) == kept
