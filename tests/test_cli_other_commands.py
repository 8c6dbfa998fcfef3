"""The commands besides run: camlive simulate and camlive explain."""

import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import pytest
from commands import COMMAND, environment, in_process, run_command
from recorded import images_of

from camlive.detection import Image
from camlive.recognizer import Examination, Recognizer
from camlive.segment.working_copy import FRAME_PX


def _simulated(out: Path, seed: int, *more: object) -> Sequence[str]:
    size = ["--width", 320, "--height", 240, "--fps", 10, "--seconds", 0.5]
    code, err = in_process("simulate", out, *size, "--seed", seed, *more)
    assert code == 0, err
    return out.with_name(f"{out.stem}.truth.jsonl").read_text().splitlines()


def test_simulate_writes_a_recording_and_its_truth(tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    truth = _simulated(out, 3)
    capture = cv2.VideoCapture(str(out))
    assert len(images_of(out)) == len(truth) == 5
    assert capture.get(cv2.CAP_PROP_FRAME_WIDTH) == 320
    assert capture.get(cv2.CAP_PROP_FPS) == 10


def test_simulate_is_seeded_and_replaces_by_force_only(tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    first = _simulated(out, 3)
    assert in_process("simulate", out, "--seed", 4)[0] == 2
    assert _simulated(out, 3, "--force") == first
    assert _simulated(out, 4, "--force") != first


@pytest.mark.parametrize("more", [[], ["--force"]])
def test_simulate_tells_whose_truth_is_in_the_way(tmp_path: Path, more: Sequence[str]) -> None:
    _simulated(tmp_path / "a.mp4", 3)
    code, err = in_process("simulate", tmp_path / "a.png", *more)
    assert (code, "it is the truth of a.mp4; choose another name" in err) == (2, True)


def test_an_interrupted_simulation_leaves_what_was_there(tmp_path: Path) -> None:
    out, truth = tmp_path / "a.mp4", tmp_path / "a.truth.jsonl"
    assert run_command("simulate", out, "--seconds", "0.2").returncode == 0
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


def test_explain_draws_one_picture_of_the_whole_way(tmp_path: Path, one_and_seven: Image) -> None:
    picture, out = tmp_path / "sheet.png", tmp_path / "why.png"
    cv2.imwrite(str(picture), one_and_seven)
    assert in_process("explain", picture, "--out", out) == (0, f"Saved: {out}\n")
    drawn = cv2.imread(str(out))
    assert drawn.shape[0] > one_and_seven.shape[0]
    status, message = in_process("explain", picture, "--out", out)
    assert (status, len(message.splitlines())) == (2, 1)
    assert "--force" in message
    assert in_process("explain", picture, "--out", out, "--force")[0] == 0


def test_explain_saves_beside_nothing_else(tmp_path: Path, one_and_seven: Image) -> None:
    cv2.imwrite(str(tmp_path / "sheet.png"), one_and_seven)
    done = subprocess.run(
        [*COMMAND, "explain", "sheet.png"], cwd=tmp_path, env=environment(), check=False
    )
    assert done.returncode == 0
    assert {p.name for p in tmp_path.iterdir()} == {"sheet.png", "sheet-explained.png"}


@pytest.mark.parametrize("is_film", [False, True])
def test_explain_reads_a_frame_of_a_film_as_run_does(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_film: bool
) -> None:
    sides: list[int | None] = []
    examine = Recognizer.examine

    def spied(reader: Recognizer, image: Image) -> Examination:
        sides.append(reader.side_px)
        return examine(reader, image)

    monkeypatch.setattr(Recognizer, "examine", spied)
    cv2.imwrite(str(tmp_path / "frame.png"), images_of(clip)[0])
    source = clip if is_film else tmp_path / "frame.png"
    assert in_process("explain", source, "--out", tmp_path / "why.png")[0] == 0
    assert sides == [FRAME_PX if is_film else None]


def test_explain_says_that_it_reads_the_first_page(tmp_path: Path, one_and_seven: Image) -> None:
    picture, out = tmp_path / "pages.tiff", tmp_path / "why.png"
    cv2.imwritemulti(str(picture), [one_and_seven] * 2)
    status, message = in_process("explain", picture, "--out", out)
    assert (status, message.splitlines()[1:]) == (0, [f"Saved: {out}"])
    assert "its first page is read, of 2" in message


@pytest.mark.parametrize("name", ["none.png", "text.png"])
def test_explain_says_what_is_no_picture(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.png").write_text("no picture")
    status, message = in_process("explain", tmp_path / name, "--out", tmp_path / "why.png")
    assert (status, len(message.splitlines())) == (2, 1)
    assert name in message
    assert not (tmp_path / "why.png").exists()
