import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from camlive.annotate import ORANGE
from camlive.cli import main
from camlive.detection import Image

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "camlive"]
Recording = Callable[..., Path]


def environment(**more: str) -> dict[str, str]:
    """This environment with the checkout importable and no display."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "QT_QPA_PLATFORM")}
    paths = [str(ROOT), kept.get("PYTHONPATH", "")]
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, paths))} | more


def camlive(*args: object, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, args)],
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def in_process(*args: object) -> tuple[int, str]:
    """Runs the command here; gives its exit status and what it wrote on stderr."""
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    return result.exit_code, result.stderr


@pytest.fixture
def sheet() -> Image:
    """A plain sheet with a 1 and a 7, written with a thick pen."""
    image = np.full((240, 320, 3), 225, np.uint8)
    cv2.line(image, (80, 80), (74, 160), (40, 40, 40), 7, cv2.LINE_AA)
    strokes = np.array([(190, 84), (240, 80), (210, 165)])
    cv2.polylines(image, [strokes], False, (40, 40, 40), 7, cv2.LINE_AA)
    return cv2.GaussianBlur(image, (3, 3), 0).astype(np.uint8)


@pytest.fixture
def clip(recording: Recording, sheet: Image) -> Path:
    return recording("clip.mp4", [np.roll(sheet, k, axis=1) for k in range(12)])


@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["run", "--help"],
        ["simulate", "--help"],
        ["explain", "--help"],
        ["cameras", "--help"],
        ["--version"],
    ],
)
def test_help_and_version_answer_without_the_slow_libraries(args: list[str]) -> None:
    done = camlive(*args, PYTHONVERBOSE="1")
    assert done.returncode == 0
    assert done.stdout
    assert "import 'click" in done.stderr
    assert "import 'numpy" not in done.stderr
    assert "import 'cv2" not in done.stderr


def test_every_option_of_the_contract_is_offered() -> None:
    text = CliRunner().invoke(main, ["run", "--help"]).output
    options = (
        "model engine min-confidence window no-window save-video save-frames save-crops jsonl "
        "events every on-change video-limit mirror camera-size camera-fps stride max-frames loop "
        "force"
    )
    assert [name for name in options.split() if f"--{name}" not in text] == []


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["run", "nope.mp4"], "nope.mp4"),
        (["run", "{text}"], "text.mp4"),
        (["run", "{empty}"], "empty"),
        (["run", "-1"], "camera"),
        (["run", "77"], "camera 77"),
        (["run", "{clip}", "--window"], "display"),
        (["run", "{clip}", "--save-video", "{clip}", "--force"], "clip.mp4"),
        (["run", "{clip}", "--jsonl", "{text}"], "--force"),
        (["run", "{clip}", "--jsonl", "{empty}/no/a.jsonl"], "no"),
        (["run", "{clip}", "--save-video", "a.xyz"], ".xyz"),
        (["run", "{clip}", "--save-frames", "{text}"], "text.mp4"),
        (["run", "{clip}", "--no-window", "--model", "{empty}/no.keras"], "no.keras"),
        (["run", "{clip}", "--no-window", "--model", "{text}"], "text.mp4"),
        (["run", "--camera-size", "wide"], "wide"),
        (["run", "--stride", "0"], "--stride"),
        (["run", "--every", "soon"], "soon"),
        (["run", "--every", "0s"], "0s"),
        (["run", "{clip}", "--on-change"], "--save-frames"),
        (["run", "--engine", "magic"], "magic"),
        (["run", "--colour"], "--colour"),
        (["sing"], "sing"),
        (["simulate", "{text}"], "--force"),
        (["simulate", "{empty}/no/a.mp4"], "no"),
    ],
)
def test_bad_use_gives_one_line_and_status_2(
    args: list[str], word: str, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.mp4").write_text("no video\n" * 50)
    (tmp_path / "empty").mkdir()
    before = clip.read_bytes()
    names = {"clip": clip, "text": tmp_path / "text.mp4", "empty": tmp_path / "empty"}
    code, err = in_process(*(arg.format(**names) for arg in args))
    assert code == 2
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
    assert word in err
    assert clip.read_bytes() == before
    assert (tmp_path / "text.mp4").read_text() == "no video\n" * 50


def test_outputs_are_checked_before_the_model(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("mine")
    code, err = in_process("run", clip, "--jsonl", tmp_path / "out.jsonl", "--model", "no.keras")
    assert code == 2
    assert "out.jsonl" in err


def test_a_recording_is_read_with_the_shipped_model(clip: Path, tmp_path: Path) -> None:
    frames, crops = tmp_path / "frames", tmp_path / "crops"
    video, lines = tmp_path / "out.avi", tmp_path / "out.jsonl"
    saving = ["--save-video", video, "--save-frames", frames, "--save-crops", crops]
    done = camlive("run", clip, *saving, "--jsonl", lines)
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


def test_several_sources_share_the_outputs(clip: Path, sheet: Image, tmp_path: Path) -> None:
    picture = tmp_path / "sheet.png"
    cv2.imwrite(str(picture), sheet)
    done = camlive("run", picture, clip, "--no-window", "--jsonl", "-", "--stride", 4)
    assert done.returncode == 0, done.stderr
    written = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["source"] for line in written] == [str(picture)] + [str(clip)] * 3
    assert [d["digit"] for d in written[0]["digits"]] == [1, 7]
    assert done.stderr.startswith("4 frames")


def test_tensorflow_is_not_imported(clip: Path) -> None:
    done = camlive("run", clip, "--no-window", "--max-frames", 2, PYTHONVERBOSE="1")
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
    assert abs(_count_frames(video) - len(written)) <= 1


def _count_frames(path: Path) -> int:
    capture = cv2.VideoCapture(str(path))
    count = 0
    while capture.read()[0]:
        count += 1
    return count


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


def test_a_terminal_sees_the_progress(clip: Path) -> None:
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [*COMMAND, "run", str(clip), "--no-window"], env=environment(), stderr=theirs
    )
    assert running.wait(30) == 0
    os.close(theirs)
    text = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "100%" in text
    assert "fps" in text
    assert "12 frames" in text.splitlines()[-1]


def _simulated(out: Path, seed: int, *more: object) -> Sequence[str]:
    size = ["--width", 320, "--height", 240, "--fps", 10, "--seconds", 0.5]
    code, err = in_process("simulate", out, *size, "--seed", seed, *more)
    assert code == 0, err
    return out.with_name(f"{out.stem}.truth.jsonl").read_text().splitlines()


def test_simulate_writes_a_recording_and_its_truth(tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    truth = _simulated(out, 3)
    capture = cv2.VideoCapture(str(out))
    assert _count_frames(out) == len(truth) == 5
    assert capture.get(cv2.CAP_PROP_FRAME_WIDTH) == 320
    assert capture.get(cv2.CAP_PROP_FPS) == 10


def test_simulate_is_seeded_and_replaces_by_force_only(tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    first = _simulated(out, 3)
    assert in_process("simulate", out, "--seed", 4)[0] == 2
    assert _simulated(out, 3, "--force") == first
    assert _simulated(out, 4, "--force") != first


def test_two_outputs_of_one_name_are_refused(tmp_path: Path, clip: Path) -> None:
    status, said = in_process(
        "run",
        clip,
        "--no-window",
        "--save-video",
        tmp_path / "x.mp4",
        "--jsonl",
        tmp_path / "x.mp4",
    )
    assert status == 2
    assert "same name" in said
    assert not (tmp_path / "x.mp4").exists()


def test_a_loop_over_several_sources_is_refused(clip: Path) -> None:
    status, said = in_process("run", clip, clip, "--no-window", "--loop")
    assert status == 2
    assert "--loop" in said


def test_an_interrupted_simulation_leaves_what_was_there(tmp_path: Path) -> None:
    out, truth = tmp_path / "a.mp4", tmp_path / "a.truth.jsonl"
    assert camlive("simulate", out, "--seconds", "0.2").returncode == 0
    before = out.read_bytes(), truth.read_bytes()
    command = [*COMMAND, "simulate", str(out), "--seconds", "600", "--force"]
    child = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
    while len(list(tmp_path.iterdir())) < 3 or not any(tmp_path.glob("*/a.mp4")):
        assert child.poll() is None
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    assert child.wait(timeout=20) == 130
    assert (out.read_bytes(), truth.read_bytes()) == before
    assert {path.name for path in tmp_path.iterdir()} == {"a.mp4", "a.truth.jsonl"}


def test_explain_draws_one_picture_of_the_whole_way(tmp_path: Path, sheet: Image) -> None:
    picture, out = tmp_path / "sheet.png", tmp_path / "why.png"
    cv2.imwrite(str(picture), sheet)
    assert in_process("explain", picture, "--out", out) == (0, f"Saved: {out}\n")
    drawn = cv2.imread(str(out))
    assert drawn.shape[0] > sheet.shape[0]
    status, message = in_process("explain", picture, "--out", out)
    assert (status, len(message.splitlines())) == (2, 1)
    assert "--force" in message
    assert in_process("explain", picture, "--out", out, "--force")[0] == 0


def test_explain_saves_beside_nothing_else(tmp_path: Path, sheet: Image) -> None:
    cv2.imwrite(str(tmp_path / "sheet.png"), sheet)
    done = subprocess.run(
        [*COMMAND, "explain", "sheet.png"], cwd=tmp_path, env=environment(), check=False
    )
    assert done.returncode == 0
    assert {p.name for p in tmp_path.iterdir()} == {"sheet.png", "sheet-explained.png"}


@pytest.mark.parametrize("name", ["none.png", "text.png"])
def test_explain_says_what_is_no_picture(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.png").write_text("no picture")
    status, message = in_process("explain", tmp_path / name, "--out", tmp_path / "why.png")
    assert (status, len(message.splitlines())) == (2, 1)
    assert name in message
    assert not (tmp_path / "why.png").exists()
