"""What a camera under Linux says of itself: the ioctls of <linux/videodev2.h>."""

import errno
import fcntl
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# The structures, in 32-bit words: index, type, flags, description, format and so on.
CAPABILITY = struct.Struct("16s 32s 32s 6I")
FORMAT = struct.Struct("3I 32s I 16x")
SIZE = struct.Struct("9I 8x")
INTERVAL = struct.Struct("7I 24x")
BUFFERS = struct.Struct("5I")

QUERYCAP, ENUM_FMT, REQBUFS, ENUM_FRAMESIZES, ENUM_FRAMEINTERVALS = 0, 2, 8, 74, 75  # the calls
READ, READ_WRITE = 2, 3  # what an ioctl does with its structure
VIDEO_CAPTURE = 1  # as a capability and as a type of buffer
MEMORY_MAPPED = 1
DISCRETE = 1  # one size or rate of its own, not the ends of a range
MOST = 100  # entries of a list: a driver that never ends it is broken


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to film: four letters of the pixel format, size in pixels, frames per second."""

    code: str
    width: int
    height: int
    rates: tuple[float, ...]

    def __str__(self) -> str:
        rates = f" at {', '.join(f'{rate:g}' for rate in self.rates)} fps" if self.rates else ""
        return f"{self.code} {self.width}x{self.height}{rates}"


def camera_name(handle: int) -> str | None:
    """The name of the camera behind an open device, None where it is no camera."""
    try:
        answer = _ask(handle, READ, QUERYCAP, CAPABILITY)
    except OSError:
        return None
    _, name, _, _, _, films, *_ = answer  # the second node of a webcam films nothing
    return name.partition(b"\0")[0].decode("utf-8", "replace") if films & VIDEO_CAPTURE else None


def modes(handle: int) -> list[Mode]:
    """The modes of an open camera, in its own order."""
    found = []
    for _, _, _, _, code in _each(handle, ENUM_FMT, FORMAT, VIDEO_CAPTURE, 0, b"", 0):
        letters = code.to_bytes(4, "little").decode("ascii", "replace").strip()
        for _, _, kind, *ends in _each(handle, ENUM_FRAMESIZES, SIZE, code, *[0] * 7):
            width, height = ends[:2] if kind == DISCRETE else (ends[1], ends[4])
            found.append(Mode(letters, width, height, _rates(handle, code, width, height)))
    return found


def is_busy(handle: int) -> bool:
    """Whether another program films with an open camera."""
    try:  # asks for no buffers, which changes nothing
        _ask(handle, READ_WRITE, REQBUFS, BUFFERS, 0, VIDEO_CAPTURE, MEMORY_MAPPED, 0, 0)
    except OSError as error:
        return error.errno == errno.EBUSY
    return False


def _rates(handle: int, code: int, width: int, height: int) -> tuple[float, ...]:
    """The frames per second of a size, of a range the fastest."""
    asked = (code, width, height, 0, 0, 0)
    seconds = [(a, b) for *_, a, b in _each(handle, ENUM_FRAMEINTERVALS, INTERVAL, *asked)]
    return tuple(denominator / numerator for numerator, denominator in seconds if numerator)


def _each(
    handle: int, number: int, layout: struct.Struct, *values: Any
) -> Iterator[tuple[Any, ...]]:
    """Asks for each entry of a list."""
    for index in range(MOST):
        try:
            yield _ask(handle, READ_WRITE, number, layout, index, *values)
        except OSError:
            return


def _ask(
    handle: int, direction: int, number: int, layout: struct.Struct, *values: Any
) -> tuple[Any, ...]:
    """One ioctl; the structure goes in with the values, or empty, and comes back filled."""
    request = direction << 30 | layout.size << 16 | ord("V") << 8 | number
    given = layout.pack(*values) if values else bytes(layout.size)
    return layout.unpack(fcntl.ioctl(handle, request, given))
