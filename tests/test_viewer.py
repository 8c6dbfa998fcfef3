import errno
import math
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn import draw_sheet
from keys import Keys, Paced

from camlive import cards, coach, viewer
from camlive.annotate import annotate
from camlive.capture.opening import open_source
from camlive.debug import VIEWS, card_of, debug_view
from camlive.detection import Box, Digit, Image
from camlive.live import LiveOptions, Summary, run
from camlive.recognizer import Recognizer, load
from camlive.record.encoder import Encoder
from camlive.snapshots import Snapshots

SHEET = draw_sheet(5, rows=1)


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return load()


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.png"
    cv2.imwrite(str(path), SHEET.image)
    return path


def viewed(sheet: Path, recognize: Recognizer, *keys: str | tuple[int, int] | None) -> list[Image]:
    """What the window shows of an endless recording of the sheet, frame by frame."""
    window = Keys(*keys, "quit")
    options = LiveOptions(snapshots=sheet.parent / "saved")
    with open_source(str(sheet), loop=True) as source:
        run(source, recognize, window=window, options=options)
    return window.shown


def frame_of(view: Image) -> Image:
    return view[: SHEET.image.shape[0]]


def differs(one: Image, other: Image) -> float:
    """The share of the frame's pixels that differ."""
    return float((frame_of(one) != frame_of(other)).any(axis=-1).mean())


def test_d_goes_round_the_debug_views(sheet: Path, recognizer: Recognizer) -> None:
    views = viewed(sheet, recognizer, None, None, *["debug"] * len(VIEWS), "debug", None, None)
    plain, ink, candidates, tiles, again = views[2:7]
    assert differs(plain, again) < 0.01
    assert set(np.unique(frame_of(ink))) == {0, 255}
    for view in (ink, candidates, tiles):
        assert view.shape == plain.shape
        assert differs(plain, view) > 0.02
    assert (frame_of(candidates) == cards.READ).all(axis=-1).any()


def test_plus_and_minus_change_the_least_confidence(sheet: Path) -> None:
    chances = np.full((1, 11), 0.028, np.float32)
    chances[0, 7] = 0.72
    unsure = Recognizer(lambda batch: chances.repeat(len(batch), 0), 0.7)
    waits = [None] * 25  # some frames are read ahead
    shown = viewed(sheet, unsure, *waits, "more", *waits, "less", *waits)
    labelled = [(frame_of(view) != SHEET.image).any() for view in (shown[24], shown[50], shown[76])]
    assert labelled == [True, False, True]


def test_plus_hides_digits_of_a_frame_that_stands_and_says_from_where(sheet: Path) -> None:
    chances = np.full((1, 11), 0.028, np.float32)
    chances[0, 7] = 0.72
    unsure = Recognizer(lambda batch: chances.repeat(len(batch), 0), 0.7)
    shown = viewed(sheet, unsure, *[None] * 5, "pause", None, "more", None, "less", None)
    labelled = [(frame_of(view) != SHEET.image).any() for view in (shown[7], shown[9], shown[11])]
    assert labelled == [True, False, True]
    running = viewed(sheet, unsure, None, None, "more", None, "less", None)
    strips = [view[SHEET.image.shape[0] :, 100:] for view in running]
    assert (strips[3] != strips[5]).any()  # "from 75%"


def test_debug_views_stay_readable_where_the_view_is_mirrored(
    sheet: Path, recognizer: Recognizer
) -> None:
    plain = viewed(sheet, recognizer, None, "debug", "debug", None)
    mirrored = viewed(sheet, recognizer, "mirror", "debug", "debug", None)
    assert differs(plain[3], mirrored[3]) < 0.01


def test_h_lists_the_keys_over_the_frame(sheet: Path, recognizer: Recognizer) -> None:
    views = viewed(sheet, recognizer, None, None, "help", "help", None)
    assert differs(views[2], views[3]) > 0.02
    assert differs(views[2], views[4]) < 0.01
    assert views[3].shape == views[2].shape


