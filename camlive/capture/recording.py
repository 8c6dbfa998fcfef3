"""A recording, read whole and in order."""

import itertools
from collections.abc import Iterator

import cv2

from camlive.capture.base import Source
from camlive.capture.decoder import first_image, frame_count, open_video, read_image
from camlive.capture.probe import length_of
from camlive.capture.sources import is_url
from camlive.detection import Frame, Image
from camlive.errors import SourceError

SLACK_S = 0.1  # that a whole recording may be shorter than its head says


class RecordingSource(Source):
    """A file, or a recording on a web server, read whole and in order."""

    def __init__(self, name: str, target: str, capture: cv2.VideoCapture, loop: bool) -> None:
        self._capture = capture
        self._first = first_image(name, capture)
        self._target = target
        self._loop = loop
        count = frame_count(capture)
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
        """Releases the file or connection."""
        self._capture.release()

    def _images(self) -> Iterator[tuple[Image, float]]:
        """The images with their timestamps in seconds."""
        image: Image | None = self._first
        begin_s = position_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        read = 0
        while image is not None:
            position_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            yield image, position_s
            image = read_image(self._capture)
            read += 1
        if is_url(self._target) and position_s < 0.9 * self._duration_s - 1:
            raise SourceError(
                f"{self.name}: broke off after {position_s:.1f} of {self._duration_s:.1f} s; "
                "check the network, or download it first"
            )
        if not is_url(self._target) and self.frame_count not in (None, read):
            self._check(read, position_s - begin_s + 1 / self.fps)

    def _check(self, read: int, seconds: float) -> None:
        """Tells where fewer frames came, or a shorter time, than the file says it has."""
        length = length_of(self._target)
        is_shorter = seconds + SLACK_S < length.seconds and length.frames > 0  # no cover of a song
        if is_shorter or (length.exact and read < length.frames):
            self.say(
                f"{self.name}: {read} of {length.frames} frames could be read; "
                "it is cut short or damaged"
            )

    def _rewind(self) -> None:
        self._capture.release()
        self._capture = open_video(self.name, self._target)
        self._first = first_image(self.name, self._capture)
