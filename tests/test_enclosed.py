"""Digits that touch the circle or the box that is drawn around them."""

from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest
from drawn import PAPER, Sheet, count
from judged import plain

from camlive.detection import NOT_A_DIGIT, Box
from camlive.recognizer import Recognizer
from camlive.segment.enclosed import enclosed
from camlive.segment.working_copy import FRAME_PX, FRAME_REGIONS
from camlive.simulate.writer import draw_digit, draw_sign, random_style
from camlive.tilt import MOST_MARKS

INK = (50, 40, 40)


def outlined(marks: str, shape: str, scale: float = 1) -> Sheet:
    """Digits 50 * scale pixels high, or signs (x), each in an outline that it touches."""
    rng, size, pen = np.random.default_rng(3), round(50 * scale), max(2, round(3 * scale))
    image = np.full((round(240 * scale), round(100 * len(marks) * scale), 3), PAPER, np.uint8)
    digits = []
    for k, name in enumerate(marks):
        style = random_style(rng)
        write = draw_sign if name == "x" else partial(draw_digit, int(name))
        cover = write(style, size, rng)
        height, width = cover.shape
        x, y = round((100 * k + 50) * scale) - width // 2, round(120 * scale) - height // 2
        window = image[y : y + height, x : x + width]
        window[:] = window + cover[..., None] / 255 * (np.array(INK) - window)
        digits += [(Box(x, y, width, height), int(name))] if name != "x" else []
        middle = np.array([x + width // 2, y + height // 2])
        touching = height // 2 + pen // 2
        if "box" in shape:
            beside = round((6 if "narrow" in shape else 15) * scale)
            corner = np.array([width // 2 + beside, touching])
            cv2.rectangle(image, middle - corner, middle + corner, INK, pen)
        else:
            cv2.circle(image, middle, max(touching, round(0.55 * size)), INK, pen, cv2.LINE_AA)
        if shape == "tree":
            for aside in (-1, 1):
                branch = np.array(
                    [[aside * touching // 2, touching], [aside * 40 * scale, 90 * scale]]
                )
                cv2.line(image, *(middle + branch.astype(int)), INK, pen, cv2.LINE_AA)
    return Sheet(image, digits)


@pytest.mark.parametrize("shape", ["circle", "tree", "box", "narrow box"])
@pytest.mark.parametrize("scale", [0.8, 1, 3])
def test_digits_that_touch_an_outline(recognizer, shape, scale):
    sheet = outlined("2345678924", shape, scale)
    right, false = count(recognizer, *sheet)
    assert right >= 7
    assert false <= 1
    read = recognizer(sheet.image)
    misread = [d for d in read if any(d.box.iou(b) > 0.3 and d.digit != n for b, n in sheet.digits)]
    assert len(misread) <= 1


def test_signs_that_touch_their_circles(recognizer):
    _, false = count(recognizer, *outlined("xxxxxxxxxx", "circle"))
    assert false <= 1


def ring(holding: list[tuple[int, int, int, int]]) -> np.ndarray:
    """The ink of a ring, 80 pixels wide and high, and of bars in it."""
    ink = cv2.circle(np.zeros((80, 80), np.uint8), (40, 40), 36, 255, 4)
    for x, y, width, height in holding:
        ink[y : y + height, x : x + width] = 255
    return np.asarray(ink, np.uint8)


def pieces_of(holding, scale=1):
    size = 80 * scale
    ink = cv2.resize(ring(holding), (size, size), interpolation=cv2.INTER_NEAREST)
    return enclosed([plain(Box(100, 200, size, size), ink=ink)])


@pytest.mark.parametrize("scale", [1, 4])
def test_what_a_ring_holds_is_cut_off_it(scale):
    (piece,) = pieces_of([(37, 5, 6, 70)], scale)
    x, y = 100 + 37 * scale, 200 + 9 * scale
    assert piece.box.iou(Box(x, y, 6 * scale, 62 * scale)) > 0.85
    assert piece.cut_from.iou(Box(100 + 9 * scale, y, 62 * scale, 62 * scale)) > 0.85
    assert piece.span == (0, piece.slices) == (0, 1)
    assert piece.ink.max() == 255
    assert (piece.ink.max(axis=0) > 0).sum() <= 6 * scale + 2  # nothing of the ring


def test_the_parts_of_it_are_pieces_from_left_to_right():
    parts = pieces_of([(50, 10, 6, 60), (24, 22, 6, 36)])
    assert [piece.span for piece in parts] == [(0, 1), (1, 2), (0, 2)]
    assert {piece.slices for piece in parts} == {2}
    assert [piece.box.x for piece in parts] == [124, 150, 124]
    assert parts[2].box.right == parts[1].box.right


@pytest.mark.parametrize(("height", "counts"), [(22, False), (28, True)])
def test_what_is_low_in_a_ring_is_a_speck(height, counts):
    assert bool(pieces_of([(37, 40 - height // 2, 6, height)])) is counts
    beside = pieces_of([(50, 10, 6, 60), (24, 40 - height // 2, 6, height)])
    assert len(beside) == (3 if counts else 1)


def test_an_empty_ring_an_open_one_and_a_blot_hold_nothing():
    ink = ring([(37, 5, 6, 70)])
    ink[36:44, 70:] = 0
    marks = [plain(Box(0, 0, 80, 80), ink=ink), plain(Box(0, 0, 30, 30))]
    assert not enclosed(marks)
    assert not pieces_of([])


def test_the_rest_of_a_broad_outline_is_nothing_that_it_holds():
    """The rays of a sun are thinner than its disc's edge, so all in all its pen seems thin."""
    ink = cv2.circle(np.zeros((160, 160), np.uint8), (80, 80), 38, 255, 10)
    for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False):
        ray = np.array([np.cos(angle), np.sin(angle)])
        cv2.line(ink, *((80 + r * ray).astype(int) for r in (40, 78)), 255, 1)
    sun = plain(Box(0, 0, 160, 160), ink=np.asarray(ink, np.uint8))
    assert not enclosed([sun])


@pytest.mark.parametrize(("digit", "counts"), [(0, True), (8, False)])
def test_what_a_sure_digit_holds_belongs_to_it_unless_that_is_a_nought(digit, counts):
    image = np.full((200, 200, 3), PAPER, np.uint8)
    image[60:140, 60:140][ring([(37, 5, 6, 70)]) > 0] = INK
    read = Recognizer(lambda batch: np.eye(11, dtype=np.float32)[np.full(len(batch), digit)])
    pieces = [v.region for v in read.examine(image).verdicts if v.region.cut_from]
    assert bool(pieces) is counts


def test_a_picture_full_of_rings_is_read_in_bounded_time(recognizer):
    read = []

    def classify(batch):
        read.append(len(batch))
        return np.eye(11, dtype=np.float32)[np.full(len(batch), NOT_A_DIGIT)]

    image = np.full((900, 900, 3), PAPER, np.uint8)
    for x, y in np.ndindex(20, 20):
        middle = 45 * x + 22, 45 * y + 22
        cv2.circle(image, middle, 18, INK, 2)
        cv2.line(image, (middle[0], middle[1] - 18), (middle[0], middle[1] + 18), INK, 2)
    replace(recognizer, classify=classify, side_px=FRAME_PX)(image)
    assert sum(read) <= 2 * FRAME_REGIONS + 2 * MOST_MARKS  # these are looked at turned, twice
