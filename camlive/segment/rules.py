"""Ruled lines, table lines and frames: taken out of the marks that they join."""

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np

from camlive.detection import Image

SHORT_RULE = 0.09  # of the picture's longer side: the shortest piece of a line that is a rule
RULE_VOTES = 0.05  # of it: points on a line that make it one
RULE_GAP = 0.011  # of it: the longest gap within a line
RULE_PX = 3  # the widest rule on the copy
MOST_SLOPE = 1 / 3  # of a rule from level or upright
FAINTER = 2.0  # times a rule's contrast that ink has at least where rules are fainter than it
ABOVE = 1.3  # times a rule's contrast: what has more is ink
GROUND = 1 / 40  # of the picture's longer side: the ground is lightest within this far of a stroke
SQUARE = np.ones((3, 3), np.uint8)


def without_rules(mask: Image, side: int) -> Image:
    """Takes long thin lines out of a mask and mends the strokes that they crossed."""
    thick = max(5, side // 100)
    square = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
    thin = np.asarray(cv2.subtract(mask, cv2.dilate(square, SQUARE)), np.uint8)
    lines = _lines(thin, side)
    if not lines:
        return mask
    for across in (False, True):
        rules = _drawn_rules(lines, thin, across)
        free = cv2.subtract(mask, rules)
        closer = np.ones((1, 2 * thick) if across else (2 * thick, 1), np.uint8)
        mended = cv2.morphologyEx(free, cv2.MORPH_CLOSE, closer)
        mask = np.asarray(cv2.bitwise_or(free, cv2.bitwise_and(mended, rules)), np.uint8)
    return mask


def darker_than_rules(drawn: Image, rules: Image, grey: Image, side: int) -> Image | None:
    """What of a mark is darker than the rules in it, as a pen is darker than printed lines.

    Args:
        drawn: (H, W) uint8 {0, 255}, the mark.
        rules: (H, W) uint8 {0, 255}, the part of it that is rules, or most of that.
        grey: (H, W) uint8, ink dark, logarithmic.
        side: the picture's longer side in pixels.

    Returns:
        (H, W) uint8 {0, 255}, the ink; None where it is hardly darker than the rules.
    """
    contrast = cv2.subtract(_ground(grey, round(side * GROUND)), grey)
    beside = cv2.subtract(drawn, cv2.dilate(rules, SQUARE, iterations=2))
    rule = _quantile(contrast, rules, 0.75)  # the mask of a rule is wider than its line
    if _quantile(contrast, beside, 0.9) <= FAINTER * rule:
        return None
    ink = cv2.threshold(contrast, ABOVE * rule, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(cv2.bitwise_and(drawn, ink), np.uint8)


def _ground(grey: Image, reach: int) -> cv2.typing.MatLike:
    """The lightest grey within a reach in pixels, smoothed."""
    small = cv2.dilate(grey, np.ones((4, 4), np.uint8))[::4, ::4]  # suffices, and is cheaper
    size = (reach // 4 | 1, reach // 4 | 1)
    lightest = cv2.dilate(small, np.ones(size, np.uint8))
    return cv2.resize(cv2.blur(lightest, size), grey.shape[::-1])


def _quantile(grey: cv2.typing.MatLike, mask: cv2.typing.MatLike, share: float) -> float:
    """A quantile of the levels under a mask; 0 where it is empty."""
    counts = np.bincount(np.asarray(grey)[mask > 0], minlength=256).cumsum()
    return float(np.searchsorted(counts, counts[-1] * share))


def _lines(thin: Image, side: int) -> list[list[int]]:
    """Ends x, y, x, y of the straight lines (Matas et al., CVIU 78, 2000) of a mask."""
    even = thin[: thin.shape[0] // 2 * 2, : thin.shape[1] // 2 * 2]
    if not even.size:
        return []
    half = cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)  # is cheaper
    small = cv2.threshold(half, 0, 255, cv2.THRESH_BINARY)[1]
    found = cv2.HoughLinesP(
        small,
        1,
        np.pi / 180,
        round(side / 2 * RULE_VOTES),
        minLineLength=side / 2 * SHORT_RULE,
        maxLineGap=side / 2 * RULE_GAP,
    )
    return [] if found is None else cast("list[list[int]]", (2 * found.reshape(-1, 4)).tolist())


def _drawn_rules(lines: Sequence[Sequence[int]], thin: Image, across: bool) -> Image:
    """The thin ink along those lines that are nearly level, or across, nearly upright."""
    rules = np.zeros_like(thin)
    for x, y, right, bottom in lines:
        width, height = abs(right - x), abs(bottom - y)
        if (height, width)[across] < (width, height)[across] * MOST_SLOPE:
            cv2.line(rules, (x, y), (right, bottom), 255, RULE_PX)
    return np.asarray(cv2.bitwise_and(rules, thin), np.uint8)
