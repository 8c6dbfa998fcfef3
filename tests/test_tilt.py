"""Pages that are held at a slant."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn import PAPER, Sheet, draw_sheet

from camlive.debug import debug_view
from camlive.detection import NOT_A_DIGIT, Box, Digit
from camlive.reading import group_numbers, in_reading_order
from camlive.recognizer import MIN_CONFIDENCE, Recognizer
from camlive.segment.planes import ink_mask
from camlive.segment.region import Region
from camlive.tilt import is_upright, tilt_of
from camlive.track import Tracker
from camlive.turning import picture_of
from camlive.verdict import NO_DIGIT, Verdict

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
    assert right(read, sheet) >= 22
    assert {digit.tilt for digit in read} == {int(np.sign(tilt)) * 90}
    assert 90 not in {abs(d.tilt) for d in replace(recognizer, side_px=960)(sheet.image)}


def test_a_column_of_digits_is_upright(recognizer):
    sheet, page = draw_sheet(1, rows=2), np.full((1200, 200, 3), PAPER, np.uint8)
    for k, (box, _) in enumerate(sheet.digits[:10]):
        patch = sheet.image[box.y : box.bottom, box.x : box.right]
        page[20 + 110 * k :, 60:][: box.height, : box.width] = patch
    read = recognizer(page)
    assert [digit.digit for digit in read] == [digit for _, digit in sheet.digits[:10]]
    assert {digit.tilt for digit in read} == {0}


def test_digits_in_no_row_are_turned_by_about_their_slant(recognizer):
    sheet, page = draw_sheet(1, rows=2), np.full((1000, 1000, 3), PAPER, np.uint8)
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


@pytest.mark.parametrize("seed", SEEDS)
def test_a_number_at_a_slant_is_one_number_in_its_order(recognizer, seed):
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
    assert len(read) >= 4
    assert [digit.digit for digit in read] == sorted({2, 3, 4, 5, 6} & {d.digit for d in read})
    assert group_numbers(read) == [[*range(len(read))]]


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


def test_ink_is_turned_on_bare_ground():
    """The blurred edges of a mark become no rays behind it, beside which it would shrink."""
    tiles = []

    def spy(batch):
        tiles.append(batch[..., 0])
        return np.eye(11, dtype=np.float32)[np.full(len(batch), NOT_A_DIGIT)]

    Recognizer(spy).examine(cv2.GaussianBlur(draw_sheet(1, 0.4).image, (0, 0), 1))
    as_they_lie, turned = tiles[0], tiles[-1]
    assert len(turned) == 4 * len(as_they_lie) == 120
    before, inked = (np.count_nonzero(t > 0.2, axis=(1, 2)) for t in (as_they_lie, turned))
    assert np.median(inked) >= np.median(before)


def verdict(x: int, digit: int, sure: float, refused: str = "") -> Verdict:
    box = Box(x, 0, 20, 30)
    return Verdict(Region(box, np.zeros((0, 0), np.uint8)), Digit(box, digit, sure), refused)


def in_a_line(angles: list[float], sizes: tuple[int, ...] = (30,)) -> list[Verdict]:
    """Sure sevens, pairs of which fall by some angles; the pairs are far from one another."""
    ink, verdicts = np.full((30, 30), 255, np.uint8), []
    for k, angle in enumerate(angles):
        for step, size in zip((0, 45), sizes * 2, strict=False):
            way = step * np.array((np.cos(np.radians(angle)), np.sin(np.radians(angle))))
            x, y = np.rint(np.array((300 * k, 0)) + way - size / 2).astype(int).tolist()
            box = Box(x, y, size, size)
            verdicts.append(Verdict(Region(box, ink, contrast=99), Digit(box, 7, 0.95)))
    return verdicts


def seven(sure: float, count: int) -> np.ndarray:
    return np.full((count, 11), (1 - sure) / 10, np.float32) + np.float32(
        (sure - (1 - sure) / 10) * (np.arange(11) == 7)
    )


@pytest.mark.parametrize(
    ("verdicts", "asked"),
    [
        (in_a_line([40, 40]), True),
        (in_a_line([-40, -40]), True),
        (in_a_line([40]), False),  # two digits are no line
        (in_a_line([40, 40], (30, 55)), False),  # of other sizes
        (in_a_line([40, 44, 37, 41]), True),
        (in_a_line([20, 30, 40, 50, 60]), False),
        (in_a_line([40, 40, 0, 80]), False),  # of four pairs two are parallel
        (in_a_line([40, 40, 40, 0, 80]), True),
        (in_a_line([16, 16]), False),
        (in_a_line([64, 64]), False),
    ],
)
def test_sure_digits_are_turned_where_most_stand_in_lines_that_slant(verdicts, asked):
    batches = []

    def classify(batch):
        batches.append(batch)
        return seven(0.5, len(batch))

    assert tilt_of(verdicts, seven(0.95, len(verdicts)), classify) == 0
    assert bool(batches) == asked


@pytest.mark.parametrize(
    ("lying", "rows", "columns", "tilt"),
    [
        (0.95, 0.96, 0.94, 40),
        (0.97, 0.96, 0.94, 0),  # upright, in lines that fall
        (0.5, 0.96, 0.99, -50),
        (0.95, 0.96, 0.97, 0),  # but not by enough
        (0.9995, 0.9998, 0.5, 40),
        (0.7, 0.75, 0.5, 0),  # all are unlikely
    ],
)
def test_lines_are_rows_or_columns_by_what_is_likeliest(lying, rows, columns, tilt):
    verdicts = in_a_line([40, 40])
    by_tilt = [rows, columns, 0.5, 0.5]  # turned by 40, -50, 35, -35
    turned = np.concatenate([seven(sure, 4) for sure in by_tilt])
    assert tilt_of(verdicts, seven(lying, 4), lambda _: turned) == tilt


@pytest.mark.parametrize(("read", "upright"), [(14, True), (13, False)])
def test_where_rows_slanted_hardly_less_is_upright(read, upright):
    """Of fifteen digits that were read, a 1 among them as two."""
    before = [
        Verdict(v.region, replace(v.digit, box=Box(40 * k, 20 * k, 20, 30)))
        for k, v in enumerate([verdict(0, 7, 1.0)] * 15)
    ]
    assert is_upright([verdict(40 * k, 1, 1.0) for k in range(read)], before) == upright


@pytest.mark.parametrize(
    ("digits", "others", "before", "upright"),
    [
        ([4, 7, 3], 0, [], True),
        ([4, 7, 3], 3, [], True),
        ([4, 7, 3], 4, [], False),  # most are letters
        ([4, 7, 3], 0, [5, 5, 5], False),  # no more than as it lies
        ([4, 7, 3], 0, [5, 5, 0, 1, 1], True),  # noughts and ones do not count
        ([0, 1, 1], 0, [], False),
        ([], 0, [], False),
    ],
)
def test_a_page_is_upright_where_more_is_read_and_most_is_digits(digits, others, before, upright):
    turned = [verdict(40 * k, digit, 0.99) for k, digit in enumerate(digits)]
    turned += [verdict(400 + 40 * k, 7, 0.1, NO_DIGIT) for k in range(others)]
    lying = [verdict(40 * k, digit, 0.99) for k, digit in enumerate(before)]
    assert is_upright(turned, lying) == upright


def test_readings_of_the_digits_ink_are_no_letters():
    """Of close columns two digits are one mark, too."""
    digits = [verdict(40 * k, digit, 0.99) for k, digit in enumerate([4, 7, 3])]
    over = [
        replace(v.region, box=replace(v.region.box, height=32 + n)) for v in digits for n in (0, 1)
    ]
    none = [Verdict(region, Digit(region.box, 7, 0.1), NO_DIGIT) for region in over]
    assert is_upright([*digits, *none], [])


def test_one_or_two_signs_are_not_turned_until_they_are_digits():
    """A bar at a slant that is a digit where it is turned upright, alone and in company."""

    def upright_sevens(batch):
        none = batch[..., 0].sum(axis=1).max(axis=1) < 14
        return np.eye(11, dtype=np.float32)[np.where(none, NOT_A_DIGIT, 7)]

    recognizer = Recognizer(upright_sevens, MIN_CONFIDENCE)
    for count, tilt in [(1, 0), (2, 0), (3, 35), (5, 35)]:
        page = np.full((300, 600, 3), 230, np.uint8)
        for k in range(count):
            middle = np.array((60 + 110 * k, 150))
            way = 40 * np.array((np.sin(np.radians(35)), -np.cos(np.radians(35))))
            ends = [tuple(np.rint(middle + side * way).astype(int).tolist()) for side in (-1, 1)]
            cv2.line(page, *ends, (20, 20, 20), 6)
        assert recognizer.examine(page).copy.tilt == tilt


@pytest.mark.parametrize(("others", "size", "tilt"), [(10, 30, 35), (11, 30, 0), (11, 90, 35)])
def test_where_few_of_many_are_digits_turned_it_is_not_looked_at_again(others, size, tilt):
    """Of their size: a page of letters; larger marks are no letters of that hand."""
    boxes = [Box(0, 0, 20, 30)] * 3 + [Box(0, 0, 20, size)] * others
    inks = [np.full((box.height, box.width), 255, np.uint8) for box in boxes]
    verdicts = [
        Verdict(Region(box, ink, contrast=99), Digit(box, 7, 0.1), NO_DIGIT)
        for box, ink in zip(boxes, inks, strict=True)
    ]
    none = np.eye(11, dtype=np.float32)[np.full(len(boxes), NOT_A_DIGIT)]
    some = none.copy()
    some[:3] = np.eye(11, dtype=np.float32)[7]
    assert tilt_of(verdicts, none, lambda _: np.concatenate([some, none])) == tilt


def test_the_ink_is_shown_where_it_lies(recognizer):
    image = slanted(draw_sheet(1), 40).image
    seen = recognizer.examine(image)
    assert abs(seen.copy.tilt - 40) <= 2
    ink = picture_of(ink_mask(seen.copy.image), seen.copy, image.shape)
    assert (debug_view("ink", image, seen)[..., 0] == 255 - ink).all()
    dark = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) < 120
    assert (ink[dark] > 127).mean() > 0.95
    assert (ink > 127).sum() < 2.5 * dark.sum()


def test_a_digit_keeps_its_tilt_in_the_tracker():
    tracker, digit = Tracker(), Digit(Box(10, 10, 30, 40), 4, 0.99, tilt=-35)
    tracker.update([digit], 0.0)
    (shown,) = tracker.update([replace(digit, box=Box(12, 10, 30, 40))], 0.1)
    assert shown.tilt == -35
