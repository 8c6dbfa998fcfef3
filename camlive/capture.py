"""Cameras, recordings, pictures and streams, read as frames."""

import glob
import itertools
import os
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from camlive.detection import Frame, Image
from camlive.errors import SourceError

PICTURES = frozenset(
    {".bmp", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)
RECORDINGS = frozenset(
    {".3gp", ".avi", ".gif", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpeg"}
    | {".mpg", ".mts", ".ogv", ".ts", ".webm", ".wmv"}
)
DEFAULT_FPS = 25.0  # where a file or camera does not say
MAX_FPS = 240.0  # more is a time base, not a frame rate
MAX_FRAMES = 10**8  # more is a marker for "unknown"
OPEN_TIMEOUT_MS = 5000
READ_TIMEOUT_MS = 3000
SILENCE_S = 5.0  # a live source without a frame for so long is lost
NETWORK = ("http://", "https://", "rtsp://")


def expand(sources: Sequence[str]) -> list[str]:
    """Names every source: folders and globs become their pictures and recordings.

    Args:
        sources: camera numbers, devices, files, folders, globs and URLs; none is camera 0.

    Returns:
        The sources in the order given, those of a folder or glob in natural order.

    Raises:
        SourceError: a file is missing, a folder or glob holds nothing to read, or a camera
            number is negative.
    """
    return [spec for source in sources or ["0"] for spec in _expand_one(source)]


def _expand_one(source: str) -> list[str]:
    if re.fullmatch(r"-\d+", source):
        raise SourceError(f"camera {source}: a camera's number is 0 or more")
    path = Path(source)
    if _is_camera(source) or source.startswith(NETWORK):
        return [source]
    if path.is_dir():
        return _readable(source, [str(entry) for entry in path.iterdir()])
    if path.exists():
        return [source]
    if glob.has_magic(source):
        return _readable(source, glob.glob(source, recursive=True))
    raise SourceError(f"{source}: no such file; check the path")


def _readable(source: str, names: Sequence[str]) -> list[str]:
    """The pictures and recordings among the names, in natural order."""
    kinds = PICTURES | RECORDINGS
    found = [n for n in names if Path(n).suffix.lower() in kinds and Path(n).is_file()]
    if not found:
        raise SourceError(f"{source}: holds no picture or recording; check the folder or pattern")
    return sorted(found, key=_natural)


def _natural(name: str) -> list[tuple[str, int]]:
    """A sort key that puts 9 before 10."""
    return [(text.lower(), int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d*)", name)]


def _is_camera(spec: str) -> bool:
    """Whether it is a camera's number or a device."""
    return spec.isdecimal() or spec.startswith("/dev/video") or Path(spec).is_char_device()


class Source:
    """Yields frames; a context manager.

    Attributes:
        name: the source as given, without a password.
        live: whether it is a camera or a stream, of which only the newest frame is shown.
        size: width and height in pixels of the first frame.
        fps: frames per second.
        frame_count: how many frames it has, None where that is not known.
        dropped: frames of a live source that came and were never yielded.
    """

    live = False

    def __init__(self, name: str, first: Image, fps: float, frame_count: int | None) -> None:
        self.name = name
        self.size = (first.shape[1], first.shape[0])
        self.fps = fps if 0.1 <= fps <= MAX_FPS else DEFAULT_FPS
        self.frame_count = frame_count
        self.dropped = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        """Yields the frames.

        Raises:
            SourceError: a live source stopped delivering, or a download broke off.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Releases the camera, file or connection; may be called again."""


def open_source(
    spec: str,
    camera_size: tuple[int, int] | None = None,
    camera_fps: float | None = None,
    loop: bool = False,
) -> Source:
    """Opens one source and reads its first frame.

    Args:
        spec: a camera number or device, a file, or an http, https or rtsp URL.
        camera_size: width and height in pixels to ask a camera for.
        camera_fps: frames per second to ask a camera for.
        loop: whether a recording or picture begins again at its end.

    Raises:
        SourceError: it cannot be opened or holds no frame that can be decoded.
    """
    if _is_camera(spec):
        return _Live(f"camera {spec}", _open_camera(spec, camera_size, camera_fps))
    if spec.startswith(NETWORK):
        return _open_url(spec, loop)
    path = Path(spec)
    if not path.exists():
        raise SourceError(f"{spec}: no such file; check the path")
    if not path.is_file():
        raise SourceError(f"{spec}: is no regular file; give a picture or a recording")
    if path.suffix.lower() in PICTURES:
        return _Picture(spec, _read_picture(path), loop)
    target = str(path.absolute())  # never taken for a protocol
    return _Recording(spec, target, _open_video(spec, target), loop)


class _Picture(Source):
    def __init__(self, name: str, image: Image, loop: bool) -> None:
        super().__init__(name, image, DEFAULT_FPS, None if loop else 1)
        self._image = image
        self._loop = loop

    def __iter__(self) -> Iterator[Frame]:
        for index in itertools.count() if self._loop else range(1):
            yield Frame(self._image, index, index / self.fps, self.name)


class _Recording(Source):
    """A file, or a recording on a web server, read whole and in order."""

    def __init__(self, name: str, target: str, capture: cv2.VideoCapture, loop: bool) -> None:
        self._capture = capture
        self._first = _first_image(name, capture)
        self._target = target
        self._loop = loop
        count = _frame_count(capture)
        super().__init__(name, self._first, capture.get(cv2.CAP_PROP_FPS), None if loop else count)
        self._duration_s = (count or 0) / self.fps

    def __iter__(self) -> Iterator[Frame]:
        index, step_s = itertools.count(), 1 / self.fps
        last_s = -step_s
        while True:
            offset_s: float | None = None
            for image, position_s in self._images():
                if offset_s is None:
                    offset_s = last_s + step_s - position_s
                time_s = position_s + offset_s
                last_s = time_s if time_s > last_s else last_s + step_s
                yield Frame(image, next(index), last_s, self.name)
            if not self._loop:
                return
            self._rewind()

    def close(self) -> None:
        self._capture.release()

    def _images(self) -> Iterator[tuple[Image, float]]:
        """The images with their timestamps in seconds."""
        image, position_s = self._first, 0.0
        done = True
        while done:
            position_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            yield image, position_s
            done, image = self._read()
        if self._target.startswith(NETWORK) and position_s < 0.9 * self._duration_s - 1:
            raise SourceError(
                f"{self.name}: broke off after {position_s:.1f} of {self._duration_s:.1f} s; "
                "check the network, or download it first"
            )

    def _read(self) -> tuple[bool, Image]:
        done, image = self._capture.read()
        return done, image  # type: ignore[return-value]  # the stub's array has no dtype

    def _rewind(self) -> None:
        self._capture.release()
        self._capture = _open_video(self.name, self._target)
        self._first = _first_image(self.name, self._capture)


class _Live(Source):
    """A camera or stream; a thread reads it so that the newest frame is always at hand."""

    live = True

    def __init__(self, name: str, capture: cv2.VideoCapture) -> None:
        first = _first_image(name, capture)
        super().__init__(name, first, capture.get(cv2.CAP_PROP_FPS), None)
        self._capture = capture
        self._start_s = time.monotonic()
        self._newest: tuple[Image, float] | None = (first, 0.0)
        self._ended = False
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._keep_newest, name="reader", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Frame]:
        for index in itertools.count():
            with self._changed:
                self._changed.wait_for(lambda: self._newest or self._ended, SILENCE_S)
                newest, self._newest = self._newest, None
            if self._stop.is_set():
                return
            if newest is None:
                raise SourceError(
                    f"{self.name}: stopped delivering frames after {index}; "
                    "check its cable or the network, and start again"
                )
            yield Frame(newest[0], index, newest[1], self.name)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(READ_TIMEOUT_MS / 1000)

    def _keep_newest(self) -> None:
        """Runs in the thread, which alone may release what it reads."""
        done = True
        while done and not self._stop.is_set():
            done, image = self._capture.read()
            with self._changed:
                self._ended = not done
                if done:
                    self.dropped += self._newest is not None
                    self._newest = (image, time.monotonic() - self._start_s)  # type: ignore[assignment]
                self._changed.notify()
        self._capture.release()


def _open_url(spec: str, loop: bool) -> Source:
    name = re.sub(r"//[^/@]*@", "//", spec)
    capture = _open_video(name, spec)
    recorded = _frame_count(capture) is not None
    return _Recording(name, spec, capture, loop) if recorded else _Live(name, capture)


def _open_video(name: str, target: str) -> cv2.VideoCapture:
    """Opens a file or URL with FFmpeg, which keeps a local playlist off the network."""
    _silence()
    timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS]
    timeouts += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS]
    capture = cv2.VideoCapture(target, cv2.CAP_FFMPEG, timeouts)
    if capture.isOpened() and _codec(capture) != "ansi":  # FFmpeg plays any text as ANSI art
        return capture
    capture.release()
    if target.startswith(NETWORK):
        raise SourceError(f"{name}: cannot be opened; check the address and the network")
    raise SourceError(f"{name}: is no recording that can be read; check the file")


