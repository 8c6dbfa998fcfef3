import itertools

import numpy as np
import pytest

from camlive.detection import Box, Digit
from camlive.track import COAST_S, KEEP_S, Tracker

STEP_S = 1 / 30


def digit(x: int, y: int, label: int = 7, confidence: float = 0.95) -> Digit:
    return Digit(Box(x, y, 30, 50), label, confidence)


def follow(frames: list[list[Digit]], step_s: float = STEP_S) -> list[list[Digit]]:
    tracker = Tracker()
    return [tracker.update(digits, k * step_s) for k, digits in enumerate(frames)]


def test_a_digit_is_shown_from_its_second_reading_on() -> None:
    shown = follow([[], *[[digit(100, 100)]] * 3])
    assert [len(digits) for digits in shown] == [0, 0, 1, 1]


def test_on_the_first_frame_all_is_shown() -> None:
    assert [len(digits) for digits in follow([[digit(100, 100)], []])] == [1, 0]


def test_what_is_read_once_is_never_shown() -> None:
    assert follow([[], [digit(100, 100)], [], []]) == [[], [], [], []]


def test_what_is_read_twice_is_shown_though_it_went_unread_between() -> None:
    other, one = digit(400, 100, 3), digit(100, 100)
    shown = follow([[other], [other, one], [other], [other, one]])
    assert [len(digits) for digits in shown] == [1, 1, 1, 2]


def test_ids_are_distinct_and_stay_through_a_shaking_camera() -> None:
    rng = np.random.default_rng(1)
    homes = [(60 + 55 * k, 80 + 70 * row) for row in range(3) for k in range(8)]
    frames = []
    for _ in range(60):
        dx, dy = rng.integers(-12, 13, 2).tolist()
        frames.append([digit(x + dx, y + dy, k % 10) for k, (x, y) in enumerate(homes)])
        rng.shuffle(frames[-1])  # type: ignore[arg-type]
    shown = follow(frames)[1:]
    ids = [{d.track: d.digit for d in digits} for digits in shown]
    assert len(ids[0]) == len(homes)
    assert all(each == ids[0] for each in ids)


def test_a_fast_pan_keeps_the_ids() -> None:
    xs = [100, 110, 130, 160, 200, 240, 280, 320]  # ends faster than a digit is wide
    shown = follow([[digit(x, 100), digit(x + 400, 100, 3)] for x in xs])
    assert [[d.track for d in digits] for digits in shown[1:]] == [[0, 1]] * (len(xs) - 1)


def test_a_gap_shorter_than_the_memory_keeps_the_id() -> None:
    missed = int(KEEP_S / STEP_S) - 2
    shown = follow([[digit(100, 100)]] * 3 + [[]] * missed + [[digit(103, 101)]])
    assert shown[-1][0].track == shown[2][0].track


def test_a_gap_longer_than_the_memory_ends_the_track() -> None:
    missed = int(KEEP_S / STEP_S) + 2
    shown = follow([[digit(100, 100)]] * 3 + [[]] * missed + [[digit(100, 100)]] * 2)
    assert shown[-1][0].track != shown[2][0].track


def test_an_unread_digit_is_reported_for_a_moment_only() -> None:
    shown = follow([[digit(100, 100)]] * 3 + [[]] * 10)[3:]
    times_s = [STEP_S * (k + 1) for k in range(10)]
    assert [bool(digits) for digits in shown] == [t <= COAST_S + 1e-9 for t in times_s]


@pytest.mark.parametrize(("unread", "shown"), [(1, 8), (6, 8), (7, 1), (8, 0)])
def test_where_most_go_unread_at_once_no_label_stays_where_its_digit_may_not_be(
    unread: int, shown: int
) -> None:
    row = [digit(100 + 50 * k, 100, k) for k in range(8)]
    frames = follow([row] * 3 + [row[unread:]] + [row])
    assert len(frames[3]) == shown
    assert [d.track for d in frames[4]] == list(range(8))  # and they are the same again


def test_an_unread_digit_moves_with_the_others() -> None:
    both = [[digit(100 + 6 * k, 100), digit(400 + 6 * k, 100, 3)] for k in range(5)]
    alone = [[digit(400 + 6 * k, 100, 3)] for k in range(5, 7)]
    last = {d.digit: d.box for d in follow(both + alone)[-1]}
    assert last[7] == Box(136, 100, 30, 50)


def test_an_unread_digit_moves_as_most_of_the_others_do() -> None:
    row = [digit(100 * k, 100, k) for k in range(1, 5)]
    moved = [digit(206, 100, 2), digit(306, 100, 3), digit(424, 100, 4)]
    last = {d.digit: d.box.x for d in follow([row, row, moved])[-1]}
    assert last == {1: 106, 2: 206, 3: 306, 4: 424}


def test_the_box_is_the_one_read_now() -> None:
    shown = follow([[digit(100, 100)], [digit(109, 95)]])
    assert shown[1][0].box == Box(109, 95, 30, 50)


@pytest.mark.parametrize("wrong", [0.6, 0.9, 0.99])
def test_a_misreading_does_not_change_the_label(wrong: float) -> None:
    frames = [[digit(100, 100, 1, wrong) if k % 5 == 4 else digit(100, 100)] for k in range(30)]
    labels = {digits[0].digit for digits in follow(frames)[1:]}
    assert labels == {7}


def test_a_label_of_long_standing_outlasts_a_few_misreadings() -> None:
    assert follow([[digit(100, 100)]] * 30 + [[digit(100, 100, 1)]] * 4)[-1][0].digit == 7


