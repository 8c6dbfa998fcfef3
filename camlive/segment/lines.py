"""Long thin lines in a mark: ruled lines, table lines, the sides of frames."""

from dataclasses import dataclass
from statistics import median
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Image

SHORT_RULE = 0.09  # of the picture's longer side: the shortest piece of a line that is a rule
RULE_VOTES = 0.05  # of it: points on a line that make it one
RULE_GAP = 0.011  # of it: the longest gap within a line
WIDEST_RULE = 1 / 45  # of it
NARROW = 0.4  # width over height of a mark that may be a piece of a rule
WIDER = 1.5  # times a rule's width, rounded up and even: what is thicker is ink on the rule
SUPPORTED = 0.6  # share of a rule's length, where no stroke crosses it, on which there is ink
LEAST_SEEN = 0.3  # and of all its length
EVERY_PX = 4  # along a line: one column in four is looked at
INK, TALL = 255, 1  # in the picture that lines are followed in
MOST_LINES = 64  # the longest are followed: textures are full of lines
SPAN = 0.5  # of the mark: a rule is at least so long
MOST_SLOPE = 1 / 3  # of a rule from level or upright


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """The rules of one direction in a mask, each (H, W) uint8 {0, 255}.

    Attributes:
        taken: the rules, but where other strokes cross them.
        likely: those, and what else may be a piece of one.
        along: their course, also where other strokes cross them.
        width: of most of them, in pixels; where there are none, of most ink.
        slope: of most of them, how far they fall along their direction; 0 where there are none.
    """

    taken: Image
    likely: Image
    along: Image
    width: int
    slope: float = 0.0

    def turned(self) -> "Rules":
        """Those of the transposed mask."""
        taken, likely, along = map(transposed, (self.taken, self.likely, self.along))
        return Rules(taken, likely, along, self.width, self.slope)


def either(one: Image, other: Image) -> Image:
    """What is ink in one of two masks."""
    return np.asarray(cv2.bitwise_or(one, other), np.uint8)


def transposed(mask: Image) -> Image:
    """A mask with x and y in each other's place."""
    return np.asarray(cv2.transpose(mask), np.uint8)


def level_rules(mask: Image, side: int, least_px: float) -> Rules:
    """Finds the nearly level rules: runs down a column that are no longer than theirs.

    So staff lines are taken out of music (Fujinaga, "Staff detection and removal", 2004). A stroke
    that crosses the rule is a longer run, and none of it.
    """
    width, tall, thin = _thin(mask, side)
    rules, others = np.zeros_like(mask), np.zeros_like(mask)
    kinds = cv2.copyMakeBorder(thin | (tall & TALL), 1, 1, 0, 0, cv2.BORDER_CONSTANT)
    lines = sorted(_lines(thin, side), key=lambda line: line[0] - line[2])
    slopes: list[float] = []
    for x, y, right, bottom in lines[:MOST_LINES]:
        level = abs(bottom - y) < MOST_SLOPE * (right - x)
        middle = (y + bottom) // 2, (x + right) // 2
        if level and not rules[middle] and not others[middle]:  # else it was followed already
            path = _followed(np.asarray(kinds), (x, y, right, bottom), width)
            is_rule = np.ptp(path[:, 0]) + 1 >= max(SPAN * mask.shape[1], least_px)
            cv2.polylines(rules if is_rule else others, [path], False, 255, width + 4)
            if is_rule:
                slopes.append(float(np.divide(*(path[-1] - path[0])[::-1])))
    taken = np.asarray(cv2.bitwise_and(rules, thin), np.uint8)
    likely = np.asarray(cv2.bitwise_and(either(rules, others), thin), np.uint8)
    return Rules(taken, likely, rules, width, median(slopes) if slopes else 0.0)


def level_lines(mask: Image, side: int) -> Image:
    """The straight and nearly level lines of a mask, thin, a thick one as several; (H, W) uint8.

    Args:
        mask: (H, W) uint8 {0, 255}, the ink of a picture.
        side: its longer side in pixels.
    """
    _, _, thin = _thin(mask, side)
    drawn = np.zeros_like(mask)
    for x, y, right, bottom in _lines(thin, side):
        if abs(bottom - y) < MOST_SLOPE * (right - x):
            cv2.line(drawn, (x, y), (right, bottom), 255)
    return np.asarray(cv2.bitwise_and(drawn, thin), np.uint8)


def _thin(mask: Image, side: int) -> tuple[int, Image, Image]:
    """The width of a mask's rules, what of it is higher, and the rest."""
    width = usual_run(mask, max(1, round(side * WIDEST_RULE)))
    longest = 2 * round(WIDER * width / 2 + 0.5)  # even: a kernel of even height would shift
    kernel, none = np.ones((longest + 1, 1), np.uint8), cv2.BORDER_CONSTANT  # no ink beyond
    tall = np.asarray(
        cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel, borderType=none, borderValue=0), np.uint8
    )
    return width, tall, np.asarray(cv2.subtract(mask, tall), np.uint8)


def usual_run(mask: Image, most: int) -> int:
    """The length, of at most so many pixels, that most runs of ink down a column have."""
    columns = cv2.copyMakeBorder(mask, 1, 1, 0, 0, cv2.BORDER_CONSTANT)
    chain = transposed(np.asarray(columns)).ravel()
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


def halved(mask: Image) -> Image:
    """A mask on half its size, (H // 2, W // 2) uint8 {0, 255}: ink where any of four pixels is."""
    even = mask[: mask.shape[0] // 2 * 2, : mask.shape[1] // 2 * 2]
    if not even.size:
        return even
    half = cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.threshold(half, 0, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _lines(thin: Image, side: int) -> list[list[int]]:
    """Ends x, y, x, y of the straight lines (Matas et al., CVIU 78, 2000) of a mask."""
    small = halved(thin)  # is cheaper
    if not small.size:
        return []
    found = cv2.HoughLinesP(
        small,
        1,
        np.pi / 180,
        round(side / 2 * RULE_VOTES),
        minLineLength=side / 2 * SHORT_RULE,
        maxLineGap=side / 2 * RULE_GAP,
    )
    return [] if found is None else cast("list[list[int]]", (2 * found.reshape(-1, 4)).tolist())
