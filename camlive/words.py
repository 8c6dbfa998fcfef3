"""Verdicts -> verdicts, by what looks like no digit in the frame: letters, words, texture."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

import numpy as np

from camlive.detection import Box, Digit
from camlive.overlap import apart, overlaps
from camlive.reading import parted, stand_together
from camlive.verdict import ALIKE, BAR, NO_DIGIT, SURE, UNSURE, VERY_SURE, Verdict

RARE = "among much that is no digit"
LETTERS = "among letters"
MANY = 6  # marks of a digit's size that are none: from there on only very sure digits count
FEW = 2  # the same for a bar, which many signs have
NUMBER = 2  # very sure digits, by which what stands together is a number, unless
NONE_SHARE = 1 / 3  # so many marks of their ink to each digit are none
MOST_LARGER = 2.5  # times: a mark of about the same size
WORD = 4  # letters that make text of what stands together
UNLIKE_LETTERS = {3, 4, 7, 8}  # of 800 letters of drawn words that were sure digits 3 were these
BRACKET = 0.5  # width over height: the brackets of a formula are at most so wide
WIDE = 3  # letters of text, beside digits, that are wider
REACH = 8  # of a digit's height: marks further to its side are no letters of its word
UNLIKE = 0.4  # to each digit: marks that look like none, by which what was not read is no digit
TEXT, TEXT_SHARE = 12, 3  # letters of words, all and to each other digit, that make a page of text
PAGE, PAGE_SHARE = 200, 20  # such letters, all and to each digit left: that is a word of S, I, O


def not_among_others(verdicts: list[Verdict], unread: Sequence[Box]) -> list[Verdict]:
    """Refuses what stands together with letters, and the less sure where most looks like none.

    Letters are what looks like no digit and, where that is much, what was not read: where print
    is small its letters run together, or are too many.
    """
    digits = [verdict.digit for verdict in verdicts if not verdict.refused]
    if not digits:
        return verdicts
    others = unlike_digits(verdicts)
    letters = others
    if len(others) >= UNLIKE * len(digits):
        near = _in_their_rows(unread, [digit.box for digit in digits])
        letters = _of_one_ink_each([*others, *(Digit(box, 0, 0.0) for box in near)])
    in_words = _in_words(digits, letters, _unsure(verdicts, [*digits, *letters]))
    sizes = np.array([max(d.box.width, d.box.height) for d in (*digits, *others)])
    alike = np.maximum(sizes[:, None], sizes) <= MOST_LARGER * np.minimum(sizes[:, None], sizes)
    peers, strangers = (part.sum(1) for part in np.hsplit(alike[: len(digits)], [len(digits)]))
    many = np.where([digit.digit == BAR for digit in digits], FEW, MANY)
    rare = dict(zip(digits, strangers >= np.maximum(many, peers), strict=True))
    in_numbers = _in_numbers(digits, others, {v.digit: v.region.contrast for v in verdicts})

    def reason(digit: Digit) -> str:
        if digit in in_words:
            return LETTERS
        unsure = digit.confidence < VERY_SURE and digit not in in_numbers
        return RARE if unsure and rare[digit] else ""

    return [v if v.refused else replace(v, refused=reason(v.digit)) for v in verdicts]


def _in_numbers(
    digits: Sequence[Digit], others: Sequence[Digit], contrasts: Mapping[Digit, float]
) -> set[Digit]:
    """The digits that stand together with very sure ones, and with hardly anything that is none.

    Of that only what has their ink counts: pieces of ruled squares about them are fainter.
    """
    marks = [*digits, *others]
    found: set[Digit] = set()
    for group in stand_together(marks):
        row = [digits[k] for k in group if k < len(digits)]
        if sum(d.confidence >= VERY_SURE and d.digit != BAR for d in row) < NUMBER:
            continue
        least = median(contrasts[digit] for digit in row) / ALIKE
        none = sum(contrasts[marks[k]] >= least for k in group if k >= len(digits))
        if none <= NONE_SHARE * len(row):
            found.update(row)
    return found


def _in_their_rows(marks: Sequence[Box], digits: Sequence[Box]) -> list[Box]:
    """The marks that stand in the row of a digit, not far from it, and overlap none."""
    x, y, right, bottom = (
        np.array(edges) for edges in zip(*(d.edges for d in digits), strict=True)
    )
    places = np.array([mark.edges for mark in marks]).reshape(-1, 4, 1)
    aside = np.maximum(places[:, 0] - right, x - places[:, 2])
    above = np.maximum(places[:, 1] - bottom, y - places[:, 3])
    near = (above < 0) & (aside < REACH * (bottom - y))
    beside = near.any(1) & ~(near & (aside < 0)).any(1)
    return [marks[k] for k in np.flatnonzero(beside).tolist()]


def _in_words(
    digits: Sequence[Digit], letters: Sequence[Digit], unsure: Sequence[Digit]
) -> set[Digit]:
    """The digits that are letters of words: the o of a word is no 0.

    They stand together with as many letters; or in a line of text, as a part of it, cut at its wide
    gaps, that holds any letter. What is not sure enough counts as nothing there, but leaves no gap.
    Where there is far more text than digits few letters suffice, and where there is hardly anything
    else none is needed.
    """
    marks = [*digits, *letters, *unsure]
    groups = [_Group(group, digits, letters) for group in stand_together([*digits, *letters])]
    words = [group for group in groups if group.is_word()]
    found = {digit for word in words for digit in word.digits}
    for line in stand_together(marks):
        if _Group(line, digits, letters).is_line_of_text():
            parts = (_Group(part, digits, letters) for part in parted(line, marks))
            found |= {digit for part in parts if part.letters for digit in part.digits}
    text = sum(len(word.letters) for word in words)
    if text >= max(TEXT, TEXT_SHARE * (len(digits) - len(found))):
        found |= {d for g in groups if 2 * len(g.letters) >= len(g.digits) for d in g.digits}
    is_all = text >= max(PAGE, PAGE_SHARE * (len(digits) - len(found)))
    return set(digits) if is_all else found


class _Group:
    """Marks that stand together in a line."""

    def __init__(
        self, group: Sequence[int], digits: Sequence[Digit], letters: Sequence[Digit]
    ) -> None:
        """Takes indices, from left to right: first the digits', then the letters', then others'."""
        first, end = len(digits), len(digits) + len(letters)
        self.digits = [digits[k] for k in group if k < first]
        self.letters = [letters[k - first] for k in group if first <= k < end]
        wide = {k for k in group if first <= k < end and _is_wide(letters[k - first].box)}
        self._wide = len(wide)
        self._two_side_by_side = any(wide.issuperset(pair) for pair in pairwise(group))

    def is_word(self) -> bool:
        """Whether it may be text, and most of it are letters."""
        return len(self.letters) >= len(self.digits) and self._may_be_text()

    def is_line_of_text(self) -> bool:
        """Whether it may be text, and has letters side by side, as the signs of sums are not."""
        return self._two_side_by_side and self._may_be_text()

    def _may_be_text(self) -> bool:
        """Whether it has enough letters, and no sure digit that no letter looks like.

        Where it has digits, not only bars, enough letters must be wider than brackets.
        """
        sure = {digit.digit for digit in self.digits if digit.confidence >= SURE}
        has_digits = any(digit.digit != BAR for digit in self.digits)
        is_formula = has_digits and self._wide < WIDE
        return len(self.letters) >= WORD and not is_formula and not sure & UNLIKE_LETTERS


