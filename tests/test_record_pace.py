"""Which frames are saved as pictures."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recorded import number

from camlive.detection import Digit, Frame
from camlive.record.images import CropSink, FrameSink
from camlive.record.pace import Due, Every, OnChange

IMAGE = np.full((120, 320, 3), 200, np.uint8)
FPS = 10


def chosen(due: Due, shown: Sequence[Sequence[Digit]]) -> list[int]:
    due.begin()
    return [k for k, d in enumerate(shown) if due(Frame(IMAGE, k, k / FPS, "a.mp4"), d)]


def test_every_takes_the_first_frame_and_one_each_period() -> None:
    assert chosen(Every(0.45), [[]] * 15) == [0, 5, 9, 14]
    assert chosen(Every(0.3), [[]] * 10) == [0, 3, 6, 9]
    assert chosen(Every(0.1), [[]] * 10) == [*range(10)]
    assert chosen(Every(0.01), [[]] * 3) == [0, 1, 2]
    assert chosen(Due(), [[]] * 3) == [0, 1, 2]


def test_every_does_not_make_up_for_a_pause() -> None:
    due, times_s = Every(1), (0, 5.2, 5.3, 5.4, 6, 6.1)
    saved_s = [t for k, t in enumerate(times_s) if due(Frame(IMAGE, k, t, "camera 0"), [])]
    assert saved_s == [0, 5.2, 6]


@pytest.mark.parametrize("due", [Every(60), OnChange()])
def test_pictures_begin_anew_with_each_source(due: Due, tmp_path: Path) -> None:
    """Also where the same one is given twice."""
    with FrameSink(tmp_path / "out", due=due) as sink:
        for _ in range(2):
            sink.begin(live=False, endless=False)
            sink.write(Frame(IMAGE, 0, 0.0, "a.png"), number("7", first=None), IMAGE)
    assert sorted(os.listdir(tmp_path / "out")) == ["a-000000.jpg", "a_2-000000.jpg"]


def test_on_change_takes_a_frame_once_what_is_new_is_steady() -> None:
    one, two = number("1"), number("12")
    shown = [[one] * 9, [two] * 9, [one] * 9, [[]] * 9, [two] * 9, [number("17", first=8)] * 9]
    assert chosen(OnChange(), [digits for part in shown for digits in part]) == [4, 13, 49]


def test_on_change_takes_what_is_written_over_and_back_again() -> None:
    assert chosen(OnChange(), ([number("8")] * 9 + [number("3")] * 9) * 2) == [4, 13, 22, 31]


def test_on_change_passes_over_a_sheet_that_slides_in() -> None:
    sliding = [number("2021"[:k]) for k in (1, 1, 2, 3, 3)]
    assert chosen(OnChange(), [[], *sliding, *[number("2021")] * 9]) == [10]


def test_on_change_does_not_wait_for_what_comes_and_goes() -> None:
    shown = [number("12"[: 1 + k // 3 % 2]) for k in range(60)]  # the 2 for 0.3 seconds each time
    later = [[*digits, *number("7", 200, first=8)] for digits in shown]
    assert chosen(OnChange(), shown + later) == [6, 66]


def test_on_change_takes_each_page_of_a_time_lapse() -> None:
    pages = [[], *(number("7", first=k) for k in range(4))]
    due = OnChange()
    assert [due(Frame(IMAGE, k, 10.0 * k, "a.mp4"), page) for k, page in enumerate(pages)] == [
        False,
        *[True] * 4,
    ]


def test_on_change_takes_a_picture_at_once() -> None:
    assert chosen(OnChange(), [number("7", first=None)] * 9) == [0]


@pytest.mark.parametrize(("sink", "files"), [(FrameSink, 2), (CropSink, 3)])
def test_pictures_are_saved_where_they_are_due(sink: Any, files: int, tmp_path: Path) -> None:
    with sink(tmp_path / "out", due=OnChange()) as saves:
        for k, digits in enumerate([number("1")] * 6 + [number("12")] * 6):
            saves.write(Frame(IMAGE, k, k / FPS, "a.mp4"), digits, IMAGE)
    assert len(list((tmp_path / "out").iterdir())) == files
