"""What is kept of a run: video, frames, crops and JSON Lines."""

import itertools
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

import cv2
import numpy as np

from camlive.detection import Digit, Frame, Image
from camlive.errors import OutputError

CODECS = {".mp4": "mp4v", ".mov": "mp4v", ".avi": "MJPG", ".mkv": "MJPG", ".webm": "VP80"}
JPEG_QUALITY = 95  # of 100
Group = Callable[[Sequence[Digit]], list[list[int]]]  # digits -> indices of each number


class Sink:
    """A place that frames and their digits are written to; a context manager."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:
        """Keeps one frame.

        Args:
            frame: the frame as decoded.
            digits: what was read on it.
            annotated: (H, W, 3) uint8 BGR, the frame with its labels drawn.

        Raises:
            OutputError: it cannot be written.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Finishes what was written; may be called again."""


class VideoSink(Sink):
    """Writes the annotated frames to a video of the first frame's size.

    Args:
        path: the video; its suffix chooses the codec (`CODECS`).
        fps: frames per second.
        force: whether an existing file may be replaced.
        inputs: what is being read, never overwritten.

    Raises:
        OutputError: the path cannot be written or must not be.
    """

    def __init__(
        self, path: Path, fps: float, force: bool = False, inputs: Sequence[str] = ()
    ) -> None:
        if path.suffix.lower() not in CODECS:
            raise OutputError(f"{path}: name the video {', '.join(CODECS)}, not {path.suffix!r}")
        check_output(path, force, inputs)
        self._path = path
        self._part = path.with_name(f"{path.stem}.part{path.suffix}")
        self._fps = fps
        self._size = (0, 0)
        self._writer: cv2.VideoWriter | None = None

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:  # noqa: ARG002
        """Appends the annotated frame, letterboxed where its size is not the first one's."""
        if self._writer is None:
            self._size = (annotated.shape[1], annotated.shape[0])
            self._writer = self._open()
        if not self._writer.write(letterbox(annotated, self._size)):
            raise OutputError(f"{self._path}: a frame could not be written; is the disk full?")

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


class FolderSink(Sink):
    """Writes images into a folder, named by source and frame.

    Args:
        folder: made if missing, with its parents.
        force: whether the folder may hold files already.

    Raises:
        OutputError: the folder cannot be written or must not be.
    """

    def __init__(self, folder: Path, force: bool = False) -> None:
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder}: is a file; name a folder")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            filled = any(folder.iterdir())
        except OSError as error:
            raise OutputError(f"{folder}: {error.strerror}; choose another folder") from error
        if filled and not force:
            raise OutputError(f"{folder}: is not empty; choose another folder, or give --force")
        _check_writable(folder)
        self._folder = folder
        self._prefixes: dict[str, str] = {}

    def _save(self, frame: Frame, ending: str, image: Image) -> None:
        path = self._folder / f"{self._prefix(frame.source)}-{frame.index:06d}{ending}"
        write_image(path, image)

    def _prefix(self, source: str) -> str:
        """The source's stem, numbered where another source has the same one."""
        if source not in self._prefixes:
            stem = re.sub(r"[^\w.-]+", "-", Path(source).stem).strip("-.") or "frame"
            taken = set(self._prefixes.values())
            names = (stem if n == 1 else f"{stem}_{n}" for n in itertools.count(1))
            self._prefixes[source] = next(name for name in names if name not in taken)
        return self._prefixes[source]


class FrameSink(FolderSink):
    """Writes each annotated frame as `<source>-<frame>.jpg`."""

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:  # noqa: ARG002
        """Writes the annotated frame."""
        self._save(frame, ".jpg", annotated)


class CropSink(FolderSink):
    """Writes each digit, cut from the frame as decoded, as `<source>-<frame>-<k>-<digit>.png`."""

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:  # noqa: ARG002
        """Writes a crop of each digit."""
        for k, digit in enumerate(digits):
            box = digit.box
            crop = frame.image[max(0, box.y) : box.bottom, max(0, box.x) : box.right]
            self._save(frame, f"-{k}-{digit.digit}.png", crop)


