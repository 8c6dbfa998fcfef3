from dataclasses import replace

import numpy as np
import pytest

from camlive.simulate.signs import SIGNS
from camlive.simulate.strokes import DIGITS, parse
from camlive.simulate.writer import _form, draw_digit, draw_sign, random_style


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("height", [14, 20, 28, 33, 64, 97, 200])
def test_a_digit_is_as_high_as_asked_and_cropped_to_its_ink(digit, height):
    rng = np.random.default_rng(digit * 1000 + height)
    for _ in range(12):
        ink = draw_digit(digit, random_style(rng), height, rng)
        assert ink.dtype == np.uint8
        assert ink.ndim == 2
        assert abs(ink.shape[0] - height) <= 1
        assert ink.shape[1] <= 2 * height
        assert ink.max() > 120
        for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]):
            assert edge.any()
        assert 0.02 < (ink / 255).mean() < 0.95


def test_ink_is_anti_aliased():
    rng = np.random.default_rng(0)
    ink = draw_digit(8, random_style(rng), 64, rng)
    assert ((ink > 20) & (ink < 235)).sum() > 50


def test_the_same_seed_draws_the_same():
    def page(seed):
        rng = np.random.default_rng(seed)
        style = random_style(rng)
        return [draw_digit(d, style, 40, rng) for d in range(10)] + [draw_sign(style, 40, rng)]

    for first, again in zip(page(5), page(5), strict=True):
        np.testing.assert_array_equal(first, again)
    other = page(6)
    assert any(a.shape != b.shape or (a != b).any() for a, b in zip(page(5), other, strict=True))


def test_a_writer_never_draws_a_digit_twice_alike():
    rng = np.random.default_rng(1)
    style = random_style(rng)
    first, second = draw_digit(3, style, 64, rng), draw_digit(3, style, 64, rng)
    assert first.shape != second.shape or (first != second).any()


@pytest.mark.parametrize("digit", range(10))
def test_writers_use_every_form_of_a_digit(digit):
    rng = np.random.default_rng(digit)
    forms = {_form(digit, random_style(rng), rng) for _ in range(600)}
    assert forms == {form for _, form in DIGITS[digit]}


def test_a_writer_keeps_mostly_to_one_form():
    rng = np.random.default_rng(2)
    style = random_style(rng)
    forms = [_form(4, style, rng) for _ in range(200)]
    assert max(forms.count(form) for form in set(forms)) > 140


def test_a_thicker_pen_leaves_more_ink():
    style = random_style(np.random.default_rng(3))
    thin, thick = (
        draw_digit(5, replace(style, pen=pen), 80, np.random.default_rng(4)) for pen in (0.04, 0.15)
    )
    assert (thick / 255).sum() > 2 * (thin / 255).sum()


def test_signs_keep_to_their_height_and_differ():
    rng = np.random.default_rng(7)
    signs = [draw_sign(random_style(rng), 60, rng) for _ in range(300)]
    heights = [sign.shape[0] for sign in signs]
    assert max(heights) <= 64
    assert min(heights) < 20  # dots and dashes are low
    assert all(sign.max() > 60 and sign.ndim == 2 for sign in signs)
    assert len({sign.shape for sign in signs}) > 100


def test_forms_are_written_in_heights():
    forms = [form for ways in DIGITS.values() for _, form in ways]
    for form in forms:
        points = np.concatenate([stroke.points for stroke in parse(form)])
        assert 0.93 <= np.ptp(points[:, 1]) <= 1.04
    for form in SIGNS:
        for stroke in parse(form):
            assert len(stroke.points) >= 2
            assert all(0 < corner < len(stroke.points) - 1 for corner in stroke.corners)
