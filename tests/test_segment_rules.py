"""Rules are taken out of a mark, and what is written on them stays."""

import cv2
import numpy as np
import pytest

from camlive.detection import Image
from camlive.segment.rules import without_rules

HEIGHT, WIDTH = 300, 900
POINTS = np.arange(0, WIDTH + 1, 10)


def line(slope: float, bend: float, width: int) -> Image:
    """A rule across the whole mark that falls by `slope` and sags by `bend` pixels."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    y = 150 + slope * (POINTS - WIDTH / 2) + bend * (1 - (2 * POINTS / WIDTH - 1) ** 2)
    points = np.stack([POINTS, y], 1).round().astype(np.int32)
    cv2.polylines(mask, [points], False, 255, width)
    return mask


def strokes(width: int = 8) -> Image:
    """A pen's strokes across the rule: upright, slanted, a bow."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x in range(60, 900, 120):
        cv2.line(mask, (x, 110), (x, 190), 255, width)
        cv2.line(mask, (x + 60, 110), (x + 30, 190), 255, width)
        cv2.ellipse(mask, (x + 80, 150), (14, 36), 0, 0, 360, 255, width)
    return mask


def share(part: Image, whole: Image) -> float:
    return np.count_nonzero(part & whole) / np.count_nonzero(whole)


@pytest.mark.parametrize("width", [2, 5, 10])
@pytest.mark.parametrize(("slope", "bend"), [(0, 0), (0.06, 0), (-0.15, 0), (0.03, 12)])
@pytest.mark.parametrize("upright", [False, True])
def test_a_rule_goes_and_what_crosses_it_stays(width, slope, bend, upright):
    rule, pen = line(slope, bend, width), strokes()
    if upright:
        rule, pen = (np.ascontiguousarray(mask.T) for mask in (rule, pen))
    free, found = without_rules(rule | pen, WIDTH)
    assert share(found, pen & ~rule) < 0.1
    assert share(free, pen) > 0.97
    near = np.ones((3 * width + 9, 3 * width + 9), np.uint8)  # where strokes are mended
    assert share(free, rule & ~cv2.dilate(pen, near)) < 0.02


def test_squares_go():
    grid = np.zeros((HEIGHT, WIDTH), np.uint8)
    grid[20::40] = grid[:, 20::40] = 255
    grid = cv2.dilate(grid, np.ones((3, 3), np.uint8))
    pen = strokes()
    free, _ = without_rules(grid | pen, WIDTH)
    assert share(free, pen) > 0.9
    assert share(free, grid & ~cv2.dilate(pen, np.ones((25, 25), np.uint8))) < 0.02


@pytest.mark.parametrize("rule", [1, 2])
@pytest.mark.parametrize("pen", [5, 8])
def test_strokes_through_the_crossings_of_squares_stay_whole(rule, pen):
    squares, strokes = np.zeros((600, WIDTH), np.uint8), np.zeros((600, WIDTH), np.uint8)
    for at in range(10, WIDTH, 30):
        cv2.line(squares, (at, 0), (at, 600), 255, rule)
        cv2.line(squares, (0, at), (WIDTH, at), 255, rule)
    crossings = [(x, y) for x in range(40, 860, 90) for y in range(40, 540, 120)]
    for x, y in crossings:
        cv2.line(strokes, (x - 10, y - 24), (x + 10, y + 24), 255, pen)
    free, _ = without_rules(squares | strokes, WIDTH)
    assert share(free, strokes) > 0.97
    assert cv2.connectedComponents(free & strokes)[0] - 1 == len(crossings)


@pytest.mark.parametrize("pen", [4, 8, 14])
def test_writing_without_rules_stays_as_it_is(pen):
    mask = strokes(pen)
    np.testing.assert_array_equal(without_rules(mask, WIDTH)[0], mask)


def test_a_thick_bar_is_no_rule():
    bar = line(0, 0, 40)
    np.testing.assert_array_equal(without_rules(bar, WIDTH)[0], bar)


@pytest.mark.parametrize("thick", [2, 5, 12])
def test_a_frame_goes_although_it_is_the_edge_of_its_mark(thick):
    frame = np.full((HEIGHT, WIDTH), 255, np.uint8)
    frame[thick:-thick, thick:-thick] = 0
    free, _ = without_rules(frame, WIDTH)
    assert share(free, frame) < 0.1


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (20, 20), (22, 300), (300, 22)])
@pytest.mark.parametrize("side", [10, 22, 900])
def test_marks_of_any_size_are_searched(shape, side):
    rng = np.random.default_rng(1)
    for mask in (np.full(shape, 255, np.uint8), rng.integers(0, 2, shape).astype(np.uint8) * 255):
        free, rules = without_rules(mask, side)
        assert free.shape == rules.shape == shape
        assert not (free & ~mask).any()


def test_a_piece_of_a_line_is_told_though_it_stays():
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[150:152, 300:500] = 255  # less than half of the mark
    cv2.ellipse(mask, (600, 150), (20, 60), 0, 0, 360, 255, 6)
    free, rules = without_rules(mask, WIDTH)
    np.testing.assert_array_equal(free, mask)
    assert rules[150:152, 320:480].all()


def test_a_line_that_ends_at_a_block_of_ink_does_not_go_on_through_it():
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[150:152, :130] = mask[110:190, 130:] = 255
    np.testing.assert_array_equal(without_rules(mask, WIDTH)[0], mask)


