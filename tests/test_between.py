import pytest
from hypothesis import given
from hypothesis import strategies as st

from camlive.between import SOON_S, between, on_both
from camlive.detection import Box, Digit

BEFORE = [Digit(Box(10, 20, 30, 40), 4, 0.8), Digit(Box(100, 25, 20, 40), 2, 0.9)]
ROW = BEFORE + [Digit(Box(200 + 50 * k, 25, 20, 40), 5 + k, 0.9) for k in range(3)]
LATER_S = 1.01 * SOON_S


def moved(digits, x=0, y=0, width=0):
    return [
        Digit(Box(d.box.x + x, d.box.y + y, d.box.width + width, d.box.height), d.digit, 0.6)
        for d in digits
    ]


@pytest.mark.parametrize("x", [0, -20, 20])
def test_digits_that_moved_by_up_to_half_their_size_are_alike(x):
    after = moved(BEFORE, x=x, y=-x)
    assert on_both(BEFORE, after, 9) == [*zip(BEFORE, after, strict=True)]


def test_of_nothing_there_is_nothing_between():
    assert on_both([], [], 9) == between([], 0.5) == []


@pytest.mark.parametrize(("before", "after"), [([], BEFORE), (BEFORE, [])])
def test_digits_that_come_or_go_together_are_sought_until_few_frames_are_left(before, after):
    assert on_both(before, after, LATER_S) is None
    assert on_both(before, after, SOON_S) == []


def test_the_order_in_which_digits_were_read_does_not_matter():
    assert on_both(BEFORE, BEFORE[::-1], 9) == [*zip(BEFORE, BEFORE, strict=True)]


@pytest.mark.parametrize(
    ("after", "common"),
    [
        (ROW[:1], [0]),
        (ROW[1:], [1, 2, 3, 4]),
        ([*ROW[:4], Digit(ROW[4].box, 1, 0.9)], [0, 1, 2, 3]),
        (moved(ROW, x=31, y=40), [0, 1, 2, 3, 4]),
        (moved(ROW, y=-300), [0, 1, 2, 3, 4]),
        (moved(ROW, width=40), [0, 1, 2, 3, 4]),
        ([Digit(Box(10, 42, 14, 18), 4, 0.8), *ROW[1:]], [1, 2, 3, 4]),
    ],
    ids=["the first", "the others", "another label", "moved", "up", "grown", "shrunk"],
)
def test_where_digits_go_or_move_far_only_few_frames_are_passed_over(after, common):
    assert on_both(ROW, after, LATER_S) is None
    pairs = on_both(ROW, after, SOON_S)
    assert [ROW.index(was) for was, _ in pairs] == common
    assert all(now in after for _, now in pairs)


@pytest.mark.parametrize("gone", [2, 3])
def test_where_many_digits_turn_to_others_every_frame_is_read(gone):
    after = [Digit(d.box, (d.digit + 1) % 10, 0.9) for d in ROW[:gone]] + ROW[gone:]
    assert on_both(ROW, after, SOON_S) is on_both(after, ROW, 0.01) is None


def test_digits_that_all_moved_on_by_one_are_not_taken_for_their_neighbours():
    row = [Digit(Box(50 * k, 25, 20, 40), label, 0.9) for k, label in enumerate((1, 1, 2, 1))]
    after = moved(row, x=50)
    assert on_both(row, after, SOON_S) == [*zip(row, after, strict=True)]


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
