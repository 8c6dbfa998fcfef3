import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from benchmark.accuracy import as_it_came
from benchmark.truth import load_images, read_truth
from camlive.detection import Box, Digit
from camlive.errors import DataError, SourceError
from camlive.recognizer import Recognizer
from camlive.segment.working_copy import FRAME_PX


def write(path: Path, *lines: dict[str, Any] | str) -> Path:
    path.write_text("".join(f"{x if isinstance(x, str) else json.dumps(x)}\n" for x in lines))
    return path


def test_lines_become_labels(tmp_path: Path) -> None:
    truth = write(
        tmp_path / "truth.jsonl",
        {"file": "b.png", "text": "20/21", "source": "someone/digits:b.png"},
        "",
        {"file": "a.png", "digits": [{"box": [1, 2, 3, 4], "digit": 7, "track": 5}]},
        {"file": "c.png", "digits": [], "printed_text": True},
    )
    a, b, c = read_truth(truth)
    assert a.digits == (Digit(Box(1, 2, 3, 4), 7, 1.0, 5),)
    assert (a.frame, a.source, a.digit_free, a.printed_text) == (0, "a.png", False, False)
    assert (b.digits, b.text, b.source, b.digit_free) == (None, "20/21", "someone/digits", False)
    assert (c.digits, c.digit_free, c.printed_text) == ((), True, True)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Expecting"),
        ("[]", "truth"),
        ('{"digits": []}', "no 'file'"),
        ('{"file": "a.png"}', "no 'text'"),
        ('{"file": "a.png", "text": 7}', "no string"),
        ('{"file": "a.png", "frame": 0.5, "digits": []}', "0.5"),
        ('{"file": "a.png", "digits": 7}', "int"),
        ('{"file": "a.png", "digits": [{"digit": 7}]}', "no 'box'"),
        ('{"file": "a.png", "digits": [{"box": [1, 2, 3], "digit": 7}]}', "values to unpack"),
        ('{"file": "a.png", "digits": [{"box": [1, 2, 0, 4], "digit": 7}]}', "without area"),
        ('{"file": "a.png", "digits": [{"box": [1, 2, 3, 4], "digit": 10}]}', "digit 10"),
        ('{"file": "a.png", "digits": [{"box": [1, 2, 3, 4], "digit": "7"}]}', "'7'"),
        (
            '{"file": "a.png", "digits": [{"box": [1, 2, 3, 4], "digit": 7, "track": [1]}]}',
            "[1] is no whole number",
        ),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    truth = write(tmp_path / "truth.jsonl", '{"file": "a.png", "digits": []}', line)
    with pytest.raises(DataError) as caught:
        read_truth(truth)
    message = str(caught.value)
    assert f"{truth}:2 is no truth" in message
    assert reason in message
    assert "\n" not in message


def test_a_missing_or_empty_truth_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot read"):
        read_truth(tmp_path / "none.jsonl")
    with pytest.raises(DataError, match="no line"):
        read_truth(write(tmp_path / "empty.jsonl"))


def test_pictures_and_labelled_frames_are_loaded(
    tmp_path: Path, recording: Callable[..., Path]
) -> None:
    recording("clip.mkv", 5)  # frame i is grey of 20 + 10 i
    cv2.imwrite(str(tmp_path / "a.png"), np.full((8, 9, 3), 200, np.uint8))
    lines = [{"file": "clip.mkv", "frame": n, "digits": []} for n in (3, 1)]
    truth = write(tmp_path / "truth.jsonl", *lines, {"file": "a.png", "digits": []})
    loaded = [(x.file, x.frame, i.mean()) for x, i in load_images(tmp_path, read_truth(truth))]
    assert [(file, frame) for file, frame, _ in loaded] == [
        ("a.png", 0),
        ("clip.mkv", 1),
        ("clip.mkv", 3),
    ]
    assert [mean for _, _, mean in loaded] == pytest.approx([200, 30, 50], abs=1)


def test_a_recording_that_ends_early_or_is_missing_is_named(
    tmp_path: Path, recording: Callable[..., Path]
) -> None:
    recording("clip.mp4", 5)
    early = read_truth(write(tmp_path / "t", {"file": "clip.mp4", "frame": 9, "digits": []}))
    with pytest.raises(DataError, match=r"clip\.mp4 has no frame 9"):
        list(load_images(tmp_path, early))
    missing = read_truth(write(tmp_path / "t", {"file": "none.png", "digits": []}))
    with pytest.raises(SourceError, match=r"none\.png"):
        list(load_images(tmp_path, missing))


def test_frames_of_recordings_are_read_as_the_live_loop_reads_them(tmp_path: Path) -> None:
    picture, frame = {"file": "a.png", "digits": []}, {"file": "b.mp4", "frame": 0, "digits": []}
    truth = write(tmp_path / "truth.jsonl", picture, frame)
    reader = Recognizer(lambda _: np.zeros((0, 11), np.float32))
    sides = [as_it_came(reader, label).side_px for label in read_truth(truth)]
    assert sides == [None, FRAME_PX]
