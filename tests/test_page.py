"""Squares all over a page, fainter than its ink, go from its mask; ink and all else stays."""

import cv2
import numpy as np
import pytest

from camlive.detection import Image
from camlive.segment.page import page_planes
from camlive.segment.planes import planes
from camlive.segment.working_copy import working_copy

PAPER, RULE, PEN = 220, 175, 60
SIZE = 600, 800
RINGS = [(x, y) for y in (120, 300, 480) for x in range(100, 760, 150)]


def rings(grey: int = PEN, paper: int = PAPER) -> Image:
    image = np.full(SIZE, paper, np.uint8)
    for centre in RINGS:
        cv2.ellipse(image, centre, (20, 34), 0, 0, 360, grey, 5, cv2.LINE_AA)
    return image


def squares(grey: int = RULE, step: int = 40, tilt: float = 0.02) -> Image:
    image = np.full(SIZE, PAPER, np.uint8)
    height, width = SIZE
    for x in range(-step, width + step, step):
        cv2.line(image, (x, 0), (x + round(tilt * height), height), grey, 2, cv2.LINE_AA)
    for y in range(-step, height + step, step):
        cv2.line(image, (0, y), (width, y - round(tilt * width)), grey, 2, cv2.LINE_AA)
    return image


def masks(image: Image) -> tuple[Image, Image]:
    """The mask of a grey picture as it is at first, and without faint rules."""
    picture = cv2.merge([image] * 3)
    return planes(picture)[0].mask, page_planes(working_copy(picture))[0].mask


def drawn(image: Image) -> Image:
    """What of a picture is far from its paper."""
    return np.where(image < image.max() - 30, np.uint8(255), np.uint8(0))


def share(part: Image, whole: Image) -> float:
    return np.count_nonzero(part & whole) / np.count_nonzero(whole)


def left_of(lines: Image) -> float:
    """The share of a grid that stays of a mask which had most of it, and keeps its pen."""
    before, after = masks(np.minimum(rings(), lines))
    pen = drawn(rings())
    grid = drawn(lines) & ~cv2.dilate(pen, np.ones((9, 9), np.uint8))
    assert share(before, grid) > 0.6
    assert share(after, pen) > 0.9
    return share(after, grid)


@pytest.mark.parametrize("step", [25, 40, 70])
@pytest.mark.parametrize("tilt", [0, 0.02, -0.06])
def test_squares_go_and_the_pen_stays(step, tilt):
    lines = squares(step=step, tilt=tilt)
    assert left_of(lines) < 0.06


def test_a_pen_as_faint_as_the_squares_stays():
    before, after = masks(np.minimum(rings(RULE), squares()))
    assert (before == after).all()


def test_a_grid_of_the_same_pen_stays():
    before, after = masks(np.minimum(rings(), squares(PEN)))
    assert (before == after).all()


def test_what_holds_no_line_stays_with_its_pale_parts():
    image = np.minimum(rings(), squares())
    image[:, 560:] = PAPER
    cv2.line(image, (640, 100), (640, 200), PEN, 6)
    cv2.line(image, (640, 200), (640, 340), RULE, 6)  # where the pen was lifted
    before, after = masks(image)
    stroke = np.s_[110:330, 630:650]
    assert np.count_nonzero(before[stroke]) > 800
    assert (after[stroke] == before[stroke]).all()


def test_a_mark_that_is_nearly_all_ink_stays_with_the_line_that_joins_it():
    image = np.minimum(rings(), squares())
    image[:, 500:] = PAPER
    cv2.rectangle(image, (560, 60), (584, 560), PEN, -1)
    cv2.line(image, (585, 240), (700, 240), RULE - 25, 2)
    before, after = masks(image)
    place = np.s_[50:570, 550:720]
    assert np.count_nonzero(before[235:245, 550:700]) > 400
    assert (after[place] == before[place]).all()


def test_the_masks_beside_dark_things_lack_the_squares_too():
    image = np.minimum(rings(), squares())
    image[:, 600:] = 15  # a dark desk: the paper beside it is missed
    grid = drawn(squares()) & ~cv2.dilate(drawn(rings()), np.ones((9, 9), np.uint8))
    grid[:, 585:] = 0
    picture = cv2.merge([image] * 3)
    (before, _), (after, _) = planes(picture), page_planes(working_copy(picture))
    assert share(before.full, grid) == 1
    assert share(before.fine, grid) > 0.9
    assert cv2.hasNonZero(before.missed & grid)
    assert share(after.full, grid) == 0
    assert share(after.fine, grid) < 0.2
    assert not cv2.hasNonZero(after.missed & grid)


def test_a_page_without_rules_is_as_it_was():
    before, after = masks(rings())
    assert (before == after).all()


@pytest.mark.parametrize("upright", [False, True])
def test_lines_of_one_direction_stay_for_those_who_follow_them(upright):
    image = rings()
    for y in range(20, 600, 35):
        cv2.line(image, (0, y), (800, y + 8), RULE, 2, cv2.LINE_AA)
    before, after = masks(np.ascontiguousarray(image.T) if upright else image)
    assert np.count_nonzero(before) > 1.5 * np.count_nonzero(masks(rings())[0])
    assert (before == after).all()


def test_squares_of_which_few_upright_lines_are_seen_go():
    """On a tilted page Hough finds one direction far better than the other."""
    lines = squares()
    faded = np.full(SIZE, PAPER, np.uint8)
    for y in range(-40, 640, 40):
        cv2.line(faded, (0, y), (800, y - 16), RULE, 2, cv2.LINE_AA)
    lines[:, :620] = faded[:, :620]
    assert left_of(lines) < 0.2


def test_one_line_is_no_ruled_page():
    image = rings()
    cv2.line(image, (0, 300), (800, 300), RULE, 2)
    before, after = masks(image)
    assert (before == after).all()
