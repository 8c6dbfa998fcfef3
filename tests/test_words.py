"""What stands among letters is no digit."""

from dataclasses import astuple, replace

import numpy as np
import pytest
from judged import chosen, digits_of, plain, read

from camlive.detection import NOT_A_DIGIT, Box
from camlive.judge import judge


def in_line(*labels, step=40):
    """Marks side by side, each with its likeliest class."""
    return [(Box(10 + step * k, 10, 30, 40), label, 0.95) for k, label in enumerate(labels)]


def test_what_stands_together_with_as_many_letters_is_refused():
    n = NOT_A_DIGIT
    assert chosen(in_line(n, 0, n, n, n)) == []
    assert read(chosen(in_line(n, 0, n, n))) == [(Box(50, 10, 30, 40), 0)]
    assert len(chosen(in_line(1, n, 2, n, 3, n, 4, n, 5))) == 5
    assert chosen(in_line(1, n, 2, n, 5, n, 6, n)) == []
    assert len(chosen(in_line(5, n, 2, n, 3, n, 6, n))) == 4  # no letter looks like a 3
    assert len(chosen(in_line(n, 0, n, n, n, step=90))) == 1


def test_another_reading_of_the_digits_ink_is_no_letter():
    line, over = in_line(N, 0, N, N), (Box(52, 12, 28, 38), N, 0.95)
    assert read(chosen([*line, over])) == read(chosen(line)) == [(Box(50, 10, 30, 40), 0)]


def test_a_piece_of_a_mark_is_no_letter():
    boxes = [box for box, *_ in in_line(N, 0, N, N, N)]
    table = np.full((5, 11), 0.005, np.float32)
    table[range(5), [N, 0, N, N, N]] = 0.95
    regions = [plain(box) for box in boxes]
    assert digits_of(judge(regions, table, 0.5, [])) == []
    regions[4] = replace(regions[4], cut_from=Box(170, 10, 90, 40))
    assert [d.digit for d in digits_of(judge(regions, table, 0.5, []))] == [0]


N = NOT_A_DIGIT
UNREAD = [Box(95 + 85 * k, 10, 80, 40) for k in range(4)]  # on from two marks in line


def test_marks_that_were_not_read_are_letters():
    marks = in_line(0, N)
    assert chosen(marks, unread=UNREAD[:3]) == []
    assert len(chosen(marks, unread=UNREAD[:2])) == 1


def test_marks_that_were_not_read_are_none_where_most_are_digits():
    """Of a page of hundreds of digits not all are read."""
    assert len(chosen(in_line(0), unread=UNREAD)) == 1
    after = [Box(90 + box.x, *astuple(box)[1:]) for box in UNREAD]
    assert len(chosen(in_line(3, N, 4, 5), unread=after)) == 3
    assert len(chosen(in_line(5, N, 6, N), unread=after)) == 0


@pytest.mark.parametrize(
    "unread",
    [
        [Box(95, 10, 150, 40), Box(250, 10, 150, 40), Box(405, 10, 80, 40)],  # one too far
        [Box(-60, 5, 80, 50), *UNREAD[:2]],  # one over the digit
        [Box(95, 10, 80, 40), Box(96, 11, 78, 38), Box(98, 12, 70, 36)],  # of one ink
    ],
)
def test_what_was_not_read_is_no_letter_if_far_or_over_the_digit_or_counted(unread):
    assert len(chosen(in_line(0, N), unread=unread)) == 1


def test_on_a_page_of_text_few_letters_make_a_word():
    row = [(Box(box.x, 110, 30, 40), label, 0.98) for box, label, _ in in_line(7, 5, N)]
    twelve, eleven = (
        [(Box(box.x, 10, 30, 40), *rest) for box, *rest in in_line(*[N] * count)]
        for count in (12, 11)
    )
    assert chosen([*twelve, *row]) == []
    assert len(chosen([*eleven, *row])) == 2


@pytest.mark.parametrize(("rows", "numbers", "kept"), [(20, 5, 0), (19, 5, 10), (20, 6, 12)])
def test_on_a_page_that_is_all_text_a_word_of_s_and_o_is_no_number(rows, numbers, kept):
    """Ten letters a row, each row a word; and words of two marks that look like digits."""
    text = [
        (Box(box.x, 60 * row, 30, 40), *rest)
        for row in range(rows)
        for box, *rest in in_line(*[N] * 10)
    ]
    words = [
        (Box(600 + box.x, 180 * k, 30, 40), label, 0.98)
        for k in range(numbers)
        for box, label, _ in in_line(5, 0)
    ]
    assert len(chosen([*text, *words])) == kept


def words(*texts, gap=60):
    """Words in one line; a space between two is so wide beyond the step."""
    marks, x = [], 10
    for text in texts:
        for label in text:
            marks.append((Box(x, 10, 30, 40), label, 0.95))
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
        ([[1, 2, N, 1, 5, N, 2, 0, N, 2, 6, N, 1, 9]], 10),  # the signs of a sum stand apart
    ],
)
def test_words_with_a_letter_in_a_line_of_text_hold_no_digit(line, kept):
    assert len(chosen(words(*line))) == kept


def test_an_unsure_digit_that_no_letter_looks_like_tells_nothing():
    marks = words([N, N, 0], [9, 4, 0, N, 5], [0, N, 0, 0])
    unsure = [(box, digit, 0.8 if digit == 4 else sure) for box, digit, sure in marks]
    assert chosen(unsure) == []


