import pytest
from hypothesis import given
from hypothesis import strategies as st

from camlive.between import are_alike, between
from camlive.detection import Box, Digit

BEFORE = [Digit(Box(10, 20, 30, 40), 4, 0.8), Digit(Box(100, 25, 20, 40), 2, 0.9)]


def moved(digits, x=0, y=0, width=0):
    return [
        Digit(Box(d.box.x + x, d.box.y + y, d.box.width + width, d.box.height), d.digit, 0.6)
        for d in digits
    ]


@pytest.mark.parametrize("x", [0, -20, 20])
def test_digits_that_moved_by_up_to_half_their_size_are_alike(x):
    assert are_alike(BEFORE, moved(BEFORE, x=x, y=-x))


def test_nothing_is_like_nothing():
    assert are_alike([], [])
    assert between([], [], 0.5) == []


@pytest.mark.parametrize(
    "after",
    [
        [],
        BEFORE[:1],
        BEFORE[::-1],
        [BEFORE[0], Digit(BEFORE[1].box, 7, 0.9)],
        moved(BEFORE, x=21),
        moved(BEFORE, y=-21),
        moved(BEFORE, width=40),
        moved(BEFORE, width=-25),
    ],
    ids=["none", "fewer", "another order", "another label", "moved", "up", "grown", "shrunk"],
)
def test_other_digits_or_places_are_not_alike(after):
    assert not are_alike(BEFORE, after)


@given(st.integers(-20, 20), st.integers(-20, 20), st.floats(0, 1))
def test_a_digit_between_is_on_its_way(x, y, share):
    after = moved(BEFORE, x, y)
    for a, now, b in zip(BEFORE, between(BEFORE, after, share), after, strict=True):
        assert now.digit == a.digit
        assert (now.box.width, now.box.height) == pytest.approx((a.box.width, a.box.height), abs=1)
        assert now.box.x == pytest.approx(a.box.x + share * x, abs=0.5)
        assert now.box.y == pytest.approx(a.box.y + share * y, abs=0.5)
        assert now.confidence == pytest.approx(a.confidence + share * (b.confidence - a.confidence))


def test_at_the_ends_it_is_what_was_read():
    after = moved(BEFORE, 5, 6, 7)
    assert between(BEFORE, after, 0) == BEFORE
    assert between(BEFORE, after, 1) == after
