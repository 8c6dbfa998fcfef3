"""Pages that are held at a slant: by how much, and a copy turned upright on which they are read."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from camlive.classifier import Classify
from camlive.detection import NOT_A_DIGIT, Box, Image, Probabilities
from camlive.preprocess import to_batch, to_tile
from camlive.segment.region import HALF, Region
from camlive.segment.working_copy import Way, WorkingCopy
from camlive.verdict import BAR, SURE, Verdict, unfit
from camlive.words import LETTERS

TILTS = (35, -35)  # degrees; digits are read up to 20 off, either way
MOST_MARKS = 48  # that are looked at turned
PLAIN = 0.75  # of them: where so many are sure digits as they lie the page is upright
MORE, HALF_MORE = 1.1, 0.5  # so many times as many marks are sure upright, and half a one besides
TWO = 1.5  # nearly, at least: single letters are like digits at many an angle
ROUND = (0, BAR)  # look like digits, or letters, however they are turned

Points = npt.NDArray[np.float64]  # (N, 2) x, y


def tilt_of(verdicts: Sequence[Verdict], chances: Probabilities, classify: Classify) -> int:
    """By how many degrees a page is turned clockwise: 0, or one of TILTS.

    Its marks, but for noughts and ones, which tell nothing, are turned and classified again: where
    they are upright more are sure digits. Where words stand on it that is known.

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
    marks = [k for k in marks if chances[k, ROUND].max() < SURE]
    as_it_lies = _sure(chances[marks])
    if as_it_lies >= PLAIN * np.isin(chances[marks].argmax(axis=1), ROUND, invert=True).sum():
        return 0
    inks = [verdicts[k].region.ink for k in marks]
    upright = {
        tilt: _sure(classify(to_batch([to_tile(_turned(ink, tilt)[0]) for ink in inks])))
        for tilt in TILTS
    }
    tilt = max(TILTS, key=lambda t: upright[t])
    return tilt if upright[tilt] >= max(TWO, MORE * as_it_lies + HALF_MORE) else 0


def _sure(chances: Probabilities) -> float:
    """How many of N tiles, (N, 11), are sure digits, by their confidence."""
    likeliest = np.delete(chances[:, :NOT_A_DIGIT], ROUND, axis=1).max(axis=1, initial=0)
    return float(likeliest[likeliest >= SURE].sum())


def reads_more(verdicts: Sequence[Verdict], others: Sequence[Verdict]) -> bool:
    """Whether more was read than another time: digits that tell, by their confidence."""
    read, before = (
        sum(v.digit.confidence for v in some if not v.refused and v.digit.digit not in ROUND)
        for some in (verdicts, others)
    )
    return read > before


def turned(copy: WorkingCopy, tilt: int) -> WorkingCopy:
    """A copy on which a page is upright that is turned clockwise on another.

    What lies beyond the picture goes on as its edge is.

    Args:
        copy: of the picture as it is.
        tilt: of the page, in degrees.
    """
    image, way = _turned(copy.image, tilt)
    way[:, 2] *= copy.scale
    height, width = (round(side * copy.scale) for side in image.shape[:2])
    return replace(copy, image=image, shape=(height, width, 3), tilt=tilt, way=way)


def lying(region: Region, copy: WorkingCopy) -> Region:
    """A region of a turned copy, in pixels of the turned picture, as it lies on the picture.

    The box is tight around the ink there, too, and may go beyond the picture.
    """
    cut_from = region.cut_from and _around(_corners(region.cut_from), copy)
    return replace(region, box=_around(_points(region), copy), cut_from=cut_from)


def picture_of(mask: Image, copy: WorkingCopy, shape: tuple[int, ...]) -> Image:
    """A mask of a copy, (H', W') uint8, laid on the picture, whose shape is (H, W, 3)."""
    way = copy.way @ np.diag((copy.scale, copy.scale, 1))
    return np.asarray(cv2.warpAffine(mask, way, shape[1::-1]), np.uint8)


def _points(region: Region) -> Points:
    """Where there is ink, (N, 2) x, y in pixels of the picture; the corners where none is kept."""
    box, ink = region.box, cv2.threshold(region.ink, HALF, 255, cv2.THRESH_BINARY)[1]
    found = cv2.findNonZero(ink) if ink.size else None
    if found is None:
        return _corners(box)
    x, y, width, height = cv2.boundingRect(found)
    within = (found.reshape(-1, 2) + 0.5 - (x, y)) * (box.width / width, box.height / height)
    return np.asarray(within + np.array((box.x, box.y)), np.float64)


def _corners(box: Box) -> Points:
    return np.array([(x, y) for x in (box.x, box.right) for y in (box.y, box.bottom)], np.float64)


def _around(points: Points, copy: WorkingCopy) -> Box:
    """The box around points, (N, 2), of a turned picture on the picture."""
    there = points @ copy.way[:, :2].T + copy.way[:, 2]
    x, y = np.floor(there.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(there.max(axis=0)).astype(int).tolist()
    return Box(x, y, max(1, right - x), max(1, bottom - y))


def _turned(image: Image, tilt: int) -> tuple[Image, Way]:
    """An image turned counterclockwise, whole, and the way from its pixels to those before."""
    height, width = image.shape[:2]
    way = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1)
    size = np.ceil(np.abs(way[:, :2]) @ (width, height)).astype(int)
    way[:, 2] += (size - (width, height)) / 2
    more = cv2.warpAffine(image, way, size.tolist(), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(more, np.uint8), np.asarray(cv2.invertAffineTransform(way), np.float64)
