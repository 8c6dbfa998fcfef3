import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmark import __main__ as command
from benchmark.camera import measure
from benchmark.truth import Label
from camlive.errors import DataError
from camlive.recognizer import load

SAMPLE = Path(__file__).parent.parent / "recordings" / "sample.mp4"  # 6 seconds


def test_the_sample_is_read_steadily_by_a_camera_too(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    truth = SAMPLE.with_suffix(".truth.jsonl")
    options = ["camera", str(SAMPLE), str(truth), "--json", str(figures)]
    done = CliRunner().invoke(command.main, options)
    assert done.exit_code == 0, done.output
    found = json.loads(figures.read_text())
    assert found["frames"] == 150
    assert 0 <= found["dropped"] < 150
    assert 0 < found["shown"]["p50_ms"] <= found["shown"]["p95_ms"]
    assert 0 < found["reading"]["p50_ms"] <= found["reading"]["p95_ms"]
    assert 0 < found["readings_a_second"] <= 25 * 150 / 149  # of each frame one: 149 gaps of 1/25 s
    assert found["steadiness"]["right_share"] >= 0.5  # also on a busy machine
    assert "ms from a frame's coming until it is shown" in done.stdout


def test_a_truth_of_another_recording_is_refused() -> None:
    elsewhere = [Label("other.mp4", 0, (), "", "other.mp4", printed_text=False)]
    with pytest.raises(DataError, match=r"says nothing of sample\.mp4"):
        measure(SAMPLE, elsewhere, load(), None)
