import cv2
import numpy as np
import pytest
from fixtures_mnist import mnist

from camlive.detection import NOT_A_DIGIT, Box
from camlive.segment.planes import planes
from camlive.segment.region import Region
from camlive.segment.regions import marks_in, whole_regions
from camlive.segment.touching import all_pieces
from camlive.segment.working_copy import working_copy
from camlive.training import sheets, written
from camlive.training.clutter import clutter
from camlive.training.labels import UNSURE, labels_of, labels_of_pieces
from camlive.training.mnist import TAILED, broken, penned, tail_of, warped


@pytest.fixture
def seen(monkeypatch):
    """What goes through the making of sheets: regions, digits, labels; of marks, then of pieces."""
    passed = []

    def keep(name):
        real = getattr(sheets, name)

        def labels(regions, truth):
            found = real(regions, truth)
            passed.append((regions, truth, found))
            return found

        monkeypatch.setattr(sheets, name, labels)

    keep("labels_of_pieces")
    keep("labels_of")
    return passed


def test_a_tile_labelled_as_a_digit_shows_that_digit(seen):
    rng = np.random.default_rng(4)
    digits = others = 0
    for _ in range(12):
        tiles, labels = sheets.sheet_tiles(mnist(), rng)
        assert tiles.shape == (len(labels), 28, 28)
        assert set(labels.tolist()) <= set(range(NOT_A_DIGIT + 1))
        assert (labels == NOT_A_DIGIT).sum() <= sheets.MOST_OTHERS + sheets.MOST_PIECES
    for regions, truth, labels in seen:
        for region, label in zip(regions, labels, strict=True):
            shared = [(region.box.iou(box), value) for box, value in truth]
            best = max((iou for iou, value in shared if value < NOT_A_DIGIT), default=0)
            covered = sum(region.box.intersection(b) > 0.5 * b.area for b, _ in truth)
            if label < NOT_A_DIGIT:
                digits += 1
                assert any(iou >= 0.6 for iou, value in shared if value == label)
            elif label == NOT_A_DIGIT:
                others += 1
                is_sign = any(iou >= 0.6 for iou, value in shared if value == NOT_A_DIGIT)
                assert best < 0.6
                assert best < 0.4 or covered > 1 or is_sign
    assert digits > 50
    assert others > 20


def test_a_digit_is_no_more_than_once_among_the_pieces(seen):
    rng = np.random.default_rng(5)
    for _ in range(9):
        sheets.sheet_tiles(mnist(), rng)
    found = 0
    for regions, truth, labels in seen:
        pieces = [
            (piece, label)
            for piece, label in zip(regions, labels, strict=True)
            if piece.cut_from and label < NOT_A_DIGIT
        ]
        shown = [max(range(len(truth)), key=lambda k: p.box.iou(truth[k][0])) for p, _ in pieces]
        found += len(shown)
        assert len(shown) == len(set(shown))
    assert found > 10


def test_labels_on_hand_made_boxes():
    ink = np.zeros((1, 1), np.uint8)
    places = [Box(0, 0, 20, 40), Box(0, 0, 20, 20), Box(0, 0, 60, 40), Box(90, 0, 9, 9)]
    regions = [Region(box, ink) for box in places]
    truth = [(Box(0, 0, 20, 40), 7), (Box(30, 0, 20, 40), 2)]
    assert labels_of(regions, truth).tolist() == [7, UNSURE, NOT_A_DIGIT, NOT_A_DIGIT]
    assert labels_of(regions, []).tolist() == [NOT_A_DIGIT] * 4
    assert labels_of([], truth).tolist() == []


def test_what_nobody_could_say_is_left_out():
    """A sign is none, its parts may look like anything; of cuts of one digit the best counts."""
    ink = np.zeros((1, 1), np.uint8)
    sign, digit = Box(0, 0, 40, 40), Box(100, 0, 20, 40)
    regions = [Region(box, ink) for box in (sign, Box(2, 2, 12, 15), digit)]
    truth = [(sign, NOT_A_DIGIT), (digit, 8)]
    assert labels_of(regions, truth).tolist() == [NOT_A_DIGIT, UNSURE, 8]
    cuts = Box(100, 0, 16, 40), Box(100, 0, 22, 40), Box(100, 0, 50, 40)
    pieces = [Region(box, ink, cut_from=Box(100, 0, 50, 40)) for box in cuts]
    assert labels_of_pieces(pieces, truth).tolist() == [UNSURE, 8, UNSURE]
    assert labels_of_pieces([], truth).tolist() == []
    crowded = labels_of([regions[2]], [(digit, 8), (Box(116, 0, 4, 40), 1)])
    assert crowded.tolist() == [UNSURE]


def test_straight_strokes_are_told_from_other_marks():
    tile = np.zeros((4, 28, 28), np.uint8)
    cv2.line(tile[0], (14, 4), (14, 23), 255, 3)
    cv2.line(tile[1], (8, 23), (19, 4), 255, 3)
    cv2.circle(tile[2], (14, 14), 9, 255, 2)
    cv2.rectangle(tile[3], (4, 4), (23, 23), 255, -1)
    assert [sheets._is_bar(t) for t in tile] == [True, True, False, False]
    assert not sheets._is_bar(np.zeros((28, 28), np.uint8))


def test_warping_by_nothing_leaves_the_picture_and_more_changes_it():
    image = mnist().x_test[0]
    middle = warped(image, 20, np.random.default_rng(0), 0)[3:-3, 3:-3]
    assert np.abs(middle.astype(float) - image).mean() < 1
    images = [warped(image, 20, np.random.default_rng(s)) for s in (1, 1, 2)]
    np.testing.assert_array_equal(images[0], images[1])
    assert (images[0] != images[2]).any()


