"""What the training prints."""

import numpy as np

from camlive.preprocess import to_tile
from camlive.training import glyphs
from camlive.training.glyphs import (
    CHARACTERS,
    DIGITS,
    FONTS,
    WEIGHTS,
    _glyph,
    _glyph_of_opencv,
    printed,
)


def test_every_font_draws_every_character_its_own_way():
    glyphs = {(c, f): _glyph(c, f) for c in CHARACTERS + DIGITS for f in FONTS}
    glyphs |= {(c, w): _glyph_of_opencv(c, w) for c in CHARACTERS + DIGITS for w in WEIGHTS}
    assert all(glyph.max() == 255 for glyph in glyphs.values())
    shapes = {(to_tile(glyph).tobytes()) for glyph in glyphs.values()}
    assert len(shapes) > 0.9 * len(glyphs)


def test_print_is_as_high_as_asked_and_tight():
    rng = np.random.default_rng(2)
    for height in (10, 11, 40, 110, 132):
        for _ in range(30):
            ink = printed(height, rng)
            assert ink.shape[0] == height
            assert all(edge.any() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))


def test_some_of_what_is_printed_is_a_digit(monkeypatch):
    drawn = []
    for name in ("_glyph", "_glyph_of_opencv"):
        real = getattr(glyphs, name)
        monkeypatch.setattr(glyphs, name, lambda c, f, r=real: (drawn.append(c), r(c, f))[1])
    rng = np.random.default_rng(3)
    for _ in range(400):
        printed(20, rng)
    digits = [character for character in drawn if character.isdecimal()]
    assert set(digits) == set("23456789")
    assert 0.15 < len(digits) / len(drawn) < 0.35