def test_the_sides_of_a_drawn_frame_go_with_it():
    frame = np.zeros((HEIGHT, WIDTH), np.uint8)
    corners = np.array([(4, 8), (890, 3), (895, 170), (2, 176)], np.int32)
    cv2.polylines(frame, [corners], True, 255, 5)
    free, _ = without_rules(np.ascontiguousarray(frame[:180]), WIDTH)
    assert np.count_nonzero(free) < 0.02 * np.count_nonzero(frame)


def test_of_a_ragged_rule_no_scraps_stay():
    rng = np.random.default_rng(2)
    strip = np.zeros((14, WIDTH), np.uint8)
    for x in range(0, WIDTH, 30):
        width = int(rng.integers(2, 12))
        strip[7 - width // 2 : 8 + width // 2, x : x + 30] = 255
    assert not without_rules(strip, WIDTH)[0].any()


def test_low_strokes_on_a_rule_are_no_scraps_of_it():
    rule, pen = np.zeros((60, WIDTH), np.uint8), np.zeros((60, WIDTH), np.uint8)
    cv2.line(rule, (0, 30), (WIDTH, 30), 255, 4)
    for x in range(30, WIDTH, 60):
        cv2.line(pen, (x, 21), (x, 39), 255, 5)
    assert share(without_rules(rule | pen, WIDTH)[0], pen) > 0.95


def cells(thick: int, lean: float) -> Image:
    """A row of cells, 60 pixels high, whose walls lean."""
    mask = np.zeros((76, WIDTH), np.uint8)
    for y in (8, 68):
        cv2.line(mask, (0, y), (WIDTH, y), 255, thick)
    for x in range(10, WIDTH, 80):
        cv2.line(mask, (round(x + 30 * lean), 8), (round(x - 30 * lean), 68), 255, thick)
    return mask


@pytest.mark.parametrize("thick", [2, 3, 4])
@pytest.mark.parametrize("lean", [0, 0.08, -0.08])
def test_the_walls_of_a_row_of_cells_go(thick, lean):
    row = cells(thick, lean)
    free, rules = without_rules(row, WIDTH)
    assert share(free, row) < 0.02
    assert share(rules, row) > 0.95


def test_the_walls_of_a_box_on_a_margin_line_go():
    """The mark of both goes on far below the box."""
    mask = np.zeros((380, 180), np.uint8)
    cv2.rectangle(mask, (4, 4), (170, 104), 255, 5)
    cv2.line(mask, (40, 0), (40, 379), 255, 2)
    free, rules = without_rules(mask, WIDTH)
    assert cv2.countNonZero(free[20:90, 160:]) == 0
    assert share(rules[20:90, 160:], mask[20:90, 160:]) > 0.95


def test_a_stroke_from_rule_to_rule_that_go_on_on_both_sides_of_it_stays():
    """Where the mark goes on beyond its rules: writing on lined paper, and no box."""
    mask, one = np.zeros((380, 600), np.uint8), np.zeros((380, 600), np.uint8)
    for y in (20, 80):
        cv2.line(mask, (0, y), (599, y), 255, 3)
    cv2.line(mask, (500, 0), (500, 379), 255, 3)
    cv2.line(one, (200, 20), (200, 80), 255, 3)
    assert share(without_rules(mask | one, WIDTH)[0], one) > 0.8


@pytest.mark.parametrize("degrees", [-16, -9, 9, 16])
def test_the_walls_of_a_turned_box_go(degrees):
    """They are as far from upright as its other sides are from level."""
    mask, middle = np.zeros((300, 420), np.uint8), (210, 150)
    corners = cv2.boxPoints((middle, (300, 90), degrees)).round().astype(np.int32)
    cv2.polylines(mask, [corners], True, 255, 5)
    ones = np.zeros_like(mask)
    for x in (150, 210, 270):
        cv2.line(ones, (x, 125), (x, 175), 255, 5)
    free, _ = without_rules(mask | ones, WIDTH)
    assert share(free, mask) < 0.02
    assert share(free, ones) > 0.95


@pytest.mark.parametrize(
    ("head", "foot", "pen", "lean"),
    [(20, 68, 3, 0), (8, 56, 3, 0), (20, 56, 3, 0), (8, 68, 7, 0), (8, 68, 3, 0.3)],
)
def test_a_stroke_that_is_no_wall_stays(head, foot, pen, lean):
    """It ends at one rule at most, or is a pen's, thicker than they are, or leans."""
    row, ones = cells(3, 0), np.zeros((76, WIDTH), np.uint8)
    for x in range(50, WIDTH, 80):
        cv2.line(ones, (x, head), (round(x - lean * (foot - head)), foot), 255, pen)
    assert share(without_rules(row | ones, WIDTH)[0], ones) > 0.8


def test_digits_beside_the_uprights_of_a_table_stay():
    table = np.zeros((605, WIDTH), np.uint8)
    for at in range(2, WIDTH, 60):
        cv2.line(table, (at, 0), (at, 605), 255, 4)
        cv2.line(table, (0, at), (WIDTH, at), 255, 4)
    pen = np.zeros_like(table)
    for k in range(2, WIDTH, 60):
        cv2.ellipse(pen, (k + 16, 92 + k // 180 * 120), (13, 20), 0, 0, 360, 255, 5)  # touches
    free, _ = without_rules(table | pen, WIDTH)
    assert share(free, pen & ~table) > 0.9
    near = cv2.dilate(pen, np.ones((13, 13), np.uint8))
    assert share(free, table & ~near) < 0.01
