"""What the debug views and the cards of candidates show."""

import cv2
import numpy as np
import pytest
from viewing import SHEET, with_dash

from camlive import cards
from camlive.detection import Box, Digit, Image
from camlive.recognizer import Examination, Recognizer
from camlive.view.debug import VIEWS, card_of, debug_view
from camlive.view.shown import plain


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


def test_there_is_no_card_of_what_was_not_found(recognizer: Recognizer) -> None:
    seen = recognizer.examine(SHEET.image)
    assert card_of(Digit(Box(0, 0, 5, 5), 7, 0.9), seen) is None
    box, digit = SHEET.digits[0]
    assert card_of(Digit(box, digit, 0.9), seen) is not None
