"""Image -> digits: segment, preprocess, classify, judge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

from camlive.classifier import DEFAULT_MODEL, Classify, load_classifier
from camlive.confidence import chance_of, confidence_of
from camlive.detection import Box, Digit, Frame, Image, Probabilities
from camlive.judge.page import judge
from camlive.judge.printed import not_printed
from camlive.judge.verdict import RING, SURE, Verdict, is_settled, is_sure, unfit
from camlive.pieces import read_pieces
from camlive.preprocess import to_batch, to_tile
from camlive.reading import between_signs, in_reading_order
from camlive.segment.enclosed import enclosed
from camlive.segment.measure import FLAT, TOO_WIDE
from camlive.segment.region import Region, to_full
from camlive.segment.regions import marks_of, whole_regions
from camlive.segment.working_copy import FRAME_PX, PICTURE_PX, WorkingCopy, near_copy, working_copy
from camlive.tilt import SIDEWAYS, TILTS, is_upright, tilt_of
from camlive.turning import lying, turned

Recognize = Callable[[Image], list[Digit]]
Reading = tuple[Frame, list[Digit]]

MIN_CONFIDENCE = 0.5  # below it a mark stays unlabelled
SMALL_PX = 20  # half of a picture's digits are lower: it is read enlarged; MNIST's are so high
ENLARGED = 1.5  # times, at most
NEAR = (0.1, 0.4)  # of a picture's short side: width and height of digits that fill it, at least


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """All that was seen on a picture.

    Attributes:
        verdicts: of the N regions that were classified, with the confidence that a digit is given
            with, see `camlive.confidence`.
        tiles: N (28, 28) uint8, what the classifier saw of them.
        probabilities: (N, 11), what it made of that.
        refused: the regions that were refused before, with the reasons.
        copy: the picture's, on which all was found.
    """

    verdicts: list[Verdict]
    tiles: list[Image]
    probabilities: Probabilities
    refused: list[Region]
    copy: WorkingCopy

    @property
    def digits(self) -> list[Digit]:
        """What the verdicts take for digits."""
        return [verdict.digit for verdict in self.verdicts if not verdict.refused]


@dataclass(frozen=True, slots=True)
class Recognizer:
    """Reads the digits of a picture.

    Attributes:
        classify: batch (N, 28, 28, 1) float32, N >= 0 -> probabilities (N, 11).
        min_confidence: 0 to 1, the least confidence of a digit.
        side_px: the most that the longer side of the copy has that is searched; the time goes with
            its square. None: 1920, and one of small digits is searched again, enlarged; for
            frames of cameras and recordings 960, see `for_film`. A page that is held at a slant is
            searched again, too, on a copy of up to twice the area.

    Raises:
        ValueError: the confidence is not 0 to 1.
    """

    classify: Classify
    min_confidence: float = MIN_CONFIDENCE
    side_px: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.min_confidence <= 1:
            raise ValueError(f"min_confidence is 0 to 1, not {self.min_confidence}")

    def for_film(self) -> "Recognizer":
        """The same for the many frames of a camera or recording: 960, unless a side is given."""
        return self if self.side_px else replace(self, side_px=FRAME_PX)

    def __call__(self, image: Image) -> list[Digit]:
        """Finds and reads the digits of a (H, W, 3) uint8 BGR image.

        Raises:
            ValueError: the image has another shape or type, or no pixels.
        """
        seen = self.examine(image)
        return in_reading_order(seen.digits)

    def examine(self, image: Image) -> Examination:
        """Finds and reads as a call does, and keeps what was seen on the way.

        Raises:
            ValueError: the image has another shape or type, or no pixels.
        """
        # Turned where the page slants, enlarged where its digits are small, and shrunk where there
        # are none, for such as fill the picture.
        copy = working_copy(image, self.side_px or PICTURE_PX)
        seen = self._upright(copy)
        heights = [d.box.height for d in seen.digits if d.confidence >= MIN_CONFIDENCE]
        may_enlarge = not self.side_px and max(copy.image.shape) < PICTURE_PX
        if may_enlarge and heights and median(heights) < SMALL_PX:
            larger, tilt = working_copy(image, PICTURE_PX, ENLARGED), seen.copy.tilt
            seen = self._look(turned(larger, tilt) if tilt else larger)
        elif not seen.digits:
            seen = self._near(image) or seen
        seen = replace(seen, verdicts=[_given(verdict) for verdict in seen.verdicts])
        return _laid_back(seen, image.shape) if seen.copy.tilt else seen

    def _upright(self, copy: WorkingCopy) -> Examination:
        """What is seen on a copy, or on the same one turned upright if that shows more digits."""
        seen = self._look(copy)
        tilts = TILTS if self.side_px else TILTS + SIDEWAYS  # few cameras are held sideways
        if tilt := tilt_of(seen.verdicts, seen.probabilities, self.classify, tilts):
            upright = self._look(turned(copy, tilt))
            if is_upright(upright.verdicts, seen.verdicts):
                return upright
        return seen

    def _near(self, image: Image) -> Examination | None:
        """What is seen of sure digits that fill the picture; None if there are none, or others."""
        copy = near_copy(image)
        marks = (mark.box for mark in marks_of(copy) if not mark.refused)
        if not any(_fills(box, copy.image) for box in marks):
            return None  # most often: nothing need be read
        seen = self._look(copy)
        digits = seen.digits
        are_such = all(_fills(d.box, image) and d.confidence >= SURE for d in digits)
        return seen if digits and are_such else None

    def _look(self, copy: WorkingCopy) -> Examination:
        """What is seen on a copy, where it lies on the picture, but for the copy's turn."""
        marks = marks_of(copy)
        regions = whole_regions(marks, copy.most_regions)
        tiles, chances = self._read_tiles(regions)
        seen = list(zip(regions, chances, strict=True))
        settled = {region.box for region, row in seen if is_settled(region, row)}
        solid = {region.box for region, row in seen if is_sure(row) and row.argmax() != RING}
        fit = [mark for mark in marks if not unfit(mark)]
        held = enclosed([mark for mark in fit if mark.box not in solid])
        to_cut = [mark for mark in fit if mark.box not in settled]
        pieces, more_tiles, more_chances = read_pieces(
            to_cut, held, self._read_tiles, copy.most_regions
        )
        tiles, chances = tiles + more_tiles, np.concatenate([chances, more_chances])
        full = [to_full(region, copy) for region in (*regions, *pieces)]
        refused = [to_full(mark, copy) for mark in marks if mark.refused]
        joined = [mark.box for mark in refused if mark.refused == TOO_WIDE]
        verdicts = not_printed(judge(full, chances, chance_of(self.min_confidence), joined), tiles)
        return Examination(_with_signs(verdicts, refused), tiles, chances, refused, copy)

    def _read_tiles(self, regions: Sequence[Region]) -> tuple[list[Image], Probabilities]:
        tiles = [to_tile(region.ink) for region in regions]
        return tiles, self.classify(to_batch(tiles))


