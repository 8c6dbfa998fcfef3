"""How much a page speaks against a digit on it: the more of its marks are none, the more."""

from collections.abc import Mapping, Sequence, Set
from typing import cast

import numpy as np

from camlive.detection import Digit
from camlive.verdict import is_telling
from camlive.vouched import vouched_for

AT_FIRST = 2  # digits, and as many marks that are none, that every page is taken to have
WEIGHT = 4  # the power of the odds of digits that counts
LEAST_ODDS = 0.3  # where there is no text: a desk is full of marks, and holds one digit as well
MOST_LARGER = 2.0  # times: a mark of about the same size


def rare_among(
    digits: Sequence[Digit],
    others: Sequence[Digit],
    contrasts: Mapping[Digit, float],
    in_words: Set[Digit],
    is_text: bool,
) -> set[Digit]:
    """The digits that a page speaks against, and no row, column or table of it vouches for.

    Args:
        digits: all of the frame.
        others: its marks that are none.
        contrasts: of the ink of the digits, and of the others where it is known.
        in_words: those digits that are letters of words: they tell nothing of the others.
        is_text: whether it is a page of text, on which each letter tells.
    """
    telling = [digit not in in_words and is_telling(digit) for digit in digits]
    odds = _odds(digits, others, telling, least=0 if is_text else LEAST_ODDS)
    contrary = {d for d, odd in zip(digits, odds, strict=True) if _is_contrary(d, odd)}
    if not contrary:  # mostly, and what follows takes its time
        return contrary
    return contrary - vouched_for(digits, others, contrasts)


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
