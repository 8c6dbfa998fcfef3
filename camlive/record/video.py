"""The annotated frames as a video that survives a crash."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from camlive.detection import Digit, Frame, Image
from camlive.errors import OutputError
from camlive.record.output import check_output, part_of
from camlive.record.sink import Sink

if TYPE_CHECKING:
    from av import VideoStream

VIDEO_LIMIT_S = 3600.0  # of a source that may never end, unless the user says otherwise
LONGEST_STILL_S = 2.0  # a frame of a live source stands no longer than this where it paused
LOST_S = 0.5  # of an unfinished video this much at most is lost by a hard kill
SMOOTH = 100  # ticks of a frame in the clock of a video: each frame keeps its own time


@dataclass(frozen=True, slots=True)
class Format:
    """How a kind of video is written, in FFmpeg's names; `ticks` of its clock make a frame."""

    codec: str
    pixels: str
    encoder: dict[str, str]
    container: dict[str, str] = field(default_factory=dict)
    ticks: int = SMOOTH


H264 = ("libx264", "yuv420p", {"preset": "ultrafast", "crf": "23"})
# Pieces that can be read as soon as they are written; made an ordinary file as it is finished.
MP4 = Format(*H264, {"movflags": "hybrid_fragmented", "frag_duration": f"{LOST_S * 1e6:.0f}"})
CLUSTERS = {"cluster_time_limit": f"{LOST_S * 1e3:.0f}"}
VP8 = ("libvpx", "yuv420p", {"deadline": "realtime", "cpu-used": "8", "crf": "10", "b": "8M"})
FORMATS = {
    ".mp4": MP4,
    ".mov": MP4,
    ".avi": Format("mjpeg", "yuvj420p", {"qmin": "3", "qmax": "3"}, ticks=1),
    ".mkv": Format(*H264, CLUSTERS),
    ".webm": Format(*VP8, CLUSTERS),
}


class VideoSink(Sink):
    """Writes the annotated frames to a video of the first frame's size, in the source's time.

    Args:
        path: the video; its suffix chooses how it is written (`FORMATS`).
        fps: frames per second, as far as the source keeps to them.
        force: whether an existing file may be replaced.
        inputs: what is being read, never overwritten.
        limit_s: of a source that may never end: the seconds after which the video is finished,
            whatever comes, and its pauses are cut short; None keeps all of it.
        say: told, in a line, when the limit is reached.

    Attributes:
        finished: whether the limit was reached.

    Raises:
        OutputError: the path cannot be written or must not be.
    """

    def __init__(
        self,
        path: Path,
        fps: float,
        force: bool = False,
        inputs: Sequence[str] = (),
        limit_s: float | None = None,
        say: Callable[[str], object] = lambda _: None,
    ) -> None:
        if path.suffix.lower() not in FORMATS:
            raise OutputError(f"{path}: name the video {', '.join(FORMATS)}, not {path.suffix!r}")
        check_output(path, force, inputs)
        self._path = path
        self._part = part_of(path)
        self._fps = fps
        self._limit_s = limit_s
        self._say = say
        self._encoder: _Encoder | None = None
        self._time_s = 0.0  # of the last frame in the video
        self._before: Frame | None = None
        self.finished = False

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:  # noqa: ARG002
        """Appends the annotated frame, letterboxed where its size is not the first one's."""
        if self.finished:
            return
        self._time_s += self._since_before_s(frame)
        try:
            if self._encoder is None:
                form = FORMATS[self._path.suffix.lower()]
                self._encoder = _Encoder(self._part, form, annotated, self._fps)
            self._encoder.write(annotated, self._time_s)
        except OSError as error:
            with suppress(OutputError):
                self.close()  # what was written can be played
            self.finished = True
            raise OutputError(
                f"{self._path}: a frame could not be written ({error.strerror}); is the disk full?"
            ) from error
        if self._limit_s is not None and self._time_s + 1.5 / self._fps > self._limit_s:
            self.finished = True
            self.close()
            self._say(
                f"{self._path}: finished at its limit of {self._limit_s:.0f} s; see --video-limit"
            )

    def _since_before_s(self, frame: Frame) -> float:
        """How long the frame before this one stands."""
        before, self._before = self._before, frame
        if before is None:
            return 0.0
        since_s = frame.time_s - before.time_s
        if before.source != frame.source or since_s <= 0:
            return 1 / self._fps
        return since_s if self._limit_s is None else min(since_s, LONGEST_STILL_S)

    def close(self) -> None:
        """Finishes the video and gives it its name.

        Raises:
            OutputError: it cannot be finished or named.
        """
        encoder, self._encoder = self._encoder, None
        if encoder is None:
            return
        try:
            try:
                encoder.close()
            finally:
                os.replace(self._part, self._path)
        except OSError as error:
            raise OutputError(f"{self._path}: {error.strerror}; see {self._part}") from error


class _Encoder:
    """A video file that is being written, each frame at its own time.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: Path, form: Format, first: Image, fps: float) -> None:
        import av  # not before OpenCV, whose windows hang on the X libraries that this one brings

        self._av = av
        rate = Fraction(fps).limit_denominator(1001)
        self._tick = 1 / (rate * form.ticks)
        self._length, self._last = form.ticks, -1
        options = form.container | {"flush_packets": "1"}
        self._file = av.open(str(path), "w", container_options=options)
        height, width = _even(first).shape[:2]
        self._size = max(2, width), max(2, height)
        self._stream = cast("VideoStream", self._file.add_stream(form.codec, rate, form.encoder))
        self._stream.width, self._stream.height = self._size
        self._stream.pix_fmt = form.pixels
        self._stream.codec_context.time_base = self._tick

    def write(self, image: Image, time_s: float) -> None:
        """Appends an image, unless the clock of the video has no tick of its own for it."""
        tick = round(time_s / self._tick)
        if tick <= self._last:
            return
        self._last = tick
        fitting = np.ascontiguousarray(letterbox(_even(image), self._size))
        frame = self._av.VideoFrame.from_ndarray(fitting, format="bgr24")
        frame.pts, frame.time_base, frame.duration = tick, self._tick, self._length
        with _as_os_error():
            self._file.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Writes what the encoder still holds, and the end of the file."""
        with closing(self._file), _as_os_error():
            self._file.mux(self._stream.encode(None))


@contextmanager
def _as_os_error() -> Iterator[None]:
    """Any fault of FFmpeg as an OSError: those of its encoders are none."""
    from av import FFmpegError

    try:
        yield
    except FFmpegError as error:
        raise OSError(error.errno, error.strerror) from error


def _even(image: Image) -> Image:
    """An image without the last row or column that encoders do not take."""
    height, width = image.shape[:2]
    return image[: max(1, height - height % 2), : max(1, width - width % 2)]


def letterbox(image: Image, size: tuple[int, int]) -> Image:
    """Fits an image into a size, keeping its aspect, on black.

    Args:
        image: (H, W, 3) uint8 BGR.
        size: width and height in pixels.
    """
    width, height = size
    if image.shape[:2] == (height, width):
        return image
    scale = min(width / image.shape[1], height / image.shape[0])
    inner = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    x, y = (width - inner[0]) // 2, (height - inner[1]) // 2
    canvas = np.zeros((height, width, 3), np.uint8)
    resized = cv2.resize(image, inner, interpolation=cv2.INTER_AREA)
    canvas[y : y + inner[1], x : x + inner[0]] = resized
    return canvas
