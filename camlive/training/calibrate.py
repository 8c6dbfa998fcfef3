"""How far the confidence can be believed, and the temperature that mends it."""

import numpy as np
import numpy.typing as npt

from camlive.classifier import Logits, softmax
from camlive.detection import NOT_A_DIGIT, Probabilities
from camlive.training.mnist import Labels

TEMPERATURES = np.geomspace(0.25, 4, 81)  # tried one by one: the loss has a single low point
BINS = 15

Shares = npt.NDArray[np.float64]  # 0 to 1


def fit_temperature(logits: Logits, labels: Labels) -> float:
    """The temperature under which the labels (N,) are likeliest (Guo et al., ICML 2017)."""
    rows = np.arange(len(labels))
    losses = [-np.log(softmax(logits, t)[rows, labels] + 1e-12).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def taken_for_digits(
    probabilities: Probabilities, labels: Labels
) -> tuple[Shares, npt.NDArray[np.bool_]]:
    """Confidence, and whether it is right, of each tile that is taken for a digit."""
    taken = probabilities.argmax(1) != NOT_A_DIGIT
    right = probabilities[taken].argmax(1) == labels[taken]
    return probabilities[taken].max(1).astype(np.float64), right


def reliability(
    confidence: Shares, right: npt.NDArray[np.bool_]
) -> tuple[Shares, Shares, npt.NDArray[np.int64]]:
    """Mean confidence, share right and count of N readings, in 15 bins of their confidence."""
    index = np.minimum((confidence * BINS).astype(int), BINS - 1)
    count = np.bincount(index, minlength=BINS)
    total = np.maximum(count, 1)
    means = np.bincount(index, confidence, BINS) / total
    return means, np.bincount(index, right, BINS) / total, count


def expected_calibration_error(confidence: Shares, right: npt.NDArray[np.bool_]) -> float:
    """Mean distance of confidence from the share right, weighted by bin (Naeini et al., 2015)."""
    means, shares, count = reliability(confidence, right)
    return float(np.abs(means - shares) @ count / max(1, count.sum()))


def operating_curve(
    probabilities: Probabilities, labels: Labels
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """What a least confidence costs and brings, tile by tile.

    Args:
        probabilities: (N, 11).
        labels: (N,) uint8, 10 = not a digit.

    Returns:
        Least confidences (M,) from 0 to 0.99; for each the share right of the tiles taken for
        digits (1 where none is), and the share of the digits that are taken and right.
    """
    least = np.linspace(0, 0.99, 100)
    taken = probabilities.argmax(1) != NOT_A_DIGIT
    confidence = probabilities.max(1)
    right = taken & (probabilities.argmax(1) == labels)
    kept = taken & (confidence >= least[:, None])
    hits = (kept & right).sum(1)
    precision = np.where(kept.any(1), hits / np.maximum(kept.sum(1), 1), 1.0)
    return least, precision, hits / max(1, int((labels != NOT_A_DIGIT).sum()))
