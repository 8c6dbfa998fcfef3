"""How much a page speaks against a digit on it: the more of its marks are none, the more."""

from collections.abc import Mapping, Sequence, Set
from typing import cast

import numpy as np

from camlive.detection import Digit
from camlive.judge.verdict import is_telling
from camlive.judge.vouched import vouched_for

AT_FIRST = 2  # marks that are none, and twice as many digits, that every page is taken to have
WORTH = 0.5  # of a digit against a mark that is none: where digits are written few marks are
WEIGHT = 3  # the power of the odds of digits that counts
LEAST_ODDS = 0.15  # where there is no text: a desk is full of marks, and holds one digit as well
EVEN = 0.5  # chance from which a digit is likelier than not
MOST_LARGER = 2.0  # times: a mark of about the same size


def odds_on_page(
    digits: Sequence[Digit],
    others: Sequence[Digit],
    contrasts: Mapping[Digit, float],
    in_words: Set[Digit],
    is_text: bool,
) -> dict[Digit, float]:
    """By what a page multiplies the odds that a digit is one: 1 where it does not speak against it.

    So a classifier's chances are adjusted to other frequencies than it was trained with (Saerens,
    Latinne and Decaestecker, Neural Computation 14, 2002). A digit that its row, column or table
    vouches for is not spoken against.

    Args:
        digits: all of the frame, one at least.
        others: its marks that are none.
        contrasts: of the ink of the digits, and of the others where it is known.
        in_words: those digits that are letters of words: they tell nothing of the others.
        is_text: whether it is a page of text, on which each letter tells.

    Returns:
        Above 0 to 1 for each digit.
    """
    telling = [digit not in in_words and is_telling(digit) for digit in digits]
    ratios = _ratios(digits, others, telling, least=0 if is_text else LEAST_ODDS)
    odds = {d: min(1.0, ratio) ** WEIGHT for d, ratio in zip(digits, ratios, strict=True)}
    if min(odds.values()) == 1:  # mostly, and what follows takes its time
        return odds
    return odds | dict.fromkeys(vouched_for(digits, others, contrasts), 1.0)


def is_contrary(digit: Digit, odds: float, least: float) -> bool:
    """Whether a page speaks so much against a digit that the chance of it is too low.

    Args:
        digit: with the chance that its look gives it.
        odds: by what the page multiplies those of its look; at 1 it does not speak against it.
        least: the chance that a digit must have, 0 to 1; even if that is more.
    """
    least = max(EVEN, least)
    return odds < 1 and digit.confidence * odds * (1 - least) < least * (1 - digit.confidence)


def _ratios(
    digits: Sequence[Digit], others: Sequence[Digit], telling: Sequence[bool], least: float
) -> list[float]:
    """For each digit how many of the other marks of about its size are digits, to one that is none.

    Of the digits those count that are telling. No ratio is lower than the least.
    """
    sizes = np.array([max(d.box.width, d.box.height) for d in (*digits, *others)])
    alike = np.maximum(sizes[:, None], sizes) <= MOST_LARGER * np.minimum(sizes[:, None], sizes)
    np.fill_diagonal(alike, False)
    peers, strangers = np.hsplit(alike[: len(digits)], [len(digits)])
    told = WORTH * (peers & np.array(telling)).sum(1)
    ratios = (told + AT_FIRST) / (strangers.sum(1) + AT_FIRST)
    return cast("list[float]", ratios.clip(least).tolist())
