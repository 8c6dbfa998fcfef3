"""What the keys and the mouse show: debug views, the list of keys, the mirror, a digit's card."""

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from keys import Keys
from viewing import SHEET, differs, frame_of, spied_lines, viewed, with_dash

from camlive import cards
from camlive.capture.opening import open_source
from camlive.confidence import chance_of
from camlive.detection import Box, Digit, Image
from camlive.display import View
from camlive.live import LiveOptions, run
from camlive.recognizer import Recognizer
from camlive.view.debug import VIEWS


def test_d_goes_round_the_debug_views(sheet: Path, recognizer: Recognizer) -> None:
    views = viewed(sheet, recognizer, None, None, *["debug"] * len(VIEWS), "debug", None, None)
    plain, ink, candidates, tiles, again = views[2:7]
    assert differs(plain, again) < 0.01
    assert set(np.unique(frame_of(ink))) == {0, 255}
    for view in (ink, candidates, tiles):
        assert view.shape == plain.shape
        assert differs(plain, view) > 0.02
    assert (frame_of(candidates) == cards.READ).all(axis=-1).any()


def somewhat_sure_sevens() -> Recognizer:
    """Takes all for sevens, with a confidence of 0.72 where 0.7 is enough."""
    chances = np.zeros((1, 11), np.float32)
    chances[0, [7, 8]] = chance_of(0.72), 1 - chance_of(0.72)
    return Recognizer(lambda batch: chances.repeat(len(batch), 0), 0.7)


def test_plus_and_minus_change_the_least_confidence(sheet: Path) -> None:
    unsure = somewhat_sure_sevens()
    waits = [None] * 25  # some frames are read ahead
    shown = viewed(sheet, unsure, *waits, "more", *waits, "less", *waits)
    labelled = [(frame_of(view) != SHEET.image).any() for view in (shown[24], shown[50], shown[76])]
    assert labelled == [True, False, True]


def test_plus_hides_digits_of_a_frame_that_stands_and_says_from_where(sheet: Path) -> None:
    unsure = somewhat_sure_sevens()
    shown = viewed(sheet, unsure, *[None] * 5, "pause", None, "more", None, "less", None)
    labelled = [(frame_of(view) != SHEET.image).any() for view in (shown[7], shown[9], shown[11])]
    assert labelled == [True, False, True]
    running = viewed(sheet, unsure, None, None, "more", None, "less", None)
    strips = [view[SHEET.image.shape[0] :, 100:] for view in running]
    assert (strips[3] != strips[5]).any()  # "from 75%"


def test_the_least_confidence_stands_below_a_picture(
    tmp_path: Path, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = spied_lines(monkeypatch)
    cv2.imwrite(str(tmp_path / "sheet.png"), SHEET.image)
    with open_source(str(tmp_path / "sheet.png")) as source:
        run(source, recognizer, window=Keys(None, "more", None, "less", None, "quit"))
    said = ["from 55% sure" in line for line in lines]
    assert any(said)
    assert not said[0]
    assert not said[-1]


def test_what_the_keys_chose_stays_from_one_source_to_the_next(
    sheet: Path, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = spied_lines(monkeypatch)
    window, options = Keys("mirror", "debug", "more", "pause", "quit"), LiveOptions()
    for _ in range(2):
        with open_source(str(sheet)) as source:
            run(source, recognizer, window=window, options=options)
    assert options.view == View(mirror=True, debug=1, least=0.55)
    assert "from 55%" in lines[-1]
    assert set(np.unique(frame_of(window.shown[-1]))) == {0, 255}  # the ink


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


def test_the_line_and_the_keys_are_drawn_at_the_scale_of_the_window(
    sheet: Path, recognizer: Recognizer
) -> None:
    class Half(Keys):
        def scale(self, width: int, height: int) -> float:
            assert (width, height) == SHEET.image.shape[1::-1]
            return 0.5

    whole, half = Keys("help", None, "quit"), Half("help", None, "quit")
    for window in (whole, half):
        with open_source(str(sheet), loop=True) as source:
            run(source, recognizer, window=window)
    rows = SHEET.image.shape[0]
    strips = [window.shown[0].shape[0] - rows for window in (whole, half)]
    assert strips[1] > 1.5 * strips[0]
    panels = [differs(window.shown[0], window.shown[1]) for window in (whole, half)]
    assert panels[1] > 1.2 * panels[0]


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


def test_a_reader_without_workings_is_shown_all_the_same(sheet: Path) -> None:
    def seven(_: Image) -> Sequence[Digit]:
        return [Digit(Box(20, 20, 30, 40), 7, 0.9)]

    window = Keys(None, "debug", "more", "less", (30, 30), None, "quit")
    with open_source(str(sheet), loop=True) as source:
        run(source, seven, window=window)  # type: ignore[arg-type]
    assert differs(window.shown[2], window.shown[5]) < 0.01


def test_the_line_names_the_view_and_tells_what_it_leaves_out(
    tmp_path: Path, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, (image, dash) = spied_lines(monkeypatch), with_dash()
    cv2.imwrite(str(tmp_path / "sheet.png"), image)
    window = Keys(None, "debug", "debug", None, (dash.x, dash.y), None, "debug", None, "quit")
    with open_source(str(tmp_path / "sheet.png")) as source:
        run(source, recognizer, window=window)
    ink, candidates, pointed, tiles = lines[2], lines[3], lines[5], lines[7]
    assert ink.startswith("ink   ")
    assert candidates.startswith("candidates   ")
    assert pointed.startswith("candidates: too small   ")
    fitting = SHEET.image.shape[1] // cards.CARD_PX[0]
    assert tiles.startswith(f"tiles: {fitting} of ")
    assert int(tiles.split()[3]) >= 10
    assert window.titles == [str(tmp_path / "sheet.png")]


def test_the_line_says_that_a_recording_is_paused(
    sheet: Path, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = spied_lines(monkeypatch)
    viewed(sheet, recognizer, "pause", None, "pause", None)
    assert [line.startswith("paused   space: go on") for line in lines[:4]] == [
        *(False, True, True, False)
    ]
