"""Image -> digits: segment, preprocess, classify, choose."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from camlive.classifier import DEFAULT_MODEL, Classify, load_classifier
from camlive.detection import NOT_A_DIGIT, Box, Digit, Image, Probabilities
from camlive.preprocess import to_batch, to_tile
from camlive.segment import Region, find_regions

MIN_CONFIDENCE = 0.5  # below it a mark stays unlabelled
SAME_INK = 0.5  # of the smaller box: two regions that share more are readings of the same ink


@dataclass(frozen=True, slots=True)
class Recognizer:
    """Reads the digits of a picture.

    Attributes:
        classify: batch (N, 28, 28, 1) float32 -> probabilities (N, 11).
        min_confidence: 0 to 1, the least confidence of a digit.
    """

    classify: Classify
    min_confidence: float = MIN_CONFIDENCE

    def __call__(self, image: Image) -> list[Digit]:
        """Finds and reads the digits of a (H, W, 3) uint8 BGR image, in one batch."""
        regions = [region for region in find_regions(image) if not region.refused]
        tiles = [to_tile(region.ink) for region in regions]
        return choose(regions, self.classify(to_batch(tiles)), self.min_confidence)


def load(
    model: Path | str = DEFAULT_MODEL,
    engine: str = "opencv",
    min_confidence: float = MIN_CONFIDENCE,
) -> Recognizer:
    """Loads a recogniser; see `camlive.classifier.load_classifier`.

    Raises:
        ModelError: the model cannot be used.
    """
    return Recognizer(load_classifier(Path(model), engine), min_confidence)


def choose(
    regions: Sequence[Region], probabilities: Probabilities, min_confidence: float
) -> list[Digit]:
    """Picks the digits among overlapping regions.

    A region is a digit if that is its likeliest class and likely enough. Where a mark was
    proposed whole and in parts the whole is preferred: the classifier calls a wrong whole no
    digit, but a part of a digit may well look like another.

    Args:
        regions: N regions.
        probabilities: (N, 11), the last class "not a digit".
        min_confidence: 0 to 1.
    """
    best = probabilities.argmax(axis=1)
    sure = probabilities.max(axis=1)
    accepted = [
        Digit(region.box, int(digit), float(confidence))
        for region, digit, confidence in zip(regions, best, sure, strict=True)
        if digit != NOT_A_DIGIT and confidence >= min_confidence
    ]
    chosen: list[Digit] = []
    for digit in sorted(accepted, key=lambda d: -d.box.area):
        if all(_apart(digit.box, other.box) for other in chosen):
            chosen.append(digit)
    return sorted(chosen, key=lambda d: (d.box.y, d.box.x))


def _apart(one: Box, other: Box) -> bool:
    return one.intersection(other) <= SAME_INK * min(one.area, other.area)
