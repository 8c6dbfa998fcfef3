"""JSON Lines: a line for each frame, whole as soon as it is written."""

import errno
import json
import os
import sys
from collections.abc import Sequence
from io import RawIOBase
from pathlib import Path
from typing import Any

from camlive.detection import Digit, Frame, Image
from camlive.errors import OutputError
from camlive.reading import group_numbers
from camlive.record.output import FULL, check_output
from camlive.record.sink import Sink


class LinesSink(Sink):
    """Writes lines, each at once, so that every line there is whole.

    Args:
        target: a file, or "-" for the standard output.
        force: whether an existing file may be replaced.
        inputs: what is being read, never overwritten.

    Raises:
        OutputError: the file cannot be written or must not be.
    """

    needs_images = False
    needs_plain = False

    def __init__(self, target: str, force: bool = False, inputs: Sequence[str] = ()) -> None:
        if target != "-":
            check_output(Path(target), force, inputs)
        elif sys.stdout is None:  # closed before the program began
            raise OutputError("standard output: is closed; name a file")
        self._target = target
        self._file: RawIOBase | None = None

    def _put(self, lines: Sequence[str]) -> None:
        """Writes lines, given without their ends.

        Raises:
            OutputError: they cannot be written.
        """
        text = "".join(f"{line}\n" for line in lines)
        try:
            if self._target == "-":
                coding = sys.stdout.encoding or "utf-8"  # which may lack a letter of a file's name
                sys.stdout.write(text.encode(coding, "backslashreplace").decode(coding))
                sys.stdout.flush()
            else:
                self._append(text.encode())
        except OSError as error:
            self._remove_empty()
            name = "standard output" if self._target == "-" else self._target
            remedy = "is the disk full?" if error.errno in FULL else "choose another place"
            raise OutputError(f"{name}: {error.strerror}; {remedy}") from error

    def _append(self, data: bytes) -> None:
        """Writes all of the data or, where the disk becomes full, none of it."""
        if self._file is None:  # opened late: a run that fails early replaces nothing
            self._file = open(self._target, "wb", buffering=0)  # noqa: SIM115
            self.saved = Path(self._target)
        written = self._file.write(data) or 0
        if written < len(data):
            self._file.seek(-written, os.SEEK_CUR)
            self._file.truncate()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _remove_empty(self) -> None:
        """Leaves no file of which not even the first line could be written."""
        path = Path(self._target)
        if self._file is not None and path.is_file() and not path.stat().st_size:
            self._file.close()
            path.unlink()
            self.saved = None

    def close(self) -> None:
        """Closes the file, but not the standard output."""
        if self._file is not None:
            self._file.close()


class JsonLinesSink(LinesSink):
    """Writes a line for each frame."""

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:  # noqa: ARG002
        """Writes the frame's line."""
        self._put([json_line(frame, digits, group_numbers(digits))])


def json_line(frame: Frame, digits: Sequence[Digit], numbers: Sequence[Sequence[int]]) -> str:
    """One frame as a line of JSON, without the line's end.

    Args:
        frame: the frame the digits were read on.
        digits: the digits, boxes in pixels of the frame.
        numbers: for each number the indices of its digits, left to right.
    """
    line: dict[str, Any] = {
        "source": frame.source,
        "frame": frame.index,
        "time_s": round(frame.time_s, 4),
        "digits": [
            {
                "box": [digit.box.x, digit.box.y, digit.box.width, digit.box.height],
                "digit": digit.digit,
                "confidence": round(digit.confidence, 4),
                "track": digit.track,
            }
            for digit in digits
        ],
        "numbers": [
            {"text": "".join(str(digits[i].digit) for i in number), "digits": list(number)}
            for number in numbers
        ],
    }
    return json.dumps(line)
