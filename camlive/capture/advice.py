"""Why a camera does not open or deliver, and what to do about it, by operating system."""

import errno
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ABSENT = (errno.ENOENT, errno.ENODEV, errno.ENXIO)
CONTAINERS = (Path("/.dockerenv"), Path("/run/.containerenv"))  # a file that each engine makes
SETTINGS = {  # where an operating system other than Linux lets programs use the camera
    "darwin": "allow the terminal to use it in System Settings, Privacy & Security, Camera",
    "win32": "allow desktop apps to use it in Settings, Privacy & security, Camera",
}


def device(spec: str) -> str:
    """The device of a camera under Linux, given by its number or device."""
    return f"/dev/video{spec}" if spec.isdecimal() else spec


def why_closed(spec: str) -> str:
    """Why a camera cannot be opened, and what to do: a line without the camera's name.

    Args:
        spec: its number or device; no program of ours has it open.
    """
    if sys.platform == "linux":
        return _why_closed_linux(device(spec))
    settings = SETTINGS.get(sys.platform, "allow this program to use it")
    return f"cannot be opened; plug it in, {settings}, and close other programs that use it"


def why_gone(spec: str) -> str | None:
    """Why a camera that was open is gone; None where it is still there.

    Args:
        spec: its number or device.
    """
    if sys.platform == "linux":
        with opened(device(spec)) as handle:
            if -handle in ABSENT:
                return "it was unplugged"
    return None


def where_to_look(path: str = "/dev/video0") -> str:
    """What to do where there is no camera, under Linux none at a device."""
    if sys.platform != "linux":
        return f"plug one in, and {SETTINGS.get(sys.platform, 'allow this program to use it')}"
    if "microsoft" in platform.release().lower():
        return "WSL has none of its own: attach one by usbipd, or read a recording or URL"
    if any(path.exists() for path in CONTAINERS):
        return f"a container has none of its own: start it with --device {path}"
    return "plug one in, and open its privacy shutter or switch"


@contextmanager
def opened(path: str) -> Iterator[int]:
    """Opens a device without filming; gives its handle, or less than 0: the error's number."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        yield -(error.errno or errno.EIO)
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _why_closed_linux(path: str) -> str:
    from camlive.capture.v4l2 import camera_name, is_busy  # elsewhere there is no fcntl

    with opened(path) as handle:
        if -handle in ABSENT:
            return f"there is no {path}; {where_to_look(path)}"
        if -handle == errno.EACCES:
            return (
                "permission denied; add yourself to the group video "
                "(sudo usermod -aG video $USER), and log in again"
            )
        if -handle == errno.EPERM:
            return f"not permitted; start the container with --device {path}"
        if -handle == errno.EBUSY or (handle >= 0 and is_busy(handle)):
            return f"in use by another program; close it (fuser {path} tells its number)"
        if handle >= 0 and not camera_name(handle):
            return f"{path} is no camera"
    return "cannot be opened; plug it in again"
