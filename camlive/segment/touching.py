"""Digits that touch: cut apart where the least ink is."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Box, Image
from camlive.segment.contours import LEAST_HEIGHT_PX
from camlive.segment.reduced import shrunk
from camlive.segment.region import HALF, LEAST_SIDE_PX, Region

CUT_PX = 48  # height at which marks are cut: twice a tile's ink, and it bounds the cost
MOST_DIGITS = 4
NARROW, BROAD = 0.35, 0.9  # width over height of a digit that touches its neighbours
LEAST_WIDTH_PX = 3  # of such a digit
MOST_INK = 0.35  # of the height: a cut through more ink parts no digits
LEAST_HEIGHT = 0.5  # of the mark's height: lower pieces are no digits of one number
STEP = 0.03  # cost of a step aside, in pixels of ink: straight cuts are preferred

Pieces = tuple[Image, ...]
Path = npt.NDArray[np.intp]  # (H,) the column of each row


def pieces_of(marks: Sequence[Region], most: int) -> list[Region]:
    """The pieces of marks that may be digits that touch.

    Args:
        marks: any; those too wide for a digit, too.
        most: how many pieces there may be.

    Returns:
        For each mark and number of digits as many regions, or none.
    """
    wide = [m for m in marks if m.ink.size and m.ink.shape[1] >= 2 * NARROW * m.ink.shape[0]]
    wide = wide[: most // 2]
    scales = [max(1.0, mark.ink.shape[0] / CUT_PX) for mark in wide]
    ways = cuttings([shrunk(m.ink, scale) for m, scale in zip(wide, scales, strict=True)])
    pieces = (
        piece
        for mark, scale, cuts in zip(wide, scales, ways, strict=True)
        for inks in cuts
        for ink in inks
        for piece in _piece(mark, ink, scale, len(inks))
    )
    return list(islice(pieces, most))


def _piece(mark: Region, ink: Image, scale: float, count: int) -> Iterator[Region]:
    """One of so many pieces as a region; none if it is tiny."""
    left = mark.box.x - (mark.ink.shape[1] - mark.box.width) // 2
    top = mark.box.y - (mark.ink.shape[0] - mark.box.height) // 2
    x, y, width, height = cv2.boundingRect(cv2.threshold(ink, HALF, 255, cv2.THRESH_BINARY)[1])
    if min(width, height) < LEAST_SIDE_PX or height < LEAST_HEIGHT_PX:
        return
    above, before = max(0, y - 1), max(0, x - 1)
    patch = np.ascontiguousarray(ink[above : y + height + 1, before : x + width + 1])
    place = [round(v * scale) for v in (x, y, width, height)]
    box = Box(left + place[0], top + place[1], place[2], place[3])
    yield replace(mark, box=box, ink=patch, refused="", cut_from=mark.box, pieces=count)


def cuttings(inks: Sequence[Image]) -> list[list[Pieces]]:
    """Marks cut apart, each once for each number of digits that it is wide enough for.

    Each cut is the path from top to bottom that crosses the least ink, found by dynamic
    programming, as a seam (Avidan and Shamir, SIGGRAPH 2007); it lies half a digit's width at most
    from where cuts at even distances would.

    Args:
        inks: N (H, W) uint8, of each mark the coverage by ink.

    Returns:
        For each mark its cuttings, each two or more (H, W) uint8, the ink between the paths from
        left to right; none for a number of digits where a path crosses too much ink.
    """
    plans = [(index, spans) for index, ink in enumerate(inks) for spans in _plans(ink.shape)]
    windows = [inks[index][:, first:end] for index, spans in plans for first, end in spans]
    seams = iter(_seams(windows))
    found: list[list[Pieces]] = [[] for _ in inks]
    for index, spans in plans:
        paths = [next(seams) + first for first, _ in spans]
        if pieces := _parted(inks[index], paths):
            found[index].append(pieces)
    return found


def _plans(shape: tuple[int, ...]) -> Iterator[list[tuple[int, int]]]:
    """For each number of digits, the columns between which each cut lies."""
    height, width = shape
    for count in range(2, MOST_DIGITS + 1):
        each = width / count
        if max(LEAST_WIDTH_PX, NARROW * height) <= each <= BROAD * height:
            yield [(round((k - 0.5) * each), round((k + 0.5) * each)) for k in range(1, count)]


def _parted(ink: Image, paths: Sequence[Path]) -> Pieces:
    """The ink between paths; nothing where one crosses too much ink or a piece is too low."""
    height, width = ink.shape
    rows, columns = np.arange(height), np.arange(width)
    if any(ink[rows, path].sum() > 255 * MOST_INK * height for path in paths):
        return ()
    pieces: list[Image] = []
    rest = ink
    for path in paths:
        is_left = columns < path[:, None]
        pieces.append(np.where(is_left, rest, np.uint8(0)))
        rest = np.where(is_left, np.uint8(0), rest)
    pieces.append(rest)
    low = any(cv2.boundingRect(piece)[3] < LEAST_HEIGHT * height for piece in pieces)
    return () if low else tuple(pieces)


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
