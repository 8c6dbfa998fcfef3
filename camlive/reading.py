"""The order in which digits are read, and those that stand together as one number."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median, median_low

from camlive.detection import Box, Digit

MAX_GAP = 1.0  # of the taller digit's height, between neighbours
WIDE_GAP = 0.5  # of the digits' median height: a gap that may part two columns
WIDER = 2.5  # times the median of the group's other gaps: one that does,
LONGER = 1.4  # where also the way from middle to middle is so many times the others: a 1 is thin
MIN_OVERLAP = 0.5  # of the lower digit's height, shared in y
WORD_RATIO = 2.0  # of the higher to the lower of two marks of a word, at most
NUMBER_RATIO = 3.0  # and of two digits of a number: some write small noughts beside long sevens
ASPECT = 0.6  # width over height of most digits
SIGN = 0.25  # of the lower digit's height: a sign between two is so high or wide at least,
TALLEST_SIGN = 1.5  # and of the higher one's at most so high,
SIGN_BAND = 0.2  # and so far from the upper and lower end of both its middle is
NEW_ROW = 0.5  # of the median height: a digit further below the last one begins a row


def in_reading_order(digits: Sequence[Digit]) -> list[Digit]:
    """Row by row from the top, each from left to right, along lines that may slant.

    Args:
        digits: the digits of one frame, in any order.
    """
    upright = _upright(digits)
    groups = stand_together(upright)
    return [digits[k] for k in _in_order(upright, range(len(digits)), groups)]


def numbers_of(digits: Sequence[Digit]) -> list[list[int]]:
    """Finds the numbers: digits that stand together on one line without a sign between, or alone.

    Args:
        digits: the digits of one frame, in any order.

    Returns:
        For each number its indices into `digits`, left to right; the numbers in reading order.
    """
    upright = _upright(digits)
    groups = [part for row in _numbers(upright) for part in _parted_by_signs(row, digits)]
    by_first = {group[0]: group for group in groups}
    return [by_first[k] for k in _in_order(upright, list(by_first), groups)]


def group_numbers(digits: Sequence[Digit]) -> list[list[int]]:
    """The numbers of two digits or more, see `numbers_of`."""
    return [number for number in numbers_of(digits) if len(number) > 1]


def between_signs(digits: Sequence[Digit], signs: Sequence[Box]) -> list[Digit]:
    """The digits, marked where a sign stands between one and the digit before in its number.

    Args:
        digits: the digits of one frame, in any order, upright.
        signs: other marks of that frame; what is no sign by its size or place counts for nothing.
    """
    after = {
        b
        for number in _numbers(digits)
        for a, b in pairwise(number)
        if any(_is_between(sign, digits[a].box, digits[b].box) for sign in signs)
    }
    return [replace(d, after_sign=True) if k in after else d for k, d in enumerate(digits)]


def _numbers(digits: Sequence[Digit]) -> list[list[int]]:
    """The numbers of upright digits as if there were no signs, in any order."""
    together = stand_together(digits, NUMBER_RATIO)
    return [part for group in together for part in parted(group, digits)]


def _is_between(sign: Box, left: Box, right: Box) -> bool:
    """Whether a mark is a sign between two neighbouring digits: neither a speck nor a rule."""
    x, y = sign.middle
    if not left.right <= x <= right.x:
        return False  # mostly
    low, tall = sorted((left.height, right.height))
    top, bottom = min(left.y, right.y), max(left.bottom, right.bottom)
    band = SIGN_BAND * (bottom - top)
    fits = sign.x > left.middle[0] and sign.right < right.middle[0]
    is_large = max(sign.width, sign.height) >= SIGN * low and sign.height <= TALLEST_SIGN * tall
    return fits and is_large and top + band <= y <= bottom - band


def _parted_by_signs(group: Sequence[int], digits: Sequence[Digit]) -> list[list[int]]:
    """A group cut before each digit that stands after a sign."""
    starts = [0, *(k for k in range(1, len(group)) if digits[group[k]].after_sign), len(group)]
    return [list(group[start:end]) for start, end in pairwise(starts)]


def _upright(digits: Sequence[Digit]) -> Sequence[Digit]:
    """The digits of a page that is held at a slant where they would be if it were not.

    Their sizes are those of usual digits with such a diagonal.
    """
    tilt = math.radians(median_low(digit.tilt for digit in digits)) if digits else 0
    if not tilt:
        return digits
    cos, sin = math.cos(tilt), math.sin(tilt)
    boxes = []
    for digit in digits:
        x, y = digit.box.middle
        height = math.hypot(digit.box.width, digit.box.height) / math.hypot(1, ASPECT)
        left, top = x * cos + y * sin - ASPECT * height / 2, y * cos - x * sin - height / 2
        boxes.append(Box(round(left), round(top), round(ASPECT * height), round(height)))
    return [replace(digit, box=box) for digit, box in zip(digits, boxes, strict=True)]


def _in_order(
    digits: Sequence[Digit], some: Sequence[int], groups: Sequence[Sequence[int]]
) -> list[int]:
    """Some of the digits in reading order; all digits, and their groups, tell how lines slant."""
    if not some:
        return []
    slope, step = _slope(digits, groups), NEW_ROW * median(digit.box.height for digit in digits)
    rows: list[list[int]] = []
    last = 0.0
    for k in sorted(some, key=lambda k: _depth(digits[k], slope)):
        if not rows or _depth(digits[k], slope) - last > step:
            rows.append([])
        rows[-1].append(k)
        last = _depth(digits[k], slope)
    return [k for row in rows for k in sorted(row, key=lambda k: digits[k].box.x)]


def _slope(digits: Sequence[Digit], groups: Sequence[Sequence[int]]) -> float:
    """How far the lines fall from left to right: the median between neighbours of a number."""
    slopes = [
        (digits[b].box.middle[1] - digits[a].box.middle[1])
        / (digits[b].box.middle[0] - digits[a].box.middle[0])
        for number in groups
        for a, b in pairwise(number)
    ]
    return median(slopes) if slopes else 0.0


def _depth(digit: Digit, slope: float) -> float:
    """How far down the page a digit's line begins, in pixels."""
    x, y = digit.box.middle
    return y - slope * x


