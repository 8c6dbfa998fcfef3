"""A recording, read whole and in order."""

import itertools
from collections.abc import Iterator

import cv2

from camlive.capture.base import Source
from camlive.capture.decoder import first_image, frame_count, open_video
from camlive.capture.sources import is_url
from camlive.detection import Frame, Image
from camlive.errors import SourceError

WHOLE = 0.98  # of the frames that a file says it has: some only estimate their number


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
        image, position_s = self._first, 0.0
        done, read = True, 0
        while done:
            position_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            yield image, position_s
            done, image = self._read()
            read += 1
        if is_url(self._target) and position_s < 0.9 * self._duration_s - 1:
            raise SourceError(
                f"{self.name}: broke off after {position_s:.1f} of {self._duration_s:.1f} s; "
                "check the network, or download it first"
            )
        if self.frame_count and read < WHOLE * self.frame_count:
            self.say(
                f"{self.name}: {read} of {self.frame_count} frames could be read; "
                "it is cut short or damaged"
            )

    def _read(self) -> tuple[bool, Image]:
        done, image = self._capture.read()
        return done, image  # type: ignore[return-value]  # the stub's array has no dtype

    def _rewind(self) -> None:
        self._capture.release()
        self._capture = open_video(self.name, self._target)
        self._first = first_image(self.name, self._capture)
