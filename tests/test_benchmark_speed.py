import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmark import speed
from benchmark.startup import start_up_s
from benchmark.timing import Clock, time_way
from camlive.detection import Box, Digit, Frame, Image
from camlive.errors import SourceError

Recording = Callable[..., Path]


@pytest.fixture
def sheet() -> Image:
    """White paper with a 7 and a 0 in thick black strokes."""
    image = np.full((240, 320, 3), 230, np.uint8)
    cv2.polylines(image, [np.array([(84, 84), (126, 84), (100, 156)])], False, (20, 20, 20), 8)
    cv2.ellipse(image, (215, 120), (22, 36), 0, 0, 360, (20, 20, 20), 8)
    return image


def test_the_first_frame_warms_up_and_the_whole_is_the_sum(recording: Recording) -> None:
    seen: list[int] = []

    def read(frame: Frame, clock: Clock) -> list[Digit]:
        seen.append(frame.index)
        with clock.time("read"):
            return [Digit(Box(0, 0, 5, 9), 1, 0.9)] * frame.index

    def stages(frame: Frame, clock: Clock) -> list[Digit]:  # noqa: ARG001
        with clock.time("segment"):
            return []

    timing = time_way(recording("clip.mp4", 3), read, stages)
    assert seen == [0, 1, 2]
    assert timing.frames == 2
    assert timing.digits == 1.5
    assert timing.stages.keys() == {"decode", "read", "segment", "whole"}
    # Of two frames the median is the mean: fps and the sum of the parts follow from it.
    whole_ms = timing.stages["whole"].p50_ms
    assert timing.fps == pytest.approx(1000 / whole_ms)
    parts = timing.stages["decode"].p50_ms + timing.stages["read"].p50_ms
    assert whole_ms == pytest.approx(parts)


def test_a_picture_cannot_be_timed(tmp_path: Path) -> None:
    picture = tmp_path / "one.png"
    cv2.imwrite(str(picture), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(SourceError, match="single frame"):
        speed.time_baseline(picture, {})


def test_a_failing_command_is_told_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.mp4: no such file"):
        start_up_s(tmp_path / "none.mp4", {})


def test_without_a_digit_there_is_no_first_labelled_frame(recording: Recording) -> None:
    assert start_up_s(recording("clip.mp4", 3), {}) is None


def test_speed_reports_every_way_and_stage(
    recording: Recording, sheet: Image, tmp_path: Path
) -> None:
    clip, out = recording("clip.mp4", [sheet] * 6), tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmark", "speed", str(clip), "--json", str(out)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    for row in (
        "| bare decoding |",
        "| baseline |",
        "| camlive |",
        *map("| {} p50".format, speed.STAGES),
    ):
        assert row in run.stdout
    figures = json.loads(out.read_text())
    ways = figures["ways"]
    assert figures["start_up_s"] > 0
    assert {way["frames"] for way in ways.values()} == {5}
    assert all(way["fps"] > 0 for way in ways.values())
    saved = {name: way["saved_fps"] for name, way in ways.items()}
    assert saved.pop("baseline") is None
    assert all(fps > 0 for fps in saved.values())
    assert ways["camlive"]["digits"] == ways["baseline"]["digits"] == 2
    assert ways["camlive"]["stages"].keys() == set(speed.STAGES)
    assert all(s["p50_ms"] <= s["p95_ms"] for w in ways.values() for s in w["stages"].values())
    assert ways["camlive"]["peak_mib"] is None or 20 < ways["camlive"]["peak_mib"] < 2000