def stand_together(
    digits: Sequence[Digit], ratio: float = WORD_RATIO, gap: float = MAX_GAP
) -> list[list[int]]:
    """Finds what stands together on one line, as a number or a word does, or alone.

    Args:
        digits: the digits of one frame, in any order; or other marks.
        ratio: of the heights of two neighbours, at most.
        gap: between them, at most, of the taller one's height.

    Returns:
        For each group its indices into `digits`, left to right; the groups in any order.
    """
    groups: list[list[int]] = []
    growing: list[list[int]] = []  # those that end near enough for the next to follow
    for index in sorted(range(len(digits)), key=lambda i: (digits[i].box.x, digits[i].box.y)):
        growing = [
            group
            for group in growing
            if _reach(digits[group[-1]], ratio * gap) >= digits[index].box.x
        ]
        near = [g for g in growing if _follows(digits[g[-1]], digits[index], ratio, gap)]
        if near:
            max(near, key=lambda group: digits[group[-1]].box.right).append(index)
        else:
            groups.append([index])
            growing.append(groups[-1])
    return groups


def parted(group: Sequence[int], digits: Sequence[Digit]) -> list[list[int]]:
    """A group cut where its digits stand much further apart than elsewhere: two columns, or words.

    Args:
        group: of `stand_together`.
        digits: those, or other marks, that it was found among.
    """
    boxes = [digits[k].box for k in group]
    wide = WIDE_GAP * median(box.height for box in boxes)
    gaps = [b.x - a.right for a, b in pairwise(boxes)]
    steps = [digits[b].box.middle[0] - digits[a].box.middle[0] for a, b in pairwise(group)]
    parts: list[list[int]] = [[group[0]]]
    for k, gap in enumerate(gaps):
        others, paces = gaps[:k] + gaps[k + 1 :], steps[:k] + steps[k + 1 :]
        if others and gap > max(wide, WIDER * median(others)) and steps[k] > LONGER * median(paces):
            parts.append([])
        parts[-1].append(group[k + 1])
    return parts


def _reach(digit: Digit, heights: float) -> float:
    """How far to the right a digit that follows may begin, so many of its heights away."""
    return digit.box.right + heights * digit.box.height


def _follows(left: Digit, right: Digit, ratio: float, gap: float) -> bool:
    """Whether the right digit goes on with the number that the left one ends."""
    a, b = left.box, right.box
    low, tall = sorted((a.height, b.height))
    if b.x - a.right > gap * tall or tall > ratio * low:
        return False  # mostly, and this is asked of all that are near
    shared = min(a.bottom, b.bottom) - max(a.y, b.y)
    return shared >= MIN_OVERLAP * low and right.box.middle[0] > left.box.middle[0]
