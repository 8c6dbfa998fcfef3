"""Verdicts -> verdicts, by what looks like no digit in the frame: letters, words, texture."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from camlive.detection import Box, Digit
from camlive.judge.overlap import apart, overlaps
from camlive.judge.strangers import MOST_LARGER, is_contrary, odds_on_page
from camlive.judge.verdict import NO_DIGIT, SURE, Verdict
from camlive.reading import parted, stand_together
from camlive.segment.measure import is_wide

RARE = "among much that is no digit"
LETTERS = "among letters"
TEXT = 1 / 4  # of what is none: so much of it in lines of text makes a page of that
WORD = 4  # letters that make text of a line
LONGEST_WORD = 12  # width over height of one: what is longer is a line, or several words
JOINED = 2  # letters that a mark too wide for a digit has, at least
PAGE = 5  # lines of text that make a page of text
LIKE_LETTERS = {0, 1, 5, 6, 9}  # of 242 such in written words 222 were letters, of 67 others 37
UNLIKE_LETTERS = {3, 4, 7, 8}  # of 800 letters of drawn words that were sure digits 3 were these
TO_EACH = 6  # letters in text, at least: a printed g may be an 8
BRACKET = 0.5  # width over height: the brackets of a formula are at most so wide


def not_among_others(verdicts: list[Verdict], joined: Sequence[Box], least: float) -> list[Verdict]:
    """Refuses what stands in text, and the less sure where much looks like no digit.

    Args:
        verdicts: on all marks that may be digits.
        joined: the boxes of the others: too wide for a digit, as words in joined writing are.
        least: the chance that a digit must have, on its page as well, 0 to 1.
    """
    digits = [verdict.digit for verdict in verdicts if not verdict.refused]
    if not digits:
        return verdicts
    others = unlike_digits(verdicts)
    others += _words_in_one(joined, digits, others)
    groups = stand_together([*digits, *others])
    lines = [group for group in groups if _is_text(group, digits, others)]
    in_words = _in_words(groups, lines, digits, others)
    letters = sum(k >= len(digits) for line in lines for k in line)
    contrasts = {verdict.digit: verdict.region.contrast for verdict in verdicts}
    is_text = letters > TEXT * len(others)
    odds = odds_on_page(digits, others, contrasts, in_words, is_text)

    def reason(digit: Digit) -> str:
        if digit in in_words:
            return LETTERS
        return RARE if is_contrary(digit, odds[digit], least) else ""

    return [
        v if v.refused else replace(v, refused=reason(v.digit), odds=odds[v.digit])
        for v in verdicts
    ]


def _in_words(
    groups: Sequence[Sequence[int]],
    lines: Sequence[Sequence[int]],
    digits: Sequence[Digit],
    letters: Sequence[Digit],
) -> set[Digit]:
    """The digits that are letters of words: the o of a word is no 0.

    They stand in a line of text, and in a part of it, cut at its wide gaps, that holds any letter;
    on a page of text anywhere in such a part with as many letters as digits, if letters are often
    read as these.
    """
    marks = [*digits, *letters]
    found: set[Digit] = set()
    for group in groups if len(lines) >= PAGE else lines:
        for part in parted(group, marks):
            row = [digits[k] for k in part if k < len(digits)]
            count = _count([marks[k] for k in part if k >= len(digits)])
            is_like_one = count >= len(row) and not any(map(_is_no_letter, row))
            if count and (group in lines or is_like_one):
                found.update(row)
    return found


def _is_no_letter(digit: Digit) -> bool:
    return digit.confidence >= SURE and digit.digit not in LIKE_LETTERS


def _count(letters: Sequence[Digit]) -> int:
    """How many letters some marks are at least."""
    return sum(JOINED if is_wide(letter.box) else 1 for letter in letters)


def _is_text(line: Sequence[int], digits: Sequence[Digit], letters: Sequence[Digit]) -> bool:
    """Whether a line has enough letters, two of them side by side, and few digits unlike letters.

    The two are wider than brackets: the signs of a formula stand apart but for those.

    Args:
        line: indices, from left to right: first the digits', then the letters'.
        digits: all of the frame.
        letters: what looks like no digit, or is too wide for one.
    """
    among = [digits[k] for k in line if k < len(digits)]
    own = {k: letters[k - len(digits)] for k in line if k >= len(digits)}
    wide = {k for k, letter in own.items() if letter.box.width > BRACKET * letter.box.height}
    unlike = sum(d.confidence >= SURE and d.digit in UNLIKE_LETTERS for d in among)
    side_by_side = any(wide.issuperset(pair) for pair in pairwise(line))
    side_by_side |= any(is_wide(letter.box) for letter in own.values())
    return _count([*own.values()]) >= max(WORD, TO_EACH * unlike) and side_by_side


def _words_in_one(
    joined: Sequence[Box], digits: Sequence[Digit], letters: Sequence[Digit]
) -> list[Digit]:
    """Of marks too wide for a digit those that may be words in one stroke, or parts of such.

    They are about as high as the other marks, no line, and hold no digit that was cut out of them.
    """
    usual = median(mark.box.height for mark in (*digits, *letters))
    fit = [
        box
        for box in joined
        if max(box.height, usual) <= MOST_LARGER * min(box.height, usual)
        and box.width <= LONGEST_WORD * box.height
    ]
    _, within = overlaps([*(digit.box for digit in digits), *fit])
    return [
        Digit(box, 0, 0.0)
        for k, box in enumerate(fit, len(digits))
        if not within[: len(digits), k].any()
    ]


def unlike_digits(verdicts: Sequence[Verdict]) -> list[Digit]:
    """Marks that look like no digit, the largest of each ink, apart from the digits."""
    same, _ = overlaps([verdict.region.box for verdict in verdicts])
    digits = [k for k, v in enumerate(verdicts) if not v.refused]
    none = [k for k, v in enumerate(verdicts) if v.refused == NO_DIGIT and _is_whole(v)]
    return _of_one_ink_each([verdicts[k].digit for k in none if not same[k, digits].any()])


def _is_whole(verdict: Verdict) -> bool:
    """Whether a mark stands for itself: no piece, and nothing in a shadow."""
    return not (verdict.region.cut_from or verdict.region.shaded)


def _of_one_ink_each(marks: Sequence[Digit]) -> list[Digit]:
    """The marks without those that are of the same ink as a larger one."""
    same, _ = overlaps([mark.box for mark in marks])
    order = sorted(range(len(marks)), key=lambda k: -marks[k].box.area)
    return [marks[k] for k in apart(order, same)]