def test_a_misreading_however_sure_is_soon_outvoted() -> None:
    shown = follow([[digit(100, 100, 1, 1.0)]] + [[digit(100, 100)]] * 5)
    assert [shown[0][0].digit, shown[-1][0].digit] == [1, 7]


def test_alternating_readings_do_not_flicker() -> None:
    frames = [[digit(100, 100, 1 + 6 * (k % 2), 0.8)] for k in range(40)]
    labels = [digits[0].digit for digits in follow(frames)[1:]]
    assert sum(a != b for a, b in itertools.pairwise(labels)) <= 1


def test_a_digit_that_is_written_over_gets_its_new_label_however_long_it_had_the_old() -> None:
    frames = [[digit(100, 100, 1)]] * 90 + [[digit(100, 100, 4)]] * 30
    assert follow(frames)[-1][0].digit == 4


def test_the_first_reading_alone_decides_no_label() -> None:
    frames = [[], [digit(100, 100, 1, 0.95)], [digit(100, 100, 4, 0.99)]]
    assert [d.digit for d in follow(frames)[-1]] == [4]


def test_a_digit_alone_that_jerks_back_keeps_its_id() -> None:
    xs = [100, 136, 172, 208, 244, 220]
    shown = follow([[digit(x, 100)] for x in xs])
    assert [[(d.track, d.box.x) for d in digits] for digits in shown] == [[(0, x)] for x in xs]


def test_where_frames_come_seldom_a_digit_that_goes_unread_once_keeps_its_id() -> None:
    one = [digit(100, 100)]
    shown = follow([one, one, [], one], step_s=2 * KEEP_S)
    assert [[d.track for d in digits] for digits in shown] == [[0], [0], [], [0]]


def test_confidence_is_that_of_the_readings_and_falls_with_doubt() -> None:
    sure = follow([[digit(100, 100, 7, 0.9)]] * 10)[-1][0].confidence
    frames = [[digit(100, 100, 7 if k % 3 else 1, 0.9)] for k in range(11)]
    doubtful = follow(frames)[-1][0].confidence
    assert sure == pytest.approx(0.9, abs=1e-6)
    assert doubtful < 0.85


def test_frames_that_come_seldom_show_what_was_read_once() -> None:
    shown = follow([[digit(100, 100)], [digit(300, 300, 2)]], step_s=2.0)
    assert [d.digit for d in shown[1]] == [2]


def test_neighbours_do_not_swap_where_they_pass_close() -> None:
    frames = [[digit(100, 100, 1), digit(134, 100, 2), digit(168, 100, 3)]] * 3
    frames += [[digit(117, 100, 1), digit(151, 100, 2), digit(185, 100, 3)]]
    last = follow(frames)[-1]
    assert {d.track: d.digit for d in last} == {0: 1, 1: 2, 2: 3}


@pytest.mark.parametrize("jump", [34, 68, 150])
def test_a_sheet_that_jumps_by_a_digit_and_more_keeps_its_ids(jump: int) -> None:
    """Each digit comes to stand where its neighbour stood, and one leaves the view."""
    row = [digit(100 + 34 * k, 100, label) for k, label in enumerate((3, 1, 4, 1, 5, 9))]
    moved = [digit(100 + 34 * k - jump, 100, d.digit) for k, d in enumerate(row)][1:]
    last = follow([row] * 3 + [moved])[-1]
    assert {d.track: d.digit for d in last if d.track} == {1: 1, 2: 4, 3: 1, 4: 5, 5: 9}
    assert {d.track: d.box.x for d in last if d.track} == {
        k + 1: m.box.x for k, m in enumerate(moved)
    }


def test_digits_that_move_apart_are_followed_each_for_itself() -> None:
    frames = [[digit(200 - 9 * k, 100, 4), digit(260 + 9 * k, 100, 4)] for k in range(12)]
    assert [{d.track for d in shown} for shown in follow(frames)[1:]] == [{0, 1}] * 11


def test_two_alike_are_not_taken_for_one_another() -> None:
    frames = [[digit(100 + 3 * k, 100, 8), digit(134 + 3 * k, 100, 8)] for k in range(10)]
    for k, shown in enumerate(follow(frames)[1:], 1):
        assert {d.track: d.box.x for d in shown} == {0: 100 + 3 * k, 1: 134 + 3 * k}


@pytest.mark.parametrize(
    ("count", "others", "turned"), [(3, 2, False), (8, 4, False), (3, 3, True), (8, 5, True)]
)
def test_of_a_page_that_is_turned_nothing_stays(count: int, others: int, turned: bool) -> None:
    page = [digit(60 * k, 100, k) for k in range(count)]
    next_page = [digit(60 * k, 100, (k + 5 * (k < others)) % 10) for k in range(count)]
    *_, before, first, second = follow([page] * 20 + [next_page] * 2)
    assert before[0].track == 0
    if turned:
        assert [d.digit for d in first] == [d.digit for d in second] == [d.digit for d in next_page]
        assert not {d.track for d in before} & {d.track for d in first}
        assert [d.track for d in first] == [d.track for d in second]
    else:  # misread, or written over
        assert [d.track for d in second] == [d.track for d in before]
        assert [d.digit for d in second] == [d.digit for d in page]


def test_where_frames_come_seldom_another_page_is_shown_at_once() -> None:
    pages = [[digit(60 * k, 100, (k + turn) % 10) for k in range(5)] for turn in (0, 5, 2)]
    shown = follow(pages, step_s=1.0)
    assert [[d.digit for d in page] for page in shown] == [[d.digit for d in p] for p in pages]
