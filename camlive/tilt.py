"""By how much a page is held at a slant, and whether it is upright where it was turned."""

from collections.abc import Sequence
from statistics import median

import cv2
import numpy as np
import numpy.typing as npt

from camlive.classifier import Classify
from camlive.detection import NOT_A_DIGIT, Box, Probabilities
from camlive.judge.strangers import MOST_LARGER
from camlive.judge.verdict import ALIKE, BAR, SURE, Verdict, unfit
from camlive.judge.words import LETTERS, unlike_digits
from camlive.preprocess import to_batch, to_tile
from camlive.turning import rotated

TILTS = (35, -35)  # degrees; digits are read up to 20 off: together from 15 to 55 either way
SIDEWAYS = (90, -90)
SLANTED, STEEP = 18, 60  # degrees by which lines slant at least; from which they are hardly rows
NEAR = 2.0  # of a digit's size: so far away is its neighbour at most, from middle to middle
LINE = 4  # digits with a neighbour by which lines are known, and
PARALLEL, AGREE = 8, 0.6  # the share of them whose ways there differ by less, in degrees
MOST_MARKS = 48  # that are looked at turned
PLAIN = 0.75  # of them: where so many are sure digits as they lie the page is upright
MORE, BESIDES = 1.25, 0.5  # upright so many times as many marks are sure, and half a one besides
LEAST_SURE = 2.5  # at least: one or two letters are like digits at many an angle
MOST_NONE = 3.5  # times as many marks of their size may be no digits: of letters more are
UNLIKELY, LIKELY = 0.8, 0.9999  # chances beyond which marks of rows are as likely, or not, as there
AS_MUCH = 0.93  # times as much is read at least where rows slanted: a digit may have been two
TELL_NOTHING = (0, BAR)  # look like digits, or letters, however they are turned
HOOKED = 7  # is what a 1 with a long hook is read as where it leans
TELLING = 0.2  # share of what is read turned that must tell

Angles = npt.NDArray[np.float64]


def tilt_of(
    verdicts: Sequence[Verdict],
    chances: Probabilities,
    classify: Classify,
    tilts: tuple[int, ...] = TILTS,
) -> int:
    """By how many degrees a page may be turned clockwise; 0 if it is upright.

    Its marks are turned and classified again. Where the lines that its digits stand in slant, they
    are turned by that, and it is the page's slant if they are the likelier digits then, also than
    they are if those lines are columns. Else they are turned by some tilts, and more of them must
    be sure digits then. A page on which words are read is not turned.

    Args:
        verdicts: of the N regions of a picture.
        chances: (N, 11), what they look like as they lie.
        classify: batch (N, 28, 28, 1) float32 -> probabilities (N, 11).
        tilts: degrees to try in any case.
    """
    if any(verdict.refused == LETTERS for verdict in verdicts):
        return 0
    marks = _looked_at(verdicts, chances)
    as_they_lie, lines = chances[marks], _along(_slant_of_lines(verdicts))
    may_tell = np.isin(as_they_lie.argmax(axis=1), TELL_NOTHING, invert=True)
    if not lines and _sure(as_they_lie) >= PLAIN * may_tell.sum():
        return 0
    tilts = (*lines, *tilts)
    inks = [verdicts[k].region.ink for k in marks]
    tiles = [to_tile(rotated(ink, t, cv2.BORDER_CONSTANT)[0]) for t in tilts for ink in inks]
    turned = np.split(classify(to_batch(tiles)), len(tilts))
    if lines and np.argmax([_likelihood(part) for part in (as_they_lie, *turned[:2])]) == 1:
        return lines[0]
    sure = [_sure(part) for part in turned]
    best = int(np.argmax(sure))
    if sure[best] < max(LEAST_SURE, MORE * _sure(as_they_lie) + BESIDES):
        return 0
    are_sure = _telling(turned[best]) >= SURE
    sizes = np.array([_size(verdicts[k].region.box) for k in marks])
    are_none = turned[best].argmax(axis=1) == NOT_A_DIGIT
    none = are_none & _is_like(sizes, np.median(sizes[are_sure]))
    return tilts[best] if none.sum() <= MOST_NONE * are_sure.sum() else 0


def _looked_at(verdicts: Sequence[Verdict], chances: Probabilities) -> list[int]:
    """The marks by which a page's slant is told: some of all, but no sure noughts and ones."""
    whole = [k for k, v in enumerate(verdicts) if not v.region.cut_from and not unfit(v.region)]
    count = min(len(whole), MOST_MARKS)
    some = [whole[k] for k in np.linspace(0, len(whole) - 1, count).astype(int)]
    return [k for k in some if chances[k, TELL_NOTHING].max() < SURE]


