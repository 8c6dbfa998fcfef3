"""A page's planes, without the squares all over it that are fainter than its ink."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Image
from camlive.segment.lines import either, halved, level_lines, transposed
from camlive.segment.planes import Plane, darker_than_paper, planes, smoothed
from camlive.segment.rules import FAINTER, SQUARE, quantile
from camlive.segment.working_copy import WorkingCopy

SQUARED = 3  # times the picture's longer side: so many pixels the lines of squared paper have
ACROSS = 0.5  # times that side: of these, and of the runs below, in the direction with fewer
LEVEL_RUN = 0.02  # of that side, on half its size: level and upright runs by which lines are told
RUNS = 5  # times that side: so many pixels such runs have where lines are looked for
BLOB_PX = 7  # on half its size: what is as thick is no line
ABOVE = 1.6  # times the lines' contrast: what has more is ink
BESIDE_PX = 7  # width of the band about a line that does not tell whether a mark holds a pen
MUCH = 0.25  # of a mark beside these bands: where so much is far darker than lines it holds one
PURE = 0.9  # share of a mark that is ink: one that has more is left as it is


def page_planes(copy: WorkingCopy) -> tuple[Plane, Plane]:
    """The planes of dark and of light ink, see `planes.planes`; the former without faint squares.

    Args:
        copy: the picture's.
    """
    dark, light = planes(copy.image, copy.window)
    return _without_faint_squares(dark), light


def ink_mask(copy: WorkingCopy) -> Image:
    """The dark ink that is found: its mask, and what that misses beside what is far darker.

    Args:
        copy: the picture's.

    Returns:
        (H, W) uint8 {0, 255}, ink 255.
    """
    dark, _ = page_planes(copy)
    return np.asarray(cv2.bitwise_or(dark.mask, dark.missed), np.uint8)


def _without_faint_squares(plane: Plane) -> Plane:
    """A plane in which marks that hold lines of squared paper and darker ink are the ink alone.

    `rules.without_rules` follows the lines of one mark, and a digit in it is a longer run than they
    are wide. Squared paper is one mark, or many pieces of its lines, too short for that. But where
    its pen is darker, one level parts the two all over the page, a multiple of the contrast of its
    lines. Lines of one direction are followed better, and light ink on a board stays as it is.
    """
    side = max(plane.mask.shape)
    if not _may_be_squared(plane.mask, side):
        return plane
    level, upright = level_lines(plane.mask, side), level_lines(transposed(plane.mask), side)
    lines = either(level, transposed(upright))
    if not _are_squares((level, upright), SQUARED * side, ACROSS * side):
        return plane
    contrast = darker_than_paper(smoothed(plane.grey), plane.mask, plane.window)
    rule = quantile(contrast, lines, 0.75)  # a rule is fainter at its edges
    mask = _ink_alone(plane.mask, lines, contrast, rule)
    if mask is plane.mask:
        return plane
    full = plane.full
    if cv2.hasNonZero(plane.missed):  # else nobody looks at it
        full = _ink_alone(full, lines, contrast, rule)
    fine = None
    if plane.fine is not None:
        fine = np.asarray(cv2.subtract(plane.fine, cv2.subtract(plane.mask, mask)), np.uint8)
    missed = np.asarray(cv2.bitwise_and(plane.missed, full), np.uint8)
    return replace(plane, mask=mask, others=mask, fine=fine, full=full, missed=missed)


def _may_be_squared(mask: Image, side: int) -> bool:
    """Whether a mask holds much of level and upright lines, which costs less than to find them."""
    half = halved(mask)
    if not half.size:
        return False
    blobs = cv2.erode(half, np.ones((BLOB_PX, BLOB_PX), np.uint8))
    thin = cv2.subtract(half, cv2.dilate(blobs, np.ones((BLOB_PX + 2, BLOB_PX + 2), np.uint8)))
    run = max(1, round(LEVEL_RUN * side))
    level, upright = (
        np.asarray(cv2.morphologyEx(thin, cv2.MORPH_OPEN, kernel), np.uint8)
        for kernel in (np.ones((1, run), np.uint8), np.ones((run, 1), np.uint8))
    )
    return _are_squares((level, upright), RUNS * side, ACROSS * side)


def _are_squares(both: tuple[Image, Image], together: float, each: float) -> bool:
    """Whether level and upright lines have so many pixels together, and so many each."""
    pixels = [*map(cv2.countNonZero, both)]
    return sum(pixels) >= together and min(pixels) >= each


def _ink_alone(mask: Image, lines: Image, contrast: Image, rule: float) -> Image:
    """A mask whose marks that hold lines and darker ink are that ink alone; (H, W) uint8 {0, 255}.

    Args:
        mask: (H, W) uint8 {0, 255}, the marks.
        lines: (H, W) uint8 {0, 255}, the lines on it.
        contrast: (H, W) uint8, of each pixel with the paper.
        rule: that of the lines.
    """
    ink, dark = (
        np.asarray(cv2.threshold(contrast, times * rule, 255, cv2.THRESH_BINARY)[1], np.uint8)
        for times in (ABOVE, FAINTER)
    )
    band = np.ones((BESIDE_PX, BESIDE_PX), np.uint8)
    beside = np.asarray(cv2.subtract(mask, cv2.dilate(lines, band)), np.uint8)
    if not cv2.hasNonZero(beside & dark):
        return mask
    count, marks, stats, _ = cv2.connectedComponentsWithStats(mask)

    def held(part: Image) -> npt.NDArray[np.intp]:
        return np.bincount(marks[part > 0], minlength=count)

    share = held(mask & np.asarray(cv2.dilate(ink, SQUARE), np.uint8)) / stats[:, cv2.CC_STAT_AREA]
    is_pen = held(beside & dark) > MUCH * held(beside)
    is_mixed = is_pen & (share < PURE) & (held(lines) > 0)
    if not is_mixed.any():
        return mask
    return np.where(is_mixed[marks] & (ink == 0), np.uint8(0), mask)
