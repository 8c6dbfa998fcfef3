"""The digits of two moments: how the frame moved, and which is which."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from camlive.detection import Box, Digit

MAX_DISTANCE = 0.8  # between centres, of the larger side of the larger box
MAX_RATIO = 2.0  # of the larger sides of two boxes of one digit
SAME_LABEL = 0.2  # bonus to the match (IoU + closeness, 0 to 2)
LEAST_VOTES = 2  # digits that moved alike by which the motion of all is known
ALIKE = 0.3  # of a digit's larger side: motions that differ less are alike
MIDWAY = 0.5  # between two moments: neither is nearer
MOST_VOTERS = 24  # digits asked, so that a full frame costs little

Vector = npt.NDArray[np.float64]


def place_of(box: Box) -> Vector:
    """Centre x, centre y, width, height."""
    return np.array([*box.middle, box.width, box.height], np.float64)


def between(before: Sequence[Digit], after: Sequence[Digit], share: float) -> list[Digit]:
    """The followed digits of a moment between two others, on the straight way between theirs.

    One that only the nearer moment has moves as most do. Where the two have none in common nobody
    knows which of them it is like, and it shows none.

    Args:
        before: the digits of the earlier moment.
        after: those of the later.
        share: how much of the time between them has gone by, 0 to 1.
    """
    early, late = ({digit.track: digit for digit in digits} for digits in (before, after))
    ways = {
        track: place_of(late[track].box) - place_of(digit.box)
        for track, digit in early.items()
        if track in late
    }
    if not ways:
        return []
    usual = np.median(list(ways.values()), axis=0) * (1, 1, 0, 0)
    nearer, gone = (early, share) if share < MIDWAY else (late, share - 1)
    here = [(early[track], share * way) for track, way in ways.items()]
    if share != MIDWAY:
        here += [(d, gone * usual) for track, d in nearer.items() if track not in ways]
    return [shifted(digit, shift) for digit, shift in here]


def shifted(digit: Digit, shift: Vector) -> Digit:
    """A digit elsewhere: by how many pixels its centre moved, and its box became wider and higher.

    Args:
        digit: where it was.
        shift: (4,) the difference of two places, see `place_of`.
    """
    x, y, width, height = place_of(digit.box) + shift
    left, top, *sides = np.rint((x - width / 2, y - height / 2, width, height)).astype(int).tolist()
    return replace(digit, box=Box(left, top, max(1, sides[0]), max(1, sides[1])))


def paired(
    before: Vector, after: Vector, same: npt.NDArray[np.bool_], may: npt.NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """Which places are those of the same digit, the likeliest first.

    Where most digits of the same labels moved alike, each is looked for where that takes it; else
    where it was.

    Args:
        before: (N, 4) places at the first moment, see `place_of`.
        after: (M, 4) places at the second.
        same: (N, M) whether they have the same label.
        may: (N, M) whether they may be the same digit.

    Returns:
        The indices of each pair, at most one of each place.
    """
    shift = _shift_of_most(before, after, same)
    if shift is not None:
        before = before + np.append(shift, (0, 0))
    score = _likeness(before, after)
    score = np.where((score > 0) & may, score + SAME_LABEL * same, 0)
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for flat in np.argsort(-score, axis=None, kind="stable")[: np.count_nonzero(score)]:
        row, column = divmod(int(flat), len(after))
        if row not in pairs and column not in taken:
            pairs[row] = column
            taken.add(column)
    return list(pairs.items())


def _shift_of_most(before: Vector, after: Vector, same: npt.NDArray[np.bool_]) -> Vector | None:
    """How far the frame moved, x and y in pixels, where enough digits of the same labels agree.

    Neighbours are then not taken for one another, however fast a sheet moves.

    Args:
        before: (N, 4) places at the first moment.
        after: (M, 4) places at the second.
        same: (N, M) whether they have the same label.
    """
    rows, columns = np.nonzero(same[:MOST_VOTERS])
    if len(rows) < LEAST_VOTES:
        return None
    moves = after[columns, :2] - before[rows, :2]
    size = float(np.median(before[:, 2:].max(-1)))
    alike = np.hypot(*np.moveaxis(moves[:, None] - moves, -1, 0)) < ALIKE * size
    lengths = np.hypot(*moves.T)
    best = int(np.lexsort((lengths, -alike.sum(1)))[0])  # of those with most votes the smallest
    enough = max(LEAST_VOTES, min(len(before), len(after), MOST_VOTERS) / 2)
    return np.median(moves[alike[best]], axis=0) if alike[best].sum() >= enough else None


def _likeness(a: Vector, b: Vector) -> Vector:
    """IoU plus closeness of every two places, (N, 4) and (M, 4) -> (N, M), 0 where too far."""
    a, b = a[:, None], b[None]
    low = np.maximum(a[..., :2] - a[..., 2:] / 2, b[..., :2] - b[..., 2:] / 2)
    high = np.minimum(a[..., :2] + a[..., 2:] / 2, b[..., :2] + b[..., 2:] / 2)
    shared = np.clip(high - low, 0, None).prod(axis=-1)
    iou = shared / (a[..., 2:].prod(axis=-1) + b[..., 2:].prod(axis=-1) - shared)
    small, large = np.sort([*np.broadcast_arrays(a[..., 2:].max(-1), b[..., 2:].max(-1))], axis=0)
    distance = np.hypot(*np.moveaxis(a[..., :2] - b[..., :2], -1, 0)) / large
    near = (distance < MAX_DISTANCE) & (large < MAX_RATIO * small)
    likeness: Vector = np.where(near, iou + 1 - distance, 0.0)
    return likeness
