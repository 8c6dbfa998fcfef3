"""How the command is used: its help and options, and bad use, which gives one line."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import in_process, run_command

from camlive.cli import main


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
    done = run_command(*args, PYTHONVERBOSE="1")
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
        (["run", "--min-confidence", "nan"], "nan"),
        (["run", "--min-confidence", "1.5"], "1.5"),
        (["run", "--camera-fps", "inf"], "inf"),
        (["explain", "{clip}", "--min-confidence", "nan"], "nan"),
        (["simulate", "{empty}/a.mp4", "--fps", "nan"], "nan"),
        (["simulate", "{empty}/a.mp4", "--seconds", "nan"], "nan"),
        (["run", "--engine", "magic"], "magic"),
        (["run", "--colour"], "--colour"),
        (["run", "-dash.jpg"], "./-NAME"),
        (["run", "{clip}", "--jsonl", ""], "name a file"),
        (["run", "{clip}", "--events", ""], "name a file"),
        (["explain", "{clip}", "--out", "a.txt"], "name the picture .png"),
        (["simulate", "{empty}/a.mp4", "--width", "65", "--height", "97"], "; give a larger frame"),
        (["sing"], "sing"),
        (["--bogus"], "--bogus"),
        (["simulate", "{text}"], "--force"),
        (["simulate", "{empty}/no/a.mp4"], "no"),
        (["simulate", "."], "is a folder"),
        (["simulate", ""], "is a folder"),
        (["simulate", "/"], "is a folder"),
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


def test_a_command_that_is_missing_gives_the_help() -> None:
    help_text = CliRunner().invoke(main, ["--help"]).stdout
    assert in_process() == (2, help_text)


def test_outputs_are_checked_before_the_model(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("mine")
    code, err = in_process("run", clip, "--jsonl", tmp_path / "out.jsonl", "--model", "no.keras")
    assert code == 2
    assert "out.jsonl" in err


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
    assert "same place" in said
    assert not (tmp_path / "x.mp4").exists()


def test_a_loop_over_several_sources_is_refused(clip: Path) -> None:
    status, said = in_process("run", clip, clip, "--no-window", "--loop")
    assert status == 2
    assert "--loop" in said
    assert in_process("run", clip, clip, "--no-window", "--loop", "--max-frames", 2)[0] == 0


def test_what_would_never_be_read_after_a_camera_is_refused(clip: Path) -> None:
    status, said = in_process("run", clip, "987654", clip, "--no-window")
    assert status == 2
    assert said.startswith("Error: camera 987654: never ends")
    for options in (["--max-frames", 2], []):
        sources = ["987654", clip] if options else [clip, "987654"]
        status, said = in_process("run", *sources, "--no-window", *options)
        assert status == 2  # of the camera, which is not there; the clip is read
        assert "never ends" not in said
        assert "frames, " in said
