"""Image -> digits: segment, preprocess, classify, judge."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from camlive.classifier import DEFAULT_MODEL, Classify, load_classifier
from camlive.detection import Digit, Frame, Image, Probabilities
from camlive.judge import judge
from camlive.preprocess import to_batch, to_tile
from camlive.reading import in_reading_order
from camlive.segment.reduced import PICTURE_PX, Reduced, reduced
from camlive.segment.region import Region
from camlive.segment.regions import regions_of
from camlive.verdict import Verdict

Recognize = Callable[[Image], list[Digit]]
Reading = tuple[Frame, list[Digit]]

MIN_CONFIDENCE = 0.5  # below it a mark stays unlabelled


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """All that was seen on a picture.

    Attributes:
        verdicts: of the N regions that were classified.
        tiles: N (28, 28) uint8, what the classifier saw of them.
        probabilities: (N, 11), what it made of that.
        refused: the regions that were refused before, with the reasons.
    """

    verdicts: list[Verdict]
    tiles: list[Image]
    probabilities: Probabilities
    refused: list[Region]


@dataclass(frozen=True, slots=True)
class Recognizer:
    """Reads the digits of a picture.

    Attributes:
        classify: batch (N, 28, 28, 1) float32 -> probabilities (N, 11).
        min_confidence: 0 to 1, the least confidence of a digit.
        side_px: longer side of the copy that is searched, where the picture is larger. Digits must
            be about 12 pixels high on it; the time goes with its square.
    """

    classify: Classify
    min_confidence: float = MIN_CONFIDENCE
    side_px: int = PICTURE_PX

    def __call__(self, image: Image) -> list[Digit]:
        """Finds and reads the digits of a (H, W, 3) uint8 BGR image, in one batch.

        Raises:
            ValueError: the image has another shape or type.
        """
        return self.read(reduced(image, self.side_px))

    def read(self, copy: Reduced) -> list[Digit]:
        """Finds and reads as a call does, on the picture's copy."""
        verdicts = self._examine(copy).verdicts
        return in_reading_order([verdict.digit for verdict in verdicts if not verdict.refused])

    def examine(self, image: Image) -> Examination:
        """Finds and reads as a call does, and keeps what was seen on the way.

        Raises:
            ValueError: the image has another shape or type.
        """
        return self._examine(reduced(image, self.side_px))

    def _examine(self, copy: Reduced) -> Examination:
        found = regions_of(copy)
        regions = [region for region in found if not region.refused]
        tiles = [to_tile(region.ink) for region in regions]
        chances = self.classify(to_batch(tiles))
        refused = [region for region in found if region.refused]
        return Examination(judge(regions, chances, self.min_confidence), tiles, chances, refused)


def load(
    model: Path | str = DEFAULT_MODEL,
    engine: str = "litert",
    min_confidence: float = MIN_CONFIDENCE,
) -> Recognizer:
    """Loads a recogniser; see `camlive.classifier.load_classifier`.

    Raises:
        ModelError: the model cannot be used.
    """
    return Recognizer(load_classifier(Path(model), engine), min_confidence)
