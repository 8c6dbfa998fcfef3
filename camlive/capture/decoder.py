"""OpenCV's decoder, the only place that opens one: files, addresses and cameras."""

import os
import sys

import cv2

from camlive.capture.sources import is_url
from camlive.detection import Image
from camlive.errors import SourceError

MAX_FRAMES = 10**8  # more is a marker for "unknown"
OPEN_TIMEOUT_MS = 5000
READ_TIMEOUT_MS = 3000


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
    capture = cv2.VideoCapture(target, cv2.CAP_FFMPEG, timeouts)
    if capture.isOpened() and _codec(capture) != "ansi":  # FFmpeg plays any text as ANSI art
        return capture
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


def first_image(name: str, capture: cv2.VideoCapture) -> Image:
    """The first frame, (H, W, 3) uint8 BGR.

    Args:
        name: what to call the source in an error.
        capture: just opened; released where no frame comes.

    Raises:
        SourceError: no frame can be decoded.
    """
    done, image = capture.read()
    if done:
        return image  # type: ignore[return-value]
    codec = _codec(capture)
    capture.release()
    kind = f" (codec {codec})" if codec else ""
    raise SourceError(f"{name}: no frame can be decoded{kind}; convert it to H.264, or try another")


def frame_count(capture: cv2.VideoCapture) -> int | None:
    """How many frames it has, None where that is not known."""
    count = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    return int(count) if 0 < count < MAX_FRAMES else None


def _codec(capture: cv2.VideoCapture) -> str:
    """The four letters of the codec, empty where it has none."""
    code = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
    letters = code.to_bytes(4, "little").decode("ascii", "replace")
    return letters.strip() if letters.isprintable() else ""


def silence() -> None:
    """Keeps OpenCV's and FFmpeg's own warnings off the screen: the errors here say more."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
