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
GRID = (0.25, 0.75)  # of a box's sides: where its points lie; more are no better
LEAST_POINTS = 3  # of the four that must be found again, and have moved alike
ALIKE = 0.2  # of the box's larger side: motions that differ less are alike
LEAST_FOUND = 0.2  # of all must be found again: of another page next to none are

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


class Followed:
    """Digits that are taken along from frame to frame; see `moved`."""

    def __init__(self, digits: Sequence[Digit]) -> None:
        """Begins with the digits of a frame."""
        self._digits = list(digits)
        self._start = np.array([place_of(digit.box) for digit in digits]).reshape(-1, 4)
        self._places: Vector | None = self._start

    def step(self, here: Glance, there: Glance) -> list[Digit]:
        """Takes them along from the frame where they are to another.

        Returns:
            The digits, their boxes moved, also out of the frame; none from where on few are found.
        """
        if self._places is not None:
            self._places = moved(self._places, here, there)
        if self._places is None:
            return []
        shifts = np.rint(self._places - self._start)[:, :2].astype(int).tolist()
        return [
            replace(digit, box=replace(digit.box, x=digit.box.x + x, y=digit.box.y + y))
            for digit, (x, y) in zip(self._digits, shifts, strict=True)
        ]


def moved(places: Vector, here: Glance, there: Glance) -> Vector | None:
    """Where the ink at some places is on another frame.

    Four points of each are looked for by pyramidal Lucas-Kanade flow (Bouguet 2001), and back again
    (Kalal 2010); it moves by their median. What is not found moves as the nearest that is.

    Args:
        places: (N, 4) on the one frame, in its pixels, see `motion.place_of`.
        here: that frame.
        there: the other.

    Returns:
        (N, 4) places on the other frame; None where few are found again, as on another page.
    """
    if not len(places) or (here.grey.shape, here.scale) != (there.grey.shape, there.scale):
        return None
    moves = _moves(places / here.scale, here, there) * here.scale
    found = ~np.isnan(moves[:, 0])
    if found.mean() < LEAST_FOUND:
        return None
    apart = np.linalg.norm(places[:, None, :2] - places[found, :2], axis=-1)
    new = places.copy()
    new[:, :2] += moves[found][apart.argmin(axis=1)]
    return new


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
