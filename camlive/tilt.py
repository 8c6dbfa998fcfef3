"""By how much a page is held at a slant, and whether it is upright where it was turned."""

from collections.abc import Sequence
from statistics import median

import cv2
import numpy as np
import numpy.typing as npt

from camlive.classifier import Classify
from camlive.detection import NOT_A_DIGIT, Box, Probabilities
from camlive.preprocess import to_batch, to_tile
from camlive.turning import rotated
from camlive.verdict import ALIKE, BAR, NO_DIGIT, SURE, Verdict, unfit
from camlive.words import LETTERS, MOST_LARGER

TILTS = (35, -35)  # degrees; digits are read up to 20 off: together from 15 to 55 either way
SIDEWAYS = (90, -90)
SLANTED, STEEP = 18, 60  # degrees of rows that slant by as much, and that may be columns
NEAR = (
    2.0  # of a digit's size: its neighbour in a row is at most so far away, from middle to middle
)
ROW = 4  # digits with a neighbour by which rows are known, and
PARALLEL, AGREE = 8, 0.6  # the share of them whose ways there differ by less, in degrees
MOST_MARKS = 48  # that are looked at turned
PLAIN = 0.75  # of them: where so many are sure digits as they lie the page is upright
MORE, BESIDES = 1.25, 0.5  # upright so many times as many marks are sure, and half a one besides
LEAST_SURE = 2.5  # at least: one or two letters are like digits at many an angle
MOST_NONE = 3.5  # times as many marks of their size may be no digits: of letters more are
AS_MANY = 0.93  # times as many sure marks suffice where rows slant: some are surer of as they lie
TELL_NOTHING = (0, BAR)  # look like digits, or letters, however they are turned

Angles = npt.NDArray[np.float64]


def tilt_of(
    verdicts: Sequence[Verdict],
    chances: Probabilities,
    classify: Classify,
    tilts: tuple[int, ...] = TILTS,
) -> int:
    """By how many degrees a page may be turned clockwise; 0 if it is upright.

    Its marks, but for sure noughts and ones, are turned and classified again: where they are
    upright more are sure digits. They are turned by the slant of the rows that the digits stand
    in; else by some tilts, and noughts and ones tell nothing then either. A page on which words are
    read is not turned.

    Args:
        verdicts: of the N regions of a picture.
        chances: (N, 11), what they look like as they lie.
        classify: batch (N, 28, 28, 1) float32 -> probabilities (N, 11).
        tilts: degrees to try where no rows are plain.
    """
    if any(verdict.refused == LETTERS for verdict in verdicts):
        return 0
    whole = [k for k, v in enumerate(verdicts) if not v.region.cut_from and not unfit(v.region)]
    count = min(len(whole), MOST_MARKS)
    marks = [whole[k] for k in np.linspace(0, len(whole) - 1, count).astype(int)]
    marks = [k for k in marks if chances[k, TELL_NOTHING].max() < SURE]
    slant = _slant_of_rows(verdicts)
    but = () if _is_slanted(slant) else TELL_NOTHING
    as_it_lies = _sure(chances[marks], but)
    may_tell = np.isin(chances[marks].argmax(axis=1), TELL_NOTHING, invert=True)
    if not _is_slanted(slant) and as_it_lies >= PLAIN * may_tell.sum():
        return 0
    tilts = _along(slant) or tilts
    inks = [verdicts[k].region.ink for k in marks]
    tiles = [to_tile(rotated(ink, t, cv2.BORDER_CONSTANT)[0]) for t in tilts for ink in inks]
    upright = np.split(classify(to_batch(tiles)), len(tilts))
    sure = [_sure(part, but) for part in upright]
    best = int(np.argmax(sure))
    least = AS_MANY * as_it_lies if _is_slanted(slant) else MORE * as_it_lies + BESIDES
    if sure[best] < max(LEAST_SURE, least):
        return 0
    are_sure = _likeliest(upright[best], but) >= SURE
    are_none = upright[best][:, NOT_A_DIGIT] >= 0.5
    sizes = np.array([_size(verdicts[k].region.box) for k in marks])
    none = are_none & _is_like(sizes, np.median(sizes[are_sure]))
    return tilts[best] if none.sum() <= MOST_NONE * are_sure.sum() else 0


