"""Truth files: one JSON line a picture or video frame, and the pictures they speak of."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from camlive.capture.opening import open_source
from camlive.detection import Box, Digit, Image
from camlive.errors import DataError


@dataclass(frozen=True, slots=True)
class Label:
    """The truth of one picture or video frame.

    Attributes:
        file: path below the data's root.
        frame: number within the recording, from 0; 0 for a picture.
        digits: the true digits, with confidence 1; None where only the text is known.
        text: the digits in reading order, where the boxes are not known.
        source: what it is grouped by: the repository it comes from, or the file.
        printed_text: whether it shows print or letters.
        filmed: whether it is a frame of a recording.
    """

    file: str
    frame: int
    digits: tuple[Digit, ...] | None
    text: str
    source: str
    printed_text: bool
    filmed: bool = False

    @property
    def digit_free(self) -> bool:
        """Whether it is known to show no digit."""
        return self.digits == ()


def read_truth(path: Path) -> list[Label]:
    """Reads a truth file, sorted by file and frame.

    Args:
        path: JSON Lines, each with `file` and either `digits` (`box` [x, y, width, height],
            `digit` and perhaps `track`) or `text`; `frame`, that of a recording, `source` and
            `printed_text` where they apply.

    Raises:
        DataError: the file cannot be read, holds no line, or a line is malformed.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise DataError(f"cannot read the truth {path}: give a JSON Lines file") from error
    labels = [_label(line, f"{path}:{n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not labels:
        raise DataError(f"{path} holds no line: give a truth file with a line for each picture")
    return sorted(labels, key=lambda label: (label.file, label.frame))


def load_images(root: Path, labels: Sequence[Label]) -> Iterator[tuple[Label, Image]]:
    """Yields each label, sorted as `read_truth` does, with its picture, (H, W, 3) uint8 BGR.

    Raises:
        DataError: a recording ends before a labelled frame.
        SourceError: a file cannot be read.
    """
    for file, group in groupby(labels, key=lambda label: label.file):
        yield from _load_file(root / file, list(group))


def _load_file(path: Path, labels: list[Label]) -> Iterator[tuple[Label, Image]]:
    """Decodes one file from its start to its last labelled frame."""
    with open_source(str(path)) as source:
        for frame in source:
            while labels and labels[0].frame == frame.index:
                yield labels.pop(0), frame.image
            if not labels:
                return
    raise DataError(f"{path} has no frame {labels[0].frame}: its truth is of another recording")


def _label(line: str, where: str) -> Label:
    try:
        entry = json.loads(line)
        digits = tuple(_digit(d) for d in entry["digits"]) if "digits" in entry else None
        if digits is None and not isinstance(entry["text"], str):
            raise TypeError("text is no string")
        file, frame = str(entry["file"]), _whole(entry.get("frame", 0))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{where} is no truth ({_reason(error)}): each line needs file, and digits with"
            " box [x, y, width, height] and digit 0 to 9, or text"
        ) from error
    source = str(entry.get("source") or file).split(":")[0]
    text = str(entry.get("text", ""))
    printed_text, filmed = bool(entry.get("printed_text")), "frame" in entry
    return Label(file, frame, digits, text, source, printed_text, filmed)


def _digit(entry: Any) -> Digit:
    x, y, width, height = map(_whole, entry["box"])
    digit = _whole(entry["digit"])
    if width < 1 or height < 1:
        raise ValueError("box without area")
    if digit not in range(10):
        raise ValueError(f"digit {digit}")
    track = None if entry.get("track") is None else _whole(entry["track"])
    return Digit(Box(x, y, width, height), digit, 1.0, track)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _reason(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else str(error)
