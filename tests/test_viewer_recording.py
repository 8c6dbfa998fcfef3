"""Recordings from key to key, and those that cannot go on."""

import errno
import shutil
from pathlib import Path

import cv2
import pytest
from keys import Keys
from viewing import viewed

from camlive.capture.opening import open_source
from camlive.detection import Image
from camlive.live import LiveOptions, Summary, run
from camlive.recognizer import Recognizer
from camlive.record.encoder import Encoder


def test_r_records_from_key_to_key(sheet: Path, recognizer: Recognizer) -> None:
    viewed(sheet, recognizer, None, "record", *[None] * 5, "record", None, "record", None, None)
    videos = sorted((sheet.parent / "saved").iterdir())
    assert [video.name for video in videos] == ["sheet.mp4", "sheet_2.mp4"]
    counts = [cv2.VideoCapture(str(v)).get(cv2.CAP_PROP_FRAME_COUNT) for v in videos]
    assert counts == [7, 4]


def test_what_was_recorded_by_key_is_told_in_the_summary(
    sheet: Path, recognizer: Recognizer
) -> None:
    with open_source(str(sheet), loop=True) as source:
        options = LiveOptions(snapshots=sheet.parent / "saved")
        summary = run(source, recognizer, window=Keys("record", "save", "quit"), options=options)
    assert isinstance(summary, Summary)
    assert [path.name for path in summary.saved] == ["sheet-000001.png", "sheet.mp4"]


def test_a_recording_by_key_that_cannot_go_on_is_told_and_the_view_goes_on(
    sheet: Path, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    said: list[str] = []
    window = Keys(None, "record", None, None, "quit")
    with open_source(str(sheet), loop=True) as source:
        source.say = said.append
        monkeypatch.setattr(Encoder, "write", fails)
        options = LiveOptions(snapshots=sheet.parent / "saved")
        done = run(source, recognizer, window=window, options=options)
    (told,) = said
    assert "sheet.mp4: a frame could not be written (No space left on device)" in told
    assert (done.frames, done.quit, done.failed) == (5, True, 1)


def test_a_recording_by_key_that_cannot_be_named_is_told(
    sheet: Path, recognizer: Recognizer
) -> None:
    folder = sheet.parent / "saved"

    class Removing(Keys):
        def show(self, image: Image) -> str | None:
            if len(self.shown) == 3:
                shutil.rmtree(folder)
            return super().show(image)

    said: list[str] = []
    with open_source(str(sheet), loop=True) as source:
        source.say = said.append
        window = Removing("record", None, None, "record", None, "quit")
        done = run(source, recognizer, window=window, options=LiveOptions(snapshots=folder))
    assert (done.saved, done.failed, done.frames) == ((), 1, 6)
    (told,) = said
    assert "sheet.mp4: No such file or directory" in told