def is_upright(verdicts: Sequence[Verdict], before: Sequence[Verdict]) -> bool:
    """Whether a page that was turned is upright now: more is read, and not mostly letters.

    Where its rows slanted hardly less suffices; elsewhere sevens do not count, of either way, and
    some of what is read must be other digits than those that look like digits however they lie.

    Args:
        verdicts: of the page turned.
        before: of it as it lies.
    """
    slanted = bool(_along(_slant_of_lines(before)))
    but = () if slanted else (*TELL_NOTHING, HOOKED)
    read, read_before = ([v.digit for v in some if not v.refused] for some in (verdicts, before))
    now, then = (
        sum(digit.confidence for digit in some if digit.digit not in but)
        for some in (read, read_before)
    )
    if now <= then * (AS_MUCH if slanted else 1) or now < TELLING * len(read):
        return False
    size = median(_size(digit.box) for digit in read)
    alike = _is_like(np.array([_size(d.box) for d in unlike_digits(verdicts)]), size)
    return bool(alike.sum() <= len(read))


def _slant_of_lines(verdicts: Sequence[Verdict]) -> int:
    """By how many degrees the lines that digits stand in are turned clockwise; 0 without any.

    From most digits the ways to the nearest of about their size must be parallel. What looks like
    rows that rise may be columns.

    Returns:
        From -90 to 90.
    """
    boxes = [verdict.digit.box for verdict in verdicts if not verdict.refused]
    if len(boxes) < LINE:
        return 0
    middles, sizes = np.array([box.middle for box in boxes]), np.array([*map(_size, boxes)])
    ways = middles - middles[:, None]
    away = np.hypot(ways[..., 0], ways[..., 1])
    larger, smaller = np.maximum(sizes, sizes[:, None]), np.minimum(sizes, sizes[:, None])
    away[(larger > ALIKE * smaller) | (away > NEAR * larger)] = np.inf
    np.fill_diagonal(away, np.inf)
    pairs = [(k, other) for k, other in enumerate(away.argmin(axis=1)) if away[k, other] < np.inf]
    if len(pairs) < LINE:
        return 0
    x, y = ways[tuple(np.transpose(pairs))].T
    angles = np.degrees(np.arctan2(y, x))
    off = _of_lines(angles - angles[:, None])
    parallel = np.abs(off) < PARALLEL
    most = parallel.sum(axis=1).argmax()
    slant = _of_lines(angles[most] + np.median(off[most][parallel[most]]))
    return round(float(slant)) if parallel[most].mean() >= AGREE else 0


def _of_lines(angles: Angles) -> Angles:
    """Angles in degrees as those of lines, which have no direction: from -90 to 90."""
    return np.asarray((angles + 90) % 180 - 90)


def _along(slant: int) -> tuple[int, ...]:
    """By how many degrees a page may be turned whose lines slant so: if they are rows, or columns.

    None where their digits are read as they lie, or the lines are rather upright columns.
    """
    return (slant, slant - int(np.copysign(90, slant))) if SLANTED <= abs(slant) <= STEEP else ()


def _sure(chances: Probabilities) -> float:
    """How many of N tiles, (N, 11), are sure digits that tell, by their confidence."""
    likeliest = _telling(chances)
    return float(likeliest[likeliest >= SURE].sum())


def _telling(chances: Probabilities) -> Probabilities:
    """How likely each of N tiles, (N, 11), is the digit that it is most like of those that tell."""
    digits = np.delete(chances[:, :NOT_A_DIGIT], TELL_NOTHING, axis=1)
    return np.asarray(digits.max(axis=1, initial=0), np.float32)


def _likelihood(chances: Probabilities) -> float:
    """The log-likelihood that N tiles, (N, 11), are the digits that they are most like."""
    likeliest = chances[:, :NOT_A_DIGIT].max(axis=1, initial=0)
    return float(np.log(likeliest.clip(UNLIKELY, LIKELY)).sum())


def _size(box: Box) -> int:
    """Of a mark, however it is turned."""
    return max(box.width, box.height)


def _is_like(sizes: npt.NDArray[np.intp], size: float) -> npt.NDArray[np.bool_]:
    """Which of some marks may be of one hand with those of a size."""
    return (sizes <= MOST_LARGER * size) & (size <= MOST_LARGER * sizes)
