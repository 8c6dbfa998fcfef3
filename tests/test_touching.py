"""Digits that touch: where marks are cut, and which pieces are read."""

import cv2
import numpy as np
import pytest
from drawn import draw_sheet
from fixtures_mnist import mnist
from segmented import find_pieces, find_regions

from benchmark.metrics import Counts, count
from benchmark.touching import touching_numbers
from camlive.detection import NOT_A_DIGIT, Box
from camlive.recognizer import Recognizer, load
from camlive.segment.region import Region
from camlive.segment.regions import marks_of
from camlive.segment.touching import APART, MOST_INK, cuttings, may_touch
from camlive.segment.working_copy import FRAME_PX, FRAME_REGIONS, working_copy

BAR_PX, HIGH_PX = 10, 40
LEAST = (0.8, 0.7, 0.65)  # share read of digits that overlap by up to 5, 10 and 15 % of the height


def bars(count, *, bridge_px=4, gap_px=6):
    """Upright bars of ink, and a bridge of some height between each two of them."""
    step = BAR_PX + gap_px
    ink = np.zeros((HIGH_PX, 2 + step * count), np.uint8)
    ink[20 : 20 + bridge_px, 2 : 2 + step * (count - 1)] = 255
    for k in range(count):
        ink[:, 2 + k * step : 2 + k * step + BAR_PX] = 255
    return ink


def mark_of(ink, scale=1):
    """A mark of this ink whose box lies a pixel within its picture."""
    height, width = (scale * side for side in ink.shape)
    large = cv2.resize(ink, (width, height), interpolation=cv2.INTER_NEAREST)
    return Region(Box(50, 60, width - 2, height - 2), large)


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


def noughts(count, height, pen, width):
    """Noughts in a row, so wide for their height, whose neighbouring sides are one stroke."""
    image = np.full((3 * height, (count + 3) * height, 3), 225, np.uint8)
    wide = round(width * height)
    for k in range(count):
        middle, axes = (2 * height + k * (wide - pen), 3 * height // 2), (wide // 2, height // 2)
        cv2.ellipse(image, middle, axes, 0, 0, 360, (60, 50, 45), pen, cv2.LINE_AA)
    return cv2.GaussianBlur(image, (3, 3), 0)


def test_noughts_that_share_a_side(recognizer):
    """Halves of such look like no digit: of these none was read when each piece stood alone."""
    sizes = ((40, 3), (60, 4), (60, 7), (90, 6), (90, 10))  # of noughts, and of the pen
    shapes = [(*size, width) for size in sizes for width in (0.65, 0.8, 1)]
    rows = [(k, noughts(k, *shape)) for k in (2, 3, 4) for shape in shapes]
    right = sum([d.digit for d in recognizer(image)] == [0] * k for k, image in rows)
    assert right >= 15
    assert len(rows) == 45


def test_pieces_are_as_wide_as_digits():
    boxes = [piece.box for piece in pieces_of(cut(bars(6))).values()]
    assert min(box.width for box in boxes) >= 6
    assert max(box.width for box in boxes) <= 1.3 * HIGH_PX
    for x in (51, 67, 83, 99, 115, 131):  # each bar is a piece by itself
        assert max(box.iou(Box(x, 59, BAR_PX, HIGH_PX)) for box in boxes) > 0.6


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


class Bars:
    """Reads a tile with one bar as a sure 7, all else as no digit; remembers how many it read."""

    def __init__(self):
        self.batches = []

    def __call__(self, batch):
        self.batches.append(len(batch))
        chances = np.full((len(batch), 11), 0.001, np.float32)
        for row, tile in zip(chances, batch[..., 0], strict=True):
            columns = np.flatnonzero((tile > 0.5).sum(axis=0) > 10)
            one_bar = len(columns) and np.ptp(columns) + 1 == len(columns) <= 12
            row[7 if one_bar else NOT_A_DIGIT] = 0.998
        return chances


def test_no_piece_is_read_twice():
    read = []

    def all_ones(batch):
        read.append(len(batch))
        whole = len(read) == 1  # which alone is no digit
        return np.eye(11, dtype=np.float32)[np.full(len(batch), NOT_A_DIGIT if whole else 1)]

    verdicts = Recognizer(all_ones).examine(seen(bars(4))).verdicts
    spans = [v.region.span for v in verdicts if v.region.cut_from]
    assert len(spans) > 8
    assert len(spans) == len(set(spans))


def test_digits_that_touch_are_read_from_left_to_right():
    bars_read = Bars()
    recognizer = Recognizer(bars_read)
    digits = recognizer(seen(bars(4)))
    assert [d.digit for d in digits] == [7, 7, 7, 7]
    assert [d.box.x for d in digits] == sorted(d.box.x for d in digits)
    assert all(abs(d.box.width - BAR_PX) <= 8 for d in digits)
    regions = [v.region for v in recognizer.examine(seen(bars(4))).verdicts]
    spans = [region.span for region in regions if region.cut_from]
    assert len(spans) == len(set(spans))  # no piece is read twice


def test_after_what_is_no_digit_nothing_is_read():
    bars_read = Bars()
    ink = np.pad(bars(5), ((0, 0), (20, 0)))
    cv2.circle(ink, (16, 20), 16, 255, -1)  # joined to the bars: no digit to begin with
    cv2.line(ink, (30, 22), (40, 22), 255, 4)
    verdicts = Recognizer(bars_read).examine(seen(ink)).verdicts
    assert all(verdict.refused for verdict in verdicts)
    read = sum(verdict.region.cut_from is not None for verdict in verdicts)
    (cutting,) = cuttings([m for m in marks_of(working_copy(seen(ink))) if may_touch(m)])
    assert read == len(cutting.pieces(0)) < len(pieces_of(cutting)) / 2


def test_of_a_frame_full_of_wide_marks_few_are_read_and_of_a_picture_all():
    image = np.full((960, 960, 3), 230, np.uint8)
    ink = bars(3, gap_px=6)
    for y in range(20, 900, 60):
        for x in range(20, 880, 70):
            window = image[y : y + ink.shape[0], x : x + ink.shape[1]]
            window[ink > 0] = 30
    verdicts = Recognizer(Bars(), side_px=FRAME_PX).examine(image).verdicts
    assert sum(v.region.cut_from is not None for v in verdicts) == FRAME_REGIONS
    digits = [v for v in verdicts if not v.refused]
    assert len(digits) >= 120  # of 585: one number is read to its end before the next
    assert len({v.region.cut_from for v in digits}) == len(digits) / 3
    assert len(Recognizer(Bars())(image)) == 585


def test_numbers_by_many_hands_are_read():
    """The more their digits overlap the fewer are read."""
    read = load()
    found: dict[str, Counts] = {}
    for label, image in touching_numbers(mnist(), sheets=8):
        counts = count(label.digits, read(image))
        found[label.source] = found.get(label.source, Counts()) + counts
    apart, *touching = found.values()
    assert apart.recall > 0.95
    assert [counts.recall > least for counts, least in zip(touching, LEAST, strict=True)] == [
        True
    ] * 3
    assert all(counts.precision > 0.97 for counts in found.values())
