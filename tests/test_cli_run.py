"""camlive run, from its sources to its outputs, its window and its end."""

import json
import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from commands import COMMAND, SAMPLE, convert, environment, in_process, run_command
from conftest import WebFolder
from recorded import images_of

from camlive.annotate import ORANGE
from camlive.capture.recording import RecordingSource
from camlive.detection import Image
from camlive.errors import SourceError


def test_a_recording_is_read_with_the_shipped_model(clip: Path, tmp_path: Path) -> None:
    frames, crops = tmp_path / "frames", tmp_path / "crops"
    video, lines = tmp_path / "out.avi", tmp_path / "out.jsonl"
    saving = ["--save-video", video, "--save-frames", frames, "--save-crops", crops]
    done = run_command("run", clip, *saving, "--jsonl", lines)
    assert done.returncode == 0, done.stderr
    warning, summary = done.stderr.splitlines()
    assert "display" in warning
    assert summary.startswith("12 frames")
    assert all(str(path) in summary for path in (video, frames, crops, lines))
    written = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [line["frame"] for line in written] == list(range(12))
    assert [[d["digit"] for d in line["digits"]] for line in written] == [[1, 7]] * 12
    assert {line["digits"][0]["track"] for line in written} == {0}
    assert cv2.VideoCapture(str(video)).get(cv2.CAP_PROP_FRAME_COUNT) == 12
    assert len(list(frames.iterdir())) == 12
    assert len(list(crops.iterdir())) == 24


def test_several_sources_share_the_outputs(
    clip: Path, one_and_seven: Image, tmp_path: Path
) -> None:
    picture = tmp_path / "sheet.png"
    cv2.imwrite(str(picture), one_and_seven)
    done = run_command("run", picture, clip, "--no-window", "--jsonl", "-", "--stride", 4)
    assert done.returncode == 0, done.stderr
    written = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["source"] for line in written] == [str(picture)] + [str(clip)] * 3
    assert [d["digit"] for d in written[0]["digits"]] == [1, 7]
    assert done.stderr.startswith("4 frames")


def test_a_run_that_keeps_nothing_prints_the_numbers(clip: Path, tmp_path: Path) -> None:
    slow = tmp_path / "slow.mp4"
    for times in (1.1, 2):  # steady at its very end, and earlier
        convert(clip, slow, "-filter:v", f"setpts={times}*PTS")
        plain = run_command("run", slow, "--no-window")
        assert (plain.returncode, plain.stdout) == (0, f"{slow} 0.5 s: 1\n{slow} 0.5 s: 7\n")
    saving = run_command("run", slow, "--no-window", "--jsonl", tmp_path / "out.jsonl")
    assert (saving.returncode, saving.stdout) == (0, "")


