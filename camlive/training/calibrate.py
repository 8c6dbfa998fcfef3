"""How far the confidence can be believed, and the temperature that mends it."""

import numpy as np
import numpy.typing as npt

from camlive.classifier import Logits, softmax
from camlive.training.mnist import Labels

TEMPERATURES = np.geomspace(0.25, 4, 81)  # tried one by one: the loss has a single low point
BINS = 15

Shares = npt.NDArray[np.float64]  # 0 to 1
Flags = npt.NDArray[np.bool_]


def fit_temperature(logits: Logits, labels: Labels) -> float:
    """The temperature under which the labels (N,) are likeliest (Guo et al., ICML 2017)."""
    rows = np.arange(len(labels))
    losses = [-np.log(softmax(logits, t)[rows, labels] + 1e-12).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def reliability(confidence: Shares, right: Flags) -> tuple[Shares, Shares, npt.NDArray[np.int64]]:
    """Mean confidence, share right and count of N readings, in 15 bins of their confidence."""
    index = np.minimum((confidence * BINS).astype(int), BINS - 1)
    count = np.bincount(index, minlength=BINS)
    total = np.maximum(count, 1)
    means = np.bincount(index, confidence, BINS) / total
    return means, np.bincount(index, right, BINS) / total, count


def expected_calibration_error(confidence: Shares, right: Flags) -> float:
    """Mean distance of confidence from the share right, weighted by bin (Naeini et al., 2015)."""
    means, shares, count = reliability(confidence, right)
    return float(np.abs(means - shares) @ count / max(1, count.sum()))


def operating_curve(confidence: Shares, right: Flags, digits: int) -> tuple[Shares, Shares, Shares]:
    """What a least confidence costs and brings.

    Args:
        confidence: (N,) of what was read.
        right: (N,) whether it was right.
        digits: how many digits there were.

    Returns:
        Least confidences (M,) from 0 to 0.99; for each the precision (1 where nothing is read)
        and the recall.
    """
    least = np.linspace(0, 0.99, 100)
    kept = confidence >= least[:, None]
    hits = (kept & right).sum(1)
    precision = np.where(kept.any(1), hits / np.maximum(kept.sum(1), 1), 1.0)
    return least, precision, hits / max(1, digits)
