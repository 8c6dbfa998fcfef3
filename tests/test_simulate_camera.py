import cv2
import numpy as np
import pytest

from camlive.simulate.camera import defocus, lens, light, light_field, motion_blur, noise, sensor


@pytest.fixture
def picture():
    image = np.full((120, 160, 3), 200, np.uint8)
    cv2.circle(image, (80, 60), 30, (40, 30, 60), 4)
    return image


@pytest.mark.parametrize("stage", [light, lens, sensor])
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_a_stage_keeps_shape_and_input_and_repeats(stage, strength, picture):
    before = picture.copy()
    first = stage(picture, np.random.default_rng(3), strength)
    again = stage(picture, np.random.default_rng(3), strength)
    assert first.shape == picture.shape
    assert first.dtype == np.uint8
    assert not np.shares_memory(first, picture)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("stage", [light, lens, sensor])
def test_no_strength_changes_nothing_to_be_seen_and_full_strength_does(stage, picture):
    def change(strength):
        rng = np.random.default_rng(0)
        results = [stage(picture, rng, strength).astype(int) for _ in range(20)]
        return max(np.abs(result - picture).mean() for result in results)

    assert change(0.0) < 1
    assert change(1.0) > 1.4


def test_light_differs_over_the_picture_and_in_colour():
    fields = [light_field(4 / 3, np.random.default_rng(seed), 1.0) for seed in range(20)]
    assert max(np.ptp(field[..., 1]) for field in fields) > 0.4
    assert max(np.ptp(field.mean(axis=(0, 1))) for field in fields) > 0.1
    assert min(field.min() for field in fields) > 0


def test_defocus_keeps_the_mean_and_takes_the_detail(picture):
    soft = defocus(picture, 6)
    assert abs(soft.mean() - picture.mean()) < 1
    assert cv2.Laplacian(soft, cv2.CV_64F).var() < cv2.Laplacian(picture, cv2.CV_64F).var() / 10


@pytest.mark.parametrize("length", [4, 8, 20])
def test_motion_blur_spreads_along_the_way_of_the_motion_only(length):
    image = np.zeros((81, 81, 3), np.uint8)
    image[36:45, 36:45] = 255
    moved = motion_blur(image, length, 0.0)[..., 0] > 12
    width, height = (
        np.ptp(np.flatnonzero(moved.any(axis=0))),
        np.ptp(np.flatnonzero(moved.any(axis=1))),
    )
    assert width >= 8 + 0.6 * length
    assert height <= 8 + 4


def test_noise_has_the_strength_asked_for():
    grey = np.full((300, 300, 3), 128, np.uint8)
    noisy = noise(grey, np.random.default_rng(0), 8)
    assert noisy.std() == pytest.approx(8, rel=0.05)
    assert noisy.mean() == pytest.approx(128, abs=0.5)
