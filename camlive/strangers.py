"""How much a page speaks against a digit on it: the more of its marks are none, the more."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from statistics import median
from typing import cast

import numpy as np

from camlive.detection import Box, Digit
from camlive.reading import stand_together
from camlive.verdict import ALIKE, BAR, VERY_SURE

AT_FIRST = 2  # digits, and as many marks that are none, that every page is taken to have
WEIGHT = 4  # the power of the odds of digits that counts
LEAST_ODDS = 0.3  # where there is no text: a desk is full of marks, and holds one digit as well
APART = 3.0  # of a mark's height, or in a column of its width: as far apart in a table or form
ROW, COLUMN = 2, 3  # very sure digits, at least, that vouch for the others in their row, or column
ROW_NONE, COLUMN_NONE = 0.25, 0.0  # marks of their ink, at most, to each digit of it that are none
COLUMN_RATIO = 3.0  # of the wider to the narrower of two marks in a column, at most
MOST_LARGER = 2.0  # times: a mark of about the same size


def rare_among(
    digits: Sequence[Digit],
    others: Sequence[Digit],
    contrasts: Mapping[Digit, float],
    in_words: Set[Digit],
    is_text: bool,
) -> set[Digit]:
    """The digits that a page speaks against, and no row or column of it vouches for.

    Args:
        digits: all of the frame.
        others: its marks that are none.
        contrasts: of the ink of the digits, and of the others where it is known.
        in_words: those digits that are letters of words: they tell nothing of the others.
        is_text: whether it is a page of text, on which each letter tells.
    """
    telling = [digit not in in_words and _is_telling(digit) for digit in digits]
    odds = _odds(digits, others, telling, least=0 if is_text else LEAST_ODDS)
    contrary = {d for d, odd in zip(digits, odds, strict=True) if _is_contrary(d, odd)}
    if not contrary:  # mostly, and rows take their time
        return contrary
    return contrary - _in_rows_and_columns(digits, others, contrasts)


def _is_telling(digit: Digit) -> bool:
    """Whether a digit is one so surely that it tells of others; bars are too common."""
    return digit.confidence >= VERY_SURE and digit.digit != BAR


def _odds(
    digits: Sequence[Digit], others: Sequence[Digit], telling: Sequence[bool], least: float
) -> list[float]:
    """For each digit the odds, by the other marks of about its size, that one of them is a digit.

    Of the digits those count that are telling. No odds are lower than the least.
    """
    sizes = np.array([max(d.box.width, d.box.height) for d in (*digits, *others)])
    alike = np.maximum(sizes[:, None], sizes) <= MOST_LARGER * np.minimum(sizes[:, None], sizes)
    np.fill_diagonal(alike, False)
    peers, strangers = np.hsplit(alike[: len(digits)], [len(digits)])
    odds = ((peers & np.array(telling)).sum(1) + AT_FIRST) / (strangers.sum(1) + AT_FIRST)
    return cast("list[float]", odds.clip(least).tolist())


def _is_contrary(digit: Digit, odds: float) -> bool:
    """Whether a page on which these are the odds of digits speaks more against one than its look.

    So a classifier's chances are adjusted to other frequencies than it was trained with (Saerens,
    Latinne and Decaestecker, Neural Computation 14, 2002).
    """
    return odds < 1 and digit.confidence * odds**WEIGHT < 1 - digit.confidence


def _in_rows_and_columns(
    digits: Sequence[Digit], others: Sequence[Digit], contrasts: Mapping[Digit, float]
) -> set[Digit]:
    """The digits that stand in line with very sure ones, and with hardly anything that is none.

    Of that only what has their ink counts: pieces of ruled squares about them are fainter.
    """
    marks = [*digits, *others]
    rows = stand_together(marks, gap=APART)
    columns = stand_together([*map(_transposed, marks)], COLUMN_RATIO, APART)
    vouched = [(row, ROW, ROW_NONE) for row in rows]
    vouched += [(column, COLUMN, COLUMN_NONE) for column in columns]
    found: set[Digit] = set()
    for line, number, share in vouched:
        among = [digits[k] for k in line if k < len(digits)]
        if sum(map(_is_telling, among)) < number:
            continue
        least = median(contrasts[digit] for digit in among) / ALIKE
        none = sum(contrasts.get(marks[k], least) >= least for k in line if k >= len(digits))
        if none <= share * len(among):
            found.update(among)
    return found


def _transposed(mark: Digit) -> Digit:
    """A mark with x and y in each other's place."""
    box = mark.box
    return replace(mark, box=Box(box.y, box.x, box.height, box.width))
