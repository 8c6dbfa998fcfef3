"""A source's name to the open source."""

import re
from pathlib import Path

from camlive.capture.base import Source
from camlive.capture.decoder import frame_count, open_camera, open_video
from camlive.capture.picture import PictureSource, read_picture
from camlive.capture.recording import RecordingSource
from camlive.capture.sources import PICTURES, is_camera, is_url
from camlive.capture.stream import LiveSource
from camlive.errors import SourceError


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
    if is_camera(spec):
        return LiveSource(f"camera {spec}", open_camera(spec, camera_size, camera_fps))
    if is_url(spec):
        return _open_url(spec, loop)
    path = Path(spec)
    if not path.exists():
        raise SourceError(f"{spec}: no such file; check the path")
    if not path.is_file():
        raise SourceError(f"{spec}: is no regular file; give a picture or a recording")
    if path.suffix.lower() in PICTURES:
        return PictureSource(spec, read_picture(path), loop)
    target = str(path.absolute())  # never taken for a protocol
    return RecordingSource(spec, target, open_video(spec, target), loop)


def _open_url(spec: str, loop: bool) -> Source:
    name = re.sub(r"//[^/@]*@", "//", spec)
    capture = open_video(name, spec)
    recorded = frame_count(capture) is not None
    return RecordingSource(name, spec, capture, loop) if recorded else LiveSource(name, capture)
