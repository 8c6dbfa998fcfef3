"""Which cameras there are, what they offer, and whether they work."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import cv2

from camlive.capture.advice import ABSENT, opened
from camlive.capture.decoder import FIRST_S, first_image, open_camera, read_image
from camlive.errors import SourceError

MOST = {"linux": 64}  # how many numbers are tried; looking for a device costs nothing
FEW = 4  # elsewhere each try can take seconds
MEASURED_S = 1.0  # how long frames are counted


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that was looked at.

    Attributes:
        number: what to give to `run`.
        name: as it calls itself, empty where the system does not tell.
        modes: a line each, such as "MJPG 640x480 at 30, 15 fps"; empty as the name.
        filming: how it films unless asked otherwise, with the rate measured; None: not at all.
        trouble: why it does not work and what to do, None where it does.
    """

    number: int
    name: str
    modes: tuple[str, ...]
    filming: str | None
    trouble: str | None

    def __str__(self) -> str:
        """Its lines for the screen."""
        head = f"camera {self.number}: {self.name}" if self.name else f"camera {self.number}"
        return "\n  ".join([head, *self.modes, self.filming or self.trouble or ""])


def find_cameras() -> Iterator[Camera]:
    """Looks at one camera after another; each that opens films for a second."""
    for number in range(MOST.get(sys.platform, FEW)):
        said = _ask(number) if sys.platform == "linux" else ("", ())
        if said is None:
            continue
        try:
            yield Camera(number, *said, _film(str(number)), None)
        except SourceError as error:
            if sys.platform == "linux":  # elsewhere a number that does not open may be nobody's
                trouble = str(error).removeprefix(f"camera {number}: ")
                yield Camera(number, *said, None, trouble)


def _ask(number: int) -> tuple[str, tuple[str, ...]] | None:
    """The name and modes of a camera under Linux, both empty where it may not be asked."""
    from camlive.capture.v4l2 import camera_name, modes  # elsewhere there is no fcntl

    with opened(f"/dev/video{number}") as handle:
        if handle < 0:
            return None if -handle in ABSENT else ("", ())
        name = camera_name(handle)
        return None if name is None else (name, tuple(map(str, modes(handle))))


def _film(spec: str) -> str:
    """Films for a second; says how."""
    capture = open_camera(spec, None, None)
    try:
        image = first_image(f"camera {spec}", capture, FIRST_S)
        rate, backend = _rate(capture), capture.getBackendName()
    finally:
        capture.release()
    return f"works: {image.shape[1]}x{image.shape[0]}, {rate:.1f} fps measured, by {backend}"


def _rate(capture: cv2.VideoCapture) -> float:
    """The frames per second that really come."""
    begin_s, frames = time.monotonic(), 0
    while (passed_s := time.monotonic() - begin_s) < MEASURED_S:
        frames += read_image(capture) is not None
    return frames / passed_s
