"""A camera or stream, of which only the newest frame is shown."""

import itertools
import threading
import time
from collections.abc import Iterator

import cv2

from camlive.capture.base import Source
from camlive.capture.decoder import READ_TIMEOUT_MS, first_image
from camlive.detection import Frame, Image
from camlive.errors import SourceError

SILENCE_S = 5.0  # a live source without a frame for so long is lost


class LiveSource(Source):
    """A camera or stream; a thread reads it so that the newest frame is always at hand."""

    live = True

    def __init__(self, name: str, capture: cv2.VideoCapture) -> None:
        first = first_image(name, capture)
        super().__init__(name, first, capture.get(cv2.CAP_PROP_FPS), None)
        self._capture = capture
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
                raise SourceError(
                    f"{self.name}: stopped delivering frames after {index}; "
                    "check its cable or the network, and start again"
                )
            yield Frame(newest[0], index, newest[1], self.name)

    def close(self) -> None:
        """Ends the thread, which releases the camera or connection."""
        self._stop.set()
        self._thread.join(READ_TIMEOUT_MS / 1000)

    def _keep_newest(self) -> None:
        """Runs in the thread, which alone may release what it reads."""
        done = True
        while done and not self._stop.is_set():
            done, image = self._capture.read()
            with self._changed:
                self._ended = not done
                if done:
                    self.dropped += self._newest is not None
                    self._newest = (image, time.monotonic() - self._start_s)  # type: ignore[assignment]
                self._changed.notify()
        self._capture.release()