def test_m_mirrors_the_view_only(sheet: Path, recognizer: Recognizer) -> None:
    views = viewed(sheet, recognizer, None, None, "mirror", None)
    paper = frame_of(views[3])[:, ::-1][SHEET.digits[0][0].y :]
    ink = SHEET.digits[0][0]
    original = SHEET.image[ink.y : ink.bottom, ink.x : ink.right]
    assert (paper[: ink.height, ink.x : ink.right] == original).mean() > 0.95


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_mouse_over_a_digit_shows_its_card(
    sheet: Path, recognizer: Recognizer, mirrored: bool
) -> None:
    box = SHEET.digits[0][0]
    x, y = box.x + box.width // 2, box.y + box.height // 2
    x = SHEET.image.shape[1] - 1 - x if mirrored else x
    keys = (None, None, "mirror" if mirrored else None, None, (x, y), None, (2, 2), None)
    views = viewed(sheet, recognizer, *keys)
    height, width = cards.CARD_PX[1], cards.CARD_PX[0]
    assert differs(views[3], views[5]) > 0.5 * width * height / math.prod(SHEET.image.shape[:2])
    corner = views[5][:height, :width] if mirrored else views[5][:height, -width:]
    assert (corner == cards.READ).all(axis=-1).any()
    assert differs(views[3], views[7]) < 0.01


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


def test_the_head_up_line_says_why_nothing_is_read_and_only_then(
    recording: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []

    def spy(image: Image, line: str) -> Image:
        lines.append(line)
        return image

    monkeypatch.setattr(viewer, "head_up", spy)
    monkeypatch.setattr(viewer, "COACH_AFTER_S", 0.3)
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
    shown = [k for k, line in enumerate(lines) if "1 digits" in line]
    assert len(shown) > 15
    assert not any(told[k] for k in shown)


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


def test_a_reader_without_workings_is_shown_all_the_same(sheet: Path) -> None:
    def seven(_: Image) -> Sequence[Digit]:
        return [Digit(Box(20, 20, 30, 40), 7, 0.9)]

    window = Keys(None, "debug", "more", "less", (30, 30), None, "quit")
    with open_source(str(sheet), loop=True) as source:
        run(source, seven, window=window)  # type: ignore[arg-type]
    assert differs(window.shown[2], window.shown[5]) < 0.01


@pytest.mark.parametrize("kind", VIEWS)
@pytest.mark.parametrize("shape", [(1, 1), (240, 320), (40, 900), (2160, 3840)])
def test_a_debug_view_has_the_frames_size(
    kind: str, shape: tuple[int, int], recognizer: Recognizer
) -> None:
    image = np.random.default_rng(3).integers(0, 256, (*shape, 3)).astype(np.uint8)
    before = image.copy()
    view = debug_view(kind, image, recognizer.examine(image))
    assert view.shape == image.shape
    assert view.dtype == np.uint8
    np.testing.assert_array_equal(image, before)


def test_there_is_no_card_of_what_was_not_found(recognizer: Recognizer) -> None:
    seen = recognizer.examine(SHEET.image)
    assert card_of(Digit(Box(0, 0, 5, 5), 7, 0.9), seen) is None
    box, digit = SHEET.digits[0]
    assert card_of(Digit(box, digit, 0.9), seen) is not None


def test_while_a_camera_is_lost_the_window_says_so_and_obeys(
    sheet: Path, recognizer: Recognizer
) -> None:
    window = Keys(None, None, "save", "quit")
    with open_source(str(sheet), loop=True) as source:
        saved = Snapshots(sheet.parent / "saved", 25, 3600, source.say)
        view = viewer.Viewer(source, window, recognizer, saved, 0, False)
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
    assert len(saved.saved) == 1


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


def test_keys_pressed_while_no_frame_comes_are_not_lost(
    sheet: Path, recognizer: Recognizer
) -> None:
    early: list[str] = ["pause"]

    class Waiting(Keys):
        def wait(self, timeout_ms: int) -> str | None:
            return early.pop() if early and timeout_ms == 1 else None

    window = Waiting(None, None, "pause", None, "help", "quit")
    with open_source(str(sheet), loop=True) as source:
        saved = Snapshots(sheet.parent / "saved", 25, 3600, source.say)
        view = viewer.Viewer(source, window, recognizer, saved, 0, False)
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