def is_upright(verdicts: Sequence[Verdict], before: Sequence[Verdict]) -> bool:
    """Whether a page that was turned is upright now: more is read, and not mostly letters.

    Where its rows slanted hardly less suffices.

    Args:
        verdicts: of the page turned.
        before: of it as it lies.
    """
    is_slanted = _is_slanted(_slant_of_rows(before))
    but = () if is_slanted else TELL_NOTHING
    read = [v.digit for v in verdicts if not v.refused]
    now, then = (
        sum(v.digit.confidence for v in some if not v.refused and v.digit.digit not in but)
        for some in (verdicts, before)
    )
    if now <= then * (AS_MANY if is_slanted else 1):
        return False
    none = [v.region for v in verdicts if v.refused == NO_DIGIT and not v.region.cut_from]
    sizes = np.array([_size(region.box) for region in none])
    return bool(_is_like(sizes, median(_size(d.box) for d in read)).sum() <= len(read))


def _slant_of_rows(verdicts: Sequence[Verdict]) -> int:
    """By how many degrees the rows that digits stand in fall to the right; 0 where none are plain.

    A digit's neighbour in its row is the nearest; most of the ways there must be parallel.

    Returns:
        From -90 to 90.
    """
    boxes = [verdict.digit.box for verdict in verdicts if not verdict.refused]
    if len(boxes) < ROW:
        return 0
    middles, sizes = np.array([box.middle for box in boxes]), np.array([*map(_size, boxes)])
    steps = middles - middles[:, None]
    away = np.hypot(steps[..., 0], steps[..., 1])
    larger, smaller = np.maximum(sizes, sizes[:, None]), np.minimum(sizes, sizes[:, None])
    away[(larger > ALIKE * smaller) | (away > NEAR * larger)] = np.inf
    np.fill_diagonal(away, np.inf)
    pairs = [(k, other) for k, other in enumerate(away.argmin(axis=1)) if away[k, other] < np.inf]
    if len(pairs) < ROW:
        return 0
    x, y = steps[tuple(np.transpose(pairs))].T
    angles = _of_lines(np.degrees(np.arctan2(y, x)))
    parallel = np.abs(_of_lines(angles - angles[:, None])) < PARALLEL
    most = parallel[parallel.sum(axis=1).argmax()]
    return round(float(np.median(angles[most]))) if most.mean() >= AGREE else 0


def _of_lines(angles: Angles) -> Angles:
    """Angles in degrees as those of lines, which have no direction: from -90 to 90."""
    return np.asarray((angles + 90) % 180 - 90)


def _is_slanted(slant: int) -> bool:
    """Whether rows slant so much that their digits are hardly read, and are no columns."""
    return SLANTED <= abs(slant) <= STEEP


def _along(slant: int) -> tuple[int, ...]:
    """By how many degrees a page is turned if its rows slant so; steep ones go up or down."""
    if abs(slant) > STEEP:
        return (slant, slant - int(np.copysign(180, slant)))
    return (slant,) if _is_slanted(slant) else ()


def _sure(chances: Probabilities, but: tuple[int, ...]) -> float:
    """How many of N tiles, (N, 11), are sure digits but for some, by their confidence."""
    likeliest = _likeliest(chances, but)
    return float(likeliest[likeliest >= SURE].sum())


def _likeliest(chances: Probabilities, but: tuple[int, ...]) -> Probabilities:
    """How likely each of N tiles, (N, 11), is the digit that it is most like, but for some."""
    digits = np.delete(chances[:, :NOT_A_DIGIT], but, axis=1)
    return np.asarray(digits.max(axis=1, initial=0), np.float32)


def _size(box: Box) -> int:
    """Of a mark, however it is turned."""
    return max(box.width, box.height)


def _is_like(sizes: npt.NDArray[np.intp], size: float) -> npt.NDArray[np.bool_]:
    """Which of some marks may be of one hand with those of a size."""
    return (sizes <= MOST_LARGER * size) & (size <= MOST_LARGER * sizes)
