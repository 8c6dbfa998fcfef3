"""Image -> digits: segment, preprocess, classify, choose."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from camlive.classifier import DEFAULT_MODEL, Classify, load_classifier
from camlive.detection import NOT_A_DIGIT, Digit, Frame, Image, Probabilities
from camlive.errors import CamliveError
from camlive.preprocess import to_batch, to_tile
from camlive.segment import Region, find_regions

Recognize = Callable[[Image], list[Digit]]
Reading = tuple[Frame, list[Digit]]

READERS = 2  # frames of a recording that are read at once
MIN_CONFIDENCE = 0.5  # below it a mark stays unlabelled
LEAST_CONTRAST = 9.0  # steps of segment's logarithmic grey: fainter marks are shadow or texture
MOST_CROWD = 0.1  # share of its surroundings under other ink: more is texture
ALONE = 0.01  # the same share: less is nothing
CLEAR = 7.0  # clarity from which the ground is plain; below it only a sure digit counts
SURE = 0.9  # confidence of a sure digit
BAR = 1  # a bar is too common among other things to be believed on ground that is not plain
SPECK = 1 / 8  # of the highest sure digit's height: lower marks are specks beside it
FAINT = 0.3  # of the sure digits' median contrast: fainter marks are rules or show through
WITHIN = 0.8  # of its area: a region that lies so far in another is a part of it
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
        """Finds and reads the digits of a (H, W, 3) uint8 BGR image, in one batch.

        Raises:
            ValueError: the image has another shape or type.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise ValueError(f"expected (H, W, 3) uint8 BGR, got {image.dtype} {image.shape}")
        regions = [region for region in find_regions(image) if not region.refused]
        tiles = [to_tile(region.ink) for region in regions]
        return choose(regions, self.classify(to_batch(tiles)), self.min_confidence)


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
    with ThreadPoolExecutor(READERS, "read") as pool:
        ahead: deque[tuple[Frame, Future[list[Digit]]]] = deque()
        failed: CamliveError | None = None
        try:
            try:
                for frame in frames:
                    ahead.append((frame, pool.submit(recognize, frame.image)))
                    if len(ahead) > READERS:
                        first, digits = ahead.popleft()
                        yield first, digits.result()
            except CamliveError as error:  # of the source: what it gave before still counts
                failed = error
            for first, digits in ahead:
                yield first, digits.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        if failed:
            raise failed


def choose(
    regions: Sequence[Region], probabilities: Probabilities, min_confidence: float
) -> list[Digit]:
    """Picks the digits among overlapping regions.

    A region is a digit if that is its likeliest class, likely enough, and its surroundings do not
    speak against it (bounds set where simulated scenes and real pictures agree). Where a mark was
    proposed whole and in parts the whole is preferred: the classifier calls a wrong whole no
    digit, but a part of a digit may well look like another.

    Args:
        regions: N regions.
        probabilities: (N, 11), the last class "not a digit".
        min_confidence: 0 to 1.

    Returns:
        The digits in reading order.
    """
    best = probabilities.argmax(axis=1)
    sure = probabilities.max(axis=1)
    accepted = [
        (region, Digit(region.box, int(digit), float(confidence)))
        for region, digit, confidence in zip(regions, best, sure, strict=True)
        if digit != NOT_A_DIGIT and confidence >= min_confidence
    ]
    likely = _in_context(accepted)
    chosen: list[Digit] = []
    for digit in sorted(likely, key=lambda d: -d.box.area):
        if _apart_from(chosen, digit) and not _several(digit, likely):
            chosen.append(digit)
    return _in_reading_order(chosen)


def _in_reading_order(digits: Sequence[Digit]) -> list[Digit]:
    """Row by row, each from left to right; a row is centred above its first digit's lower edge."""
    rows: list[list[Digit]] = []
    for digit in sorted(digits, key=lambda d: 2 * d.box.y + d.box.height):
        if rows and digit.box.y + digit.box.height / 2 < rows[-1][0].box.bottom:
            rows[-1].append(digit)
        else:
            rows.append([digit])
    return [digit for row in rows for digit in sorted(row, key=lambda d: d.box.x)]


def _several(whole: Digit, likely: Sequence[Digit]) -> bool:
    """Whether two or more digits within a region, side by side, are surer than the whole."""
    parts: list[Digit] = []
    for digit in sorted(likely, key=lambda d: -d.confidence):
        within = digit.box.intersection(whole.box) > WITHIN * digit.box.area
        surer = digit.confidence > whole.confidence
        if digit.box != whole.box and within and surer and _apart_from(parts, digit):
            parts.append(digit)
    return len(parts) > 1


def _in_context(accepted: Sequence[tuple[Region, Digit]]) -> list[Digit]:
    """Those that stand on plain ground and are neither specks nor faint beside the others."""
    plain = [(region, digit) for region, digit in accepted if _stands_out(region, digit)]
    sure = [region for region, digit in plain if digit.confidence >= SURE]
    if not sure:
        return [digit for _, digit in plain]
    least_height = SPECK * max(region.box.height for region in sure)
    least_contrast = FAINT * float(np.median([region.contrast for region in sure]))
    return [
        digit
        for region, digit in plain
        if region.box.height >= least_height and region.contrast >= least_contrast
    ]


def _stands_out(region: Region, digit: Digit) -> bool:
    """Whether the ground is plain enough for what was read on it."""
    if region.contrast < LEAST_CONTRAST or region.crowd > MOST_CROWD:
        return False
    clear_shape = digit.confidence >= SURE and digit.digit != BAR and region.crowd < ALONE
    return region.clarity >= CLEAR or clear_shape


def _apart_from(others: Sequence[Digit], digit: Digit) -> bool:
    """Whether a digit is of other ink than all the others."""
    return all(
        digit.box.intersection(other.box) <= SAME_INK * min(digit.box.area, other.box.area)
        for other in others
    )
