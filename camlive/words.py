"""Verdicts -> verdicts, by what looks like no digit in the frame: letters, words, texture."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from camlive.detection import Box, Digit
from camlive.overlap import apart, overlaps
from camlive.reading import parted, stand_together
from camlive.verdict import BAR, NO_DIGIT, SURE, UNSURE, VERY_SURE, Verdict

RARE = "among much that is no digit"
MANY = 6  # marks of a digit's size that are none: from there on only very sure digits count
FEW = 2  # the same for a bar, which many signs have
MOST_LARGER = 2.5  # times: a mark of about the same size
WORD = 4  # letters, and as many as digits, that make a word of what stands together
UNLIKE_LETTERS = {3, 4, 7, 8}  # of 800 letters of drawn words that were sure digits 3 were these
WIDE, BRACKET = 3, 0.5  # of a word's letters so many are wider, over their height, than brackets
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
    others = _others(verdicts)
    marks = others
    if len(others) >= UNLIKE * len(digits):
        near = _in_their_rows(unread, [digit.box for digit in digits])
        marks = _of_one_ink_each([*others, *(Digit(box, 0, 0.0) for box in near)])
    in_words = _in_words(digits, marks, _unsure(verdicts, [*digits, *marks]))
    sizes = np.array([max(d.box.width, d.box.height) for d in (*digits, *others)])
    alike = np.maximum(sizes[:, None], sizes) <= MOST_LARGER * np.minimum(sizes[:, None], sizes)
    peers, strangers = (part.sum(1) for part in np.hsplit(alike[: len(digits)], [len(digits)]))
    many = np.where([digit.digit == BAR for digit in digits], FEW, MANY)
    rare = dict(zip(digits, strangers >= np.maximum(many, peers), strict=True))

    def reason(digit: Digit) -> str:
        if digit in in_words:
            return "among letters"
        unsure = digit.confidence < VERY_SURE
        return RARE if unsure and rare[digit] else ""

    return [v if v.refused else replace(v, refused=reason(v.digit)) for v in verdicts]


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
    """The digits that stand together with letters: the o of a word is no 0.

    What may be either is neither, but leaves no gap in a word. Where there is far more text than
    digits few letters suffice, and where there is hardly anything else none is needed.
    """
    marks = [*digits, *letters, *unsure]
    groups = [_Group(group, digits, letters) for group in stand_together([*digits, *letters])]
    words = [group for group in groups if group.is_word()]
    found = {digit for word in words for digit in word.digits}
    for line in stand_together(marks):
        if _Group(line, digits, letters).is_text():
            parts = (_Group(part, digits, letters) for part in parted(line, marks))
            found |= {digit for part in parts if part.letters for digit in part.digits}
    text = sum(len(word.letters) for word in words)
    if text >= max(TEXT, TEXT_SHARE * (len(digits) - len(found))):
        found |= {d for g in groups if 2 * len(g.letters) >= len(g.digits) for d in g.digits}
    is_all = text >= max(PAGE, PAGE_SHARE * (len(digits) - len(found)))
    return set(digits) if is_all else found


class _Group:
    """What stands together: its digits, and its letters."""

    def __init__(
        self, group: Sequence[int], digits: Sequence[Digit], letters: Sequence[Digit]
    ) -> None:
        """Takes indices into the digits, then the letters, then what is neither."""
        first, end = len(digits), len(digits) + len(letters)
        self.digits = [digits[k] for k in group if k < first]
        self.letters = [letters[k - first] for k in group if first <= k < end]

    def is_word(self) -> bool:
        """Whether most of it are letters."""
        return len(self.letters) >= len(self.digits) and self.is_text()

    def is_text(self) -> bool:
        """Whether it may be words: enough letters, and no sure 3, 4, 7 or 8.

        Where it has digits, not only bars, some letters must be none of a formula's brackets.
        """
        values = {digit.digit for digit in self.digits}
        sure = {digit.digit for digit in self.digits if digit.confidence >= SURE}
        wide = [mark for mark in self.letters if mark.box.width > BRACKET * mark.box.height]
        enough = len(wide) >= WIDE or values <= {BAR}
        return enough and len(self.letters) >= WORD and not sure & UNLIKE_LETTERS


def _others(verdicts: list[Verdict]) -> list[Digit]:
    """Marks that look like no digit, the largest of each ink, apart from the digits."""
    same, _ = overlaps([verdict.region.box for verdict in verdicts])
    digits = [k for k, v in enumerate(verdicts) if not v.refused]
    whole = [k for k, v in enumerate(verdicts) if not (v.region.cut_from or v.region.shaded)]
    none = [k for k in whole if verdicts[k].refused == NO_DIGIT]
    return _of_one_ink_each([verdicts[k].digit for k in none if not same[k, digits].any()])


def _unsure(verdicts: list[Verdict], marks: Sequence[Digit]) -> list[Digit]:
    """What may be a digit or none, the largest of each ink, apart from some marks."""
    unsure = [v.digit for v in verdicts if v.refused == UNSURE]
    same, _ = overlaps([digit.box for digit in (*marks, *unsure)])
    order = sorted(range(len(unsure)), key=lambda k: -unsure[k].box.area)
    chosen = apart([*range(len(marks)), *(len(marks) + k for k in order)], same)
    return [unsure[k - len(marks)] for k in chosen if k >= len(marks)]


def _of_one_ink_each(marks: Sequence[Digit]) -> list[Digit]:
    """The marks without those that are of the same ink as a larger one."""
    same, _ = overlaps([mark.box for mark in marks])
    order = sorted(range(len(marks)), key=lambda k: -marks[k].box.area)
    return [marks[k] for k in apart(order, same)]
