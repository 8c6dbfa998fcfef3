"""Image -> digits: segment, preprocess, classify, judge."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from camlive.classifier import DEFAULT_MODEL, Classify, load_classifier
from camlive.detection import Digit, Frame, Image, Probabilities
from camlive.errors import CamliveError
from camlive.preprocess import to_batch, to_tile
from camlive.reading import in_reading_order
from camlive.segment.region import Region
from camlive.segment.regions import find_regions
from camlive.verdict import Verdict, judge

Recognize = Callable[[Image], list[Digit]]
Reading = tuple[Frame, list[Digit]]

READERS = 2  # frames of a recording that are read at once
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
    """

    classify: Classify
    min_confidence: float = MIN_CONFIDENCE

    def __call__(self, image: Image) -> list[Digit]:
        """Finds and reads the digits of a (H, W, 3) uint8 BGR image, in one batch.

        Raises:
            ValueError: the image has another shape or type.
        """
        verdicts = self.examine(image).verdicts
        return in_reading_order([verdict.digit for verdict in verdicts if not verdict.refused])

    def examine(self, image: Image) -> Examination:
        """Finds and reads as a call does, and keeps what was seen on the way.

        Raises:
            ValueError: the image has another shape or type.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise ValueError(f"expected (H, W, 3) uint8 BGR, got {image.dtype} {image.shape}")
        found = find_regions(image)
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


def read_ahead(frames: Iterable[Frame], recognize: Recognize) -> Generator[Reading, None, None]:
    """Reads the frames of a recording on two cores, and gives them in their order.

    Two frames are read side by side while the next is decoded; memory holds four at most. A frame
    comes out later than it would alone, so this is nothing for a camera.

    Raises:
        CamliveError: the source failed; the frames before were given.
    """
    pool = ThreadPoolExecutor(READERS, "read")
    ahead: deque[tuple[Frame, Future[list[Digit]]]] = deque()
    try:
        try:
            for frame in frames:
                ahead.append((frame, pool.submit(recognize, frame.image)))
                if len(ahead) > READERS:
                    first, digits = ahead.popleft()
                    yield first, digits.result()
        except CamliveError:  # of the source: what it gave before still counts
            yield from ((frame, digits.result()) for frame, digits in ahead)
            raise
        yield from ((frame, digits.result()) for frame, digits in ahead)
    finally:
        pool.shutdown(cancel_futures=True)
