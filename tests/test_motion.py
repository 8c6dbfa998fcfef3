"""Which digits of two moments are the same, and where they are between them."""

import numpy as np
import pytest

from camlive.detection import Box, Digit
from camlive.motion import between, paired

HOME = (100, 100, 30, 50)


def pairs_of(before, after, labels=None, later=None):
    """The pairs of places with these labels: by default those of each moment are 0, 1, 2, ..."""
    labels = range(len(before)) if labels is None else labels
    same = np.equal.outer(labels, range(len(after)) if later is None else later)
    places = (np.array(places, float) for places in (before, after))
    return dict(paired(*places, same, np.ones_like(same)))


def at(*xs):
    return [(x, *HOME[1:]) for x in xs]


@pytest.mark.parametrize(
    ("place", "is_same"),
    [
        ((139, 100, 30, 50), True),
        ((141, 100, 30, 50), False),
        ((100, 141, 30, 50), False),
        ((100, 100, 60, 99), True),
        ((100, 100, 60, 101), False),
        ((100, 100, 15, 24), False),
    ],
)
def test_a_digit_alone_is_the_same_where_it_is_near_and_as_large(place, is_same):
    assert pairs_of([HOME], [place]) == ({0: 0} if is_same else {})


def test_of_two_as_near_the_one_with_the_same_label_is_the_same():
    assert pairs_of(at(100), at(88, 112), [1], [0, 1]) == {0: 1}


def test_one_far_nearer_is_the_same_whatever_its_label():
    assert pairs_of(at(100), at(100, 125), [1], [0, 1]) == {0: 0}


def test_of_two_as_near_the_one_of_the_same_size_is_the_same():
    assert pairs_of([HOME], [(104, 100, 15, 26), (110, 100, 30, 50)], [3], [4, 4]) == {0: 1}


def test_of_motions_that_as_many_digits_made_the_smallest_is_that_of_the_frame():
    assert pairs_of(at(100, 134, 168), at(134, 168), [1] * 3, [1] * 2) == {1: 0, 2: 1}


def test_where_no_two_digits_move_alike_each_is_looked_for_where_it_was():
    assert pairs_of(at(100, 300, 500), at(62, 310, 530)) == {0: 0, 1: 1, 2: 2}


def digit(x, y=100, track=0, width=30):
    return Digit(Box(x, y, width, 50), 7, 0.9, track)


@pytest.mark.parametrize("share", [0, 0.2, 0.5, 0.8, 1])
def test_a_digit_of_two_moments_is_on_the_straight_way_between_its_places(share):
    (shown,) = between([digit(100)], [digit(200, 80, width=40)], share)
    left, top, width = 100 + 100 * share, 100 - 20 * share, 30 + 10 * share
    assert shown.box == Box(round(left), round(top), round(width), 50)


@pytest.mark.parametrize(
    ("share", "shown"), [(0.2, {1: 404}), (0.4, {1: 408}), (0.5, {}), (0.6, {2: 592})]
)
def test_a_digit_that_one_moment_has_is_shown_near_it_and_moves_as_most_do(share, shown):
    common = [(100, 120), (200, 270), (300, 300)]
    before = [digit(x, track=k) for k, (x, _) in enumerate(common, 3)] + [digit(400, track=1)]
    after = [digit(x, track=k) for k, (_, x) in enumerate(common, 3)] + [digit(600, track=2)]
    found = {d.track: d.box.x for d in between(before, after, share)}
    assert {track: x for track, x in found.items() if track < 3} == shown
    assert found.keys() - shown.keys() == {3, 4, 5}


def test_between_moments_without_a_common_digit_none_is_shown():
    assert between([digit(100, track=1)], [digit(200, track=2)], 0.2) == []
