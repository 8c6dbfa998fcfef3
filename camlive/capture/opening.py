"""A source's name to the open source."""

import os
import re
from functools import partial
from pathlib import Path

import cv2

from camlive.capture.advice import why_gone
from camlive.capture.base import Source
from camlive.capture.decoder import (
    FIRST_S,
    first_image,
    frame_count,
    open_camera,
    open_video,
    silence,
)
from camlive.capture.picture import NoPictureError, PictureSource, read_picture
from camlive.capture.recording import RecordingSource
from camlive.capture.sources import PICTURES, is_camera, is_url, missing
from camlive.capture.stream import LiveSource, Opening
from camlive.errors import SourceError

CAMERA = "camera "  # begins a camera's name
RATE_SLACK_FPS = 0.5  # a camera that is asked for 30 may film at 29.97


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
    is_file = not (is_camera(spec) or is_url(spec))
    target = str(Path(spec).absolute()) if is_file else spec  # a file is no protocol
    try:
        target.encode()
    except UnicodeEncodeError as error:  # which crashes OpenCV
        raise SourceError(f"{spec}: the name is no UTF-8; rename the file or its folder") from error
    if is_camera(spec):
        return _open_camera(spec, camera_size, camera_fps)
    if is_url(spec):
        return _open_url(spec, loop)
    path = Path(spec)
    if not os.path.exists(path):
        raise missing(spec)
    if not os.path.isfile(path):
        raise SourceError(f"{spec}: is no regular file; give a picture or a recording")
    try:
        open(path, "rb").close()
    except OSError as error:
        raise SourceError(f"{spec}: {error.strerror}; check who may read it") from error
    silence()
    if path.suffix.lower() in PICTURES or _is_picture(target):
        try:
            return PictureSource(spec, read_picture(path), loop, cv2.imcount(target))
        except NoPictureError:
            if not _is_recording(target):
                raise
    return RecordingSource(spec, target, open_video(spec, target), loop)


def _is_picture(target: str) -> bool:
    """Whether a file is one picture, whatever its ending; a film may be of many that follow."""
    return cv2.haveImageReader(target) and not _holds_frames(target, 2)


def _is_recording(target: str) -> bool:
    """Whether a file with a picture's ending, that is none, is a recording."""
    return not cv2.haveImageReader(target) and _holds_frames(target, 1)


def _holds_frames(target: str, number: int) -> bool:
    """Whether so many frames of a file can be decoded as those of a recording."""
    try:
        capture = open_video(target, target)
    except SourceError:
        return False
    try:
        return all(capture.grab() for _ in range(number))
    finally:
        capture.release()


def other_mode(source: Source, size: tuple[int, int] | None, fps: float | None) -> str | None:
    """What a camera was asked for and what it gave instead, a line; None where it obeyed.

    Args:
        source: any source, open.
        size: width and height in pixels asked for, None for any.
        fps: frames per second asked for, None for any.
    """
    other_size = size is not None and size != source.size
    other_rate = fps is not None and abs(fps - source.fps) >= RATE_SLACK_FPS
    filmed = source.live and source.name.startswith(CAMERA)
    if not filmed or not (other_size or other_rate):
        return None
    return f"{source.name}: {_mode(size, fps)} asked for, {_mode(source.size, source.fps)} given"


def _mode(size: tuple[int, int] | None, fps: float | None) -> str:
    parts = [f"{size[0]}x{size[1]}" if size else "", f"{fps:g} fps" if fps else ""]
    return " at ".join(filter(None, parts))


def _open_camera(spec: str, size: tuple[int, int] | None, fps: float | None) -> Source:
    name = f"{CAMERA}{spec}"

    def reopen() -> Opening:
        capture = open_camera(spec, size, fps)
        return capture, first_image(name, capture, FIRST_S)

    return LiveSource(name, reopen, partial(why_gone, spec))


def _open_url(spec: str, loop: bool) -> Source:
    name = re.sub(r"//[^/?#]*@", "//", spec)
    scheme, rest = spec.split("://", 1)
    address = f"{scheme.lower()}://{rest}"  # FFmpeg knows no other
    capture = open_video(name, address)
    if frame_count(capture) is not None:
        return RecordingSource(name, address, capture, loop)
    is_named_so = Path(re.split("[?#]", address)[0]).suffix.lower() in PICTURES
    if is_named_so and not (capture.grab() and capture.grab()):  # a stream may be, too
        capture.release()
        raise SourceError(f"{name}: is a picture; download it, and read the file")
    opened = [capture]

    def reopen() -> Opening:
        capture = opened.pop() if opened else open_video(name, address)
        return capture, first_image(name, capture)

    return LiveSource(name, reopen, lambda: None)
