"""A run in a window: the mirror, its keys, and its pace."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import Recording
from kept import Kept, seven
from keys import Keys, Paced

from camlive.capture.opening import open_source
from camlive.detection import Box, Digit, Image
from camlive.display import View
from camlive.live import LiveOptions, run


def test_recognition_and_sinks_never_see_the_mirror(tmp_path: Path) -> None:
    half = np.full((240, 320, 3), 230, np.uint8)
    half[:, :160] = 60
    cv2.imwrite(str(tmp_path / "half.png"), half)
    seen, kept, window = [], Kept(), Keys("quit")

    def left(image: Image) -> list[Digit]:
        seen.append(image.copy())
        return [Digit(Box(20, 100, 30, 40), 7, 0.9)]

    with open_source(str(tmp_path / "half.png")) as source:
        run(source, left, [kept], window, LiveOptions(view=View(mirror=True)))
        plain = Keys("quit")
        run(source, left, [], plain)
    assert (seen[0] == half).all()
    assert kept.lines[0][1][0].box == Box(20, 100, 30, 40)
    assert (window.shown[0][:60, :160] == 230).all()  # the picture is turned round ...
    drawn = (window.shown[0] == (0, 159, 230)).all(axis=2).nonzero()[1]
    assert drawn.min() > 160  # ... with the digit's box ...
    label = plain.shown[0][80:95, 15:50]  # ... but not its label
    assert (label.max(axis=2) < 100).any()
    assert (window.shown[0][80:95, 265:300] == label).all()


def test_quit_ends_the_run(recording: Recording) -> None:
    window = Keys(None, None, "quit")
    with open_source(str(recording(images=10))) as source:
        summary = run(source, seven, [], window)
    assert (summary.frames, summary.quit, len(window.shown)) == (3, True, 3)


def test_a_pause_holds_the_frame_until_the_next_one(recording: Recording) -> None:
    window, kept = Keys("pause", None, None, "pause", "quit"), Kept()
    with open_source(str(recording(images=10))) as source:
        summary = run(source, seven, [kept], window)
    assert summary.frames == 2
    assert (window.shown[1] == window.shown[3]).all()
    assert (window.shown[3] != window.shown[4]).any()


def test_a_picture_waits_for_a_key(picture: Path) -> None:
    for key, ended in (("pause", False), ("quit", True)):
        window = Keys(None, None, None, key)
        with open_source(str(picture)) as source:
            assert run(source, seven, [], window).quit is ended
        assert len(window.shown) == 4


def test_save_writes_the_annotated_frame_and_replaces_none(picture: Path, tmp_path: Path) -> None:
    window, kept, saved = Keys("save", "save", "quit"), Kept(), list[Path]()
    options = LiveOptions(snapshots=tmp_path / "recordings", on_saved=saved.append)
    with open_source(str(picture)) as source:
        run(source, seven, [kept], window, options)
    assert [path.name for path in saved] == ["sheet-000000.png", "sheet-000000_2.png"]
    assert (cv2.imread(str(saved[1])) == kept.lines[0][2]).all()


def test_save_where_no_folder_can_be_made_says_so_and_goes_on(
    picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "recordings").write_text("a file")
    said: list[str] = []
    options = LiveOptions(snapshots=tmp_path / "recordings", on_saved=pytest.fail)
    with open_source(str(picture)) as source:
        source.say = said.append
        done = run(source, seven, [], Keys("save", "record", "quit"), options)
    assert done.quit
    assert len(said) == 2
    assert all("recordings" in line for line in said)


def test_a_recording_in_a_window_keeps_its_pace(recording: Recording) -> None:
    waits: list[int] = []

    class Patient(Keys):
        def wait(self, timeout_ms: int) -> str | None:
            waits.append(timeout_ms)
            return None

    with open_source(str(recording(images=5, fps=2))) as source:
        run(source, seven, [], Patient())
    assert len(waits) == 5
    assert 0 < max(waits) <= 500
    with open_source(str(recording(images=5, fps=2))) as source:
        run(source, seven, [], Patient(), LiveOptions(stride=2))
    assert 500 < max(waits[5:]) <= 1000


def test_what_a_run_waits_for_the_pace_is_not_its_time(recording: Recording) -> None:
    started_s = time.perf_counter()
    with open_source(str(recording(images=5, fps=5))) as source:
        done = run(source, seven, [], Paced())
    assert time.perf_counter() - started_s > 0.8
    assert done.seconds < 0.5
