"""The order in which digits are read, and those that stand together as one number."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from camlive.detection import Digit

MAX_GAP = 1.0  # of the taller digit's height, between neighbours
MIN_OVERLAP = 0.5  # of the lower digit's height, shared in y
MAX_HEIGHT_RATIO = 2.0  # of the taller to the lower digit
NEW_ROW = 0.5  # of the median height: a digit further below the last one begins a row


def in_reading_order(digits: Sequence[Digit]) -> list[Digit]:
    """Row by row from the top, each from left to right, along lines that may slant.

    Args:
        digits: the digits of one frame, in any order.
    """
    if not digits:
        return []
    slope, step = _slope(digits), NEW_ROW * median(digit.box.height for digit in digits)
    rows: list[list[Digit]] = []
    last = 0.0
    for digit in sorted(digits, key=lambda d: _depth(d, slope)):
        if not rows or _depth(digit, slope) - last > step:
            rows.append([])
        rows[-1].append(digit)
        last = _depth(digit, slope)
    return [digit for row in rows for digit in sorted(row, key=lambda d: d.box.x)]


def _slope(digits: Sequence[Digit]) -> float:
    """How far the lines fall from left to right: the median between neighbours of a number."""
    slopes = [
        (_middle(digits[b])[1] - _middle(digits[a])[1])
        / (_middle(digits[b])[0] - _middle(digits[a])[0])
        for number in group_numbers(digits)
        for a, b in pairwise(number)
    ]
    return median(slopes) if slopes else 0.0


def _depth(digit: Digit, slope: float) -> float:
    """How far down the page a digit's line begins, in pixels."""
    x, y = _middle(digit)
    return y - slope * x


def _middle(digit: Digit) -> tuple[float, float]:
    return digit.box.x + digit.box.width / 2, digit.box.y + digit.box.height / 2


def group_numbers(digits: Sequence[Digit]) -> list[list[int]]:
    """Finds the digits that stand together on one line.

    Args:
        digits: the digits of one frame, in any order.

    Returns:
        For each number of two digits or more its indices into `digits`, left to right;
        the numbers from top to bottom, then left to right.
    """
    groups: list[list[int]] = []
    growing: list[list[int]] = []  # those that end near enough for the next to follow
    for index in sorted(range(len(digits)), key=lambda i: (digits[i].box.x, digits[i].box.y)):
        growing = [group for group in growing if _reach(digits[group[-1]]) >= digits[index].box.x]
        near = [group for group in growing if _follows(digits[group[-1]], digits[index])]
        if near:
            max(near, key=lambda group: digits[group[-1]].box.right).append(index)
        else:
            groups.append([index])
            growing.append(groups[-1])
    numbers = [group for group in groups if len(group) > 1]
    return sorted(numbers, key=lambda group: (digits[group[0]].box.y, digits[group[0]].box.x))


def _reach(digit: Digit) -> float:
    """How far to the right a digit that follows may begin."""
    return digit.box.right + MAX_GAP * MAX_HEIGHT_RATIO * digit.box.height


def _follows(left: Digit, right: Digit) -> bool:
    """Whether the right digit goes on with the number that the left one ends."""
    a, b = left.box, right.box
    low, tall = sorted((a.height, b.height))
    if b.x - a.right > MAX_GAP * tall or tall > MAX_HEIGHT_RATIO * low:
        return False  # mostly, and this is asked of all that are near
    shared = min(a.bottom, b.bottom) - max(a.y, b.y)
    return shared >= MIN_OVERLAP * low and _middle(right)[0] > _middle(left)[0]
