"""A camera or stream, of which only the newest frame is shown; once lost it is opened again."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator

import cv2

from camlive.capture.base import Source
from camlive.capture.decoder import RETRY_S, read_image
from camlive.detection import Frame, Image
from camlive.errors import SourceError

LOST_S = 2.0  # without a frame for so long a live source is lost
TICK_S = 0.2  # the longest that a window or a key waits for a frame
BACK_OFF_S = (0.5, 10.0)  # from the first to the longest wait between two tries to open it again
END_S = 0.5  # for how long its end is waited for; a read that hangs ends with the process

Opening = tuple[cv2.VideoCapture, Image]  # and the first frame


class LiveSource(Source):
    """A camera or stream; a thread reads it so that the newest frame is always at hand.

    Where no frame comes any more it is opened again, after longer and longer waits, for ever.
    """

    live = endless = True

    def __init__(
        self, name: str, reopen: Callable[[], Opening], why_gone: Callable[[], str | None]
    ) -> None:
        """Opens it and begins to read.

        Args:
            name: what to call it.
            reopen: opens it, and reads the first frame.
            why_gone: asked when a frame fails: why it is gone, None where it is still there.

        Raises:
            SourceError: it cannot be opened.
        """
        self._capture, first = reopen()
        super().__init__(name, first, self._capture.get(cv2.CAP_PROP_FPS), None)
        self._reopen = reopen
        self._why_gone = why_gone
        self._start_s = self._seen_s = time.monotonic()
        self._newest: tuple[Image, float] | None = (first, 0.0)
        self._trouble = ""
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._keep_newest, name="capture", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Frame]:
        for index in itertools.count():
            newest = self._next()
            if newest is None:
                return
            yield Frame(newest[0], index, newest[1], self.name)

    def age_s(self, frame: Frame) -> float:
        """Seconds since a frame came."""
        return time.monotonic() - self._start_s - frame.time_s

    def close(self) -> None:
        """Ends the thread, which releases the camera or connection."""
        self._stop.set()
        self._thread.join(END_S)

    def _next(self) -> tuple[Image, float] | None:
        """The newest frame as soon as there is one; None where nobody waits for it any more."""
        lost = ""
        while not self._stop.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._newest is not None, TICK_S)
                newest, self._newest = self._newest, None
            if newest is not None:
                if lost:
                    self.say(f"{self.name}: is back")
                return newest
            if not lost and (lost := self._lost()):
                self.say(f"{self.name}: {lost}; reconnecting")
            if not self.while_silent(lost):
                return None
        return None

    def _lost(self) -> str:
        """Why no frame comes any more; empty while one may still come."""
        if self._trouble or time.monotonic() - self._seen_s <= LOST_S:
            return self._trouble
        return "no frame comes"

    def _keep_newest(self) -> None:
        """Runs in the thread, which alone may release what it reads."""
        while not self._stop.is_set():
            image = read_image(self._capture)
            if image is not None:
                self._take(image)
            elif gone := self._why_gone():
                self._seek(gone)
            elif time.monotonic() - self._seen_s > LOST_S:
                self._seek("no frame comes")
            else:
                self._stop.wait(RETRY_S)
        self._capture.release()

    def _take(self, image: Image) -> None:
        with self._changed:
            self.dropped += self._newest is not None
            self._seen_s = time.monotonic()
            self._newest = (image, self._seen_s - self._start_s)
            self._trouble = ""
            self._changed.notify()

    def _seek(self, trouble: str) -> None:
        """Opens the source again as soon as that can be."""
        self._trouble = trouble
        self._capture.release()
        wait_s, longest_s = BACK_OFF_S
        while not self._stop.is_set():
            is_there = self._wait(wait_s)
            if self._stop.is_set():
                return
            try:
                self._capture, image = self._reopen()
            except SourceError:
                wait_s = BACK_OFF_S[0] if is_there else min(2 * wait_s, longest_s)
            else:
                self._take(image)
                return

    def _wait(self, longest_s: float) -> bool:
        """Waits before the next try, or until what was gone is there again: whether it is."""
        end_s, was_gone = time.monotonic() + longest_s, False
        while time.monotonic() < end_s and not self._stop.wait(RETRY_S):
            is_gone = self._why_gone() is not None
            if was_gone and not is_gone:
                return True
            was_gone = is_gone
        return False