def test_what_is_not_sure_enough_leaves_no_gap_in_a_word():
    marks = words([N, 0, N, 2, N, N, 0, 0, 0])
    assert chosen(marks) == []
    gap = [marks[k] for k in (0, 1, 2, 4, 5, 6, 7, 8)]
    apart = [
        (Box(box.x + 40 * (k > 2), *astuple(box)[1:]), *rest) for k, (box, *rest) in enumerate(gap)
    ]
    assert len(chosen(apart)) == 4
    unsure = Box(marks[3][0].x + 20, *astuple(marks[3][0])[1:]), 2, 0.4
    assert chosen([*apart, unsure]) == []
    regions = [plain(box) for box, *_ in (*apart, unsure)]
    regions[-1] = replace(regions[-1], shaded=True)
    table = np.full((9, 11), 0.005, np.float32)
    table[range(9), [label for _, label, _ in (*apart, unsure)]] = [0.95] * 8 + [0.4]
    assert len(digits_of(judge(regions, table, 0.5, []))) == 4


@pytest.mark.parametrize(
    ("digits", "brackets", "kept"),
    [((2, 5, 2), [2, 6], 3), ((2, 5, 2), [2], 0), ((2, 5, 2), [], 0), ((1, 1, 1), [2, 6], 0)],
)
def test_the_brackets_of_a_formula_make_no_word(digits, brackets, kept):
    """25 x (5 + 2), all signs as high as the digits, of which some are narrow."""
    first, second, third = digits
    marks = in_line(first, N, N, second, N, third, N)
    narrow = [
        (Box(box.x, box.y, 18 if k in brackets else 30, box.height), *rest)
        for k, (box, *rest) in enumerate(marks)
    ]
    assert len(chosen(narrow)) == kept


def test_readings_of_one_ink_are_one_letter():
    n = NOT_A_DIGIT
    whole = Box(50, 8, 60, 42)
    parts = [(Box(50, 8, 30, 42), n, 0.95), (Box(81, 8, 29, 42), n, 0.95)]
    further = [(Box(120, 10, 30, 40), n, 0.95)]
    assert len(chosen([*in_line(0), (whole, n, 0.95), *parts, *further])) == 1


def test_where_a_reading_counts_no_longer_a_surer_one_of_its_ink_does():
    others = [(Box(60 * k, 300, 30, 40), N, 0.95) for k in range(6)]
    whole, part = (Box(100, 10, 40, 60), 4, 0.95), (Box(104, 12, 30, 50), 9, 0.99)
    assert read(chosen([*others, whole])) == []
    assert read(chosen([*others, whole, part])) == [part[:2]]
    assert read(chosen([*others[1:], whole, part])) == [whole[:2]]


@pytest.mark.parametrize(
    ("others", "height", "digits", "sure", "kept"),
    [
        (6, 40, 1, 0.9, 0),
        (6, 40, 1, 0.98, 1),
        (5, 40, 1, 0.9, 1),
        (6, 40, 7, 0.9, 7),
        (20, 40, 7, 0.9, 0),
        (20, 120, 1, 0.9, 1),
        (20, 12, 1, 0.9, 1),
    ],
)
def test_where_most_looks_like_no_digit_only_a_very_sure_one_counts(
    others, height, digits, sure, kept
):
    """The other marks stand alone, so that they are no word."""
    marks = [(Box(200 * k, 500, height, height), NOT_A_DIGIT, 0.9) for k in range(others)]
    marks += [(Box(200 * k, 10, 30, 40), 5, sure) for k in range(digits)]
    assert len(chosen(marks)) == kept


@pytest.mark.parametrize(
    ("digit", "others", "sure", "kept"),
    [(1, 2, 0.95, 0), (1, 2, 0.98, 1), (1, 1, 0.95, 1), (7, 2, 0.95, 1)],
)
def test_a_bar_among_signs_must_be_very_sure(digit, others, sure, kept):
    """Many signs have a stroke apart that looks like a 1."""
    marks = [(Box(200 * k, 500, 40, 40), NOT_A_DIGIT, 0.9) for k in range(others)]
    assert len(chosen([*marks, (Box(0, 10, 30, 40), digit, sure)])) == kept


@pytest.mark.parametrize(
    ("sure", "labels", "letters", "contrast", "kept"),
    [
        ([0.99, 0.99, 0.6], [4, 4, 5], 0, 80, 3),
        ([0.99, 0.96, 0.6], [4, 4, 5], 0, 80, 1),  # by one very sure digit only that is kept
        ([0.99, 0.99, 0.6], [4, 4, 1], 0, 80, 3),
        ([0.99, 0.99, 0.6], [4, 1, 5], 0, 80, 2),  # nor by a bar
        ([0.99, 0.99, 0.6], [4, 4, 5], 1, 80, 3),
        ([0.99, 0.99, 0.6], [4, 4, 5], 2, 80, 2),
        ([0.99, 0.99, 0.6], [4, 4, 5], 2, 40, 3),  # pieces of squares, which are fainter
    ],
)
def test_in_a_number_with_sure_digits_a_less_sure_one_counts(sure, labels, letters, contrast, kept):
    """Where most looks like no digit."""
    far = [plain(Box(200 * k, 500, 30, 40)) for k in range(20)]
    row = [plain(Box(10 + 40 * k, 10, 30, 40)) for k in range(3)]
    beside = [plain(Box(130 + 40 * k, 10, 30, 40), contrast=contrast) for k in range(letters)]
    table = np.zeros((20 + 3 + letters, 11), np.float32)
    table[:, NOT_A_DIGIT] = 1
    for k, (chance, label) in enumerate(zip(sure, labels, strict=True), 20):
        table[k] = (1 - chance) / 10
        table[k, label] = chance
    assert len(digits_of(judge([*far, *row, *beside], table, 0.5, []))) == kept
