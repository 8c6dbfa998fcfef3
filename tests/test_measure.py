"""What is told of a mark besides its ink: how clear, how crowded, and whether in a line."""

import cv2
import numpy as np
import pytest
from segmented import find_regions, find_whole

from camlive.detection import Image
from camlive.judge.verdict import ALONE, CLEAR
from camlive.segment.page import ink_mask
from camlive.segment.region import Region
from camlive.segment.rules import SQUARE
from camlive.segment.working_copy import FRAME_PX, working_copy
from camlive.simulate.writer import draw_digit, random_style

PAPER = 220


def sheet(restless: float = 0.0) -> Image:
    """A grey sheet, its ground restless by so many grey levels."""
    spots = np.random.default_rng(3).normal(0, 1, (240, 320))
    spots = cv2.GaussianBlur(spots, (0, 0), 2)
    grey = PAPER + restless * spots / spots.std()
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def write(image: Image, digit: int, x: int, y: int, strength: float = 0.8) -> None:
    rng = np.random.default_rng(5)
    ink = draw_digit(digit, random_style(rng), 60, rng)
    place = image[y : y + ink.shape[0], x : x + ink.shape[1]]
    place[:] = place * (1 - strength * ink[..., None] / 255)


def mark_at(image: Image, x: int, y: int) -> Region:
    """The smallest mark kept whose box begins about there."""
    found = [
        mark for mark in find_whole(image) if abs(mark.box.x - x) < 4 and abs(mark.box.y - y) < 4
    ]
    return min(found, key=lambda mark: mark.box.area)


def test_on_restless_ground_a_mark_is_less_clear() -> None:
    clarity = {}
    for restless in (0, 2, 12):
        image = sheet(restless)
        write(image, 3, 100, 80, strength=0.4)
        clarity[restless] = mark_at(image, 100, 80).clarity
    assert clarity[0] > CLEAR
    assert clarity[2] == pytest.approx(clarity[0], rel=0.1)
    assert clarity[12] < clarity[0] / 2


def test_the_blur_of_its_own_edge_makes_no_ground_restless() -> None:
    image = sheet()
    write(image, 3, 100, 80)
    assert mark_at(cv2.GaussianBlur(image, (0, 0), 2.5), 100, 80).clarity > 2 * CLEAR


def test_other_ink_beside_a_mark_crowds_it() -> None:
    image = sheet()
    write(image, 0, 100, 80)
    alone = mark_at(image, 100, 80)
    write(image, 7, 190, 80)
    far_off = mark_at(image, 100, 80)
    cv2.rectangle(image, (132, 60), (136, 160), (40, 40, 40), -1)
    assert alone.crowd == far_off.crowd == 0
    assert mark_at(image, 100, 80).crowd > ALONE


def test_noise_is_no_ink_and_digits_in_it_are() -> None:
    image = sheet()
    write(image, 3, 100, 80)
    noise = np.random.default_rng(1).normal(0, 20, image.shape[:2])[..., None]
    noisy = (image + noise).clip(0, 255).astype(np.uint8)
    assert mark_at(noisy, 100, 80).box.height == pytest.approx(60, abs=2)
    own = ink_mask(working_copy(image, FRAME_PX))
    extra = cv2.subtract(ink_mask(working_copy(noisy, FRAME_PX)), cv2.dilate(own, SQUARE))
    assert cv2.countNonZero(extra) < 0.002 * extra.size


def test_low_parts_of_a_mark_that_falls_apart_are_none() -> None:
    """At half its contrast it does; the dot of an i joined to it by a pale stroke is no part."""
    for height, parts in ((50, 2), (12, 0)):
        image = sheet()
        cv2.rectangle(image, (100, 60), (112, 120), (40, 40, 40), -1)
        cv2.rectangle(image, (108, 121), (112, 139), (150, 150, 150), -1)
        cv2.rectangle(image, (100, 140), (112, 139 + height), (40, 40, 40), -1)
        boxes = {mark.box for mark in find_whole(image)}
        assert len([box for box in boxes if box.height < 70]) == parts


@pytest.mark.parametrize("lean", [0, 0.05, -0.05])
@pytest.mark.parametrize(
    ("strokes", "expected"),
    [
        ([(40, 190), (199, 460)], True),
        ([(40, 190), (199, 380)], False),  # beyond its end as short
        ([(40, 190), (215, 460)], False),  # or further away
        ([(290, 440), (50, 281)], True),
        ([(200, 280), (60, 191), (289, 430)], True),  # less beyond either end
        ([(200, 280), (107, 186), (294, 373)], False),  # a close column of ones
    ],
)
def test_a_piece_of_a_rule_is_in_the_line_of_other_ink(strokes, expected, lean):
    """The first stroke is the piece."""
    image = np.full((480, 640, 3), 230, np.uint8)
    for ends in strokes:
        cv2.line(image, *((round(320 + lean * (y - 240)), y) for y in ends), (40, 40, 40), 3)
    top, bottom = strokes[0]
    pieces = [r for r in find_regions(image) if abs(r.box.y - top) + abs(r.box.bottom - bottom) < 9]
    assert {piece.in_line for piece in pieces} == {expected}


def test_paper_in_the_shade_is_no_ink_in_the_line_of_a_1():
    light = 60 + 140 / (1 + np.exp((180 - np.arange(480)) / 30))
    image = light.repeat(640).reshape(480, 640, 1).repeat(3, axis=2)
    cv2.line(image, (320, 200), (320, 260), (0.7 * light[240],) * 3, 3)
    pieces = [r for r in find_regions(image.astype(np.uint8)) if r.box.width < 20 and r.ink.size]
    assert {piece.in_line for piece in pieces} == {False}


def test_what_is_broad_is_in_no_line_of_ink():
    image = np.full((480, 640, 3), 230, np.uint8)
    for top in (100, 185, 270):
        cv2.rectangle(image, (300, top), (340, top + 80), (40, 40, 40), -1)
    found = find_regions(image)
    assert len(found) >= 3
    assert not any(region.in_line for region in found)
