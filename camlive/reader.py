"""A thread that reads frames beside the loop."""

from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

from camlive.detection import Frame
from camlive.recognizer import Reading, Recognize


class Reader:
    """A thread that reads one frame after another.

    Between the threads there are these queues only: a signal leaves none of them locked.

    Attributes:
        waiting: how many frames were asked for and not answered yet.
    """

    def __init__(self, recognize: Recognize) -> None:
        """Prepares the thread, which begins with the first frame.

        Args:
            recognize: reads a frame, (H, W, 3) uint8 BGR.
        """
        self._asked: SimpleQueue[Frame | None] = SimpleQueue()
        self._answers: SimpleQueue[Reading | BaseException] = SimpleQueue()
        self._recognize = recognize
        self._thread = Thread(target=self._serve, name="recognise", daemon=True)
        self.waiting = 0

    def ask(self, frame: Frame) -> None:
        """Has a frame read after those asked for before."""
        if not self._thread.ident:  # only now: a signal may end the caller before it can close
            self._thread.start()
        self.waiting += 1
        self._asked.put(frame)

    def answer(self, wait: bool = False) -> Reading | None:
        """The next frame in the order asked for, and what was read on it; raises what failed there.

        Args:
            wait: whether to wait for it; else None while it is being read.
        """
        try:
            answer = self._answers.get(wait)
        except Empty:
            return None
        self.waiting -= 1
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self) -> None:
        """Ends the thread, after the frame that it is reading."""
        with suppress(Empty):
            while True:
                self._asked.get_nowait()
        self._asked.put(None)
        if self._thread.ident:
            self._thread.join()

    def _serve(self) -> None:
        while (frame := self._asked.get()) is not None:
            try:
                digits = self._recognize(frame.image)
                if digits is None:
                    raise TypeError("recognize gave None, not a list of digits")
                self._answers.put((frame, digits))
            except BaseException as error:  # raised where the answer is taken
                self._answers.put(error)
