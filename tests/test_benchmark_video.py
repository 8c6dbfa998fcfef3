import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmark import __main__ as command
from benchmark import video
from benchmark.stability import Shown, stability
from benchmark.truth import read_truth
from camlive.capture.opening import open_source
from camlive.detection import Box, Digit, Image
from camlive.filming import simulate
from camlive.simulate.scene import SceneOptions


def digit(label: int, track: int | None = 0, x: int = 100) -> Digit:
    return Digit(Box(x, 100, 30, 50), label, 0.9, track)


def at_10_fps(*labels: int | None, track: int = 0) -> dict[int, Shown]:
    """One digit shown frame by frame; None shows nothing."""
    return {
        k: Shown(k / 10, [] if label is None else [digit(label, track)])
        for k, label in enumerate(labels)
    }


def test_a_digit_that_is_right_at_once_and_stays() -> None:
    found = stability(at_10_fps(*[7] * 11), {k: [digit(7)] for k in range(11)})
    assert (found.digit_frames, found.right, found.right_share) == (6, 6, 1.0)
    assert (found.appearances, found.steady_s, found.ids_a_digit) == (1, (0.0,), 1.0)
    assert (found.changes, found.late_changes, found.track_s) == (0, 0, pytest.approx(1.0))


def test_a_label_that_comes_late_and_changes() -> None:
    shown = at_10_fps(None, 1, 1, 7, 7, 7, 7, 7, 1, 7, 7)
    found = stability(shown, {k: [digit(7)] for k in range(11)})
    assert found.right_share == pytest.approx(5 / 6)
    assert found.steady_s == (pytest.approx(0.9),)
    assert (found.changes, found.late_changes) == (3, 2)
    assert found.changes_a_second == pytest.approx(3 / 0.9)


def test_a_moment_unshown_does_not_unsettle_a_label() -> None:
    found = stability(at_10_fps(7, 7, None, 7), {k: [digit(7)] for k in range(4)})
    assert found.steady_s == (0.0,)
    assert stability(at_10_fps(7, 1), {k: [digit(7)] for k in range(2)}).steady_s == ()


def test_each_coming_into_view_counts_and_every_id() -> None:
    shown = {**at_10_fps(7, 7, 7), 3: Shown(0.3, []), 4: Shown(0.4, [digit(7, 5)])}
    truth = {k: [digit(7, 3)] if k != 3 else [] for k in range(5)}
    found = stability(shown, truth)
    assert (found.appearances, found.ids, found.ids_a_digit) == (2, 2, 1.0)
    swapped = {**at_10_fps(7, 7), 2: Shown(0.2, [digit(7, 5)])}
    assert stability(swapped, {k: [digit(7, 3)] for k in range(3)}).ids_a_digit == 2.0


def test_true_digits_without_a_track_count_from_the_start() -> None:
    shown = {0: Shown(0.0, []), 6: Shown(0.6, [digit(7), digit(2, 1, x=300)])}
    truth = {0: [digit(7, None)], 6: [digit(7, None), digit(1, None, x=300)]}
    found = stability(shown, truth)
    assert (found.digit_frames, found.right, found.appearances) == (2, 1, 0)
    assert found.ids_a_digit is None
    assert "ids" not in video.to_markdown(found)


def test_a_recording_is_measured_as_the_live_loop_shows_it(tmp_path: Path) -> None:
    """A reader that knows the truth is steady from its first frame on."""
    file = tmp_path / "clip.mp4"
    written = simulate(file, SceneOptions(width=320, height=240, duration_s=4, seed=5))
    truth = {label.frame: list(label.digits or ()) for label in read_truth(written)}
    with open_source(str(file)) as source:
        numbers = {frame.image.tobytes(): frame.index for frame in source}

    def read(image: Image) -> list[Digit]:
        return [replace(d, confidence=0.9, track=None) for d in truth[numbers[image.tobytes()]]]

    found = video.measure(file, read_truth(written), read)
    assert found.digit_frames > 50
    assert found.right_share > 0.98  # a sheet that is pulled away moves unevenly between frames
    assert found.ids == found.appearances == len(found.steady_s)
    assert max(found.steady_s) < 0.1  # two frames


def test_a_truth_of_another_recording_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    truth = simulate(file, SceneOptions(width=320, height=240, duration_s=0.4, seed=4))
    other = tmp_path / "other.jsonl"
    other.write_text(truth.read_text().replace("clip.mp4", "elsewhere.mp4"))
    longer = tmp_path / "longer.jsonl"
    longer.write_text('{"file": "clip.mp4", "frame": 99, "digits": []}\n')
    for wrong, reason in ((other, "says nothing of clip.mp4"), (longer, "no frame 99")):
        done = CliRunner().invoke(command.main, ["video", str(file), str(wrong)])
        assert done.exit_code == 2
        assert reason in done.stderr


def test_the_sample_is_read_steadily(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent / "recordings"
    figures = tmp_path / "figures.json"
    options = ["video", str(root / "sample.mp4"), str(root / "sample.truth.jsonl")]
    done = CliRunner().invoke(command.main, [*options, "--json", str(figures)])
    assert done.exit_code == 0, done.output
    found = json.loads(figures.read_text())
    assert found["right_share"] >= 0.97
    assert found["late_changes"] <= 1  # an 8 comes where a sign looked like a 1
    assert found["ids_a_digit"] <= 1.4
