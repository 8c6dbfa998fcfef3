"""What a user may name as a source: cameras, files, folders, globs and URLs."""

import glob
import os
import re
from collections.abc import Sequence
from pathlib import Path

from camlive.errors import SourceError

HEIC = frozenset({".heic", ".heif"})  # which nothing here can decode: photographs are tiled in them
PICTURES = frozenset(
    {".avif", ".bmp", ".jp2", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif", ".tiff"}
    | {".webp", *HEIC}
)
RECORDINGS = frozenset(
    {".3gp", ".avi", ".gif", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpeg"}
    | {".mpg", ".mts", ".ogv", ".ts", ".webm", ".wmv"}
)
NETWORK = ("http://", "https://", "rtsp://")


def expand(sources: Sequence[str]) -> list[str]:
    """Names every source: folders and globs become their pictures and recordings.

    Args:
        sources: camera numbers, devices, files, folders, globs and URLs; none is camera 0.

    Returns:
        The sources in the order given, those of a folder or glob in natural order, without hidden
        files: macOS puts one beside each picture on foreign disks.

    Raises:
        SourceError: a file is missing, a folder or glob holds nothing to read, or a camera
            number is negative.
    """
    return [spec for source in sources or ["0"] for spec in _expand_one(source)]


def _expand_one(source: str) -> list[str]:
    if re.fullmatch(r"-\d+", source):
        raise SourceError(f"camera {source}: a camera's number is 0 or more")
    if not source:
        raise SourceError("a source without a name; give a camera, file, folder or URL")
    if is_camera(source) or is_url(source):
        return [source]
    if os.path.isdir(source):
        try:
            entries = [e for e in Path(source).iterdir() if not e.name.startswith(".")]
            return _readable(source, [str(entry) for entry in entries])
        except OSError as error:
            raise SourceError(f"{source}: {error.strerror}; check who may read it") from error
    if os.path.exists(source):
        return [source]
    if glob.has_magic(source):
        return _readable(source, glob.glob(source, recursive=True))
    if "://" in source:
        raise SourceError(f"{source}: no such kind of address; give http, https or rtsp, or a file")
    raise missing(source)


def missing(name: str) -> SourceError:
    """The error of a file that is not there, or in a folder that may not be looked into."""
    try:
        os.stat(name)
    except PermissionError as error:
        return SourceError(f"{name}: {error.strerror}; check who may read it")
    except (OSError, ValueError):  # or a name with a null in it
        pass
    return SourceError(f"{name}: no such file; check the path")


def _readable(source: str, names: Sequence[str]) -> list[str]:
    """The pictures and recordings among the names, in natural order."""
    kinds = PICTURES | RECORDINGS
    found = [n for n in names if Path(n).suffix.lower() in kinds and os.path.isfile(n)]
    if not found:
        raise SourceError(f"{source}: holds no picture or recording; check the folder or pattern")
    return sorted(found, key=_natural)


def _natural(name: str) -> list[tuple[str, int]]:
    """A sort key that puts 9 before 10."""
    return [(text.lower(), int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d*)", name)]


def is_camera(spec: str) -> bool:
    """Whether it is a camera's number or a device."""
    if spec.isdecimal() or spec.startswith("/dev/video"):
        return True
    try:
        return Path(spec).is_char_device()
    except OSError:  # a name too long, or in a folder that others may not look into
        return False


def is_url(spec: str) -> bool:
    """Whether it is an address on the network."""
    return spec.lower().startswith(NETWORK)
