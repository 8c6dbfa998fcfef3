"""Digits that touch: cut apart wherever little ink is crossed, into pieces of each width."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Box, Image
from camlive.segment.contours import LEAST_HEIGHT_PX
from camlive.segment.measure import WIDEST
from camlive.segment.region import HALF, LEAST_SIDE_PX, Region
from camlive.segment.working_copy import resized

CUT_PX = 48  # height at which marks are cut: twice a tile's ink, and it bounds the cost
NARROW, BROAD = 0.18, 1.2  # width over height of a digit that touches its neighbours
LEAST_WIDTH = 0.6  # of the height: narrower marks are not cut
STRIP = 0.3  # of the height: the width of a strip in which a cut runs from top to bottom
EVERY = 0.15  # of it: from one strip to the next
APART = 0.12  # of it: of two cuts that are nearer to each other the one through less ink counts
MOST_INK = 0.45  # of it: a cut through more ink parts no digits
LEAST_HEIGHT = 0.4  # of it: lower pieces are no digits of one number
SHARED = 0.12  # of the height: so far beyond a cut a stroke lies that digits on both sides share
STEP = 0.03  # cost of a step aside, in pixels of ink: straight cuts are preferred

Path = npt.NDArray[np.intp]  # (H,) the column of each row


@dataclass(frozen=True, slots=True, eq=False)
class Cutting:
    """A mark and where it can be cut.

    Attributes:
        mark: the mark.
        ink: (H, W) uint8, its ink, made smaller where it is high.
        scale: 1 or more, a side of the mark over that of the ink.
        paths: the cuts from left to right, the mark's two ends counted.
    """

    mark: Region
    ink: Image
    scale: float
    paths: list[Path]

    @property
    def slices(self) -> int:
        """Into how many slices the mark falls at all its cuts."""
        return len(self.paths) - 1

    def pieces(self, start: int) -> list[Region]:
        """The pieces that may be a digit, of one or more slices, from a slice on.

        Args:
            start: the number of the slice, from 0.
        """
        ends = range(start + 1, self.slices + (start > 0))  # the whole is no piece
        return [piece for end in ends for piece in self._piece(start, end)]

    def sharing(self, piece: Region) -> list[Region]:
        """A piece with the stroke on its left, or on its right, that two digits may share.

        The round sides of noughts often are one stroke, and cuts pass on either side of it.
        """
        start, end = piece.span
        more = round(SHARED * self.ink.shape[0])
        with_left = self._piece(start, end, left_px=more) if start > 0 else ()
        with_right = self._piece(start, end, right_px=more) if end < self.slices else ()
        return [*with_left, *with_right]

    def _piece(self, start: int, end: int, left_px: int = 0, right_px: int = 0) -> Iterator[Region]:
        """The piece from one path to another, and beyond; none where it cannot be a digit."""
        height, columns = self.ink.shape[0], np.arange(self.ink.shape[1])
        left, right = self.paths[start] - left_px, self.paths[end] + right_px
        if not NARROW * height <= np.mean(right - left) <= BROAD * height:
            return
        within = (columns >= left[:, None]) & (columns < right[:, None])
        ink = np.where(within, self.ink, np.uint8(0))
        x, y, w, h = cv2.boundingRect(cv2.threshold(ink, HALF, 255, cv2.THRESH_BINARY)[1])
        if h < max(LEAST_HEIGHT_PX, LEAST_HEIGHT * height) or w < LEAST_SIDE_PX:
            return
        patch = np.ascontiguousarray(ink[max(0, y - 1) : y + h + 1, max(0, x - 1) : x + w + 1])
        place = [round(v * self.scale) for v in (x, y, w, h)]
        around = self.mark.ink_box
        box = Box(around.x + place[0], around.y + place[1], place[2], place[3])
        origin = replace(self.mark, refused="", cut_from=self.mark.box, slices=self.slices)
        yield replace(origin, box=box, ink=patch, span=(start, end))


def may_touch(mark: Region) -> bool:
    """Whether a mark, too wide for a digit or not, is wide enough for two, and no mere stroke."""
    box, (height, width) = mark.box, mark.ink.shape
    is_row = box.height >= LEAST_HEIGHT_PX and box.width <= WIDEST * box.height
    return width > 0 and width >= LEAST_WIDTH * height and is_row


def cuttings(marks: Sequence[Region]) -> list[Cutting]:
    """Cuts marks that may be digits that touch.

    Each cut is the path from top to bottom of a strip that crosses the least ink, found by dynamic
    programming, as a seam (Avidan and Shamir, SIGGRAPH 2007). There are more cuts than digits: that
    those count between which all is read as digits is an old way with handwritten numbers (Casey
    and Lecolinet, "A survey of methods and strategies in character segmentation", 1996).

    Args:
        marks: those that may touch.

    Returns:
        One for each mark.
    """
    scales = [max(1.0, mark.ink.shape[0] / CUT_PX) for mark in marks]
    inks = [resized(mark.ink, scale) for mark, scale in zip(marks, scales, strict=True)]
    return [
        Cutting(mark, ink, scale, _with_ends(paths, ink.shape))
        for mark, ink, scale, paths in zip(marks, inks, scales, _cuts(inks), strict=True)
    ]


def all_pieces(marks: Sequence[Region]) -> list[Region]:
    """All pieces of the marks that may touch; the recogniser reads but the likely ones."""
    found = cuttings([mark for mark in marks if may_touch(mark)])
    return [piece for cut in found for start in range(cut.slices) for piece in cut.pieces(start)]


def _with_ends(paths: list[Path], shape: tuple[int, ...]) -> list[Path]:
    return [np.zeros(shape[0], np.intp), *paths, np.full(shape[0], shape[1], np.intp)]


def _cuts(inks: Sequence[Image]) -> list[list[Path]]:
    """Of each (H, W) ink the paths through little of it, from left to right."""
    strips = [(k, first, end) for k, ink in enumerate(inks) for first, end in _strips(ink.shape)]
    found: list[list[tuple[float, float, Path]]] = [[] for _ in inks]
    seams = _seams([inks[k][:, first:end] for k, first, end in strips])
    for (k, first, _), seam in zip(strips, seams, strict=True):
        height, path = inks[k].shape[0], seam + first
        crossed = float(inks[k][np.arange(height), path].sum()) / (255 * height)
        if crossed <= MOST_INK:
            found[k].append((crossed, float(path.mean()), path))
    return [_apart(cuts, APART * ink.shape[0]) for cuts, ink in zip(found, inks, strict=True)]


def _strips(shape: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """First and last column of each strip in which a cut is sought."""
    height, width = shape
    side = max(4, round(STRIP * height))
    for first in range(2, width - 2 - side // 2, max(1, round(EVERY * height))):
        yield first, min(width - 2, first + side)


def _apart(cuts: list[tuple[float, float, Path]], least: float) -> list[Path]:
    """Those with the least ink that lie so far apart, from left to right."""
    chosen: list[tuple[float, Path]] = []
    for _, middle, path in sorted(cuts, key=lambda cut: cut[0]):
        if all(abs(middle - other) > least for other, _ in chosen):
            chosen.append((middle, path))
    return [path for _, path in sorted(chosen, key=lambda cut: cut[0])]


def _seams(inks: Sequence[Image]) -> list[Path]:
    """Of each (H, W) ink the path of least cost; all at once, which costs little more than one."""
    if not inks:
        return []
    height, width = np.max([ink.shape for ink in inks], axis=0)
    costs = np.full((height, len(inks), width + 2), np.inf)  # with a wall on either side
    for number, ink in enumerate(inks):
        costs[:, number, 1 : ink.shape[1] + 1] = 0
        costs[: ink.shape[0], number, 1 : ink.shape[1] + 1] = ink / 255
    for y in range(1, height):
        above = costs[y - 1]
        aside = np.minimum(above[:, :-2], above[:, 2:]) + STEP
        costs[y, :, 1:-1] += np.minimum(aside, above[:, 1:-1])
    numbers = np.arange(len(inks))
    path = np.empty((height, len(inks)), np.intp)
    path[-1] = costs[-1, :, 1:-1].argmin(axis=1)
    for y in range(height - 1, 0, -1):
        left, same, right = costs[y - 1, numbers, path[y] + np.arange(3)[:, None]]
        step = np.where(left <= right, -1, 1)
        path[y - 1] = path[y] + np.where(same <= np.minimum(left, right) + STEP, 0, step)
    return [path[: ink.shape[0], number] for number, ink in enumerate(inks)]
