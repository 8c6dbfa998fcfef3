"""Verdicts -> verdicts, by what looks like no digit in the frame: letters, words, texture."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import cast

import numpy as np

from camlive.detection import Box, Digit
from camlive.overlap import apart, overlaps
from camlive.reading import parted, stand_together
from camlive.verdict import ALIKE, BAR, NO_DIGIT, SURE, VERY_SURE, Verdict

RARE = "among much that is no digit"
LETTERS = "among letters"
AT_FIRST = 2  # digits, and as many marks that are none, that every page is taken to have
WEIGHT = 4  # the power of the odds of digits that counts
LEAST_ODDS = 0.3  # where there is no text: a desk is full of marks, and holds one digit as well
TEXT = 1 / 3  # of what is none: so much of it in lines of text makes a page of that
NUMBER = 2  # very sure digits, by which what stands together is a number, unless
NONE_SHARE = 1 / 3  # so many marks of their ink to each digit are none
MOST_LARGER = 2.5  # times: a mark of about the same size
WORD = 4  # letters that make text of a line
UNLIKE_LETTERS = {3, 4, 7, 8}  # of 800 letters of drawn words that were sure digits 3 were these
TO_EACH = 6  # letters in text, at least: a printed g may be an 8
BRACKET = 0.5  # width over height: the brackets of a formula are at most so wide


def not_among_others(verdicts: list[Verdict]) -> list[Verdict]:
    """Refuses what stands in text, and the less sure where much looks like no digit."""
    digits = [verdict.digit for verdict in verdicts if not verdict.refused]
    if not digits:
        return verdicts
    others = unlike_digits(verdicts)
    groups = stand_together([*digits, *others])
    lines = [group for group in groups if _is_text(group, digits, others)]
    in_words = _in_words(lines, digits, others)
    contrasts = {verdict.digit: verdict.region.contrast for verdict in verdicts}
    in_numbers = _in_numbers(groups, digits, others, contrasts)
    letters = sum(k >= len(digits) for line in lines for k in line)
    is_text = letters > TEXT * len(others)
    odds = _odds(digits, others, least=0 if is_text else LEAST_ODDS)
    contrary = {d for d, odd in zip(digits, odds, strict=True) if _is_contrary(d, odd)}
    rare = contrary - in_numbers

    def reason(digit: Digit) -> str:
        if digit in in_words:
            return LETTERS
        return RARE if digit in rare else ""

    return [v if v.refused else replace(v, refused=reason(v.digit)) for v in verdicts]


def _odds(digits: Sequence[Digit], others: Sequence[Digit], least: float) -> list[float]:
    """For each digit the odds, by the other marks of about its size, that one of them is a digit.

    Of the digits those count that are very sure, and no bars. No odds are lower than the least.
    """
    sizes = np.array([max(d.box.width, d.box.height) for d in (*digits, *others)])
    alike = np.maximum(sizes[:, None], sizes) <= MOST_LARGER * np.minimum(sizes[:, None], sizes)
    np.fill_diagonal(alike, False)
    telling = np.array([d.confidence >= VERY_SURE and d.digit != BAR for d in digits])
    peers, strangers = np.hsplit(alike[: len(digits)], [len(digits)])
    odds = ((peers & telling).sum(1) + AT_FIRST) / (strangers.sum(1) + AT_FIRST)
    return cast("list[float]", odds.clip(least).tolist())


def _is_contrary(digit: Digit, odds: float) -> bool:
    """Whether a page on which these are the odds of digits speaks more against one than its look.

    So a classifier's chances are adjusted to other frequencies than it was trained with (Saerens,
    Latinne and Decaestecker, Neural Computation 14, 2002).
    """
    return odds < 1 and digit.confidence * odds**WEIGHT < 1 - digit.confidence


def _in_numbers(
    groups: Sequence[Sequence[int]],
    digits: Sequence[Digit],
    others: Sequence[Digit],
    contrasts: Mapping[Digit, float],
) -> set[Digit]:
    """The digits that stand together with very sure ones, and with hardly anything that is none.

    Of that only what has their ink counts: pieces of ruled squares about them are fainter.
    """
    marks = [*digits, *others]
    found: set[Digit] = set()
    for group in groups:
        row = [digits[k] for k in group if k < len(digits)]
        if sum(d.confidence >= VERY_SURE and d.digit != BAR for d in row) < NUMBER:
            continue
        least = median(contrasts[digit] for digit in row) / ALIKE
        none = sum(contrasts[marks[k]] >= least for k in group if k >= len(digits))
        if none <= NONE_SHARE * len(row):
            found.update(row)
    return found


def _in_words(
    lines: Sequence[Sequence[int]], digits: Sequence[Digit], letters: Sequence[Digit]
) -> set[Digit]:
    """The digits that are letters of words: the o of a word is no 0.

    They stand in a line of text, and in a part of it, cut at its wide gaps, that holds any letter.
    """
    marks = [*digits, *letters]
    parts = [part for line in lines for part in parted(line, marks)]
    rows = [[digits[k] for k in part if k < len(digits)] for part in parts]
    return {d for row, part in zip(rows, parts, strict=True) if len(row) < len(part) for d in row}


def _is_text(line: Sequence[int], digits: Sequence[Digit], letters: Sequence[Digit]) -> bool:
    """Whether a line has enough letters, two of them side by side, and few digits unlike letters.

    The two are wider than brackets: the signs of a formula stand apart but for those.

    Args:
        line: indices, from left to right: first the digits', then the letters'.
        digits: all of the frame.
        letters: what looks like no digit.
    """
    among = [digits[k] for k in line if k < len(digits)]
    wide = {k for k in line if k >= len(digits) and _is_wide(letters[k - len(digits)].box)}
    unlike = sum(d.confidence >= SURE and d.digit in UNLIKE_LETTERS for d in among)
    side_by_side = any(wide.issuperset(pair) for pair in pairwise(line))
    return len(line) - len(among) >= max(WORD, TO_EACH * unlike) and side_by_side


def _is_wide(box: Box) -> bool:
    """Whether a mark is wider than a bracket."""
    return box.width > BRACKET * box.height


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
