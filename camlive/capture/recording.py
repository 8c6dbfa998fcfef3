"""A recording, read whole and in order."""

import itertools
import math
from collections.abc import Iterator

import cv2

from camlive.capture.base import Source
from camlive.capture.decoder import first_image, frame_count, grabbed_image, open_video
from camlive.capture.probe import length_of
from camlive.capture.sources import is_url
from camlive.detection import Frame, Image, black_like
from camlive.errors import SourceError

FOLLOW_S = 0.06  # from one frame on which ink is followed to the next, at least
SLACK_S = 0.1  # that a whole recording may be shorter than its head says


class RecordingSource(Source):
    """A file, or a recording on a web server, read whole and in order."""

    def __init__(self, name: str, target: str, capture: cv2.VideoCapture, loop: bool) -> None:
        self._capture = capture
        first = first_image(name, capture)
        self._target = target
        self.endless = loop
        count = frame_count(capture)
        super().__init__(name, first, capture.get(cv2.CAP_PROP_FPS), None if loop else count)
        self._black = black_like(first)
        self._begun = False
        self._broken = 0  # frames that could not be decoded
        self._duration_s = (count or 0) / self.fps

    def __iter__(self) -> Iterator[Frame]:
        return self.frames()

    def frames(self, stride: int = 1, keep_images: bool = True) -> Iterator[Frame]:
        """Yields every so many-th frame from the begin, see `Source.frames`."""
        if self._begun:
            self._rewind()
        self._begun, self._broken = True, 0
        index, step_s = itertools.count(), 1 / self.fps
        last_s, followed_s = -step_s, -math.inf
        while True:
            offset_s: float | None = None
            for position_s in self._positions():
                if offset_s is None:
                    offset_s = last_s + step_s - position_s
                time_s = position_s + offset_s
                last_s = time_s if time_s > last_s else last_s + step_s
                number = next(index)
                if number % stride:
                    continue
                is_followed = last_s - followed_s >= FOLLOW_S
                image: Image | None = self._black
                if is_followed or keep_images:
                    image = grabbed_image(self._capture)
                if image is None:
                    self._broken += 1
                    continue
                followed_s = last_s if is_followed else followed_s
                yield Frame(image, number, last_s, self.name, is_followed)
            if not self.endless:
                return
            self._rewind()

    def close(self) -> None:
        """Releases the file or connection."""
        self._capture.release()

    def _positions(self) -> Iterator[float]:
        """Decodes one frame after another; the time of each in seconds."""
        begin_s = position_s = self._position_s()
        read, is_there = 0, True
        while is_there:
            position_s = self._position_s()
            yield position_s
            read += 1
            is_there = self._capture.grab()
        if is_url(self._target) and position_s < 0.9 * self._duration_s - 1:
            raise SourceError(
                f"{self.name}: broke off after {position_s:.1f} of {self._duration_s:.1f} s; "
                "check the network, or download it first"
            )
        read -= self._broken
        if not is_url(self._target) and self.frame_count not in (None, read):
            self._check(read, position_s - begin_s + 1 / self.fps)

    def _position_s(self) -> float:
        return self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000

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
        first_image(self.name, self._capture)
