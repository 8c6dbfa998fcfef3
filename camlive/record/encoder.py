"""Encodes and muxes a video, each frame at its own time, so that it survives a crash."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from camlive.detection import Image
from camlive.signals import signals_held

if TYPE_CHECKING:
    from av import VideoStream

PIECE_S = 0.5  # an unfinished video can be read up to its last whole piece
TICK_S = Fraction(1, 90_000)  # of the clock of a video, as MPEG's: each frame keeps its own time


@dataclass(frozen=True, slots=True)
class Format:
    """How a kind of video is written, in FFmpeg's names; an `even` one ticks once a frame."""

    codec: str
    pixels: str
    encoder: dict[str, str]
    container: dict[str, str] = field(default_factory=dict)
    even: bool = False


H264 = ("libx264", "yuv420p", {"preset": "ultrafast", "crf": "23"})
# Pieces that can be read as soon as they are written; made an ordinary file as it is finished.
MP4 = Format(*H264, {"movflags": "hybrid_fragmented", "frag_duration": f"{PIECE_S * 1e6:.0f}"})
CLUSTERS = {"cluster_time_limit": f"{PIECE_S * 1e3:.0f}"}
VP8 = ("libvpx", "yuv420p", {"deadline": "realtime", "cpu-used": "8", "crf": "10", "b": "8M"})
FORMATS = {
    ".mp4": MP4,
    ".mov": MP4,
    ".avi": Format("mjpeg", "yuvj420p", {"qmin": "3", "qmax": "3"}, even=True),
    ".mkv": Format(*H264, CLUSTERS),
    ".webm": Format(*VP8, CLUSTERS),
}


class Encoder:
    """A video file that is being written (docs/decisions/0004).

    Args:
        path: the file; its suffix, one of `FORMATS`, chooses how it is written.
        size: width and height in pixels; an odd one loses its last column or row.
        fps: frames per second, as far as they come evenly.

    Attributes:
        begun: whether it has its head and a frame.
        lost: frames that fell in the tick of the one before, and are not in the video.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        with signals_held():
            import av  # not before OpenCV, whose windows hang on the X libraries that it brings

        self._av, self._path = av, path
        form = FORMATS[path.suffix.lower()]
        rate = _simple(fps) if fps >= 1 else 1 / _simple(1 / fps)
        self._tick = 1 / rate if form.even else TICK_S
        self._length, self._last = round(1 / rate / self._tick), -1
        options = form.container | {"flush_packets": "1"}
        # The absolute path: FFmpeg takes what stands before a colon for a protocol.
        self._file = av.open(str(path.absolute()), "w", container_options=options)
        self._size = max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2)
        self._stream = cast("VideoStream", self._file.add_stream(form.codec, rate, form.encoder))
        self._stream.width, self._stream.height = self._size
        self._stream.pix_fmt = form.pixels
        codec = self._stream.codec_context
        codec.time_base = self._tick
        # An image is encoded while the next is read. More threads: hardly faster, much more memory.
        codec.thread_type, codec.thread_count = "FRAME", 2
        self.begun = False  # FFmpeg crashes as it ends a file without a head, or without a frame
        self.lost = 0

    def write(self, image: Image, time_s: float) -> None:
        """Appends an image, letterboxed where its size is not the first one's.

        Args:
            image: (H, W, 3) uint8 BGR.
            time_s: when it is shown; of two in one tick of the video's clock the second is lost.

        Raises:
            OSError: it cannot be written.
        """
        tick = round(time_s / self._tick)
        if tick <= self._last:
            self.lost += 1
            return
        self._last = tick
        # OpenCV converts the colours in a third of the time that FFmpeg takes.
        planes = cv2.cvtColor(letterbox(_even(image), self._size), cv2.COLOR_BGR2YUV_I420)
        frame = self._av.VideoFrame.from_ndarray(np.asarray(planes, np.uint8), format="yuv420p")
        frame.pts, frame.time_base, frame.duration = tick, self._tick, self._length
        with _as_os_error(), signals_held():
            packets = self._stream.encode(frame)
            if not self.begun:
                self._file.start_encoding()
                self.begun = True
            self._file.mux(packets)

    def close(self) -> None:
        """Writes what the encoder still holds, and the end of the file; none is left without frame.

        Raises:
            OSError: they cannot be written.
        """
        with _as_os_error(), closing(self._file):
            if self.begun:
                self._file.mux(self._stream.encode(None))
        if not self.begun:
            self._path.unlink(missing_ok=True)


@contextmanager
def _as_os_error() -> Iterator[None]:
    """Any fault of FFmpeg as an OSError: those of its encoders are none."""
    from av import FFmpegError

    try:
        yield
    except FFmpegError as error:
        raise OSError(error.errno, error.strerror) from error


def _simple(value: float) -> Fraction:
    """The nearest of the fractions that rates are given in, such as 30000 / 1001."""
    return Fraction(value).limit_denominator(1001)


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
