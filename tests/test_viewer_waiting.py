"""A view while nothing is read or no frame comes: what it says, keys meanwhile, and its time."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from keys import Keys, Paced
from viewing import SHEET, differs, frame_of, spied_lines

from camlive.annotate import annotate
from camlive.capture.opening import open_source
from camlive.detection import Box, Digit, Image
from camlive.display import View
from camlive.live import run
from camlive.recognizer import Recognizer
from camlive.view import coach, viewer
from camlive.view.snapshots import Snapshots
from camlive.view.status import PAUSED


def test_the_head_up_line_says_why_nothing_is_read_and_only_then(
    recording: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = spied_lines(monkeypatch)
    monkeypatch.setattr(coach, "AFTER_S", 0.3)
    dark, lit = np.random.default_rng(0).integers(0, 20, (2, 48, 64, 3), np.uint8)
    images = [lit + np.uint8(6) if 30 <= k < 50 else dark for k in range(60)]
    seven = [Digit(Box(20, 20, 10, 14), 7, 0.9)]

    def read(image: Image) -> list[Digit]:
        return seven if image.mean() > 12 else []

    with open_source(str(recording("dark.mkv", images))) as source:
        run(source, read, window=Paced(*[None] * 60))
    told = [coach.DARKNESS in line for line in lines]
    assert not any(told[:5])
    assert all(told[20:28])
    shown = [k for k, line in enumerate(lines) if "   1 digit   " in line]
    assert len(shown) > 15
    assert not any(told[k] for k in shown)


def test_the_line_says_at_once_why_nothing_is_read_on_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, seven = spied_lines(monkeypatch), [Digit(Box(20, 20, 10, 14), 7, 0.9)]
    dark = np.random.default_rng(0).integers(0, 20, (48, 64, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "dark.png"), dark)
    for digits in ([], seven):
        with open_source(str(tmp_path / "dark.png")) as source:
            run(source, lambda _, read=digits: read, window=Keys(None, None, "quit"))
    assert [coach.DARKNESS in line for line in lines] == [True] * 3 + [False] * 3
    assert PAUSED in lines[1]


def test_while_a_camera_is_lost_it_stays_mirrored_and_recording(
    sheet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, window = spied_lines(monkeypatch), Keys("record", None, "mirror", None)
    with open_source(str(sheet), loop=True) as source:
        paths: list[Path] = []
        saved = Snapshots(sheet.parent / "saved", source, 25, 3600, paths.append)
        with closing(
            viewer.Viewer(source, window, lambda _: [], saved, 0, View(mirror=True))
        ) as view:
            view.show(next(iter(source)), [], SHEET.image)
            for _ in range(3):
                view.wait("no frame comes")
    shown, lost, _, turned = window.shown
    np.testing.assert_array_equal(lost, shown)
    np.testing.assert_array_equal(turned, SHEET.image)
    assert lines[1] == "no frame comes; reconnecting   recording"


def test_the_time_of_a_run_is_not_shortened_by_keys_that_end_a_wait(
    recording: Callable[[str, Sequence[Image]], Path],
) -> None:
    class Held(Keys):
        def wait(self, timeout_ms: int) -> str | None:  # noqa: ARG002
            return "help"

    images = [np.full((48, 64, 3), 10, np.uint8)] * 30
    started_s = time.perf_counter()
    with open_source(str(recording("dark.mkv", images))) as source:
        done = run(source, lambda _: [], window=Held(*[None] * 30))
    assert done.frames == 30
    assert 0 < done.seconds < time.perf_counter() - started_s


def test_while_a_camera_is_lost_the_window_says_so_and_obeys(
    sheet: Path, recognizer: Recognizer
) -> None:
    window = Keys(None, None, "save", "quit")
    with open_source(str(sheet), loop=True) as source:
        paths: list[Path] = []
        saved = Snapshots(sheet.parent / "saved", source, 25, 3600, paths.append)
        view = viewer.Viewer(source, window, recognizer, saved, 0, View())
        frame = next(iter(source))
        assert view.wait("no frame comes")  # before the first frame there is nothing to show
        assert window.shown == []
        digits = recognizer(frame.image)
        view.show(frame, digits, annotate(frame.image, digits))
        assert view.wait("")
        assert len(window.shown) == 1
        assert view.wait("no frame comes")
        assert view.wait("no frame comes")
        assert not view.wait("no frame comes")
    silent = window.shown[1]
    np.testing.assert_array_equal(frame_of(silent), frame.image)  # no stale label
    assert (silent != window.shown[0]).any()
    assert len(paths) == 1


def test_keys_pressed_while_no_frame_comes_are_not_lost(
    sheet: Path, recognizer: Recognizer
) -> None:
    early: list[str] = ["pause"]

    class Waiting(Keys):
        def wait(self, timeout_ms: int) -> str | None:
            return early.pop() if early and timeout_ms == 1 else None

    window = Waiting(None, None, "pause", None, "help", "quit")
    with open_source(str(sheet), loop=True) as source:
        paths: list[Path] = []
        saved = Snapshots(sheet.parent / "saved", source, 25, 3600, paths.append)
        view = viewer.Viewer(source, window, recognizer, saved, 0, View())
        frames = iter(source)
        assert view.wait("")
        view.show(next(frames), [], SHEET.image)  # paused until the second "pause"
        assert window.keys == [None, "help", "quit"]
        before = window.shown[-1]
        assert view.wait("no frame comes")
        plain = window.shown[-1]
        assert view.wait("no frame comes")
        assert not view.wait("no frame comes")
    assert differs(before, plain) < 0.01
    assert differs(window.shown[-1], plain) > 0.05  # the keys
