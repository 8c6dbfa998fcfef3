"""OpenCV's decoder, the only place that opens one: files, addresses and cameras."""

import os
import sys
import time
from collections.abc import Callable

import cv2

from camlive.capture.advice import why_closed
from camlive.capture.sources import is_url
from camlive.detection import Image
from camlive.errors import SourceError
from camlive.signals import signals_held

MAX_FRAMES = 10**8  # more is a marker for "unknown"
OPEN_TIMEOUT_MS = 5000
READ_TIMEOUT_MS = 3000
FIRST_S = 5.0  # for how long a camera is asked for its first frame
CAMERA_TIMEOUT_S = 1  # whole; OpenCV's 10 is how long Ctrl-C would wait for a camera that stalls
LAST_CAMERA = 2**31 - 1  # the largest number that OpenCV takes
DIGITS = 10  # of the largest number of a camera
RETRY_S = 0.1  # between two tries to read from a camera


def open_video(name: str, target: str) -> cv2.VideoCapture:
    """Opens a file or URL with FFmpeg, which keeps a local playlist off the network.

    Args:
        name: what to call it in an error.
        target: an absolute path or a URL.

    Raises:
        SourceError: it cannot be opened.
    """
    silence()
    timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS]
    timeouts += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS]
    with signals_held():
        capture = cv2.VideoCapture(target, cv2.CAP_FFMPEG, timeouts)
    if capture.isOpened() and _codec(capture) != "ansi":  # FFmpeg plays any text as ANSI art
        sides = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if sides[0] * sides[1] <= most_pixels():
            return capture
        capture.release()
        raise too_large(name)
    capture.release()
    if is_url(target):
        raise SourceError(f"{name}: cannot be opened; check the address and the network")
    raise SourceError(f"{name}: is no recording that can be read; check the file")


def open_camera(spec: str, size: tuple[int, int] | None, fps: float | None) -> cv2.VideoCapture:
    """Opens a camera.

    Args:
        spec: its number or device.
        size: width and height in pixels to ask it for.
        fps: frames per second to ask it for.

    Raises:
        SourceError: it cannot be opened.
    """
    silence()
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(CAMERA_TIMEOUT_S))
    backend = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_DSHOW}
    device: int | str = spec
    if spec.isdecimal():
        device = min(int(spec), LAST_CAMERA) if len(spec) <= DIGITS else LAST_CAMERA
    with signals_held():
        capture = cv2.VideoCapture(device, backend.get(sys.platform, cv2.CAP_ANY))
    if not capture.isOpened():
        capture.release()
        remedy = "else give another number (python -m camlive cameras lists them) or a file"
        if isinstance(device, int) and os.path.exists(spec):
            remedy = f"for the file or folder of that name give .{os.sep}{spec}"
        raise SourceError(f"camera {spec}: {why_closed(spec)}; {remedy}")
    if size or fps:  # uncompressed, most cameras are slow at large sizes
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    if size:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    if fps:
        capture.set(cv2.CAP_PROP_FPS, fps)
    return capture


def read_image(capture: cv2.VideoCapture) -> Image | None:
    """The next frame, (H, W, 3) uint8 BGR; None where none comes or it is broken."""
    return _image(capture.read)


def grabbed_image(capture: cv2.VideoCapture) -> Image | None:
    """The frame of a recording that was grabbed last, as above; may be called again."""
    return _image(capture.retrieve)


def _image(ask: Callable[[], tuple[bool, cv2.typing.MatLike]]) -> Image | None:
    try:
        done, image = ask()
    except cv2.error:  # a camera's frame without a byte in it
        return None
    return image if done else None  # type: ignore[return-value]


def first_image(name: str, capture: cv2.VideoCapture, patience_s: float = 0.0) -> Image:
    """The first frame, (H, W, 3) uint8 BGR.

    Args:
        name: what to call the source in an error.
        capture: just opened; released where no frame comes.
        patience_s: for how long a camera is asked again.

    Raises:
        SourceError: no frame can be decoded.
    """
    end_s = time.monotonic() + patience_s
    while (image := read_image(capture)) is None and time.monotonic() < end_s:
        time.sleep(RETRY_S)
    if image is not None:
        return image
    if patience_s:
        capture.release()
        raise SourceError(f"{name}: opens but sends no frame; plug it in again, or try another")
    codec, is_endless = _codec(capture), frame_count(capture) is None
    capture.release()
    kind = f" (codec {codec})" if codec else ""
    is_served = is_url(name) and not is_endless  # perhaps by a server without ranges
    remedy = "download it, and read the file" if is_served else "convert it to H.264"
    raise SourceError(f"{name}: no frame can be decoded{kind}; {remedy}, or try another")


def frame_count(capture: cv2.VideoCapture) -> int | None:
    """How many frames it has, None where that is not known."""
    count = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    return int(count) if 0 < count < MAX_FRAMES else None


def most_pixels() -> int:
    """How many pixels a picture or frame may have: a small file must not fill the memory."""
    return int(os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"])


def too_large(name: str) -> SourceError:
    """The error of a source with more pixels than that."""
    most = most_pixels() / 1e6
    return SourceError(f"{name}: has more than {most:.0f} million pixels; make it smaller")


def _codec(capture: cv2.VideoCapture) -> str:
    """The four letters of the codec, empty where it has none."""
    code = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
    letters = code.to_bytes(4, "little").decode("ascii", "replace")
    return letters.strip() if letters.isprintable() else ""


def silence() -> None:
    """Keeps OpenCV's and FFmpeg's own warnings off the screen: the errors here say more."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
