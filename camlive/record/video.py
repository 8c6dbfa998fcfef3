"""The annotated frames as a video that survives a crash."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from camlive.detection import Digit, Frame, Image
from camlive.errors import OutputError
from camlive.record.output import check_output, part_of
from camlive.record.sink import Sink

CODECS = {".mp4": "mp4v", ".mov": "mp4v", ".avi": "MJPG", ".mkv": "MJPG", ".webm": "VP80"}

LONGEST_STILL_S = 2.0  # a frame is repeated no longer than this where its source paused


class VideoSink(Sink):
    """Writes the annotated frames to a video of the first frame's size, in the source's time.

    A camera that is read more slowly than it runs gives frames that stand longer, not a video that
    runs faster.

    Args:
        path: the video; its suffix chooses the codec (`CODECS`).
        fps: frames per second.
        force: whether an existing file may be replaced.
        inputs: what is being read, never overwritten.
        limit_s: seconds after which the video is finished, whatever comes; None for no limit.
        say: told, in a line, when that is so.

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
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        if path.suffix.lower() not in CODECS:
            raise OutputError(f"{path}: name the video {', '.join(CODECS)}, not {path.suffix!r}")
        check_output(path, force, inputs)
        self._path = path
        self._part = part_of(path)
        self._fps = fps
        self._most = None if limit_s is None else max(1, round(limit_s * fps))  # frames
        self._say = say
        self._size = (0, 0)
        self._writer: cv2.VideoWriter | None = None
        self._written = 0
        self._first = 0  # the number in the video of the moment 0 of the source
        self._before: Frame | None = None

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:  # noqa: ARG002
        """Appends the annotated frame, letterboxed where its size is not the first one's."""
        if self._most is not None and self._written >= self._most:
            return
        if self._writer is None:
            self._size = (annotated.shape[1], annotated.shape[0])
            self._writer = self._open()
        image = letterbox(annotated, self._size)
        for _ in range(self._copies(frame)):
            if not self._writer.write(image):
                raise OutputError(f"{self._path}: a frame could not be written; is the disk full?")
            self._written += 1
        if self._most is not None and self._written >= self._most:
            self.close()
            limit_s = self._most / self._fps
            self._say(f"{self._path}: finished at its limit of {limit_s:.0f} s; see --video-limit")

    def _copies(self, frame: Frame) -> int:
        """How often a frame is written so that the video keeps the time of its source."""
        due = round(frame.time_s * self._fps)
        before, self._before = self._before, frame
        if not before or before.source != frame.source or before.time_s > frame.time_s:
            self._first = self._written - due
        copies = self._first + due + 1 - self._written
        longest = max(1, round(LONGEST_STILL_S * self._fps))
        self._first -= max(0, copies - longest)
        return min(max(0, copies), longest)

    def close(self) -> None:
        """Finishes the video and gives it its name."""
        if self._writer is None:
            return
        self._writer.release()
        self._writer = None
        try:
            os.replace(self._part, self._path)
        except OSError as error:
            raise OutputError(f"{self._path}: {error.strerror}; see {self._part}") from error

    def _open(self) -> cv2.VideoWriter:
        fourcc = cv2.VideoWriter.fourcc(*CODECS[self._path.suffix.lower()])
        writer = cv2.VideoWriter(str(self._part), cv2.CAP_FFMPEG, fourcc, self._fps, self._size)
        if not writer.isOpened():
            raise OutputError(f"{self._path}: the video cannot be begun; try a name ending in .avi")
        return writer


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
