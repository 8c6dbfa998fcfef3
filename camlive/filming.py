"""Writes a simulated recording or picture, and its truth beside it."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2

from camlive.errors import OutputError
from camlive.record.encoder import Encoder
from camlive.simulate.recording import Frames, Seen, film
from camlive.simulate.scene import SceneOptions

PICTURES = (".png", ".jpg")
VIDEO = ".mp4"

Line = dict[str, object]  # one object of JSON


def simulate(path: Path, options: SceneOptions) -> Path:
    """Writes a recording (.mp4) or a picture (.png, .jpg), and its truth beside it.

    The truth is JSON Lines, one line a frame: `{"file": name, "frame": i, "digits": [{"box":
    [x, y, w, h], "digit": d, "track": k}]}`; the line of a picture has no "frame".

    Args:
        path: the file to write; one that exists is replaced, but not the truth of another file.
        options: what to film; the sides of a recording are made even.

    Returns:
        The file with the truth, `<stem>.truth.jsonl`.

    Raises:
        OutputError: the file cannot be written, or another one's truth lies where its own would.
        DataError: the digits do not fit the sheet.
    """
    check_simulated(path)
    truth = truth_of(path)
    try:
        with TemporaryDirectory(dir=path.parent) as folder:  # both get their names when whole
            fresh = Path(folder) / path.name
            if path.suffix.lower() == VIDEO:
                seen = _write_video(fresh, options)
            else:
                seen = _write_picture(fresh, film(options, 1))
            lines = "".join(json.dumps(line) + "\n" for line in seen)
            (Path(folder) / truth.name).write_text(lines, encoding="utf-8")
            fresh.replace(path)
            (Path(folder) / truth.name).replace(truth)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}; try another folder") from error
    return truth


def check_simulated(path: Path) -> None:
    """Makes sure, before anything is filmed, that a recording or picture may have such a name.

    Raises:
        OutputError: its ending is another, its folder is missing, or its truth's place is taken.
    """
    if path.suffix.lower() not in (*PICTURES, VIDEO):
        raise OutputError(f"cannot simulate {path}: name it .mp4, .png or .jpg")
    if not path.parent.is_dir():
        raise OutputError(f"cannot write {path}: no folder {path.parent}; make it first")
    truth = truth_of(path)
    if (other := _told_of(truth)) not in (None, path.name):
        raise OutputError(f"cannot write {truth}: it is the truth of {other}; choose another name")


def truth_of(path: Path) -> Path:
    """Where the truth of a simulated file lies."""
    return path.with_name(f"{path.stem}.truth.jsonl")


def _told_of(truth: Path) -> object:
    """The file that a truth tells of; None where there is none, or it is no truth."""
    try:
        with truth.open(encoding="utf-8") as lines:
            return json.loads(lines.readline())["file"]
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _write_video(path: Path, options: SceneOptions) -> Iterator[Line]:
    width, height = options.width // 2 * 2, options.height // 2 * 2  # as encoders want them
    options = replace(options, width=width, height=height)
    frames = film(options, max(1, round(options.duration_s * options.fps)))
    with closing(Encoder(path, (width, height), options.fps)) as encoder:
        for index, (frame, seen) in enumerate(frames):
            encoder.write(frame, index / options.fps)
            yield {"file": path.name, "frame": index, "digits": [_entry(item) for item in seen]}


def _write_picture(path: Path, frames: Frames) -> Iterator[Line]:
    for frame, seen in frames:
        _, data = cv2.imencode(path.suffix.lower(), frame)
        path.write_bytes(data.tobytes())
        yield {"file": path.name, "digits": [_entry(item) for item in seen]}


def _entry(seen: Seen) -> Line:
    box = [seen.box.x, seen.box.y, seen.box.width, seen.box.height]
    return {"box": box, "digit": seen.digit, "track": seen.track}
