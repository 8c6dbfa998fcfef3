"""Ruled lines, table lines and frames: taken out of the marks that they join."""

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Image

SHORT_RULE = 0.09  # of the picture's longer side: the shortest piece of a line that is a rule
UPRIGHT_RULE = 0.25  # of it, of an upright one: the strokes of large digits are upright, too
RULE_VOTES = 0.05  # of it: points on a line that make it one
RULE_GAP = 0.011  # of it: the longest gap within a line
CLOSES = 0.9  # of the mark: an upright line that is so long between two rules is one, too
WIDEST_RULE = 1 / 45  # of it
WALL_WIDTH = 1.25  # times a rule's width, and a pixel: a pen's stroke is mostly wider
WALL_GAP = 2  # pixels between a rule and the wall that ends at it, at most
WALL_HEIGHT = 4  # times a rule's width: a wall is at least so high
WALL_SLOPE = 0.1  # of a wall from upright
WIDER = 1.5  # times a rule's width, rounded up and even: what is thicker is ink on the rule
SUPPORTED = 0.6  # share of a rule's length, where no stroke crosses it, on which there is ink
LEAST_SEEN = 0.3  # and of all its length
EVERY_PX = 4  # along a line: one column in four is looked at
INK, TALL = 255, 1  # in the picture that lines are followed in
MOST_LINES = 64  # the longest are followed: textures are full of lines
SPAN = 0.5  # of the mark: a rule is at least so long
MOST_SLOPE = 1 / 3  # of a rule from level or upright
FAINTER = 2.0  # times a rule's contrast that ink has at least where rules are fainter than it
MUCH_FAINTER = 3.5  # times, from where even thin strokes are darker
ABOVE = 1.3  # times a rule's contrast: what has more is ink
GROUND = 1 / 40  # of the picture's longer side: the ground is lightest within this far of a stroke
SQUARE = np.ones((3, 3), np.uint8)


