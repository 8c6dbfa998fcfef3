"""What is recorded, and what is then in the files."""

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import cv2
import numpy as np

from camlive.detection import Box, Digit, Frame, Image

SEVEN = Digit(Box(4, 6, 10, 12), 7, 0.98765, 3)


def grey(value: int, width: int = 64, height: int = 48) -> Image:
    return np.full((height, width, 3), value, np.uint8)


def frame(image: Image, index: int = 0, source: str = "a.mp4") -> Frame:
    return Frame(image, index, index / 25, source)


def number(text: str, x: int = 20, first: int | None = 0) -> list[Digit]:
    """Digits side by side, with tracks from the first on."""
    return [
        Digit(Box(x + 30 * k, 40, 22, 40), int(c), 0.9, None if first is None else first + k)
        for k, c in enumerate(text)
    ]


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may grow beyond this size, as if the disk were full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def images_of(path: Path) -> list[Image]:
    """The images of a video."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    images = []
    while (answer := capture.read())[0]:
        images.append(answer[1])
    return images


def shown_at_s(path: Path) -> list[float]:
    """When each frame of a video is shown."""
    with av.open(str(path)) as video:
        return [frame.time for frame in video.decode(video=0)]


def frames_in(lines: str) -> list[int]:
    """The frames that lines of JSON tell of."""
    return [json.loads(line)["frame"] for line in lines.splitlines()]
