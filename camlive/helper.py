"""A recogniser in a process of its own, that reads frames of a recording along."""

import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from threading import Lock
from typing import IO, Any, cast

import cv2

from camlive.detection import Digit, Image
from camlive.recognizer import load
from camlive.segment.working_copy import working_copy


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
            [sys.executable, "-m", "camlive.helper"],
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
        """Reads an image as a `Recognizer` reads a recording's frame; for one thread at a time.

        Raises:
            ValueError: the image is not (H, W, 3) uint8 BGR.
            ChildProcessError: the process has ended.
        """
        self._send(working_copy(image))
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


def _serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    """The helper's side: what to load, then reduced pictures, until there are no more."""
    cv2.setNumThreads(1)  # the other core reads the other frame
    recognizer = load(**pickle.load(requests), threads=1)
    _write(replies, None)
    while True:
        _write(replies, recognizer.read(pickle.load(requests)))


if __name__ == "__main__":
    try:
        _serve(sys.stdin.buffer, sys.stdout.buffer)
    except (EOFError, OSError, pickle.UnpicklingError):  # whoever asked is gone
        os._exit(0)