def without_rules(mask: Image, side: int) -> tuple[Image, Image]:
    """Takes long thin lines out of a mask and leaves the strokes that cross them.

    Args:
        mask: (H, W) uint8 {0, 255}, a mark.
        side: the picture's longer side in pixels.

    Returns:
        The mask without its rules, and what is, or may be, a piece of one; each (H, W) uint8
        {0, 255}.
    """
    free, rules = mask, np.zeros_like(mask)
    height, width = mask.shape
    if width > SHORT_RULE * side:
        free, rules = _without_level_rules(mask, side, SHORT_RULE * side)
    # Between two rules an upright one may be as short as they are apart: the side of a frame.
    taken = np.asarray(cv2.subtract(mask, free), np.uint8)
    closed = all(cv2.hasNonZero(e) for e in (taken[: height // 4 + 1], taken[-height // 4 - 1 :]))
    if closed:
        walls = _walls(free, taken)
        free = np.asarray(cv2.subtract(free, walls), np.uint8)
        rules = np.asarray(cv2.bitwise_or(rules, walls), np.uint8)
    least = min(UPRIGHT_RULE * side, CLOSES * height) if closed else UPRIGHT_RULE * side
    if height > max(least, SHORT_RULE * side):
        turned = _without_level_rules(_transposed(free), side, least)
        free, upright = (_transposed(part) for part in turned)
        rules = np.asarray(cv2.bitwise_or(rules, upright), np.uint8)
    return free, rules


def _transposed(mask: Image) -> Image:
    return np.asarray(cv2.transpose(mask), np.uint8)


def _walls(free: Image, rules: Image) -> Image:
    """Of what is left of a mark the lines, hardly thicker than its rules, from one to another.

    The walls of a row of cells are too short to be found as rules are, and look like ones.
    """
    width = _usual_run(rules, max(rules.shape))
    beside = cv2.dilate(rules, np.ones((2 * WALL_GAP + 1, 2 * WALL_GAP + 1), np.uint8))
    labels, figures = cv2.connectedComponentsWithStats(free)[1:3]
    w, h, area = (figures[:, k] for k in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    is_thin = (area <= (WALL_WIDTH * width + 1) * h) & (h >= WALL_HEIGHT * width)
    is_thin[0] = False  # the ground
    walls = np.zeros_like(free)
    for number in np.flatnonzero(is_thin & (w <= area / h + WALL_SLOPE * h)).tolist():
        left, top, columns, rows, _ = figures[number].tolist()
        window = np.s_[top : top + rows, left : left + columns]
        own = labels[window] == number
        ends = own & (beside[window] > 0)
        if ends[: 2 * width].any() and ends[-2 * width :].any():
            walls[window][own] = 255
    return walls


def darker_than_rules(
    drawn: Image, rules: Image, grey: Image, side: int
) -> tuple[Image, bool] | None:
    """What of a mark is darker than the rules in it, as a pen is darker than printed lines.

    Args:
        drawn: (H, W) uint8 {0, 255}, the mark.
        rules: (H, W) uint8 {0, 255}, the part of it that is rules, or most of that.
        grey: (H, W) uint8, ink dark, logarithmic.
        side: the picture's longer side in pixels.

    Returns:
        (H, W) uint8 {0, 255}, the ink, and whether it is so much darker that nothing of it can
        be lost by that; None where it is hardly darker than the rules.
    """
    contrast = cv2.subtract(_ground(grey, round(side * GROUND)), grey)
    beside = cv2.subtract(drawn, cv2.dilate(rules, SQUARE, iterations=2))
    rule = _quantile(contrast, rules, 0.75)  # the mask of a rule is wider than its line
    full = _quantile(contrast, beside, 0.9)
    if full <= FAINTER * rule:
        return None
    ink = cv2.threshold(contrast, ABOVE * rule, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(cv2.bitwise_and(drawn, ink), np.uint8), full >= MUCH_FAINTER * rule


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


def _without_level_rules(mask: Image, side: int, least_px: float) -> tuple[Image, Image]:
    """Takes out the nearly level rules: runs down a column that are no longer than theirs.

    So staff lines are taken out of music (Fujinaga, "Staff detection and removal", 2004). A stroke
    that crosses the rule is a longer run, and stays whole.
    """
    width = _usual_run(mask, max(1, round(side * WIDEST_RULE)))
    longest = 2 * round(WIDER * width / 2 + 0.5)  # even: a kernel of even height would shift
    kernel, none = np.ones((longest + 1, 1), np.uint8), cv2.BORDER_CONSTANT  # no ink beyond
    tall = np.asarray(
        cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel, borderType=none, borderValue=0), np.uint8
    )
    thin = np.asarray(cv2.subtract(mask, tall), np.uint8)
    rules, others, bands = (np.zeros_like(mask) for _ in range(3))
    kinds = cv2.copyMakeBorder(thin | (tall & TALL), 1, 1, 0, 0, none)
    lines = sorted(_lines(thin, side), key=lambda line: line[0] - line[2])
    for x, y, right, bottom in lines[:MOST_LINES]:
        level = abs(bottom - y) < MOST_SLOPE * (right - x)
        middle = (y + bottom) // 2, (x + right) // 2
        if level and not rules[middle] and not others[middle]:  # else it was followed already
            path = _followed(np.asarray(kinds), (x, y, right, bottom), width)
            is_rule = np.ptp(path[:, 0]) + 1 >= max(SPAN * mask.shape[1], least_px)
            cv2.polylines(rules if is_rule else others, [path], False, 255, width + 4)
            if is_rule:
                cv2.polylines(bands, [path], False, 255, 2 * longest + 1)
    rules, others = (np.asarray(cv2.bitwise_and(r, thin), np.uint8) for r in (rules, others))
    likely = np.asarray(cv2.bitwise_or(rules, others), np.uint8)
    if not cv2.hasNonZero(rules):
        return mask, likely
    cut = cv2.subtract(mask, rules)
    square = np.ones((2 * width + 1, 2 * width + 1), np.uint8)
    mended = cv2.bitwise_and(cv2.morphologyEx(cut, cv2.MORPH_CLOSE, square), rules)
    free = np.asarray(cv2.bitwise_or(cut, mended), np.uint8)
    if not cv2.hasNonZero(cv2.subtract(free, bands)):  # scraps of a ragged rule
        free = np.zeros_like(mask)
    return free, likely


def _usual_run(mask: Image, most: int) -> int:
    """The length, of at most so many pixels, that most runs of ink down a column have."""
    columns = cv2.copyMakeBorder(mask, 1, 1, 0, 0, cv2.BORDER_CONSTANT)
    chain = _transposed(np.asarray(columns)).ravel()
    ends = np.flatnonzero(chain[1:] != chain[:-1])
    lengths = ends[1::2] - ends[::2]
    counts = np.bincount(lengths, minlength=most + 2)[: most + 2]
    return 1 + int((counts[:-2] + counts[1:-1] + counts[2:]).argmax())


def _followed(kinds: Image, line: tuple[int, int, int, int], width: int) -> npt.NDArray[np.int32]:
    """Follows a line on both sides, bent as paper is, as far as there is ink.

    Args:
        kinds: (H + 2, W) uint8, in a border of no ink above and below 255 where a rule may be, and
            1 where other ink is: what lies under that is not known.
        line: its ends x, y, right, bottom.
        width: of a rule in pixels.

    Returns:
        (N, 2) x, y of points along it, N >= 2.
    """
    height, columns = kinds.shape[0] - 2, kinds.shape[1]
    x, y, right, bottom = line
    slope = (bottom - y) / (right - x)
    curve = np.array([[y - x * slope], [slope * columns]])
    band = np.arange(-width, width + 1)
    path = np.array([(x, y), (right, bottom)], np.int32)
    while True:
        steps = -(-(right - x) // EVERY_PX)
        along = x + (right - x) * np.arange(steps + 1) // steps
        powers = (along / columns)[:, None] ** np.arange(3)
        middle = np.rint(powers[:, : len(curve)] @ curve)[:, 0].astype(np.int32)
        rows = middle[:, None] + band
        seen = kinds[np.minimum(np.maximum(rows, -1), height) + 1, along[:, None]]
        ink = seen == INK
        found = ink.any(1)
        known = found | (seen != TALL).all(1)
        if found.sum() < max(2, LEAST_SEEN * len(along), SUPPORTED * known.sum()):
            return path
        path = np.column_stack([along, middle]).astype(np.int32)
        if right - x + 1 >= columns:
            return path
        centre = (rows * ink).sum(1)[found] / ink.sum(1)[found]
        is_long = right - x > columns / 3
        powers = powers[found, : 3 if is_long else 2]
        # Least squares by the normal equations; of few points there are many solutions.
        curve = cv2.solve(powers.T @ powers, powers.T @ centre[:, None], flags=cv2.DECOMP_SVD)[1]
        reach = (right - x + 1) // 2
        x, right = max(0, x - reach), min(columns - 1, right + reach)


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
