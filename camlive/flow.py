"""Digits taken along from frame to frame by the optical flow of their ink."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress

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
PATCH = 12, 1.3  # samples to a side of the patch by which ink is compared, and its sides in a box's
SAME_PATCH = 0.38  # least correlation of two: the same digit's exceeds 0.5, paper's hardly 0.3
LIKELIER = 0.05  # correlation more, by which ink is where most went: copies differ by noise
MOST_GONE = 1 / 3  # of the digits are there at most: it is another page, and none of them is

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
    """The small copy of a frame, (H, W, 3) uint8 BGR.

    Its pixels are means of four, which keeps small ink alike wherever it stands between them; of
    more they would cost more than all the rest.
    """
    scale = max(1.0, max(image.shape[:2]) / GLANCE_PX)
    width, height = (max(1, round(side / scale)) for side in image.shape[1::-1])
    if scale > 2:
        image = np.asarray(cv2.resize(image, (2 * width, 2 * height)), np.uint8)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
    return Glance(np.asarray(small, np.uint8), scale)


class Followed:
    """Digits that are taken along from frame to frame; see `moved`."""

    def __init__(self, digits: Sequence[Digit]) -> None:
        """Begins with the digits of a frame."""
        self._digits = list(digits)
        self._start = np.array([place_of(digit.box) for digit in digits]).reshape(-1, 4)
        self._places = self._start

    def step(self, here: Glance, there: Glance) -> list[Digit]:
        """Takes them along from the frame where they are to another.

        Returns:
            The digits whose ink is there, their boxes moved, also out of the frame.
        """
        self._places, kept = moved(self._places, here, there)
        self._places, self._start = self._places[kept], self._start[kept]
        self._digits = list(compress(self._digits, kept))
        shifts = np.rint(self._places - self._start)[:, :2].astype(int).tolist()
        return [
            replace(digit, box=replace(digit.box, x=digit.box.x + x, y=digit.box.y + y))
            for digit, (x, y) in zip(self._digits, shifts, strict=True)
        ]


def moved(places: Vector, here: Glance, there: Glance) -> tuple[Vector, npt.NDArray[np.bool_]]:
    """Where the ink at some places is on another frame.

    Four points of each are looked for by pyramidal Lucas-Kanade flow (Bouguet 2001), and back again
    (Kalal 2010); it moves by their median. What is not found moves as the nearest that is. Then the
    two frames are compared there, by the correlation of small patches; and where the median motion
    leads, if that is elsewhere and likelier: flow may take a digit for the next that is like it.

    Args:
        places: (N, 4) on the one frame, in its pixels, see `motion.place_of`.
        here: that frame.
        there: the other.

    Returns:
        (N, 4) places on the other frame, and of each whether the same ink is there; it is nowhere
        where that of most is not, as on another page.
    """
    nowhere = np.zeros(len(places), np.bool_)
    if not len(places) or (here.grey.shape, here.scale) != (there.grey.shape, there.scale):
        return places, nowhere
    moves = _moves(places / here.scale, here, there) * here.scale
    if np.isnan(moves).all():  # nothing is found: all stays where it is
        moves = np.zeros_like(moves)
    found = ~np.isnan(moves[:, 0])
    apart = np.linalg.norm(places[:, None, :2] - places[found, :2], axis=-1)
    own, most = places.copy(), places.copy()
    own[:, :2] += moves[found][apart.argmin(axis=1)]
    most[:, :2] += np.median(moves[found], axis=0)
    ink = _patches(places / here.scale, here)
    like_own, like_most = (
        (ink * _patches(new / there.scale, there)).sum(axis=1) for new in (own, most)
    )
    is_astray = np.abs(own - most).max(axis=1) >= ALIKE * places[:, 2:].max(axis=1)
    with_most = is_astray & (like_most > like_own + LIKELIER)
    new = np.where(with_most[:, None], most, own)
    is_there = np.where(with_most, like_most, like_own) > SAME_PATCH
    return new, is_there if is_there.mean() > MOST_GONE else nowhere


def _patches(places: Vector, glance: Glance) -> Points:
    """What is at each of N places of the copy, (N, K), of mean 0 and length 1: of even paper 0."""
    count, side = PATCH
    steps = side * ((np.arange(count) + 0.5) / count - 0.5)
    x, y = (
        (places[:, k, None] + steps * places[:, k + 2, None] - 0.5).astype(np.float32)
        for k in (0, 1)
    )
    columns, rows = np.tile(x, count), np.repeat(y, count, axis=1)
    seen = cv2.remap(glance.grey, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    patches = seen - seen.mean(axis=1, dtype=np.float32, keepdims=True)
    length = np.linalg.norm(patches, axis=1, keepdims=True)
    return np.asarray(patches / np.maximum(length, 1), np.float32)


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
