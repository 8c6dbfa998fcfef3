"""A camera's frames: each is shown, some are read beside, and what was read is taken along."""

from collections.abc import Generator, Iterable
from contextlib import closing
from itertools import pairwise
from queue import Empty, SimpleQueue
from threading import Thread

from camlive.detection import Frame
from camlive.flow import follow, glance
from camlive.recognizer import Reading, Recognize
from camlive.track import Tracker

MOST_SINCE = 16  # glances kept while a frame is read, however long that takes


def read_beside(
    frames: Iterable[Frame], recognize: Recognize, tracker: Tracker
) -> Generator[Reading, None, None]:
    """Gives each frame of a live source at once, with the digits of the newest reading.

    A thread reads one frame at a time, the newest when it is done with the last. The digits that
    it read are where the optical flow took them since. Only the first frame waits until it is read.

    Args:
        frames: of the source, as they come.
        recognize: reads a frame, (H, W, 3) uint8 BGR.
        tracker: follows what is read.
    """
    newest = iter(frames)
    first = next(newest, None)
    if first is None:
        return
    digits = tracker.update(recognize(first.image), first.time_s)
    yield first, digits
    since = [glance(first.image)]  # of the frame that is being read, and those after
    with closing(_Reader(recognize)) as reader:
        for frame in newest:
            since.append(glance(frame.image))
            if answer := reader.answer():
                read_frame, read = answer
                digits = tracker.update(read, read_frame.time_s)
                for before, after in pairwise(since):
                    digits = follow(digits, before, after)
            else:
                digits = follow(digits, *since[-2:])
            if not reader.busy:
                reader.ask(frame)
                since = since[-1:]
            elif len(since) > MOST_SINCE:
                del since[1:-1:2]
            yield frame, digits


class _Reader:
    """A thread that reads one frame at a time.

    Between the threads there are these queues only: a signal leaves none of them locked.

    Attributes:
        busy: whether a frame that was asked for was not answered yet.
    """

    def __init__(self, recognize: Recognize) -> None:
        self._jobs: SimpleQueue[Frame | None] = SimpleQueue()
        self._answers: SimpleQueue[Reading | BaseException] = SimpleQueue()
        self._recognize = recognize
        self._thread = Thread(target=self._serve, name="read", daemon=True)
        self._thread.start()
        self.busy = False

    def ask(self, frame: Frame) -> None:
        self.busy = True
        self._jobs.put(frame)

    def answer(self) -> Reading | None:
        """The frame that was asked for and what was read on it, once; raises what failed there."""
        try:
            answer = self._answers.get_nowait()
        except Empty:
            return None
        self.busy = False
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self) -> None:
        """Ends the thread, after what it is reading."""
        self._jobs.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while (frame := self._jobs.get()) is not None:
            try:
                self._answers.put((frame, self._recognize(frame.image)))
            except BaseException as error:  # raised where the frames are given
                self._answers.put(error)
