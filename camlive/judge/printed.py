"""Verdicts -> verdicts: digits of a page that repeat one another are printed."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from camlive.detection import Image
from camlive.judge.verdict import BAR, RING, Verdict

PRINTED = "printed: others are just like it"
ALIKE = 0.95  # correlation of their tiles, at least
AS_HIGH = 1.08  # times, and a pixel: digits of one print are as high
SHARE = 0.4  # of the digits that have others to be like, at least
LEAST_PAIRS = 6  # that are alike: of few digits some may be by chance

Matrix = npt.NDArray[np.bool_]  # (N, N)


def not_printed(verdicts: list[Verdict], tiles: Sequence[Image]) -> list[Verdict]:
    """Refuses the digits of print, which repeats itself as no hand does.

    Of what is the same digit and as high, most has its like there; of written digits on 135
    photographs a fiftieth at most, but for a page with one such pair (docs/decisions/0041). Ones
    and noughts are alike in any hand, but go with print that is as high.

    Args:
        verdicts: on N marks.
        tiles: N (28, 28) uint8, what the classifier saw of them.
    """
    digits = [k for k, verdict in enumerate(verdicts) if not verdict.refused]
    telling = [k for k in digits if verdicts[k].digit.digit not in (RING, BAR)]
    labels = np.array([verdicts[k].digit.digit for k in telling])
    heights = np.array([verdicts[k].digit.box.height for k in telling])
    comparable = _as_high(heights, heights) & (labels[:, None] == labels)
    np.fill_diagonal(comparable, False)
    if comparable.sum() < 2 * LEAST_PAIRS:
        return verdicts
    alike = comparable & (_correlation([tiles[k] for k in telling]) >= ALIKE)
    is_alike = alike.any(1)
    if alike.sum() < 2 * LEAST_PAIRS or is_alike.sum() < SHARE * comparable.any(1).sum():
        return verdicts
    all_heights = np.array([verdicts[k].digit.box.height for k in digits])
    printed = {*np.array(digits)[_as_high(all_heights, heights[is_alike]).any(1)].tolist()}
    return [replace(v, refused=PRINTED) if k in printed else v for k, v in enumerate(verdicts)]


def _as_high(some: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> Matrix:
    """For each of N heights whether each of M others is about the same, (N, M)."""
    low, high = np.minimum(some[:, None], others), np.maximum(some[:, None], others)
    return np.asarray(high <= AS_HIGH * low + 1, np.bool_)


def _correlation(tiles: Sequence[Image]) -> npt.NDArray[np.float32]:
    """Of each of N tiles with each, (N, N)."""
    rows = np.array(tiles, np.float32).reshape(len(tiles), -1)
    return np.asarray(np.corrcoef(rows), np.float32)
