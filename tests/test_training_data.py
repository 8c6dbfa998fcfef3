import cv2
import numpy as np
import pytest
from fixtures_mnist import mnist

from camlive.detection import NOT_A_DIGIT, Box
from camlive.preprocess import to_tile
from camlive.training import sheets
from camlive.training.clutter import clutter
from camlive.training.glyphs import CHARACTERS, FONTS, _glyph, printed
from camlive.training.mnist import broken, penned, warped


@pytest.fixture
def seen(monkeypatch):
    """What goes through the making of a sheet: its digits, its regions, their labels."""
    passed = {}

    def labels(regions, truth, real=sheets._labels):
        passed.update(regions=regions, truth=truth, labels=real(regions, truth))
        return passed["labels"]

    monkeypatch.setattr(sheets, "_labels", labels)
    return passed


def test_a_tile_labelled_as_a_digit_shows_that_digit(seen):
    rng = np.random.default_rng(4)
    digits = others = 0
    for _ in range(12):
        tiles, labels = sheets.sheet_tiles(mnist(), rng)
        assert tiles.shape == (len(labels), 28, 28)
        assert set(labels.tolist()) <= set(range(NOT_A_DIGIT + 1))
        assert (labels == NOT_A_DIGIT).sum() <= sheets.MOST_OTHERS
        for region, label in zip(seen["regions"], seen["labels"], strict=True):
            best = max((region.box.iou(box) for box, _ in seen["truth"]), default=0)
            covered = sum(region.box.intersection(b) > 0.5 * b.area for b, _ in seen["truth"])
            if label < NOT_A_DIGIT:
                digits += 1
                assert any(region.box.iou(b) >= 0.6 for b, d in seen["truth"] if d == label)
            elif label == NOT_A_DIGIT:
                others += 1
                assert best < 0.4 or covered > 1
            else:
                assert 0.4 <= best < 0.6
    assert digits > 50
    assert others > 20


def test_labels_on_hand_made_boxes():
    ink = np.zeros((1, 1), np.uint8)
    places = [Box(0, 0, 20, 40), Box(0, 0, 20, 20), Box(0, 0, 60, 40), Box(90, 0, 9, 9)]
    regions = [sheets.Region(box, ink) for box in places]
    truth = [(Box(0, 0, 20, 40), 7), (Box(30, 0, 20, 40), 2)]
    assert sheets._labels(regions, truth).tolist() == [7, sheets.UNSURE, NOT_A_DIGIT, NOT_A_DIGIT]
    assert sheets._labels(regions, []).tolist() == [NOT_A_DIGIT] * 4
    assert sheets._labels([], truth).tolist() == []


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


def test_a_pen_is_of_random_width_with_sharp_edges():
    image = cv2.resize(mnist().x_test[3], (280, 280), interpolation=cv2.INTER_CUBIC)
    drawn = [penned(image, np.random.default_rng(seed)) for seed in range(20)]
    widths = [int((d > 128).sum()) for d in drawn]
    assert max(widths) > 1.3 * min(widths)
    grey = ((image > 20) & (image < 235)).sum()
    assert all(((d > 20) & (d < 235)).sum() < grey for d in drawn)


def test_every_font_draws_every_character_its_own_way():
    glyphs = {(c, f): _glyph(c, f) for c in CHARACTERS for f in FONTS}
    assert all(glyph.max() == 255 for glyph in glyphs.values())
    shapes = {(to_tile(glyph).tobytes()) for glyph in glyphs.values()}
    assert len(shapes) > 0.9 * len(glyphs)
    assert printed(40, np.random.default_rng(2)).shape[0] == 40


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
    tiles = sheets.mnist_tiles(images, np.random.default_rng(3))
    assert tiles.shape == (300, 28, 28)
    assert tiles.dtype == np.uint8
    ys, xs = np.mgrid[:28, :28]
    mass = tiles.sum((1, 2), dtype=float)
    for axis in (ys, xs):
        off = (tiles * axis).sum((1, 2)) / mass - 13.5
        assert np.abs(off).max() < sheets.SHIFT_PX + 1
        assert np.ptp(off) > 2 * sheets.SHIFT_PX - 0.5
