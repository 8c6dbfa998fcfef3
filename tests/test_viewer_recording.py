"""Recordings from key to key, and those that cannot go on."""

import errno
import itertools
import shutil
from pathlib import Path

import cv2
import pytest
from commands import SAMPLE
from keys import Keys, Paced
from viewing import spied_lines, viewed

from camlive.capture.opening import open_source
from camlive.detection import Image
from camlive.live import LiveOptions, run
from camlive.recognizer import Recognizer
from camlive.record.encoder import Encoder
from camlive.signals import Signalled
from camlive.view import snapshots


def test_r_records_from_key_to_key(sheet: Path, recognizer: Recognizer) -> None:
    viewed(sheet, recognizer, None, "record", *[None] * 5, "record", None, "record", None, None)
    videos = sorted((sheet.parent / "saved").iterdir())
    assert [video.name for video in videos] == ["sheet.mp4", "sheet_2.mp4"]
    counts = [cv2.VideoCapture(str(v)).get(cv2.CAP_PROP_FRAME_COUNT) for v in videos]
    assert counts == [7, 4]


@pytest.mark.parametrize(("loop", "frames"), [(True, 5), (False, 13)])
def test_a_recording_by_key_of_what_never_ends_has_its_limit(
    tmp_path: Path, recognizer: Recognizer, loop: bool, frames: int
) -> None:
    """Of 25 frames a second."""
    options = LiveOptions(snapshots=tmp_path, limit_s=0.2)
    with open_source(str(SAMPLE), loop=loop) as source:
        run(source, recognizer, window=Keys("record", *[None] * 11, "quit"), options=options)
    (video,) = tmp_path.iterdir()
    assert cv2.VideoCapture(str(video)).get(cv2.CAP_PROP_FRAME_COUNT) == frames


def test_what_was_saved_by_key_is_told_also_on_the_way_out(
    sheet: Path, recognizer: Recognizer
) -> None:
    class Stopped(Keys):
        def show(self, image: Image, below_px: int = 0) -> str | None:
            if not self.keys:
                raise Signalled(2)
            return super().show(image, below_px)

    saved: list[Path] = []
    options = LiveOptions(snapshots=sheet.parent / "saved", on_saved=saved.append)
    with open_source(str(sheet), loop=True) as source, pytest.raises(Signalled):
        run(source, recognizer, window=Stopped("record", "save"), options=options)
    assert [path.name for path in saved] == ["sheet-000001.png", "sheet.mp4"]
    assert all(path.is_file() for path in saved)


def test_the_line_says_for_a_while_what_was_saved(
    sheet: Path, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = spied_lines(monkeypatch)
    monkeypatch.setattr(snapshots, "NEWS_S", 0.2)
    keys = ("save", None, "pause", "record", "record", *[None] * 9, "pause", None, None)
    with open_source(str(sheet), loop=True) as source:
        saved = sheet.parent / "saved"
        options = LiveOptions(snapshots=saved)
        run(source, recognizer, window=Paced(*keys, "quit"), options=options)
    assert f"Saved: {saved / 'sheet-000000.png'}" in lines[1]
    assert "recording" in lines[4]
    assert f"Saved: {saved / 'sheet.mp4'}" in lines[5]
    assert [line for line in (lines[0], *lines[-3:]) if "Saved" in line] == []


@pytest.mark.parametrize("written", [0, 1])
def test_a_recording_by_key_that_cannot_go_on_is_told_and_the_view_goes_on(
    sheet: Path, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    def fails(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    said: list[str] = []
    lines, window = spied_lines(monkeypatch), Keys(None, "record", None, None, None, "quit")
    writes, write = itertools.count(), Encoder.write
    monkeypatch.setattr(
        Encoder, "write", lambda *a: fails() if next(writes) == written else write(*a)
    )
    with open_source(str(sheet), loop=True) as source:
        source.say = said.append
        options = LiveOptions(snapshots=sheet.parent / "saved")
        done = run(source, recognizer, window=window, options=options)
    (told,) = said
    assert "sheet.mp4: a frame could not be written (No space left on device)" in told
    assert [f"Not saved: {told}" in line for line in lines[1:5]] == [False, True, True, True]
    assert (done.frames, done.quit, done.failed) == (6, True, 1)


def test_a_recording_by_key_that_cannot_be_named_is_told(
    sheet: Path, recognizer: Recognizer
) -> None:
    folder = sheet.parent / "saved"

    class Removing(Keys):
        def show(self, image: Image, below_px: int = 0) -> str | None:
            if len(self.shown) == 3:
                shutil.rmtree(folder)
            return super().show(image, below_px)

    said: list[str] = []
    options = LiveOptions(snapshots=folder, on_saved=pytest.fail)
    with open_source(str(sheet), loop=True) as source:
        source.say = said.append
        window = Removing("record", None, None, "record", None, "quit")
        done = run(source, recognizer, window=window, options=options)
    assert (done.failed, done.frames) == (1, 6)
    (told,) = said
    assert "sheet.mp4: No such file or directory" in told
