"""A recording played as a camera films: how late frames are shown, and how steady labels are."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import cv2

from benchmark import video
from benchmark.report import decimals, markdown_table
from benchmark.stability import Shown, Stability, stability
from benchmark.timing import Percentiles
from benchmark.truth import Label
from camlive import live
from camlive.capture.opening import open_source
from camlive.capture.stream import LiveSource, Opening
from camlive.detection import Digit, Frame, Image
from camlive.display import Window
from camlive.live import LiveOptions
from camlive.recognizer import Recognizer
from camlive.record.sink import Sink


@dataclass(frozen=True, slots=True)
class CameraFigures:
    """What somebody sees who films what the recording shows.

    Attributes:
        frames: how many the camera gave.
        dropped: those of them that were not shown.
        shown: milliseconds from a frame's coming until it is shown, with its labels.
        reading: milliseconds that the reading of a frame takes.
        readings_a_second: how many frames are read; on the others digits are followed.
        steadiness: of the labels on the frames shown.
    """

    frames: int
    dropped: int
    shown: Percentiles
    reading: Percentiles
    readings_a_second: float
    steadiness: Stability


def measure(
    file: Path, labels: Sequence[Label], recognizer: Recognizer, window: Window | None
) -> CameraFigures:
    """Plays a recording to the live loop at its own pace, as a camera would.

    Args:
        file: the recording.
        labels: its truth.
        recognizer: reads the frames.
        window: where they are shown, open; None shows nothing.

    Raises:
        DataError: no line of the truth is about the recording.
        SourceError: the recording cannot be read.
    """
    truth = video.truth_of(file, labels)
    timed = _Timed(recognizer.classify, recognizer.min_confidence, recognizer.side_px)
    late_ms: list[float] = []
    film = _Film(file)
    kept = _Kept(film)
    with LiveSource(file.name, film.open, lambda: None) as source:

        def shown(frame: Frame) -> None:
            late_ms.append(1000 * source.age_s(frame))
            if film.is_over:
                source.close()

        done = live.run(source, timed, [kept], window, LiveOptions(on_frame=shown))
    return CameraFigures(
        film.count,
        film.count - len(kept.shown),
        Percentiles.of(late_ms),
        Percentiles.of(timed.ms),
        len(timed.ms) / done.seconds,
        stability(kept.shown, {frame: truth[frame] for frame in truth if frame in kept.shown}),
    )


class _Film:
    """A recording that is read as a `cv2.VideoCapture` of a camera is; its last frame stays.

    Attributes:
        count: its frames.
        is_over: whether all were given.
    """

    def __init__(self, file: Path) -> None:
        with open_source(str(file)) as source:
            self.count, self._fps = sum(1 for _ in source), source.fps
        self._source = open_source(str(file))
        self._frames = iter(self._source)
        self._newest: Frame | None = None
        self._given, self._start_s, self.is_over = 0, 0.0, False
        self._numbers: dict[int, int] = {}  # by the image's id; of images that are there still

    def open(self) -> Opening:
        """Itself and the first frame, as `LiveSource` wants them."""
        self._start_s = time.monotonic()
        return cast("cv2.VideoCapture", self), self.read()[1]

    def read(self) -> tuple[bool, Image]:
        """The next frame, when it is due."""
        frame = self._newest = next(self._frames, self._newest)
        assert frame
        self._numbers[id(frame.image)] = frame.index
        time.sleep(max(0.0, self._start_s + self._given / self._fps - time.monotonic()))
        self._given += 1
        self.is_over = self._given >= self.count
        return True, frame.image

    def get(self, of: int) -> float:
        return self._fps if of == cv2.CAP_PROP_FPS else 0.0

    def release(self) -> None:
        self._source.close()

    def number(self, frame: Frame) -> int:
        """The number in the recording of a frame that is there still."""
        return self._numbers[id(frame.image)]


class _Kept(Sink):
    """Keeps what is shown of each of the film's frames."""

    needs_drawn = False

    def __init__(self, film: _Film) -> None:
        self._film = film
        self.shown: dict[int, Shown] = {}

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:  # noqa: ARG002
        self.shown.setdefault(self._film.number(frame), Shown(frame.time_s, tuple(digits)))


@dataclass(frozen=True, slots=True)
class _Timed(Recognizer):
    """A recogniser that takes down how many milliseconds each reading takes."""

    ms: list[float] = field(default_factory=list)

    def __call__(self, image: Image) -> list[Digit]:
        started_s = time.perf_counter()
        digits = Recognizer.__call__(self, image)
        self.ms.append(1000 * (time.perf_counter() - started_s))
        return digits


def to_markdown(figures: CameraFigures) -> str:
    """The figures for people."""
    rows = [
        ("frames that the camera gave", str(figures.frames)),
        ("and that were not shown", str(figures.dropped)),
        ("ms from a frame's coming until it is shown, p50 / p95", figures.shown.text()),
        ("ms that a reading takes, p50 / p95", figures.reading.text()),
        ("readings a second", decimals(figures.readings_a_second, 1)),
    ]
    tables = markdown_table(("as a camera", "camlive"), rows), video.to_markdown(figures.steadiness)
    return "\n\n".join(tables)


def to_json(figures: CameraFigures) -> dict[str, Any]:
    """The same figures for machines."""
    return {**asdict(figures), "steadiness": video.to_json(figures.steadiness)}
