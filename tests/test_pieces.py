"""Digits that touch: which pieces of a mark are read."""

import cv2
import numpy as np
from fixtures_mnist import mnist
from judged import plain
from test_touching import BAR_PX, bars, mark_of, pieces_of, seen

from benchmark.metrics import Counts, count
from benchmark.touching import touching_numbers
from camlive.detection import NOT_A_DIGIT, Box
from camlive.pieces import read_pieces
from camlive.recognizer import Recognizer, load
from camlive.segment.regions import marks_of
from camlive.segment.touching import cuttings, may_touch
from camlive.segment.working_copy import FRAME_PX, FRAME_REGIONS, working_copy

LEAST = (0.8, 0.7, 0.65)  # share read of digits that overlap by up to 5, 10 and 15 % of the height


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
    widths = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.05)
    shapes = [(*size, width) for size in sizes for width in widths]
    rows = [(k, noughts(k, *shape)) for k in (2, 3, 4) for shape in shapes]
    right = sum([d.digit for d in recognizer(image)] == [0] * k for k, image in rows)
    assert right >= 100
    assert len(rows) == 150


class Bars:
    """Reads a tile with one bar as a sure 0, all else as no digit; remembers how many it read.

    Other digits that are as alike as these bars are print.
    """

    def __init__(self):
        self.batches = []

    def __call__(self, batch):
        self.batches.append(len(batch))
        chances = np.full((len(batch), 11), 0.001, np.float32)
        for row, tile in zip(chances, batch[..., 0], strict=True):
            columns = np.flatnonzero((tile > 0.5).sum(axis=0) > 10)
            one_bar = len(columns) and np.ptp(columns) + 1 == len(columns) <= 12
            row[0 if one_bar else NOT_A_DIGIT] = 0.998
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
    assert [d.digit for d in digits] == [0, 0, 0, 0]
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


class Tiles:
    """Reads all as sure ones; remembers how many at once."""

    def __init__(self):
        self.batches = []

    def __call__(self, regions):
        self.batches.append(len(regions))
        ones = np.eye(11, dtype=np.float32)[np.full(len(regions), 1)]
        return [region.ink for region in regions], ones


def test_what_outlines_hold_is_read_first_and_no_more_than_the_most():
    held, read = [plain(Box(40 * k, 0, 20, 30)) for k in range(5)], Tiles()
    pieces, tiles, chances = read_pieces([mark_of(bars(4))], held, read, 3)
    assert pieces == held[:3]
    assert len(tiles) == len(chances) == 3
    assert read.batches == [3]


def test_only_a_mark_wide_enough_for_two_digits_is_cut():
    narrow, wide = (read_pieces([mark_of(bars(k))], [], Tiles(), 99)[0] for k in (1, 2))
    assert not narrow
    assert wide


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
