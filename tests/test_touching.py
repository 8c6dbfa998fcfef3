"""Digits that touch: where marks are cut."""

import cv2
import numpy as np
import pytest
from drawn import draw_sheet
from segmented import find_pieces, find_regions

from camlive.detection import Box
from camlive.segment.measure import TOO_WIDE
from camlive.segment.region import Region
from camlive.segment.touching import APART, MOST_INK, cuttings, may_touch

BAR_PX, HIGH_PX = 10, 40


def bars(count, *, bridge_px=4, gap_px=6):
    """Upright bars of ink, and a bridge of some height between each two of them."""
    step = BAR_PX + gap_px
    ink = np.zeros((HIGH_PX, 2 + step * count), np.uint8)
    ink[20 : 20 + bridge_px, 2 : 2 + step * (count - 1)] = 255
    for k in range(count):
        ink[:, 2 + k * step : 2 + k * step + BAR_PX] = 255
    return ink


def mark_of(ink, scale=1):
    """A mark of this ink, refused whole, whose box lies a pixel within its picture."""
    height, width = (scale * side for side in ink.shape)
    large = cv2.resize(ink, (width, height), interpolation=cv2.INTER_NEAREST)
    return Region(Box(50, 60, width - 2, height - 2), large, TOO_WIDE)


def cut(ink):
    (cutting,) = cuttings([mark_of(ink)])
    return cutting


def seen(ink):
    """A picture of the ink on paper."""
    image = np.full((160, ink.shape[1] + 120, 3), 230, np.uint8)
    image[60 : 60 + ink.shape[0], 60 : 60 + ink.shape[1]][ink > 0] = 30
    return image


def test_a_cut_runs_through_the_least_ink():
    cutting = cut(bars(2))
    crossed = [cutting.ink[np.arange(HIGH_PX), path].sum() / 255 for path in cutting.paths[1:-1]]
    assert any(ink == 4 for ink in crossed)
    assert all(ink <= MOST_INK * HIGH_PX for ink in crossed)


