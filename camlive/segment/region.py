"""A mark that may be a digit; small marks joined with larger ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from camlive.detection import Box, Image
from camlive.segment.working_copy import WorkingCopy

LEAST_SIDE_PX = 2
MOST_ASPECT = 2.0  # width over height of a single digit: some write a 2 lying flat
HALF = 110  # coverage of 255 at which ink ends: half its contrast, a little less for thin strokes
JOIN_GAP = 0.18  # of the joined height: a detached stroke is at most this far away
JOIN_HEIGHT = 0.6  # of the joined height: the smaller piece is at most this high
JOIN_LENGTH = 0.15  # of it: the smaller piece's longer side is at least so long, or it is a speck
JOIN_CONTRAST = 0.1  # of the higher logarithmic contrast: the lower is at least so, or it is dirt
JOIN_INSIDE = 0.8  # of its area: a mark that lies further than this within another is no piece


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A mark that may be a digit.

    Attributes:
        box: tight around the ink, in pixels of the copy until `to_full`, then of the picture.
        ink: (H, W) uint8, the mark's coverage by ink, 0 to 255; empty if refused at sight,
            unless it may be digits that touch, or a stroke of another mark.
        refused: why it cannot be a digit, in words; empty if it may be one.
        contrast: of the ink to the ground, in steps of the logarithmic grey scale.
        clarity: the contrast in deviations of the bare ground around the mark.
        crowd: share of the surrounding box that other ink covers, 0 to 1.
        in_line: whether it is narrow, and ink as dark goes on beyond its ends, as a rule's does.
        shaded: whether it stands out only from ground that was evened: at the edge of a shadow,
            or in texture.
        cut_from: the box of the mark that it was cut out of, where digits may touch, or of what the
            outline around it holds; else None.
        slices: into how many that falls at all its cuts, from left to right.
        span: the first of them that it holds, from 0, and the first beyond it.
    """

    box: Box
    ink: Image
    refused: str = ""
    contrast: float = 0.0
    clarity: float = 0.0
    crowd: float = 0.0
    in_line: bool = False
    shaded: bool = False
    cut_from: Box | None = None
    slices: int = 1
    span: tuple[int, int] = (0, 1)

    @property
    def ink_box(self) -> Box:
        """Where its ink lies on the copy, some pixels of the ground about it counted."""
        height, width = self.ink.shape
        x = self.box.x - (width - self.box.width) // 2
        y = self.box.y - (height - self.box.height) // 2
        return Box(x, y, width, height)


def with_joined(regions: Sequence[Region], strokes: Sequence[Region] = ()) -> list[Region]:
    """Adds, for each small mark close to a larger one, the two as one region.

    A detached stroke (the bar of a 5) lies within a small gap of the rest, is much lower than
    the whole and no mere dirt beside its ink, and does not lie inside the rest already.

    Args:
        regions: the highest first.
        strokes: marks that are no digits themselves, but may be a stroke of one of these.
    """
    if not regions:
        return []
    every = [*regions, *strokes]
    joins = may_join([region.box for region in regions], [region.box for region in every])
    contrast = np.array([region.contrast for region in every])
    whole = contrast[: len(regions), None]
    joins &= np.minimum(whole, contrast) >= JOIN_CONTRAST * np.maximum(whole, contrast)
    pairs = np.argwhere(np.triu(joins, 1))
    return [*regions, *(_join(regions[large], every[small]) for large, small in pairs)]


def may_join(large: Sequence[Box], small: Sequence[Box]) -> npt.NDArray[np.bool_]:
    """Whether each of N marks and each of M may be one digit by where they lie, the M its strokes.

    Returns:
        (N, M).
    """
    one, other = (np.array([box.edges for box in boxes]).reshape(-1, 4) for boxes in (large, small))
    low, high = one[:, None, :2], one[:, None, 2:]
    size = other[:, 2:] - other[:, :2]
    whole = np.maximum(high, other[:, 2:]) - np.minimum(low, other[:, :2])
    shared = np.minimum(high, other[:, 2:]) - np.maximum(low, other[:, :2])
    height = whole[..., 1]
    joins: npt.NDArray[np.bool_] = (
        (-shared.min(-1) <= JOIN_GAP * height)
        & (size[:, 1] <= JOIN_HEIGHT * height)
        & (size.max(1) >= JOIN_LENGTH * height)
        & (whole[..., 0] <= MOST_ASPECT * height)
        & (shared.clip(0).prod(-1) < JOIN_INSIDE * size.prod(1))
    )
    return joins


def _join(one: Region, other: Region) -> Region:
    box = one.box.union(other.box)
    ink = np.zeros((box.height + 2, box.width + 2), np.uint8)
    for region in (one, other):
        top, left = region.box.y - box.y, region.box.x - box.x
        window = ink[top : top + region.ink.shape[0], left : left + region.ink.shape[1]]
        patch = region.ink[: window.shape[0], : window.shape[1]]
        np.maximum(window, patch, out=window)
    return replace(one, box=box, ink=ink)


def to_full(region: Region, copy: WorkingCopy) -> Region:
    """A region of a copy with its box in pixels of the picture that the copy was made of."""
    if copy.scale == 1:
        return region
    if region.refused:  # the most, and nothing else of them is asked for
        return Region(_scaled(region.box, copy), region.ink, region.refused)
    cut_from = region.cut_from and _scaled(region.cut_from, copy)
    return replace(region, box=_scaled(region.box, copy), cut_from=cut_from)


def _scaled(box: Box, copy: WorkingCopy) -> Box:
    x, y = round(box.x * copy.scale), round(box.y * copy.scale)
    width = min(round(box.width * copy.scale), copy.shape[1] - x)
    height = min(round(box.height * copy.scale), copy.shape[0] - y)
    return Box(x, y, width, height)
