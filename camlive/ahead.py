"""Recordings read ahead: two frames at once, one of them in a process of its own."""

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import IO, Any, cast

import cv2

from camlive.detection import Digit, Frame, Image
from camlive.errors import CamliveError
from camlive.recognizer import Reading, Recognize, load
from camlive.segment.reduced import reduced


class Helper:
    """A recogniser in a process of its own: two threads of one process hinder each other.

    The process ends with the one that began it, however that ends.

    Attributes:
        pid: the number of the process.
    """

    def __init__(self, reading: Mapping[str, Any]) -> None:
        """Begins the process, and does not wait until it is ready.

        Args:
            reading: what its recogniser is loaded with, see `recognizer.load`.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-m", "camlive.ahead"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,  # a Ctrl-C is for the process that began it
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same on Windows
        )
        self.pid = self._process.pid
        self._ready, self._alone = False, Lock()
        self._send(dict(reading))

    def wait(self) -> None:
        """Waits until it can read; to be called before the first image.

        Raises:
            ChildProcessError: the process has ended.
        """
        with self._alone:
            if not self._ready:
                self._receive()
                self._ready = True

    def __call__(self, image: Image) -> list[Digit]:
        """Reads an image as a `Recognizer` does; for one thread at a time.

        Raises:
            ValueError: the image is not (H, W, 3) uint8 BGR.
            ChildProcessError: the process has ended.
        """
        self._send(reduced(image))
        return cast("list[Digit]", self._receive())

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        with self._alone:  # who waits for it sees its end
            self._process.communicate()

    def _send(self, value: object) -> None:
        try:
            _write(cast("IO[bytes]", self._process.stdin), value)
        except OSError as error:
            raise ChildProcessError(f"process {self.pid} has ended") from error

    def _receive(self) -> object:
        try:
            return pickle.load(cast("IO[bytes]", self._process.stdout))
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise ChildProcessError(f"process {self.pid} has ended") from error


def _write(pipe: IO[bytes], value: object) -> None:
    pickle.dump(value, pipe, protocol=5)
    pipe.flush()


def read_ahead(
    frames: Iterable[Frame], recognize: Recognize, helper: Helper | None = None
) -> Generator[Reading, None, None]:
    """Reads the frames of a recording on two cores, and gives them in their order.

    Two frames are read side by side while the next is decoded; memory holds four at most. A frame
    comes out later than it would alone, so this is nothing for a camera.

    Args:
        frames: of the recording.
        recognize: reads a frame; two at once without a helper.
        helper: reads every other frame from when it is ready until it ends.

    Raises:
        CamliveError: the source failed; the frames before were given.
    """
    jobs: SimpleQueue[tuple[Image, Future[list[Digit]]] | None] = SimpleQueue()
    helped = Event()

    def serve(read: Recognize) -> None:
        while (job := jobs.get()) is not None:
            image, answer = job
            try:
                try:
                    digits = read(image)
                except ChildProcessError:
                    read = recognize
                    digits = read(image)
                answer.set_result(digits)
            except Exception as error:
                answer.set_exception(error)

    def help_along() -> None:
        if helper:
            with suppress(ChildProcessError):
                helper.wait()
        helped.set()
        serve(helper or recognize)

    def submit(frame: Frame) -> tuple[Frame, Future[list[Digit]]]:
        answer: Future[list[Digit]] = Future()
        jobs.put((frame.image, answer))
        return frame, answer

    threads = [
        Thread(target=serve, args=(recognize,), name="read 1", daemon=True),
        Thread(target=help_along, name="read 2", daemon=True),
    ]
    for thread in threads:
        thread.start()
    ahead: deque[tuple[Frame, Future[list[Digit]]]] = deque()
    try:
        try:
            for frame in frames:
                ahead.append(submit(frame))
                if len(ahead) > len(threads):
                    first, digits = ahead.popleft()
                    yield first, digits.result()
        except CamliveError:  # of the source: what it gave before still counts
            yield from ((frame, digits.result()) for frame, digits in ahead)
            raise
        yield from ((frame, digits.result()) for frame, digits in ahead)
    finally:
        with suppress(Empty):
            while True:
                jobs.get_nowait()
        for _ in threads:
            jobs.put(None)
        threads[0].join()
        if helped.is_set():  # else the end does not wait until the helper is ready
            threads[1].join()


def _serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    """The helper's side: what to load, then reduced pictures, until there are no more."""
    cv2.setNumThreads(1)  # the other core reads the other frame
    recognizer = load(**pickle.load(requests))
    _write(replies, None)
    while True:
        _write(replies, recognizer.read(pickle.load(requests)))


if __name__ == "__main__":
    try:
        _serve(sys.stdin.buffer, sys.stdout.buffer)
    except (EOFError, OSError, pickle.UnpicklingError):  # whoever asked is gone
        os._exit(0)
