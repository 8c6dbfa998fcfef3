"""Digits taken along from frame to frame by the optical flow of their ink."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Digit, Image
from camlive.motion import Vector, place_of

GLANCE_PX = 320  # longer side of the copies that are compared; more is no better
WINDOW_PX = 11  # side of what is looked for around a point
LEVELS = 4  # halvings of the copy: motions of up to 100 of its pixels are found
ITERATIONS = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 10, 0.03)
GRID = (0.15, 0.5, 0.85)  # of a box's sides: where its points lie
LEAST_POINTS = 5  # of the nine that must be found again, and have moved alike
ALIKE = 0.2  # of the box's larger side: motions that differ less are alike
LEAST_DIGITS = 0.2  # of all must be found again: of another page next to none are

Points = npt.NDArray[np.float32]  # (K, 1, 2) x and y


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """A frame as ink is followed on it.

    Attributes:
        grey: (H', W') uint8, a small copy.
        scale: a side of the frame over that of the copy.
    """

    grey: Image
    scale: float


def glance(image: Image) -> Glance:
    """The small copy of a frame, (H, W, 3) uint8 BGR."""
    scale = max(1.0, max(image.shape[:2]) / GLANCE_PX)
    size = max(1, round(image.shape[1] / scale)), max(1, round(image.shape[0] / scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)  # averages are no better
    return Glance(np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8), scale)


def follow(digits: Sequence[Digit], before: Glance, after: Glance) -> list[Digit]:
    """Takes digits along into a later frame.

    Nine points of each box are looked for by pyramidal Lucas-Kanade flow (Bouguet 2001), and back
    again (Kalal 2010); the digit moves by their median. One that is not found moves as the nearest
    that is.

    Args:
        digits: those of the earlier frame.
        before: that frame.
        after: the later one, which may also be an earlier one.

    Returns:
        The digits, their boxes moved, also out of the frame; none where few are found again.
    """
    if not digits or (before.grey.shape, before.scale) != (after.grey.shape, after.scale):
        return []
    places = np.array([place_of(digit.box) for digit in digits]) / before.scale
    moves = _moves(places, before, after)
    found = ~np.isnan(moves[:, 0])
    if found.mean() < LEAST_DIGITS:
        return []
    apart = np.linalg.norm(places[:, None, :2] - places[found, :2], axis=-1)
    nearest = moves[found][apart.argmin(axis=1)]
    shifts = [tuple(map(round, move)) for move in (nearest * before.scale).tolist()]
    return [
        replace(digit, box=replace(digit.box, x=digit.box.x + x, y=digit.box.y + y))
        for digit, (x, y) in zip(digits, shifts, strict=True)
    ]


def _moves(places: Vector, before: Glance, after: Glance) -> Vector:
    """How each of N places moved, (N, 2) pixels of the copy; NaN where it is not found."""
    offsets = np.array([(x - 0.5, y - 0.5) for y in GRID for x in GRID])
    points = places[:, None, :2] + offsets * places[:, None, 2:]
    start = points.reshape(-1, 1, 2).astype(np.float32)
    end, is_there = _tracked(before.grey, after.grey, start)
    back, is_back = _tracked(after.grey, before.grey, end)
    steps = (end - start).reshape(points.shape)
    astray = np.abs(back - start).reshape(points.shape).max(axis=-1)
    size = places[:, None, 2:].max(axis=-1)
    good = (is_there & is_back).reshape(astray.shape) & (astray < ALIKE * size)
    moves: Vector = np.median(steps, axis=1)
    alike = np.abs(steps - moves[:, None]).max(axis=-1) < ALIKE * size
    moves[(good & alike).sum(axis=1) < LEAST_POINTS] = np.nan
    return moves


def _tracked(before: Image, after: Image, points: Points) -> tuple[Points, npt.NDArray[np.bool_]]:
    """Where points of a grey picture are on a later one, and whether each is there."""
    end, status, _ = cv2.calcOpticalFlowPyrLK(
        before, after, points, None, None, None, (WINDOW_PX, WINDOW_PX), LEVELS, ITERATIONS
    )
    return end.astype(np.float32), status.ravel() > 0
