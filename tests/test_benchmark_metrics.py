import pytest

from benchmark.metrics import (
    Counts,
    Loss,
    count,
    edit_distance,
    losses,
    match,
    rightly_read,
    string_edits,
)
from camlive.detection import Box, Digit


def digit(value: int, x: int, y: int = 0, width: int = 10, height: int = 20) -> Digit:
    return Digit(Box(x, y, width, height), value, 1.0)


def test_a_box_below_the_least_iou_is_no_match() -> None:
    true = Box(0, 0, 10, 10)
    assert match([true], [Box(0, 0, 10, 3)]) == [(0, 0)]  # IoU 30 / 100
    assert match([true], [Box(0, 0, 10, 2)]) == []  # IoU 20 / 100


def test_the_highest_iou_is_paired_first_and_each_box_once() -> None:
    true = [Box(0, 0, 10, 10), Box(4, 0, 10, 10)]
    # The first read box overlaps both; it is nearer to the second, the other is left the first.
    read = [Box(3, 0, 10, 10), Box(1, 0, 8, 10)]
    assert sorted(match(true, read)) == [(0, 1), (1, 0)]
    # Of two boxes on one digit the closer one counts, whatever the order.
    assert match([true[0]], [Box(2, 0, 10, 10), Box(0, 0, 10, 10)]) == [(0, 1)]


def test_a_hit_needs_box_and_label() -> None:
    true = [digit(1, 0), digit(2, 100), digit(3, 200), digit(4, 300)]
    read = [digit(1, 1), digit(7, 100), digit(3, 240), digit(5, 500), digit(4, 300)]
    counts = count(true, read)
    assert counts == Counts(true=4, read=5, found=3, right=2)
    assert counts.precision == pytest.approx(2 / 5)
    assert counts.recall == pytest.approx(2 / 4)
    assert counts.f1 == pytest.approx(4 / 9)
    assert counts.found_rate == pytest.approx(3 / 4)
    assert counts.read_rate == pytest.approx(2 / 3)


def test_each_reading_is_right_or_not() -> None:
    true = [digit(1, 0), digit(2, 100)]
    assert rightly_read(true, [digit(2, 100), digit(3, 0), digit(1, 300)]) == [True, False, False]
    assert rightly_read(true, []) == []


def test_counts_add_up() -> None:
    assert Counts(1, 2, 1, 0) + Counts(3, 4, 2, 2) == Counts(4, 6, 3, 2)


def test_nothing_true_and_nothing_read_has_no_rate() -> None:
    counts = count([], [])
    assert counts.f1 is counts.precision is counts.recall is counts.read_rate is None
    assert count([digit(1, 0)], []).f1 == 0
    assert count([], [digit(1, 0)]).f1 == 0


def test_losses_name_what_went_wrong() -> None:
    true = [digit(1, 0), digit(2, 100), digit(3, 200)]
    read = [digit(1, 0), digit(7, 101), digit(9, 400)]
    assert losses(true, read) == [
        Loss(true[1].box, 2, 7),
        Loss(true[2].box, 3, None),
        Loss(read[2].box, None, 9),
    ]


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("", "", 0), ("2021", "2021", 0), ("2021", "221", 1), ("", "123", 3), ("1234", "4321", 4),
     ("kitten", "sitting", 3)],
)  # fmt: skip
def test_edit_distance(one: str, other: str, distance: int) -> None:
    assert edit_distance(one, other) == distance
    assert edit_distance(other, one) == distance


def test_string_edits_ignore_all_but_digits() -> None:
    read = [digit(2, 0), digit(0, 20), digit(1, 40), digit(9, 0, 50)]
    assert string_edits("20 1/9?", read) == (0, 4)
    assert string_edits("20 21/9", read) == (1, 5)