class JsonLinesSink(Sink):
    """Writes a line of JSON for each frame, flushed, so that every line there is whole.

    Args:
        target: a file, or "-" for the standard output.
        group: finds the digits that stand together (`reading.group_numbers`).
        force: whether an existing file may be replaced.
        inputs: what is being read, never overwritten.

    Raises:
        OutputError: the file cannot be written or must not be.
    """

    def __init__(
        self, target: str, group: Group, force: bool = False, inputs: Sequence[str] = ()
    ) -> None:
        if target != "-":
            check_output(Path(target), force, inputs)
        self._target = target
        self._group = group
        self._file: TextIO | None = sys.stdout if target == "-" else None

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:  # noqa: ARG002
        """Writes the frame's line."""
        try:
            if self._file is None:  # opened late: a run that fails early replaces nothing
                self._file = open(self._target, "w", encoding="utf-8")  # noqa: SIM115
            self._file.write(json_line(frame, digits, self._group(digits)) + "\n")
            self._file.flush()
        except OSError as error:
            name = "standard output" if self._target == "-" else self._target
            raise OutputError(f"{name}: {error.strerror}; is the disk full or closed?") from error

    def close(self) -> None:
        """Closes the file, but not the standard output."""
        if self._file is not None and self._file is not sys.stdout:
            with suppress(OSError):  # each line was flushed; a failure was raised by `write`
                self._file.close()


def json_line(frame: Frame, digits: Sequence[Digit], numbers: Sequence[Sequence[int]]) -> str:
    """One frame as a line of JSON, without the line's end.

    Args:
        frame: the frame the digits were read on.
        digits: the digits, boxes in pixels of the frame.
        numbers: for each number the indices of its digits, left to right.
    """
    line: dict[str, Any] = {
        "source": frame.source,
        "frame": frame.index,
        "time_s": round(frame.time_s, 4),
        "digits": [
            {
                "box": [digit.box.x, digit.box.y, digit.box.width, digit.box.height],
                "digit": digit.digit,
                "confidence": round(digit.confidence, 4),
                "track": digit.track,
            }
            for digit in digits
        ],
        "numbers": [
            {"text": "".join(str(digits[i].digit) for i in number), "digits": list(number)}
            for number in numbers
        ],
    }
    return json.dumps(line)


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


def write_image(path: Path, image: Image) -> None:
    """Writes an image whole or not at all, in the format of the path's suffix.

    Args:
        path: the file, replaced if it exists.
        image: (H, W, 3) uint8 BGR.

    Raises:
        OutputError: it cannot be written.
    """
    _, data = cv2.imencode(path.suffix, image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    try:
        part.write_bytes(data.tobytes())
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"{path}: {error.strerror}; free some space there") from error


def check_output(path: Path, force: bool = False, inputs: Sequence[str] = ()) -> None:
    """Makes sure that a file may and can be written, before any work is done.

    Args:
        path: the file to write.
        force: whether it may exist already.
        inputs: sources being read, which it must not be.

    Raises:
        OutputError: it must not or cannot be written.
    """
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file in it")
    if path.exists() and any(os.path.exists(name) and path.samefile(name) for name in inputs):
        raise OutputError(f"{path}: is also a source being read; choose another name")
    if path.is_file() and not force:
        raise OutputError(f"{path}: exists; choose another name, or give --force")
    _check_parent(path)
    if not path.exists() or path.is_file():  # /dev/null and its kind make no file beside them
        _check_writable(path.parent)


def _check_parent(path: Path) -> None:
    if not path.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}; make it first")


def _check_writable(folder: Path) -> None:
    """Makes and removes a file there: the only answer that holds on every system."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OutputError(
            f"{folder}: cannot be written ({error.strerror}); choose another folder"
        ) from error
