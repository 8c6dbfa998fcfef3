"""Pages that are held at a slant, as the recogniser reads them."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn import PAPER, Sheet, draw_sheet

from camlive.detection import Box, Digit
from camlive.reading import group_numbers, in_reading_order
from camlive.segment.page import ink_mask
from camlive.track import Tracker
from camlive.turning import picture_of
from camlive.view.debug import debug_view

SEEDS = range(3)


def slanted(sheet: Sheet, tilt: float) -> Sheet:
    """A sheet turned clockwise, on more paper, with the boxes of the ink that they held."""
    height, width = sheet.image.shape[:2]
    side = round(np.hypot(height, width))
    way = cv2.getRotationMatrix2D((width / 2, height / 2), -tilt, 1)
    way[:, 2] += (side - np.array((width, height))) / 2
    turn = {"dsize": (side, side), "borderMode": cv2.BORDER_CONSTANT}
    image = cv2.warpAffine(sheet.image, way, **turn, borderValue=PAPER)
    digits = []
    for box, digit in sheet.digits:
        alone = np.zeros((height, width), np.uint8)
        place = np.s_[box.y : box.bottom, box.x : box.right]
        alone[place] = 255 - cv2.cvtColor(sheet.image[place], cv2.COLOR_BGR2GRAY)
        ink = cv2.warpAffine(alone, way, **turn)
        digits.append((Box(*cv2.boundingRect(np.asarray(ink > 100, np.uint8))), digit))
    return Sheet(np.asarray(image, np.uint8), digits)


def right(read: list[Digit], sheet: Sheet) -> int:
    return sum(
        any(d.digit == digit and d.box.iou(box) > 0.7 for d in read) for box, digit in sheet.digits
    )


@pytest.mark.parametrize("tilt", [-90, -50, -40, -25, 25, 40, 50, 90])
def test_a_page_held_at_a_slant_is_read(recognizer, tilt):
    sheets = [slanted(draw_sheet(seed), tilt) for seed in SEEDS]
    reads = [recognizer(sheet.image) for sheet in sheets]
    assert sum(map(right, reads, sheets)) >= 0.9 * sum(len(sheet.digits) for sheet in sheets)
    assert all(
        len(read) <= len(sheet.digits) + 1 for read, sheet in zip(reads, sheets, strict=True)
    )
    tilts = {digit.tilt for read in reads for digit in read}
    assert all(found == 0 or abs(found - tilt) <= 15 for found in tilts)


def laid_out(places: list[tuple[float, float]], seed: int = 1) -> Sheet:
    """Digits of a sheet with their middles at some places of a page."""
    sheet, page, digits = (
        draw_sheet(seed, 0.75, rows=9),
        np.full((1000, 1000, 3), PAPER, np.uint8),
        [],
    )
    for (x, y), (box, digit) in zip(places, sheet.digits, strict=False):
        left, top = round(x - box.width / 2), round(y - box.height / 2)
        patch = sheet.image[box.y : box.bottom, box.x : box.right]
        page[top : top + box.height, left : left + box.width] = patch
        digits.append((Box(left, top, box.width, box.height), digit))
    return Sheet(page, digits)


def in_rows(angle: float, rows: int, columns: int, across: float, down: float) -> Sheet:
    """Upright digits in rows that fall by an angle, about the middle of a page."""
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    places = [
        (across * (k - (columns - 1) / 2), down * (r - (rows - 1) / 2))
        for r in range(rows)
        for k in range(columns)
    ]
    return laid_out([(500 + x * cos - y * sin, 500 + x * sin + y * cos) for x, y in places])


@pytest.mark.parametrize("angle", [-40, -25, 20, 30])
@pytest.mark.parametrize(("rows", "columns", "across"), [(1, 8, 80), (3, 6, 90)])
def test_upright_digits_in_rows_that_rise_or_fall_are_upright(
    recognizer, angle, rows, columns, across
):
    sheet = in_rows(angle, rows, columns, across, 180)
    read = recognizer(sheet.image)
    assert right(read, sheet) >= len(sheet.digits) - 1
    assert {digit.tilt for digit in read} == {0}


@pytest.mark.parametrize("tilt", [-50, 40, 50])
@pytest.mark.parametrize(("columns", "across"), [(4, 150), (2, 50)])
def test_columns_at_a_slant_are_read(recognizer, columns, across, tilt):
    """The nearest neighbour of a digit may be the one below it, and one mark with it."""
    sheet = slanted(in_rows(0, 8, columns, across, 75), tilt)
    read = recognizer(sheet.image)
    assert right(read, sheet) >= 0.9 * len(sheet.digits)
    assert all(abs(digit.tilt - tilt) <= 15 for digit in read)


@pytest.mark.parametrize("tilt", [-90, -75, 75, 90])
def test_a_picture_of_rows_that_was_taken_sideways_is_read(recognizer, tilt):
    sheet = slanted(in_rows(0, 3, 8, 60, 150), tilt)
    read = recognizer(sheet.image)
    assert right(read, sheet) >= 21
    assert {digit.tilt for digit in read} == {int(np.sign(tilt)) * 90}
    assert 90 not in {abs(d.tilt) for d in replace(recognizer, side_px=960)(sheet.image)}


def test_a_column_of_digits_is_upright(recognizer):
    sheet, page = draw_sheet(2, rows=2), np.full((1200, 200, 3), PAPER, np.uint8)
    for k, (box, _) in enumerate(sheet.digits[:10]):
        patch = sheet.image[box.y : box.bottom, box.x : box.right]
        page[20 + 110 * k :, 60:][: box.height, : box.width] = patch
    read = recognizer(page)
    assert [digit.digit for digit in read] == [digit for _, digit in sheet.digits[:10]]
    assert {digit.tilt for digit in read} == {0}


def test_digits_in_no_row_are_turned_by_about_their_slant(recognizer):
    sheet, page = draw_sheet(2, rows=2), np.full((1000, 1000, 3), PAPER, np.uint8)
    for k, (box, _) in enumerate(sheet.digits[2:10]):
        x, y = 130 + 350 * (k % 3) - 60 * (k // 3), 100 + 300 * (k // 3) + 80 * (k % 3)
        patch = sheet.image[box.y : box.bottom, box.x : box.right]
        page[y : y + box.height, x : x + box.width] = patch
    read = recognizer(slanted(Sheet(page, []), 45).image)
    assert {digit.digit for digit in read} == set(range(2, 10))
    assert {digit.tilt for digit in read} == {35}


def test_small_digits_at_a_slant_are_read_enlarged(recognizer):
    sheet = slanted(draw_sheet(1, 0.3), 40)
    seen = recognizer.examine(sheet.image)
    assert seen.copy.scale < 1
    assert right([v.digit for v in seen.verdicts if not v.refused], sheet) >= 24


def test_an_upright_page_is_not_turned(recognizer):
    for seed in SEEDS:
        assert {digit.tilt for digit in recognizer(draw_sheet(seed).image)} == {0}
        assert {digit.tilt for digit in recognizer(slanted(draw_sheet(seed), 10).image)} == {0}


def numbers_at_a_slant(recognizer, seed):
    """The digits that are read of the number 23456 at a slant, and the numbers that they make."""
    sheet = draw_sheet(seed, rows=2)
    close = sheet.image.copy()
    close[:] = PAPER
    x, boxes = 40, []
    for box, digit in sheet.digits[2:7]:
        patch = sheet.image[box.y : box.bottom, box.x : box.right]
        close[60 : 60 + box.height, x : x + box.width] = patch
        boxes.append((Box(x, 60, box.width, box.height), digit))
        x += box.width + 12
    read = recognizer(slanted(Sheet(close, boxes), 48).image)
    return [digit.digit for digit in read], group_numbers(read)


def test_a_number_at_a_slant_is_one_number_in_its_order(recognizer):
    whole = 0
    for seed in range(30):
        read, numbers = numbers_at_a_slant(recognizer, seed)
        in_order = read == sorted({2, 3, 4, 5, 6} & set(read))
        whole += len(read) >= 4 and in_order and numbers == [[*range(len(read))]]
    assert whole >= 26


def test_rows_at_a_slant_are_read_one_by_one():
    sheet = slanted(draw_sheet(2, rows=2), -40)
    digits = [Digit(box, digit, 1.0, tilt=-35) for box, digit in sheet.digits]
    order = [digits.index(d) for d in in_reading_order(digits[::-1])]
    assert order == list(range(20))


def test_what_a_picture_cuts_is_no_digit_at_a_slant_either(recognizer):
    sheet = slanted(draw_sheet(0), 48)
    image = sheet.image.copy()
    cut = max((b for b, digit in sheet.digits if digit not in (0, 1)), key=lambda b: b.right)
    cv2.line(image, (cut.right - 9, 60), (cut.right, 60), (20, 20, 20), 5)  # beyond, it goes on
    image = np.ascontiguousarray(image[:, : cut.right - 2])
    seen = recognizer.examine(image)
    assert abs(seen.copy.tilt - 48) <= 2
    whole = Box(0, 0, image.shape[1], image.shape[0])
    kept = [v.region.box for v in seen.verdicts if not v.refused]
    assert len(kept) > 15
    assert all(box.intersection(whole) == box.area for box in kept)
    everything = [*(v.region.box for v in seen.verdicts), *(r.box for r in seen.refused)]
    assert all(box.intersection(whole) for box in everything)
    assert len(seen.verdicts) == len(seen.tiles) == len(seen.probabilities)


def test_the_ink_is_shown_where_it_lies(recognizer):
    image = slanted(draw_sheet(1), 40).image
    seen = recognizer.examine(image)
    assert abs(seen.copy.tilt - 40) <= 2
    ink = picture_of(ink_mask(seen.copy), seen.copy, image.shape)
    assert (debug_view("ink", image, seen)[..., 0] == 255 - ink).all()
    dark = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) < 120
    assert (ink[dark] > 127).mean() > 0.95
    assert (ink > 127).sum() < 2.5 * dark.sum()


def test_a_digit_keeps_its_tilt_in_the_tracker():
    tracker, digit = Tracker(), Digit(Box(10, 10, 30, 40), 4, 0.99, tilt=-35)
    tracker.update([digit], 0.0)
    (shown,) = tracker.update([replace(digit, box=Box(12, 10, 30, 40))], 0.1)
    assert shown.tilt == -35