def _with_signs(verdicts: list[Verdict], refused: Sequence[Region]) -> list[Verdict]:
    """The verdicts, their digits marked where another mark stands before them as a sign does."""
    others = [v.region for v in verdicts if v.refused and not v.region.cut_from]
    signs = [mark.box for mark in (*others, *refused) if mark.refused != FLAT]
    digits = iter(between_signs([v.digit for v in verdicts if not v.refused], signs))
    return [v if v.refused else replace(v, digit=next(digits)) for v in verdicts]


def _given(verdict: Verdict) -> Verdict:
    """A verdict with the confidence that its digit is given with."""
    confidence = confidence_of(verdict.digit.confidence, verdict.odds)
    return replace(verdict, digit=replace(verdict.digit, confidence=confidence))


def _fills(box: Box, image: Image) -> bool:
    """Whether a mark is as large as digits that fill a picture."""
    side, (width, height) = min(image.shape[:2]), NEAR
    return bool(box.width >= width * side and box.height >= height * side)


def _laid_back(seen: Examination, shape: tuple[int, ...]) -> Examination:
    """What was seen on a turned copy as it lies on the picture, of a shape; beyond it nothing."""
    whole, copy = Box(0, 0, shape[1], shape[0]), seen.copy
    regions = [lying(verdict.region, copy) for verdict in seen.verdicts]
    kept = [k for k, region in enumerate(regions) if region.box.intersection(whole)]
    back = [
        replace(v, region=r, digit=replace(v.digit, box=r.box, tilt=copy.tilt))
        for v, r in zip(seen.verdicts, regions, strict=True)
    ]
    passed = [region for r in seen.refused if (region := lying(r, copy)).box.intersection(whole)]
    tiles, chances = [seen.tiles[k] for k in kept], seen.probabilities[kept]
    return Examination([back[k] for k in kept], tiles, chances, passed, copy)


def load(
    model: Path | str = DEFAULT_MODEL,
    engine: str = "litert",
    min_confidence: float = MIN_CONFIDENCE,
) -> Recognizer:
    """Loads a recogniser; see `camlive.classifier.load_classifier`.

    Raises:
        ModelError: the model cannot be used.
        ValueError: the confidence is not 0 to 1.
    """
    return Recognizer(load_classifier(Path(model), engine), min_confidence)
