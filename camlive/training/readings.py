"""What is read on held-out sheets, the whole way: whether its confidence can be believed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from camlive.classifier import Classify
from camlive.recognizer import Recognizer
from camlive.training.mnist import Mnist
from camlive.training.sheets import camera_sheet

SAME_PLACE = 0.5  # IoU from which a digit is the one that stands there


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Marks that were read as digits, however unsurely where nothing on the page is against them.

    Attributes:
        confidence: (N,) 0 to 1.
        right: (N,) whether the mark is that digit.
        digits: how many digits there were to read.
    """

    confidence: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]
    digits: int


def read_sheets(
    classify: Classify, mnist: Mnist, sheets: int, rng: np.random.Generator
) -> Readings:
    """Reads camera-like sheets that hold digits as a picture is read.

    Args:
        classify: batch (N, 28, 28, 1) float32 -> probabilities (N, 11).
        mnist: its digits are written on the sheets.
        sheets: how many are drawn; those without digits are left out.
        rng: draws them.
    """
    recognize = Recognizer(classify, min_confidence=0)
    marks: list[tuple[float, bool]] = []
    digits = 0
    for _ in range(sheets):
        image, truth = camera_sheet(mnist, rng)
        if not truth:
            continue
        digits += len(truth)
        for read in recognize(image):
            there = [digit for box, digit in truth if box.iou(read.box) >= SAME_PLACE]
            marks.append((read.confidence, read.digit in there))
    confidence, right = np.array(marks, np.float64).reshape(-1, 2).T
    return Readings(confidence, right > 0, digits)
