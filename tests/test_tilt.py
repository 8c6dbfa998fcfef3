"""By how much a page slants, and whether it is upright where it was turned."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn import draw_sheet

from camlive.detection import NOT_A_DIGIT, Box, Digit
from camlive.judge.verdict import NO_DIGIT, Verdict
from camlive.judge.words import LETTERS
from camlive.recognizer import MIN_CONFIDENCE, Recognizer
from camlive.segment.region import Region
from camlive.tilt import is_upright, tilt_of


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


@pytest.mark.parametrize(("refused", "asked"), [(NO_DIGIT, True), (LETTERS, False)])
def test_a_page_on_which_words_are_read_is_not_turned(refused, asked):
    batches = []

    def classify(batch):
        batches.append(batch)
        return seven(0.5, len(batch))

    verdicts = [*in_a_line([40, 40]), verdict(900, 7, 0.1, refused)]
    assert tilt_of(verdicts, seven(0.95, len(verdicts)), classify) == 0
    assert bool(batches) == asked


def test_only_marks_that_tell_of_the_slant_are_looked_at_turned():
    """No sure noughts and ones, no pieces, and nothing too faint."""
    verdicts, chances, read = in_a_line([40] * 4), seven(0.95, 8), []
    chances[:2] = np.eye(11)[[0, 1]]
    chances[2] = 0.6 * np.eye(11)[0] + 0.4 * np.eye(11)[NOT_A_DIGIT]
    for k, differs in [(3, {"contrast": 3.0}), (4, {"cut_from": Box(0, 0, 90, 30)})]:
        verdicts[k] = replace(verdicts[k], region=replace(verdicts[k].region, **differs))

    def classify(batch):
        read.append(len(batch))
        return seven(0.5, len(batch))

    assert tilt_of(verdicts, chances, classify) == 0
    assert read == [4 * 4]  # four of the eight marks, as their lines slant and by the usual tilts


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
        ([4, 8, 3], 0, [5, 5, 0, 1, 1], True),  # noughts and ones do not count
        ([7, 7, 7, 7, 4], 0, [1, 1, 1, 1, 5], False),  # nor sevens: hooked ones that lean now
        ([1, 1, 7, 4], 0, [1, 1, 1, 1], True),
        ([1, 1, 1, 7, 7, 4], 0, [1, 1, 1, 1, 1, 1], False),  # hardly one that tells
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


def slanted_bars(count):
    """A page of bars at a slant, of other lengths each: what is just like others is print."""
    page = np.full((300, 600, 3), 230, np.uint8)
    for k in range(count):
        middle = np.array((60 + 110 * k, 150))
        way = (40 + 5 * k) * np.array((np.sin(np.radians(35)), -np.cos(np.radians(35))))
        ends = [tuple(np.rint(middle + side * way).astype(int).tolist()) for side in (-1, 1)]
        cv2.line(page, *ends, (20, 20, 20), 6)
    return page


def test_one_or_two_signs_are_not_turned_until_they_are_digits():
    """A bar at a slant that is a digit where it is turned upright, alone and among others."""

    def upright_fours(batch):
        none = batch[..., 0].sum(axis=1).max(axis=1) < 14
        return np.eye(11, dtype=np.float32)[np.where(none, NOT_A_DIGIT, 4)]

    recognizer = Recognizer(upright_fours, MIN_CONFIDENCE)
    for count, tilt in [(1, 0), (2, 0), (3, 35), (5, 35)]:
        assert recognizer.examine(slanted_bars(count)).copy.tilt == tilt


@pytest.mark.parametrize(("upright", "tilt"), [(4, 35), (NOT_A_DIGIT, 0)])
def test_a_page_stays_as_it_lies_where_turned_it_shows_no_more(upright, tilt):
    """Though each of its marks is a sure digit where it is turned alone."""
    turned = False

    def classify(batch):
        nonlocal turned
        alone = len(batch) == 4 * 3  # each of the three at four tilts
        label = 4 if alone else upright if turned else NOT_A_DIGIT
        turned |= alone
        return np.eye(11, dtype=np.float32)[np.full(len(batch), label)]

    assert Recognizer(classify).examine(slanted_bars(3)).copy.tilt == tilt


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
