import pytest
from hypothesis import given
from hypothesis import strategies as st

from camlive.between import FEW, between, on_both
from camlive.detection import Box, Digit

BEFORE = [Digit(Box(10, 20, 30, 40), 4, 0.8), Digit(Box(100, 25, 20, 40), 2, 0.9)]


def moved(digits, x=0, y=0, width=0):
    return [
        Digit(Box(d.box.x + x, d.box.y + y, d.box.width + width, d.box.height), d.digit, 0.6)
        for d in digits
    ]


@pytest.mark.parametrize("x", [0, -20, 20])
def test_digits_that_moved_by_up_to_half_their_size_are_alike(x):
    after = moved(BEFORE, x=x, y=-x)
    assert on_both(BEFORE, after, 99) == [*zip(BEFORE, after, strict=True)]


def test_nothing_is_like_nothing_alone():
    assert on_both([], [], 99) == between([], 0.5) == []
    assert on_both([], BEFORE, 2) is on_both(BEFORE, [], 2) is None


def test_the_order_in_which_digits_were_read_does_not_matter():
    assert on_both(BEFORE, BEFORE[::-1], 99) == [*zip(BEFORE, BEFORE, strict=True)]


@pytest.mark.parametrize(
    ("after", "common"),
    [
        (BEFORE[:1], [0]),
        (BEFORE[1:], [1]),
        ([BEFORE[0], Digit(BEFORE[1].box, 7, 0.9)], [0]),
        (moved(BEFORE, x=31, y=40), [0, 1]),
        (moved(BEFORE, y=-300), [0, 1]),
        (moved(BEFORE, width=40), [0, 1]),
        ([Digit(Box(10, 42, 14, 18), 4, 0.8), BEFORE[1]], [1]),
    ],
    ids=["first", "second", "another label", "moved", "up", "grown", "shrunk"],
)
def test_where_digits_go_or_move_far_only_few_frames_are_passed_over(after, common):
    assert on_both(BEFORE, after, FEW + 1) is None
    pairs = on_both(BEFORE, after, FEW)
    assert [BEFORE.index(was) for was, _ in pairs] == common
    assert all(now in after for _, now in pairs)


def test_where_most_digits_come_or_go_every_frame_is_read():
    more = BEFORE + [Digit(Box(200 + 50 * k, 25, 20, 40), 5, 0.9) for k in range(3)]
    assert on_both(BEFORE, more, 2) is on_both(more, BEFORE, 2) is None


def test_digits_that_all_moved_on_by_one_are_not_taken_for_their_neighbours():
    row = [Digit(Box(50 * k, 25, 20, 40), label, 0.9) for k, label in enumerate((1, 1, 2, 1))]
    after = moved(row, x=50)
    assert on_both(row, after, 2) == [*zip(row, after, strict=True)]


@given(st.integers(-20, 20), st.integers(-20, 20), st.floats(0, 1))
def test_a_digit_between_is_on_its_way(x, y, share):
    after = moved(BEFORE, x, y)
    pairs = [*zip(BEFORE, after, strict=True)]
    for a, now, b in zip(BEFORE, between(pairs, share), after, strict=True):
        assert now.digit == a.digit
        assert (now.box.width, now.box.height) == pytest.approx((a.box.width, a.box.height), abs=1)
        assert now.box.x == pytest.approx(a.box.x + share * x, abs=0.5)
        assert now.box.y == pytest.approx(a.box.y + share * y, abs=0.5)
        assert now.confidence == pytest.approx(a.confidence + share * (b.confidence - a.confidence))


def test_at_the_ends_it_is_what_was_read():
    after = moved(BEFORE, 5, 6, 7)
    pairs = [*zip(BEFORE, after, strict=True)]
    assert between(pairs, 0) == BEFORE
    assert between(pairs, 1) == after
