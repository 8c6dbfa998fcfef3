"""Print repeats itself, no hand does."""

import numpy as np
import pytest
from drawn import PAPER, check, draw_sheet
from judged import plain

from camlive.detection import Box, Digit
from camlive.judge.printed import PRINTED, not_printed
from camlive.judge.verdict import Verdict
from camlive.simulate.writer import draw_digit, random_style

STAMPED = (2, 3, 5, 7)


def stamped(seed, copies=5):
    """Rows of a few digits of one hand, each the same each time, as a stamp leaves them."""
    rng = np.random.default_rng(seed)
    image = np.full((80 * len(STAMPED) + 30, 77 * copies + 40, 3), PAPER, np.uint8)
    for row, digit in enumerate(STAMPED):
        cover = draw_digit(digit, random_style(rng), 48, rng)
        height, width = cover.shape
        for column in range(copies):
            x, y = 25 + 77 * column, 25 + 80 * row
            area = image[y : y + height, x : x + width]
            area[:] = area * (1 - cover[..., None] / 255)
    return image


@pytest.mark.parametrize("seed", range(4))
def test_what_is_stamped_is_told_as_print(recognizer, seed):
    image = stamped(seed)
    seen = recognizer.examine(image)
    reasons = [verdict.refused for verdict in seen.verdicts]
    assert seen.digits == []
    assert reasons.count(PRINTED) >= 16  # of 20, if a digit of some style is not read


def test_one_stamp_of_each_is_read(recognizer):
    assert {digit.digit for digit in recognizer(stamped(0, copies=1))} == set(STAMPED)


@pytest.mark.parametrize("seed", range(3))
def test_a_hand_that_writes_each_digit_often_is_read(recognizer, seed):
    image, digits = draw_sheet(seed, rows=6)
    check(recognizer, image, digits, most_lost=4)


def tile_of(seed, changed=0.0, copy=0):
    """Noise: copies of one seed are the more alike the less of each is changed."""
    own = np.random.default_rng(seed).normal(128, 40, (28, 28))
    other = np.random.default_rng([seed, copy, 1]).normal(128, 40, (28, 28))
    return (own * (1 - changed) + other * changed).clip(0, 255).astype(np.uint8)


def page(*marks):
    """Verdicts on marks of a digit, height, refusal and tile, and the tiles."""
    verdicts = []
    for k, (digit, height, refused, _) in enumerate(marks):
        box = Box(60 * k, 10, 30, height)
        verdicts.append(Verdict(plain(box), Digit(box, digit, 0.99), refused))
    return verdicts, [tile for *_, tile in marks]


def kept(verdicts):
    return [v.digit.digit for v in verdicts if not v.refused]


def test_few_that_are_alike_may_be_by_chance():
    """Of four that are alike there are six pairs, of three only three."""
    same = [(5, 40, "", tile_of(0)) for _ in range(4)]
    assert kept(not_printed(*page(*same))) == []
    assert kept(not_printed(*page(*same[:3]))) == [5, 5, 5]
    assert kept(not_printed(*page())) == []


def test_most_that_can_be_must_be_alike():
    same = [(5, 40, "", tile_of(0)) for _ in range(4)]
    other = [(8, 40, "", tile_of(k)) for k in range(1, 11)]
    assert kept(not_printed(*page(*same, *other[:4]))) == []
    assert len(kept(not_printed(*page(*same, *other)))) == 14  # 4 of 14
    alone = [(digit, 40, "", tile_of(digit)) for digit in (2, 3, 4, 6, 7, 8, 9)]
    assert kept(not_printed(*page(*same, *alone))) == []  # those have none to be like


def test_what_goes_with_print_is_as_high():
    same = [(5, 40, "", tile_of(0)) for _ in range(4)]
    others = [(1, 41, "", tile_of(1)), (0, 38, "", tile_of(2)), (3, 60, "", tile_of(3))]
    assert kept(not_printed(*page(*same, *others))) == [3]


def test_ones_noughts_and_other_heights_tell_nothing():
    for digit in (0, 1):
        assert len(kept(not_printed(*page(*[(digit, 40, "", tile_of(0))] * 6)))) == 6
    steps = [(5, height, "", tile_of(0)) for height in (20, 26, 33, 42, 53)]
    assert len(kept(not_printed(*page(*steps)))) == 5


def test_what_is_no_digit_tells_nothing_and_keeps_its_reason():
    marks = [(5, 40, "small", tile_of(0))] * 3 + [(5, 40, "", tile_of(0))] * 3
    verdicts = not_printed(*page(*marks))
    assert [v.refused for v in verdicts] == ["small"] * 3 + [""] * 3


def test_nearly_alike_is_enough():
    near = [(5, 40, "", tile_of(0, 0.15, copy)) for copy in range(4)]
    far = [(5, 40, "", tile_of(0, 0.5, copy)) for copy in range(4)]
    assert kept(not_printed(*page(*near))) == []
    assert len(kept(not_printed(*page(*far)))) == 4
