"""What the keys and the mouse show: debug views, the list of keys, the mirror, a digit's card."""

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from keys import Keys
from viewing import SHEET, differs, frame_of, spied_lines, viewed

from camlive import cards
from camlive.capture.opening import open_source
from camlive.confidence import chance_of
from camlive.debug import VIEWS, card_of, debug_view
from camlive.detection import Box, Digit, Image
from camlive.display import View
from camlive.live import LiveOptions, run
from camlive.recognizer import Examination, Recognizer
from camlive.shown import plain


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


@pytest.mark.parametrize("kind", VIEWS)
@pytest.mark.parametrize("shape", [(1, 1), (240, 320), (40, 900), (2160, 3840)])
def test_a_debug_view_has_the_size_in_which_the_frame_is_shown(
    kind: str, shape: tuple[int, int], recognizer: Recognizer
) -> None:
    image = np.random.default_rng(3).integers(0, 256, (*shape, 3)).astype(np.uint8)
    before = image.copy()
    view = debug_view(kind, image, recognizer.examine(image))
    assert view.shape == plain(image, mirror=False).shape
    assert view.dtype == np.uint8
    np.testing.assert_array_equal(image, before)


def large(recognizer: Recognizer) -> tuple[Image, Examination]:
    """A photograph of 9 million pixels, of which a screen shows every third row and column."""
    image = cv2.resize(SHEET.image, None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    image = np.asarray(image[:2400, :3840], np.uint8)
    return image, recognizer.examine(image)


def test_the_candidates_of_a_large_picture_stand_where_they_are(recognizer: Recognizer) -> None:
    image, seen = large(recognizer)
    view = debug_view("candidates", image, seen)
    box = next(v.digit.box for v in seen.verdicts if not v.refused)
    for row in (box.y, box.bottom):
        line = view[row - 6 : row + 7, box.x + box.width // 3 : box.right - box.width // 3]
        green = np.abs(line.astype(int) - cards.READ).max(axis=-1) < 40
        assert green.any(axis=0).mean() > 0.8


def test_the_tiles_of_a_large_picture_fill_the_view(recognizer: Recognizer) -> None:
    image, seen = large(recognizer)
    drawn = (debug_view("tiles", image, seen) != 255).any(axis=-1)
    (rows, columns), (high, wide) = np.nonzero(drawn), cards.CARD_PX[::-1]
    scale = 1 / cards.on_screen(image)
    assert rows.max() > 0.5 * scale * high
    assert columns.max() > 0.8 * scale * wide * min(5, len(seen.verdicts))


def test_a_card_on_a_large_picture_can_be_read(recognizer: Recognizer) -> None:
    image, seen = large(recognizer)
    read = next(v.digit for v in seen.verdicts if not v.refused)
    card = card_of(read, seen)
    assert card is not None
    changed = (cards.with_card(image, card, (0, 0)) != image).any(axis=-1)
    assert np.ptp(np.nonzero(changed)[1]) > 0.9 * card.shape[1] / cards.on_screen(image)


def test_a_card_on_a_low_picture_is_whole(recognizer: Recognizer) -> None:
    _, seen = large(recognizer)
    card = card_of(next(v.digit for v in seen.verdicts if not v.refused), seen)
    assert card is not None
    view = np.zeros((2 * card.shape[0], 6000, 3), np.uint8)
    changed = cards.with_card(view, card, (0, 0)).any(axis=-1)
    assert changed.all(axis=1).sum() == 0
    assert np.ptp(np.nonzero(changed)[1]) + 1 == 2 * card.shape[1]


def test_why_others_were_refused_covers_no_digit(recognizer: Recognizer) -> None:
    """The caption of the star above a digit would lie on it."""
    high = 60
    image = cv2.copyMakeBorder(SHEET.image, high, 0, 0, 0, cv2.BORDER_REPLICATE)
    box = SHEET.digits[0][0]
    middle = box.x + box.width // 2, box.y + high - 30
    cv2.drawMarker(image, middle, (20, 20, 20), cv2.MARKER_STAR, 40, 4)
    seen = recognizer.examine(np.asarray(image, np.uint8))
    refused = [v.region.box for v in seen.verdicts if v.refused]
    assert any(b.bottom > middle[1] + 15 and b.intersection(Box(*middle, 1, 1)) for b in refused)
    view = debug_view("candidates", np.asarray(image, np.uint8), seen)
    inside = view[box.y + high : box.bottom + high, box.x : box.right]
    assert not (inside == cards.PAPER).all(axis=-1).any()


def with_dash() -> tuple[Image, Box]:
    """The sheet with a dash well below its digits, too small for one, and the dash's box."""
    image = cv2.copyMakeBorder(SHEET.image, 0, 60, 0, 0, cv2.BORDER_REPLICATE)
    cv2.rectangle(image, (400, 130), (411, 132), (20, 20, 20), -1)
    return np.asarray(image, np.uint8), Box(400, 130, 12, 3)


def test_what_was_refused_at_sight_has_a_box_without_words(recognizer: Recognizer) -> None:
    image, dash = with_dash()
    view = debug_view("candidates", image, recognizer.examine(image))
    around = view[dash.y - 3 : dash.bottom + 4, dash.x - 3 : dash.right + 4]
    assert (around == cards.PASSED).all(axis=-1).sum() > 2 * dash.width
    assert not (view[dash.bottom + 4 :] == cards.PAPER).all(axis=-1).any()


def test_words_at_the_lower_edge_are_whole() -> None:
    canvas = np.zeros((100, 200, 3), np.uint8)
    cards.write(canvas, "gypqj", 20, 50, (0, 0, 0))
    cards.write(canvas, "gypqj", 120, 100, (0, 0, 0))
    middle, lowest = ((part == 0).all(axis=-1).sum() for part in np.split(canvas, 2, axis=1))
    assert middle == lowest


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


def test_there_is_no_card_of_what_was_not_found(recognizer: Recognizer) -> None:
    seen = recognizer.examine(SHEET.image)
    assert card_of(Digit(Box(0, 0, 5, 5), 7, 0.9), seen) is None
    box, digit = SHEET.digits[0]
    assert card_of(Digit(box, digit, 0.9), seen) is not None
