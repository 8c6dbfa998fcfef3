from itertools import combinations

import cv2
import numpy as np
import pytest
from drawn import draw_sheet

from camlive.cards import CARD_PX, PASSED, READ, REFUSED, text_box
from camlive.detection import Box
from camlive.explain import MOST_CARDS, explain
from camlive.recognizer import Recognizer


def always(digit, sure=0.9):
    """A classifier that takes everything for one class."""
    row = np.full(11, (1 - sure) / 10, np.float32)
    row[digit] = sure
    return lambda batch: np.tile(row, (len(batch), 1))


def explained(image, classify):
    seen = Recognizer(classify).examine(image)
    return explain(image, seen), seen


def shows(picture, colour):
    return bool((picture == np.array(colour, np.uint8)).all(axis=-1).any())


def test_digits_are_shown_as_read_with_their_tiles():
    sheet = draw_sheet(rows=1)
    picture, seen = explained(sheet.image, always(7))
    assert shows(picture, READ)
    cards = picture[-2 * CARD_PX[1] :]
    black = (cards == 0).all(axis=-1).sum()
    assert black > len(seen.tiles) * 28 * 28  # the tiles' ground, enlarged


def test_what_is_refused_is_shown_in_another_colour():
    picture, _ = explained(draw_sheet(rows=1).image, always(10))
    assert shows(picture, REFUSED)
    assert not shows(picture, READ)


def test_what_was_never_classified_is_shown_too():
    image = np.full((300, 400, 3), 230, np.uint8)
    cv2.rectangle(image, (50, 200), (250, 230), (20, 20, 20), -1)  # far too wide
    picture, seen = explained(image, always(7))
    reasons = {region.box: region.refused for region in seen.refused}
    assert reasons[Box(50, 200, 201, 31)] == "too wide"  # beside it, the light ground around it
    assert all(reasons.values())
    assert shows(picture, PASSED)


@pytest.mark.parametrize("shape", [(1, 1), (3000, 40), (40, 3000), (480, 640), (1080, 1920)])
def test_any_picture_can_be_explained_and_is_left_as_it_is(shape):
    image = np.random.default_rng(1).integers(0, 256, (*shape, 3)).astype(np.uint8)
    before = image.copy()
    picture, _ = explained(image, always(3))
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3
    np.testing.assert_array_equal(image, before)


def test_a_narrow_strip_is_explained_on_whole_cards():
    sheet = draw_sheet(rows=1)
    digits = [sheet.image[b.y - 6 : b.bottom + 6, b.x - 6 : b.x + 50] for b, _ in sheet.digits]
    height = max(digit.shape[0] for digit in digits) + 20
    strip = np.full((height * len(digits), 60, 3), 230, np.uint8)
    for k, digit in enumerate(digits):
        strip[k * height : k * height + digit.shape[0], : digit.shape[1]] = digit
    picture, seen = explained(strip, always(7))
    assert len(seen.verdicts) >= len(digits)
    assert picture.shape[1] == CARD_PX[0]


def test_the_cards_show_the_three_likeliest():
    chances = np.full(11, 0.01, np.float32)
    chances[[3, 8, 5]] = 0.6, 0.2, 0.12
    one, _ = explained(draw_sheet(rows=1).image, lambda batch: np.tile(chances, (len(batch), 1)))
    chances[[5, 0]] = 0.02, 0.11  # another third
    other, _ = explained(draw_sheet(rows=1).image, lambda batch: np.tile(chances, (len(batch), 1)))
    assert one.shape == other.shape
    assert (one != other).any()


def test_the_cards_of_a_crowded_picture_are_bounded():
    rng = np.random.default_rng(2)
    image = np.full((960, 960, 3), 230, np.uint8)
    for y in range(10, 940, 40):
        for x in range(10, 940, 40):
            cv2.circle(image, (x + 10, y + 15), int(rng.integers(6, 9)), (30, 30, 30), 3)
    picture, seen = explained(image, always(0))
    assert len(seen.verdicts) > MOST_CARDS
    few, _ = explained(image[:200, :200].copy(), always(0))
    assert picture.shape[0] < few.shape[0] + CARD_PX[1] * MOST_CARDS / 4


def test_the_numbers_cover_neither_others_nor_digits(recognizer, monkeypatch):
    image = draw_sheet(2).image  # as wide as it is shown
    numbers = []

    def noted(_, text, x, y, colour):
        if text.isdigit():
            numbers.append((text_box(text, x, y, image.shape), colour))

    monkeypatch.setattr("camlive.explain.write", noted)
    seen = recognizer.examine(image)
    explain(image, seen)
    assert sum(colour == READ for _, colour in numbers) >= 28
    assert len(numbers) < len(seen.verdicts)
    assert not any(a.intersection(b) for (a, _), (b, _) in combinations(numbers, 2))
    refused = [place for place, colour in numbers if colour == REFUSED]
    assert not any(place.intersection(digit.box) for place in refused for digit in seen.digits)
