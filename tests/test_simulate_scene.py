import numpy as np
import pytest

from camlive.errors import DataError
from camlive.simulate.scene import SceneOptions, make_scene


def test_the_sheet_holds_the_numbers_asked_for():
    scene = make_scene(SceneOptions(320, 240, digits="2021 9 07"), np.random.default_rng(0))
    assert [written.digit for written in scene.digits] == [2, 0, 2, 1, 9, 0, 7]


def test_no_digits_when_none_are_asked_for():
    assert make_scene(SceneOptions(320, 240, digits=""), np.random.default_rng(0)).digits == ()


def test_digits_lie_on_the_desk_around_home_and_apart():
    for seed in range(8):
        scene = make_scene(SceneOptions(320, 240), np.random.default_rng(seed))
        assert scene.digits
        boxes = [(w.hull.min(axis=0), w.hull.max(axis=0)) for w in scene.digits]
        for low, high in boxes:
            assert (low >= 0).all()
            assert (high < scene.desk.shape[1::-1]).all()
            assert high[0] < (scene.home[0] + scene.away[0]) / 2
        for i, (low, high) in enumerate(boxes):
            for other_low, other_high in boxes[:i]:
                assert (low > other_high).any() or (other_low > high).any()


def test_the_desk_differs_where_the_ink_is():
    options = SceneOptions(320, 240, digits="8")
    scene = make_scene(options, np.random.default_rng(1))
    (hull,) = (written.hull.astype(int) for written in scene.digits)
    (left, top), (right, bottom) = hull.min(axis=0), hull.max(axis=0)
    beside = scene.desk[top:bottom, right + 5 : right + 5 + (right - left)]
    assert scene.desk[top:bottom, left:right].std() > 2 * beside.std()


@pytest.mark.parametrize(
    "wrong", [{"width": 10}, {"fps": 0}, {"duration_s": -1}, {"digits": "12a"}, {"seed": -1}]
)
def test_options_that_cannot_be_filmed_are_refused(wrong):
    with pytest.raises(DataError, match="cannot"):
        SceneOptions(**wrong)


def test_too_many_digits_are_refused():
    with pytest.raises(DataError, match="do not fit"):
        make_scene(SceneOptions(64, 64, digits="12345 " * 30), np.random.default_rng(0))
