"""Lines of JSON: each is the contract, whole, and there at once."""

import json
import sys
from dataclasses import replace
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from recorded import SEVEN, frame, full_disk, grey

from camlive.detection import Box, Digit, Frame
from camlive.errors import OutputError
from camlive.record.jsonlines import JsonLinesSink, json_line


def test_a_line_is_the_contract() -> None:
    two = Digit(Box(20, 6, 10, 12), 2, 1.0)
    line = json_line(Frame(grey(0), 3, 0.12, "a.mp4"), [two, SEVEN], [[1, 0]])
    assert "\n" not in line
    assert json.loads(line) == {
        "source": "a.mp4",
        "frame": 3,
        "time_s": 0.12,
        "digits": [
            {"box": [20, 6, 10, 12], "digit": 2, "confidence": 1.0, "track": None},
            {"box": [4, 6, 10, 12], "digit": 7, "confidence": 0.9877, "track": 3},
        ],
        "numbers": [{"text": "72", "digits": [1, 0]}],
    }


def test_every_line_is_there_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with JsonLinesSink(str(path)) as sink:
        for i in range(3):
            beside = replace(SEVEN, box=replace(SEVEN.box, x=SEVEN.box.right + 1))
            sink.write(frame(grey(0), i), [SEVEN, beside], grey(0))
            lines = path.read_text().splitlines()
            assert [json.loads(line)["frame"] for line in lines] == list(range(i + 1))
    assert json.loads(lines[0])["numbers"] == [{"text": "77", "digits": [0, 1]}]


def test_a_line_that_does_not_fit_the_disk_is_left_out_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    sink = JsonLinesSink(str(path))

    def write_on() -> None:
        for i in range(50):
            sink.write(frame(grey(0), i), [SEVEN], grey(0))

    with full_disk(1000), pytest.raises(OutputError, match="disk full"):
        write_on()
    sink.close()
    assert path.stat().st_size > 800
    assert [json.loads(line)["frame"] for line in path.read_text().splitlines()] == list(range(6))


def test_lines_go_on_without_a_hole_once_there_is_space_again(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with JsonLinesSink(str(path)) as sink:
        sink.write(frame(grey(0)), [SEVEN], grey(0))
        with full_disk(path.stat().st_size + 9), pytest.raises(OutputError):
            sink.write(frame(grey(0), 1), [SEVEN], grey(0))
        sink.write(frame(grey(0), 99), [], grey(0))
    assert [json.loads(line)["frame"] for line in path.read_text().splitlines()] == [0, 99]


def test_a_file_without_its_first_line_is_gone_and_not_called_saved(tmp_path: Path) -> None:
    sink = JsonLinesSink(str(tmp_path / "out.jsonl"))
    with full_disk(0), pytest.raises(OutputError, match="disk full"):
        sink.write(frame(grey(0)), [SEVEN], grey(0))
    assert list(tmp_path.iterdir()) == []
    assert sink.saved is None


def test_lines_that_never_came_replace_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    JsonLinesSink(str(path), force=True).close()
    assert path.read_text() == "old"


def test_a_dash_is_the_standard_output_and_stays_open(capsys: pytest.CaptureFixture[str]) -> None:
    with JsonLinesSink("-") as sink:
        sink.write(frame(grey(0)), [SEVEN], grey(0))
    assert json.loads(capsys.readouterr().out)["digits"][0]["digit"] == 7
    assert not sys.stdout.closed


def test_who_reads_the_standard_output_has_each_line_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(pipe))
    JsonLinesSink("-").write(frame(grey(0)), [SEVEN], grey(0))
    assert json.loads(pipe.getvalue())["frame"] == 0


def test_a_device_may_take_lines_and_a_full_one_is_told() -> None:
    with JsonLinesSink("/dev/null") as sink:
        sink.write(frame(grey(0)), [], grey(0))
    with pytest.raises(OutputError, match="/dev/full"), JsonLinesSink("/dev/full") as s:
        s.write(frame(grey(0)), [], grey(0))
