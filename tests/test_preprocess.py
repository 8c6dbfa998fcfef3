import cv2
import numpy as np
import pytest
from fixtures_mnist import mnist

from camlive.preprocess import INK_PX, TILE_PX, to_batch, to_tile
from camlive.simulate.writer import draw_digit, random_style


def inks(height: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    return [draw_digit(digit, random_style(rng), height, rng) for digit in range(10)]


def extent(tile):
    return cv2.boundingRect((tile > 16).astype(np.uint8))


def centre(tile):
    y, x = np.mgrid[:TILE_PX, :TILE_PX]
    return (x * tile).sum() / tile.sum(), (y * tile).sum() / tile.sum()


@pytest.mark.parametrize("height", [9, 14, 20, 33, 64, 150, 400])
def test_the_ink_has_mnists_geometry(height):
    for ink in inks(height, height):
        tile = to_tile(ink)
        assert tile.shape == (TILE_PX, TILE_PX)
        assert tile.dtype == np.uint8
        _, _, wide, high = extent(tile)
        assert max(wide, high) in (INK_PX - 1, INK_PX)
        assert max(abs(c - TILE_PX / 2) for c in centre(tile)) <= 1
        assert tile.max() == 255


@pytest.mark.parametrize(("width", "height"), [(40, 80), (80, 40), (30, 120), (64, 64), (400, 200)])
def test_the_aspect_is_kept(width, height):
    _, _, wide, high = extent(to_tile(np.full((height, width), 255, np.uint8)))
    longer = max(width, height)
    assert (wide, high) == (round(20 * width / longer), round(20 * height / longer))


def test_a_thin_stroke_stays_white():
    bar = np.zeros((300, 60), np.uint8)
    bar[10:290, 30] = 255
    tile = to_tile(bar)
    assert (tile.max(axis=1) > 200).sum() >= 19
    assert extent(tile)[2] <= 4


def test_a_hairline_is_as_thin_in_the_tile_however_large_the_ink():
    widths = []
    for height in (200, 1200):
        ink = np.zeros((height, height // 3), np.uint8)
        cv2.line(ink, (2, 2), (height // 3 - 3, height - 3), 255, 1)
        widths.append(to_tile(ink).sum() / 255 / INK_PX)
    assert widths[1] == pytest.approx(widths[0], rel=0.1)


def distance(tile, other):
    """Mean difference in grey levels, one pixel of displacement forgiven."""
    moved = [np.roll(other, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return min(np.abs(tile.astype(float) - m).mean() for m in moved)


def test_the_margin_does_not_matter():
    for ink in inks(50):
        wide = cv2.copyMakeBorder(ink, 7, 31, 90, 2, cv2.BORDER_CONSTANT, value=0)
        np.testing.assert_array_equal(to_tile(wide), to_tile(ink))


def test_the_size_does_not_matter():
    apart = []
    for ink in inks(240):
        half = cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        apart.append(distance(to_tile(ink), to_tile(half)))
    *most, last = sorted(apart)
    assert max(most) < 5
    assert last < 8  # thin pens are widened by whole pixels


def test_a_tile_of_a_tile_is_nearly_the_tile():
    for ink in inks(90):
        once = to_tile(ink)
        assert distance(once, to_tile(once)) < 1


def test_edges_stay_grey():
    for ink in inks(200):
        tile = to_tile(ink)
        assert ((tile > 30) & (tile < 225)).sum() > 10


@pytest.mark.parametrize("shape", [(1, 1), (28, 28), (300, 5)])
@pytest.mark.parametrize("level", [0, 16])
def test_no_ink_gives_a_black_tile(shape, level):
    assert not to_tile(np.full(shape, level, np.uint8)).any()


def test_specks_far_apart_fade_to_a_black_tile():
    ink = np.zeros((2000, 2000), np.uint8)
    ink[0, 0] = ink[-1, -1] = 255
    assert not to_tile(ink).any()


def test_mnists_own_pictures_are_hardly_changed():
    images = mnist().x_test[:500]
    tiles = np.stack([to_tile(image) for image in images])
    changes = np.abs(tiles.astype(float) - images).mean(axis=(1, 2))
    assert changes.mean() < 0.2
    assert (changes == 0).mean() > 0.6


def test_a_batch_is_scaled_to_one_and_keeps_the_order():
    tiles = [to_tile(ink) for ink in inks(40)]
    batch = to_batch(tiles)
    assert batch.shape == (10, 28, 28, 1)
    assert batch.dtype == np.float32
    np.testing.assert_allclose(batch[..., 0] * 255, tiles, atol=1e-4)
    np.testing.assert_array_equal(batch, to_batch(np.stack(tiles)))


def test_a_batch_of_nothing():
    assert to_batch([]).shape == (0, 28, 28, 1)