def _is_wide(box: Box) -> bool:
    """Whether a mark is wider than a bracket."""
    return box.width > BRACKET * box.height


def unlike_digits(verdicts: Sequence[Verdict]) -> list[Digit]:
    """Marks that look like no digit, the largest of each ink, apart from the digits."""
    same, _ = overlaps([verdict.region.box for verdict in verdicts])
    digits = [k for k, v in enumerate(verdicts) if not v.refused]
    none = [k for k, v in enumerate(verdicts) if v.refused == NO_DIGIT and _is_whole(v)]
    return _of_one_ink_each([verdicts[k].digit for k in none if not same[k, digits].any()])


def _unsure(verdicts: list[Verdict], marks: Sequence[Digit]) -> list[Digit]:
    """What may be a digit or none, the largest of each ink, apart from some marks."""
    unsure = [v.digit for v in verdicts if v.refused == UNSURE and _is_whole(v)]
    same, _ = overlaps([digit.box for digit in (*marks, *unsure)])
    over = same[len(marks) :, : len(marks)]
    return _of_one_ink_each([unsure[k] for k in range(len(unsure)) if not over[k].any()])


def _is_whole(verdict: Verdict) -> bool:
    """Whether a mark stands for itself: no piece, and nothing in a shadow."""
    return not (verdict.region.cut_from or verdict.region.shaded)


def _of_one_ink_each(marks: Sequence[Digit]) -> list[Digit]:
    """The marks without those that are of the same ink as a larger one."""
    same, _ = overlaps([mark.box for mark in marks])
    order = sorted(range(len(marks)), key=lambda k: -marks[k].box.area)
    return [marks[k] for k in apart(order, same)]