def test_a_warped_digit_is_as_high_as_asked():
    rng = np.random.default_rng(1)
    for height in (20, 40, 100):
        ink = np.stack([warped(mnist().x_test[i], height, rng, 0.2) for i in range(9)])
        rows = [np.flatnonzero((i > 60).any(axis=1)) for i in ink]
        assert np.median([np.ptp(r) + 1 for r in rows]) == pytest.approx(height, rel=0.15)


def test_a_tail_is_drawn_out_and_the_head_keeps_its_form():
    """The crossbar of a T comes higher, and the whole stays as high as asked."""
    letter = np.zeros((28, 28), np.uint8)
    letter[4:24, 13:15] = letter[12:14, 7:21] = 255
    inks = [warped(letter, 60, np.random.default_rng(0), 0, tail) > 128 for tail in (1, 3)]
    heights = [np.ptp(np.flatnonzero(ink.any(1))) for ink in inks]
    assert heights[1] == pytest.approx(heights[0], abs=3)
    widths = [np.ptp(np.flatnonzero(ink.any(0))) for ink in inks]
    assert widths[1] == pytest.approx(widths[0] / 2, abs=3)
    bars = [ink.sum(1).argmax() - np.flatnonzero(ink.any(1))[0] for ink in inks]
    assert bars[1] == pytest.approx(bars[0] / 2, abs=3)


def test_only_stems_are_drawn_out():
    rng = np.random.default_rng(5)
    tails = {label: [tail_of(label, rng) for _ in range(100)] for label in range(10)}
    assert {label for label, drawn in tails.items() if max(drawn) > 1} == set(TAILED)
    assert min(min(drawn) for drawn in tails.values()) == 1


def test_a_pen_is_of_random_width_with_sharp_edges():
    image = cv2.resize(mnist().x_test[3], (280, 280), interpolation=cv2.INTER_CUBIC)
    drawn = [penned(image, np.random.default_rng(seed)) for seed in range(20)]
    widths = [int((d > 128).sum()) for d in drawn]
    assert max(widths) > 1.3 * min(widths)
    grey = ((image > 20) & (image < 235)).sum()
    assert all(((d > 20) & (d < 235)).sum() < grey for d in drawn)


def test_clutter_changes_the_picture_and_follows_its_seed():
    def cluttered(seed):
        canvas = np.full((120, 160, 3), 150, np.float32)
        clutter(canvas, np.random.default_rng(seed))
        return canvas

    np.testing.assert_array_equal(cluttered(1), cluttered(1))
    for seed in range(8):
        assert cluttered(seed).std() > 3


def test_broken_strokes_lose_some_ink_and_gain_none():
    whole = warped(mnist().x_test[0], 40, np.random.default_rng(0), 0)
    kept = []
    for seed in range(40):
        torn = broken(whole, np.random.default_rng(seed))
        assert (torn <= whole).all()
        kept.append(torn.sum() / whole.sum())
    assert min(kept) > 0.4
    assert max(kept) < 1
    assert np.ptp(kept) > 0.2
    assert not broken(np.zeros((30, 30), np.uint8), np.random.default_rng(1)).any()


def test_training_pictures_stand_off_the_middle_by_two_pixels_at_most():
    images = np.repeat(mnist().x_test[:1], 300, axis=0)
    tiles = sheets.mnist_tiles(images, np.zeros(300, np.uint8), np.random.default_rng(3))
    assert tiles.shape == (300, 28, 28)
    assert tiles.dtype == np.uint8
    ys, xs = np.mgrid[:28, :28]
    mass = tiles.sum((1, 2), dtype=float)
    for axis in (ys, xs):
        off = (tiles * axis).sum((1, 2)) / mass - 13.5
        assert np.abs(off).max() < sheets.SHIFT_PX + 1
        assert np.ptp(off) > 2 * sheets.SHIFT_PX - 0.5


def test_signs_become_tiles_as_digits_do():
    tiles = sheets.sign_tiles(60, np.random.default_rng(1))
    assert tiles.shape == (60, 28, 28)
    assert tiles.dtype == np.uint8
    ys = np.arange(28)[:, None]
    middle = (tiles * ys).sum((1, 2)) / tiles.sum((1, 2), dtype=float) - 13.5
    assert np.ptp(middle) > 2 * sheets.SHIFT_PX - 0.5  # moved, as digits are; else within one pixel
    np.testing.assert_array_equal(tiles, sheets.sign_tiles(60, np.random.default_rng(1)))


def test_digits_of_a_number_touch_or_are_tied(monkeypatch):
    """On a sheet of numbers few digits are a mark of their own, and their pieces are labelled."""
    monkeypatch.setattr(written, "TOUCHING", 1.0)
    pieces = whole = digits = 0
    for seed in range(6):
        image, truth = written.written_sheet(mnist(), 60, np.random.default_rng(seed))
        marks = marks_in(planes(working_copy(image).image), 256)
        digits += sum(value < NOT_A_DIGIT for _, value in truth)
        whole += np.count_nonzero(labels_of(whole_regions(marks, 256), truth) < NOT_A_DIGIT)
        found = all_pieces(marks)
        pieces += np.count_nonzero(labels_of_pieces(found, truth) < NOT_A_DIGIT)
    assert digits > 100
    assert whole < digits / 2
    assert pieces > digits / 2