def _open_camera(spec: str, size: tuple[int, int] | None, fps: float | None) -> cv2.VideoCapture:
    _silence()
    backend = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_DSHOW}
    device = int(spec) if spec.isdecimal() else spec
    capture = cv2.VideoCapture(device, backend.get(sys.platform, cv2.CAP_ANY))
    if not capture.isOpened():
        raise SourceError(
            f"camera {spec}: cannot be opened; is it plugged in, allowed and free of other "
            "programs? Or give another number or a file"
        )
    if size or fps:  # uncompressed, most cameras are slow at large sizes
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    if size:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    if fps:
        capture.set(cv2.CAP_PROP_FPS, fps)
    return capture


def _first_image(name: str, capture: cv2.VideoCapture) -> Image:
    done, image = capture.read()
    if done:
        return image  # type: ignore[return-value]
    codec = _codec(capture)
    capture.release()
    kind = f" (codec {codec})" if codec else ""
    raise SourceError(f"{name}: no frame can be decoded{kind}; convert it to H.264, or try another")


def _frame_count(capture: cv2.VideoCapture) -> int | None:
    count = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    return int(count) if 0 < count < MAX_FRAMES else None


def _codec(capture: cv2.VideoCapture) -> str:
    """The four letters of the codec, empty where it has none."""
    code = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
    letters = code.to_bytes(4, "little").decode("ascii", "replace")
    return letters.strip() if letters.isprintable() else ""


def _silence() -> None:
    """Keeps OpenCV's and FFmpeg's own warnings off the screen: the errors here say more."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def _read_picture(path: Path) -> Image:
    """Decodes a picture, upright as its EXIF says."""
    _silence()
    try:
        data = path.read_bytes()
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}; check who may read it") from error
    except cv2.error:  # an absurd size
        image = None
    if data.startswith(b"\xff\xd8") and not _is_whole_jpeg(data):
        raise SourceError(f"{path}: the picture is cut short; copy it again")
    if image is None:
        raise SourceError(f"{path}: is no picture that can be read; check the file")
    return image  # type: ignore[return-value]


def _is_whole_jpeg(data: bytes) -> bool:
    """Whether the end marker follows the picture itself, not just an embedded thumbnail."""
    at = 2
    while data[at + 1 : at + 2] not in (b"\xda", b""):  # start of scan, or no more data
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data.find(b"\xff\xd9", at) >= 0
