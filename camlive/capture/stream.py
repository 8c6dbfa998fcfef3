"""A camera or stream, of which only the newest frame is shown."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator

import cv2

from camlive.capture.base import Source
from camlive.capture.decoder import READ_TIMEOUT_MS, RETRY_S, read_image
from camlive.detection import Frame, Image
from camlive.errors import SourceError

SILENCE_S = 5.0  # a live source without a frame for so long is lost


class LiveSource(Source):
    """A camera or stream; a thread reads it so that the newest frame is always at hand."""

    live = True

    def __init__(
        self,
        name: str,
        capture: cv2.VideoCapture,
        first: Image,
        why_silent: Callable[[], str | None],
    ) -> None:
        """Begins to read.

        Args:
            name: what to call it.
            capture: open; this object releases it.
            first: its first frame, (H, W, 3) uint8 BGR.
            why_silent: asked when a frame fails: what to do, None where the next may still come.
        """
        super().__init__(name, first, capture.get(cv2.CAP_PROP_FPS), None)
        self._capture = capture
        self._why_silent = why_silent
        self._start_s = time.monotonic()
        self._newest: tuple[Image, float] | None = (first, 0.0)
        self._ended = False
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._keep_newest, name="reader", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Frame]:
        for index in itertools.count():
            with self._changed:
                self._changed.wait_for(lambda: self._newest or self._ended, SILENCE_S)
                newest, self._newest = self._newest, None
            if self._stop.is_set():
                return
            if newest is None:
                why = self._why_silent() or "check its cable, and start again"
                raise SourceError(f"{self.name}: stopped delivering frames after {index}; {why}")
            yield Frame(newest[0], index, newest[1], self.name)

    def age_s(self, frame: Frame) -> float:
        """Seconds since a frame came."""
        return time.monotonic() - self._start_s - frame.time_s

    def close(self) -> None:
        """Ends the thread, which releases the camera or connection."""
        self._stop.set()
        self._thread.join(READ_TIMEOUT_MS / 1000)

    def _keep_newest(self) -> None:
        """Runs in the thread, which alone may release what it reads."""
        while not (self._stop.is_set() or self._ended):
            image = read_image(self._capture)
            ended = image is None and self._why_silent() is not None
            with self._changed:
                if image is not None:
                    self.dropped += self._newest is not None
                    self._newest = (image, time.monotonic() - self._start_s)
                self._ended = ended
                self._changed.notify()
            if image is None:
                self._stop.wait(RETRY_S)
        self._capture.release()
