"""Pages that are held at a slant: by how much, and a copy turned upright on which they are read."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np
import numpy.typing as npt

from camlive.classifier import Classify
from camlive.detection import NOT_A_DIGIT, Box, Image, Probabilities
from camlive.preprocess import to_batch, to_tile
from camlive.segment.region import HALF, Region
from camlive.segment.working_copy import Way, WorkingCopy
from camlive.verdict import BAR, NO_DIGIT, SURE, Verdict, unfit
from camlive.words import LETTERS, MOST_LARGER

TILTS = (35, -35)  # degrees; digits are read up to 20 off: together from 15 to 55 either way
MOST_MARKS = 48  # that are looked at turned
PLAIN = 0.75  # of them: where so many are sure digits as they lie the page is upright
MORE, BESIDES = 1.25, 0.5  # upright so many times as many marks are sure, and half a one besides
LEAST_SURE = 2.5  # at least: one or two letters are like digits at many an angle
MOST_NONE = 3.5  # times as many marks of their size may be no digits: of letters more are
TELL_NOTHING = (0, BAR)  # look like digits, or letters, however they are turned

Points = npt.NDArray[np.float64]  # (N, 2) x, y


def tilt_of(verdicts: Sequence[Verdict], chances: Probabilities, classify: Classify) -> int:
    """By how many degrees a page may be turned clockwise: 0, or one of TILTS.

    Its marks, but for sure noughts and ones, which tell nothing, are turned and classified again:
    where they are upright more are sure digits. A page on which words are read is not turned.

    Args:
        verdicts: of the N regions of a picture.
        chances: (N, 11), what they look like as they lie.
        classify: batch (N, 28, 28, 1) float32 -> probabilities (N, 11).
    """
    if any(verdict.refused == LETTERS for verdict in verdicts):
        return 0
    whole = [k for k, v in enumerate(verdicts) if not v.region.cut_from and not unfit(v.region)]
    count = min(len(whole), MOST_MARKS)
    marks = [whole[k] for k in np.linspace(0, len(whole) - 1, count).astype(int)]
    marks = [k for k in marks if chances[k, TELL_NOTHING].max() < SURE]
    as_it_lies = _sure(chances[marks])
    may_tell = np.isin(chances[marks].argmax(axis=1), TELL_NOTHING, invert=True)
    if as_it_lies >= PLAIN * may_tell.sum():
        return 0
    inks = [verdicts[k].region.ink for k in marks]
    tiles = [to_tile(_turned(ink, t, cv2.BORDER_CONSTANT)[0]) for t in TILTS for ink in inks]
    upright = np.split(classify(to_batch(tiles)), len(TILTS))
    sure = [_sure(part) for part in upright]
    best = int(np.argmax(sure))
    if sure[best] < max(LEAST_SURE, MORE * as_it_lies + BESIDES):
        return 0
    are_sure, are_none = _telling(upright[best]) >= SURE, upright[best][:, NOT_A_DIGIT] >= 0.5
    sizes = np.array([_size(verdicts[k].region.box) for k in marks])
    none = are_none & _is_like(sizes, np.median(sizes[are_sure]))
    return TILTS[best] if none.sum() <= MOST_NONE * are_sure.sum() else 0


def _sure(chances: Probabilities) -> float:
    """How many of N tiles, (N, 11), are sure digits that tell, by their confidence."""
    likeliest = _telling(chances)
    return float(likeliest[likeliest >= SURE].sum())


def _telling(chances: Probabilities) -> Probabilities:
    """How likely each of N tiles, (N, 11), is the digit that it is most like of those that tell."""
    digits = np.delete(chances[:, :NOT_A_DIGIT], TELL_NOTHING, axis=1)
    return np.asarray(digits.max(axis=1, initial=0), np.float32)


def _size(box: Box) -> int:
    """Of a mark, however it is turned."""
    return max(box.width, box.height)


def _is_like(sizes: npt.NDArray[np.intp], size: float) -> npt.NDArray[np.bool_]:
    """Which of some marks may be of one hand with those of a size."""
    return (sizes <= MOST_LARGER * size) & (size <= MOST_LARGER * sizes)


def is_upright(verdicts: Sequence[Verdict], before: Sequence[Verdict]) -> bool:
    """Whether a page that was turned is upright now: more is read, and not mostly letters.

    Args:
        verdicts: of the page turned.
        before: of it as it lies.
    """
    read, telling, telling_before = (
        [v.digit for v in some if not v.refused and v.digit.digit not in but]
        for some, but in ((verdicts, ()), (verdicts, TELL_NOTHING), (before, TELL_NOTHING))
    )
    if sum(d.confidence for d in telling) <= sum(d.confidence for d in telling_before):
        return False
    none = [v.region for v in verdicts if v.refused == NO_DIGIT and not v.region.cut_from]
    sizes = np.array([_size(region.box) for region in none])
    return bool(_is_like(sizes, median(_size(d.box) for d in read)).sum() <= len(read))


def turned(copy: WorkingCopy, tilt: int) -> WorkingCopy:
    """A copy on which a page is upright that is turned clockwise on another.

    What lies beyond the picture goes on as its edge is.

    Args:
        copy: of the picture as it is.
        tilt: of the page, in degrees.
    """
    image, way = _turned(copy.image, tilt, cv2.BORDER_REPLICATE)
    way[:, 2] *= copy.scale
    height, width = (round(side * copy.scale) for side in image.shape[:2])
    return replace(copy, image=image, shape=(height, width, 3), tilt=tilt, way=way)


def lying(region: Region, copy: WorkingCopy) -> Region:
    """A region of a turned copy, in pixels of the turned picture, as it lies on the picture.

    The box is tight around the ink there, and may go beyond the picture; the ink stays upright.
    """
    cut_from = region.cut_from and _around(_corners(region.cut_from), copy)
    return replace(region, box=_around(_outline(region), copy), cut_from=cut_from)


def picture_of(mask: Image, copy: WorkingCopy, shape: tuple[int, ...]) -> Image:
    """A mask of a copy, (H', W') uint8, laid on the picture, whose shape is (H, W, 3)."""
    way = copy.way @ np.diag((copy.scale, copy.scale, 1))
    return np.asarray(cv2.warpAffine(mask, _of_pixels(way), shape[1::-1]), np.uint8)


def _outline(region: Region) -> Points:
    """Points around the ink, (N, 2), in pixels of the picture; the corners where none is kept."""
    box, ink = region.box, cv2.threshold(region.ink, HALF, 255, cv2.THRESH_BINARY)[1]
    found = cv2.findNonZero(ink) if ink.size else None
    if found is None:
        return _corners(box)
    x, y, width, height = cv2.boundingRect(found)
    corners = np.array([(0, 0), (1, 0), (0, 1), (1, 1)])
    pixels = cv2.convexHull(found).reshape(-1, 1, 2) + corners
    within = (pixels.reshape(-1, 2) - (x, y)) * (box.width / width, box.height / height)
    return np.asarray(within + np.array((box.x, box.y)), np.float64)


def _corners(box: Box) -> Points:
    return np.array([(x, y) for x in (box.x, box.right) for y in (box.y, box.bottom)], np.float64)


def _around(points: Points, copy: WorkingCopy) -> Box:
    """The box around points, (N, 2), of a turned picture on the picture."""
    there = points @ copy.way[:, :2].T + copy.way[:, 2]
    x, y = np.rint(there.min(axis=0)).astype(int).tolist()
    right, bottom = np.rint(there.max(axis=0)).astype(int).tolist()
    return Box(x, y, max(1, right - x), max(1, bottom - y))


def _turned(image: Image, tilt: int, border: int) -> tuple[Image, Way]:
    """An image turned counterclockwise, whole, and the way from places on it to those before."""
    height, width = image.shape[:2]
    way = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1), np.float64)
    size = np.ceil(np.abs(way[:, :2]) @ (width, height)).astype(int)
    way[:, 2] += (size - (width, height)) / 2
    more = cv2.warpAffine(image, _of_pixels(way), size.tolist(), borderMode=border)
    return np.asarray(more, np.uint8), np.asarray(cv2.invertAffineTransform(way), np.float64)


def _of_pixels(way: Way) -> Way:
    """The same way between indices of pixels, whose middles lie half a pixel further."""
    turn, shift = way[:, :2], way[:, 2]
    return np.asarray(np.c_[turn, shift + turn @ (0.5, 0.5) - 0.5], np.float64)
