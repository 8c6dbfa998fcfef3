"""Ruled lines, table lines and frames: taken out of the marks that they join."""

import cv2
import numpy as np

from camlive.detection import Box, Image
from camlive.segment.contours import components, drawn_mask
from camlive.segment.lines import SHORT_RULE, Rules, either, level_rules, transposed, usual_run

UPRIGHT_RULE = 0.25  # of the picture's longer side: strokes of large digits are upright, too
CLOSES = 0.9  # of the mark: an upright line that is so long between two rules is one, too
WALL_WIDTH = 1.25  # times a rule's width, and a pixel: a pen's stroke is mostly wider
THIN_ROWS = 0.9  # share of a wall's rows that are no wider: where a digit joins it more are
WALL_GAP = 2  # pixels between a rule and the wall that ends at it, at most
WALL_HEIGHT = 4  # times a rule's width: a wall is at least so high
WALL_SLOPE = 0.1  # of a wall from square to the rules
SCRAP = 2  # times a rule's width: the side of a square that around its course covers its scraps
CROSSING = 7  # pixels: strokes go on across a crossing, which is so much larger than two rules
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
    height, width = mask.shape
    nothing = np.zeros_like(mask)
    level = upright = Rules(nothing, nothing, nothing, 1)
    if width > SHORT_RULE * side:
        level = level_rules(mask, side, SHORT_RULE * side)
    # Between two rules an upright one may be as short as they are apart: the side of a frame.
    ends = level.taken[: height // 4 + 1], level.taken[-height // 4 - 1 :]
    closed = all(map(cv2.hasNonZero, ends))
    least = min(UPRIGHT_RULE * side, CLOSES * height) if closed else UPRIGHT_RULE * side
    if height > max(least, SHORT_RULE * side):
        upright = level_rules(transposed(_mended(mask, level)), side, least).turned()
    likely = either(level.likely, upright.likely)
    taken = either(level.taken, upright.taken)
    if not cv2.hasNonZero(taken):
        return mask, likely
    crossings = np.asarray(cv2.bitwise_and(level.along, upright.along), np.uint8)
    cut = _less(mask, either(taken, crossings))
    walls = _walls(cut, level, closed) if cv2.hasNonZero(level.taken) else nothing
    cut, likely = _less(cut, walls), either(likely, walls)
    if any(_are_scraps(cut, rules) for rules in (level, upright)):
        return nothing, likely
    crossed = _bridged(cut, crossings, level.width + upright.width + CROSSING)
    return _mended(_mended(either(cut, crossed), level), upright), likely


def _are_scraps(cut: Image, rules: Rules) -> bool:
    """Whether nothing is left of a mark but what lies at its rules, which were ragged."""
    beside = np.ones((SCRAP * rules.width, SCRAP * rules.width), np.uint8)
    return not cv2.hasNonZero(cv2.subtract(cut, cv2.dilate(rules.along, beside)))


def _mended(mask: Image, rules: Rules) -> Image:
    """A mask without rules, but with what of them lies between strokes: these go on in it."""
    cut = _less(mask, rules.taken)
    return either(cut, _bridged(cut, rules.taken, 2 * rules.width + 1))


def _bridged(cut: Image, taken: Image, gap: int) -> Image:
    """What was taken out of a mask between strokes that are less than so many pixels apart."""
    if not cv2.hasNonZero(taken):
        return taken
    closed = cv2.morphologyEx(cut, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    return np.asarray(cv2.bitwise_and(closed, taken), np.uint8)


def _less(mask: Image, taken: Image) -> Image:
    return np.asarray(cv2.subtract(mask, taken), np.uint8)


def _walls(cut: Image, level: Rules, closed: bool) -> Image:
    """Of what is left of a mark the lines, hardly thicker than its rules, from one to another.

    They stand square to these. The walls of a row of cells are too short to be found as rules are,
    and look like ones. Where the mark goes on beyond its rules, only those count at which these
    end, as those of a box do.
    """
    rules = level.taken
    width = usual_run(rules, max(rules.shape))
    widest = WALL_WIDTH * width + 1
    beside = cv2.dilate(rules, np.ones((2 * WALL_GAP + 1, 2 * WALL_GAP + 1), np.uint8))
    walls = np.zeros_like(cut)
    for box, contours in components(cut):
        slope = WALL_SLOPE + abs(level.slope)
        if box.height < WALL_HEIGHT * width or box.width > widest + slope * box.height:
            continue
        own = drawn_mask(contours, box)
        moments = cv2.moments(own, binaryImage=True)
        if abs(moments["mu11"] / max(moments["mu02"], 1) + level.slope) > WALL_SLOPE:
            continue
        window = np.s_[box.y : box.bottom, box.x : box.right]
        ends = cv2.bitwise_and(own, beside[window])
        is_even = np.mean(np.count_nonzero(own, axis=1) <= widest) >= THIN_ROWS
        is_wall = is_even and all(map(cv2.hasNonZero, (ends[: 2 * width], ends[-2 * width :])))
        if is_wall and (closed or _is_at_an_end(rules, box, width + WALL_GAP)):
            walls[window] = cv2.bitwise_or(walls[window], own)
    return walls


def _is_at_an_end(rules: Image, box: Box, reach: int) -> bool:
    """Whether the rules at the ends of a mark go on to one side of it at most."""
    left = slice(max(0, box.x - 2 * reach), max(0, box.x - reach))
    right = slice(box.right + reach, box.right + 2 * reach)
    above = slice(max(0, box.y - reach), box.y + reach)
    below = slice(max(0, box.bottom - reach), box.bottom + reach)
    sides = ([rules[rows, side] for rows in (above, below)] for side in (left, right))
    return not all(any(map(cv2.hasNonZero, side)) for side in sides)


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
    rule = quantile(contrast, rules, 0.75)  # the mask of a rule is wider than its line
    full = quantile(contrast, beside, 0.9)
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


def quantile(grey: cv2.typing.MatLike, mask: cv2.typing.MatLike, share: float) -> float:
    """A quantile of the levels under a mask; 0 where it is empty."""
    counts = np.bincount(np.asarray(grey)[mask > 0], minlength=256).cumsum()
    return float(np.searchsorted(counts, counts[-1] * share))
