"""Digits that stand together, read as one number."""

from collections.abc import Sequence

from camlive.detection import Digit

MAX_GAP = 1.0  # of the taller digit's height, between neighbours
MIN_OVERLAP = 0.5  # of the lower digit's height, shared in y
MAX_HEIGHT_RATIO = 2.0  # of the taller to the lower digit


def group_numbers(digits: Sequence[Digit]) -> list[list[int]]:
    """Finds the digits that stand together on one line.

    Args:
        digits: the digits of one frame, in any order.

    Returns:
        For each number of two digits or more its indices into `digits`, left to right;
        the numbers from top to bottom, then left to right.
    """
    groups: list[list[int]] = []
    for index in sorted(range(len(digits)), key=lambda i: (digits[i].box.x, digits[i].box.y)):
        near = [group for group in groups if _follows(digits[group[-1]], digits[index])]
        if near:
            max(near, key=lambda group: digits[group[-1]].box.right).append(index)
        else:
            groups.append([index])
    numbers = [group for group in groups if len(group) > 1]
    return sorted(numbers, key=lambda group: (digits[group[0]].box.y, digits[group[0]].box.x))


def _follows(left: Digit, right: Digit) -> bool:
    """Whether the right digit goes on with the number that the left one ends."""
    a, b = left.box, right.box
    low, tall = sorted((a.height, b.height))
    shared = min(a.bottom, b.bottom) - max(a.y, b.y)
    similar = tall <= MAX_HEIGHT_RATIO * low
    return similar and shared >= MIN_OVERLAP * low and b.x - a.right <= MAX_GAP * tall