def test_a_name_that_the_terminal_cannot_show_is_printed(
    one_and_seven: Image, tmp_path: Path
) -> None:
    named = tmp_path / "\u6570.png"
    named.write_bytes(cv2.imencode(".png", one_and_seven)[1].tobytes())
    done = run_command("run", named, "--no-window", PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert all(line.startswith(f"{tmp_path}/\\u6570.png: ") for line in done.stdout.splitlines())
    assert done.stdout


def test_a_source_that_breaks_off_counts_until_there(
    clip: Path, picture: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def positions(source: RecordingSource) -> Iterator[float]:
        yield from (0.0, 0.04)
        raise SourceError(f"{source.name}: broke off")

    monkeypatch.setattr(RecordingSource, "_positions", positions)
    for sources, frames in (([clip], 2), ([clip, picture], 3)):
        out = tmp_path / f"{frames}.jsonl"
        status, said = in_process("run", *sources, "--no-window", "--jsonl", out)
        assert status == 2
        assert said.splitlines()[0].startswith(f"{clip}: broke off")
        assert f"{frames} frames, " in said
        assert f"Saved: {out}" in said
        assert len(out.read_text().splitlines()) == frames


def test_tensorflow_is_not_imported(clip: Path) -> None:
    done = run_command("run", clip, "--no-window", "--max-frames", 2, PYTHONVERBOSE="1")
    assert done.returncode == 0
    assert "import 'cv2" in done.stderr
    assert "import 'tensorflow" not in done.stderr
    assert "import 'keras" not in done.stderr


def test_the_window_shows_the_labels(clip: Path, display: str) -> None:
    shown = subprocess.Popen(
        [*COMMAND, "run", str(clip), "--loop", "--window"], env=environment(DISPLAY=display)
    )
    try:
        screen = _wait_for(lambda: _labels_on(display))
    finally:
        shown.terminate()
    assert shown.wait(20) == 143
    assert screen


def _labels_on(display: str) -> bool:
    """Whether the screen shows a filled tag, which a box's thin line is not, with dark text."""
    command = ["import", "-display", display, "-window", "root", "png:-"]
    shot = subprocess.run(command, capture_output=True, check=True).stdout
    image = cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    orange = cv2.inRange(image, ORANGE, ORANGE)
    filled = cv2.morphologyEx(orange, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    x, y, width, height = cv2.boundingRect(filled)
    tag = image[y : y + height, x : x + width]
    return cv2.countNonZero(filled) > 20 and int((tag.max(axis=2) < 60).sum()) > 10


def _wait_for(condition: Callable[[], bool], limit_s: float = 30) -> bool:
    until_s = time.monotonic() + limit_s
    while time.monotonic() < until_s:
        if condition():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_files(number: signal.Signals, clip: Path, tmp_path: Path) -> None:
    video, lines = tmp_path / "out.mp4", tmp_path / "out.jsonl"
    saving = ["--save-video", str(video), "--jsonl", str(lines)]
    running = subprocess.Popen(
        [*COMMAND, "run", str(clip), "--loop", "--no-window", *saving],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert _wait_for(lambda: lines.exists() and lines.read_bytes().count(b"\n") > 20)
    running.send_signal(number)
    _, err = running.communicate(timeout=20)
    assert running.returncode == 128 + number
    assert err.startswith("Stopped.")
    assert err.count("\n") == 1
    written = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [line["frame"] for line in written] == list(range(len(written)))
    assert abs(len(images_of(video)) - len(written)) <= 1


def test_a_reader_that_has_enough_ends_the_run_quietly(clip: Path) -> None:
    running = subprocess.Popen(
        [*COMMAND, "run", str(clip), "--loop", "--no-window", "--jsonl", "-"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout
    assert running.stderr
    assert json.loads(running.stdout.readline())["frame"] == 0
    running.stdout.close()
    assert running.wait(20) == 0
    assert running.stderr.read() == ""
    running.stderr.close()


def _shown_on_a_terminal(*args: object, status: int = 0) -> str:
    """Runs a command to its end, and its exit status; gives what a terminal gets of it."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen([*COMMAND, *map(str, args)], env=environment(), stderr=theirs)
    assert running.wait(30) == status
    os.close(theirs)
    text = os.read(ours, 1 << 16).decode()
    os.close(ours)
    return text


def test_a_terminal_sees_the_progress(clip: Path) -> None:
    text = _shown_on_a_terminal("run", clip, "--no-window", "--jsonl", os.devnull)
    assert "100%" in text
    assert "fps" in text
    assert "12 frames" in text.splitlines()[-1]


def test_what_is_said_stands_below_the_progress(clip: Path, tmp_path: Path) -> None:
    copied = ["-c", "copy", "-movflags", "faststart"]
    whole = convert(SAMPLE, tmp_path / "whole.mp4", *copied).read_bytes()
    cut = tmp_path / "cut\x1b[7m.mp4"
    cut.write_bytes(whole[: len(whole) // 4])
    assert "%" not in _shown_on_a_terminal("run", clip, "--no-window")  # numbers are printed
    text = _shown_on_a_terminal("run", cut, "--no-window", "--jsonl", os.devnull)
    assert "cut\x1b" not in text
    (said,) = (line for line in text.splitlines() if "could be read" in line)
    assert said.startswith(str(tmp_path))


def test_that_a_source_broke_off_stands_below_the_progress(http_server: WebFolder) -> None:
    whole = convert(SAMPLE, http_server.folder / "a.mp4", "-c", "copy", "-movflags", "faststart")
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 4])
    url = f"{http_server.url}/a.mp4"
    text = _shown_on_a_terminal("run", url, "--no-window", "--jsonl", os.devnull, status=2)
    assert "%" in text
    (said,) = (line for line in text.splitlines() if "broke off" in line)
    assert said.startswith(f"{url}: broke off")
