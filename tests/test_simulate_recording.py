import cv2
import numpy as np
import pytest

from camlive.simulate.recording import _views, film, see
from camlive.simulate.scene import DETAIL, SceneOptions, make_scene

SHORT = SceneOptions(width=320, height=240, fps=10, duration_s=3, seed=4)


def test_the_same_seed_gives_the_same_frames_and_another_seed_others():
    first, again = list(film(SHORT, 5)), list(film(SHORT, 5))
    for (image, seen), (image_again, seen_again) in zip(first, again, strict=True):
        np.testing.assert_array_equal(image, image_again)
        assert seen == seen_again
    other, _ = next(film(SceneOptions(320, 240, seed=5), 1))
    assert (other != first[0][0]).any()


@pytest.mark.parametrize("seed", range(5))
def test_boxes_are_tight_around_the_ink_as_the_camera_shows_it(seed):
    rng = np.random.default_rng(seed)
    options = SceneOptions(640, 480, seed=seed)
    scene, looked_at = make_scene(options, rng), 0
    for view in _views(scene, options, 12, rng)[::4]:
        seen = see(scene, view, options)
        looked_at += len(seen)
        for item in seen:
            mask = np.zeros(scene.desk.shape[:2], np.uint8)
            hull = np.rint(scene.digits[item.track].hull).astype(np.int32)
            cv2.fillConvexPoly(mask, hull, 255)
            shown = cv2.warpPerspective(mask, view, (640, 480), flags=cv2.INTER_LINEAR)
            x, y, width, height = cv2.boundingRect((shown > 100).astype(np.uint8))
            edges = (item.box.x - x, item.box.y - y)
            ends = (item.box.right - x - width, item.box.bottom - y - height)
            assert np.abs([*edges, *ends]).max() <= 2
    assert looked_at


def test_ink_lies_inside_the_boxes_and_not_around_them():
    options = SceneOptions(640, 480, seed=1, digits="308")
    image, seen = next(film(options, 1))
    assert [item.digit for item in seen] == [3, 0, 8]
    grey = cv2.GaussianBlur(image.min(axis=2), (3, 3), 0).astype(float)
    for box in (item.box for item in seen):
        paper = np.median(grey[box.y - 6 : box.bottom + 6, box.x - 6 : box.right + 6])
        inside = grey[box.y : box.bottom, box.x : box.right]
        for line in (inside[:3], inside[-3:], inside[:, :3], inside[:, -3:]):
            assert np.abs(line - paper).max() > 25


def test_only_digits_fully_in_view_are_named():
    options = SceneOptions(320, 240, digits="12345")
    scene = make_scene(options, np.random.default_rng(0))
    x = scene.digits[2].hull[:, 0].mean()
    beside = np.array([[1 / DETAIL, 0, -x / DETAIL], [0, 1 / DETAIL, 0], [0, 0, 1]])
    digits = [item.digit for item in see(scene, beside, options)]
    assert digits == [4, 5]