def test_a_cut_follows_a_slanted_gap():
    ink = np.full((40, 40), 255, np.uint8)
    for y in range(40):
        ink[y, 14 + y // 5 : 17 + y // 5] = 0
    (path,) = cut(ink).paths[1:-1]
    assert all(14 <= x - y // 5 < 17 for y, x in enumerate(path))


def test_a_narrow_mark_a_solid_one_and_one_without_ink_are_not_cut():
    assert may_touch(mark_of(bars(2)))
    assert not may_touch(mark_of(bars(2)[:, :20]))
    assert not may_touch(Region(Box(0, 0, 40, 40), np.zeros((0, 0), np.uint8)))
    assert may_touch(mark_of(bars(11)))
    assert not may_touch(mark_of(bars(14)))  # a line
    assert cuttings([]) == []
    solid = cut(np.full((40, 60), 255, np.uint8))
    assert solid.slices == 1
    assert solid.pieces(0) == []


def test_cuts_go_from_left_to_right_and_lie_apart():
    cutting = cut(bars(4))
    middles = [path.mean() for path in cutting.paths]
    assert middles[0] == 0
    assert middles[-1] == cutting.ink.shape[1]
    assert cutting.slices == len(middles) - 1 > 3
    assert min(np.diff(middles[1:-1])) > APART * HIGH_PX


def pieces_of(cutting):
    """All pieces, by the slices that they hold."""
    return {p.span: p for k in range(cutting.slices) for p in cutting.pieces(k)}


def drawn(piece, shape):
    """The ink of a piece where it stands in its mark."""
    canvas = np.zeros(shape, np.uint8)
    x, y = max(0, piece.box.x - 50), max(0, piece.box.y - 60)
    height, width = piece.ink.shape
    canvas[y : y + height, x : x + width] = piece.ink
    return canvas


def test_pieces_from_one_cut_to_another_make_the_mark():
    cutting = cut(bars(2))
    pieces = pieces_of(cutting)
    assert (0, cutting.slices) not in pieces
    assert {p.cut_from for p in pieces.values()} == {cutting.mark.box}
    assert {p.refused for p in pieces.values()} == {""}
    assert {p.slices for p in pieces.values()} == {cutting.slices}
    pairs = [(pieces[0, k], pieces.get((k, cutting.slices))) for _, k in pieces if (0, k) in pieces]
    pairs = [(left, right) for left, right in pairs if right]
    assert pairs
    for left, right in pairs:
        one, other = drawn(left, cutting.ink.shape), drawn(right, cutting.ink.shape)
        np.testing.assert_array_equal(one | other, cutting.ink)
        assert not (one & other).any()


def test_a_piece_may_hold_the_strokes_beside_it():
    """The walls of two rings that are one stroke: a cut leaves it to one of them."""
    ink = bars(3, bridge_px=0, gap_px=20)
    ink[:4, 2:-20] = ink[-4:, 2:-20] = 255  # two boxes with a wall between
    cutting = cut(ink)
    whole = drawn(cutting.mark, ink.shape)
    for piece in pieces_of(cutting).values():
        alone = drawn(piece, ink.shape)
        for more in cutting.sharing(piece):
            assert (more.span, more.slices) == (piece.span, piece.slices)
            there = drawn(more, ink.shape)
            assert (there >= alone).all()
            assert (there <= whole).all()
    ends = {piece.span: cutting.sharing(piece) for piece in pieces_of(cutting).values()}
    assert all(len(ends[span]) <= (span[0] > 0) + (span[1] < cutting.slices) for span in ends)
    walls = [np.count_nonzero(drawn(p, ink.shape)[20]) for some in ends.values() for p in some]
    assert max(walls) == 2 * BAR_PX  # of a box whose second wall is on the other side of the cut


def test_pieces_are_as_wide_as_digits():
    boxes = [piece.box for piece in pieces_of(cut(bars(6))).values()]
    assert min(box.width for box in boxes) >= 6
    assert max(box.width for box in boxes) <= 1.3 * HIGH_PX
    for x in (51, 67, 83, 99, 115, 131):  # each bar is a piece by itself
        assert max(box.iou(Box(x, 59, BAR_PX, HIGH_PX)) for box in boxes) > 0.6


@pytest.mark.parametrize(("width", "is_piece"), [(2, False), (10, True), (42, True), (52, False)])
def test_of_what_lies_between_two_cuts_a_digit_is_as_wide_as_some(width, is_piece):
    """Of 40 pixels height, the width of a piece counted with half of the gaps beside it."""
    ink = np.zeros((HIGH_PX, 140), np.uint8)
    ink[18:22, 2:136] = 255
    for x, wide in ((2, 30), (36, width), (40 + width, 30)):
        ink[:, x : x + wide] = 255
    cutting = cut(ink)
    left, right = (
        min(range(len(cutting.paths)), key=lambda k: abs(cutting.paths[k].mean() - x))
        for x in (34, 38 + width)
    )
    spans = [piece.span for piece in cutting.pieces(left)]
    assert ((left, right) in spans) == is_piece


def lasts(ink):
    """The pieces that lie to the right of the middle bar."""
    return [piece for piece in pieces_of(cut(ink)).values() if piece.box.x >= 49 + 26]


def test_low_pieces_are_none():
    ink = bars(3)
    ink[14:, 28:] = 0  # of the last bar the head is left, and no bridge
    assert lasts(bars(3))
    assert not lasts(ink)


@pytest.mark.parametrize("scale", [1, 3])
def test_the_box_of_a_piece_is_in_pixels_of_the_picture(scale):
    (cutting,) = cuttings([mark_of(bars(2), scale)])
    boxes = [piece.box for piece in cutting.pieces(0)]
    wanted = Box(49 + 2 * scale, 59, BAR_PX * scale, HIGH_PX * scale)
    assert max(box.iou(wanted) for box in boxes) > 0.9


@pytest.mark.parametrize("scale", [1, 3])
def test_two_digits_that_touch_are_both_among_the_regions(scale):
    sheet = draw_sheet(seed=4, scale=scale, rows=1)
    (one, _), (other, _) = sheet.digits[5], sheet.digits[6]
    image = np.full_like(sheet.image, 230)
    for box, x in ((one, one.x), (other, one.right - 2 * scale)):
        window = image[box.y : box.bottom, x : x + box.width]
        window[:] = np.minimum(window, sheet.image[box.y : box.bottom, box.x : box.right])
    pieces = find_pieces(image)
    assert {piece.cut_from for piece in pieces} <= {region.box for region in find_regions(image)}
    moved = Box(one.right - 2 * scale, other.y, other.width, other.height)
    for box in (one, moved):
        assert max(box.iou(piece.box) for piece in pieces) > 0.7
