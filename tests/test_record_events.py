import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recorded import full_disk, number

from camlive.detection import Digit, Frame
from camlive.errors import OutputError
from camlive.record.events import REMEMBERED, STEADY_S, EventSink, NumberSink

IMAGE = np.full((120, 320, 3), 200, np.uint8)
FPS = 10


def told(path: Path, shown: Sequence[Sequence[Digit]], source: str = "a.mp4") -> list[Any]:
    """The events of frames at 10 a second."""
    with EventSink(str(path), force=True) as sink:
        sink.begin(live=False, endless=False)
        for k, digits in enumerate(shown):
            sink.write(Frame(IMAGE, k, k / FPS, source), digits, IMAGE)
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_number_is_told_once_when_it_is_steady(tmp_path: Path) -> None:
    events = told(tmp_path / "e.jsonl", [number("2021")] * 20)
    assert events == [
        {
            "source": "a.mp4",
            "frame": round(STEADY_S * FPS),
            "time_s": STEADY_S,
            "number": "2021",
            "box": [20, 40, 112, 40],
            "confidence": 0.9,
        }
    ]


def test_a_number_is_as_sure_as_the_least_sure_of_its_digits(tmp_path: Path) -> None:
    sure, unsure = number("12")
    events = told(tmp_path / "e.jsonl", [[sure, replace(unsure, confidence=0.6)]] * 9)
    assert [e["confidence"] for e in events] == [0.6]


def test_numbers_are_told_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    with NumberSink("-") as sink:
        sink.begin(live=False, endless=False)
        for k in range(20):
            sink.write(Frame(IMAGE, k, k / FPS, "a\x1b.mp4"), number("2021"), IMAGE)
        sink.begin(live=False, endless=False)
        still = [replace(digit, track=None) for digit in number("34")]
        sink.write(Frame(IMAGE, 0, 0.0, "b.png"), still, IMAGE)
    assert capsys.readouterr().out == "a\\x1b.mp4 0.5 s: 2021\nb.png: 34\n"


def test_what_is_gone_before_it_is_steady_is_not_told(tmp_path: Path) -> None:
    short = round(STEADY_S * FPS) - 1
    shown = [number("7")] * short + [[]] + [number("7")] * short + [[]]
    assert told(tmp_path / "e.jsonl", shown) == []


def test_a_frame_stands_until_the_next(tmp_path: Path) -> None:
    """As the pages of a slide show do, and each page of half a second."""
    path = tmp_path / "e.jsonl"
    with EventSink(str(path)) as sink:
        for k, (time_s, text) in enumerate(
            [(0, "12"), (5, "12"), (9, "34"), (9.4, "56"), (12, "")]
        ):
            sink.write(Frame(IMAGE, k, time_s, "a.mp4"), number(text, first=10 * k), IMAGE)
    events = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(e["frame"], e["time_s"], e["number"]) for e in events] == [
        (0, 0, "12"),
        (1, 5, "12"),
        (3, 9.4, "56"),
    ]


def test_a_frame_of_a_camera_that_stalls_does_not_stand(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    with EventSink(str(path)) as sink:
        sink.begin(live=True, endless=True)
        for k, (time_s, text) in enumerate([(0, ""), (0.1, "1"), (9, "12"), (9.6, "12")]):
            sink.write(Frame(IMAGE, k, time_s, "camera 0"), number(text), IMAGE)
    assert [json.loads(line)["number"] for line in path.read_text().splitlines()] == ["12"]


def test_a_digit_alone_and_each_number_in_view_are_told(tmp_path: Path) -> None:
    shown = [[*number("42"), *number("7", x=280, first=5)]] * 9
    assert [e["number"] for e in told(tmp_path / "e.jsonl", shown)] == ["42", "7"]


@pytest.mark.parametrize("hidden", range(4))
def test_a_number_hidden_in_part_for_a_while_is_not_told_again(tmp_path: Path, hidden: int) -> None:
    left = number("2021")
    del left[hidden]
    whole, part = [number("2021")] * 9, [left] * 9
    assert [e["number"] for e in told(tmp_path / "e.jsonl", whole + part + whole)] == ["2021"]


def test_many_numbers_hidden_in_part_for_a_while_are_not_told_again(tmp_path: Path) -> None:
    whole = [number("12", x=300 * k, first=2 * k) for k in range(40)]
    shown = [[digit for digits in whole for digit in digits[:n]] for n in (2, 1, 2)]
    assert len(told(tmp_path / "e.jsonl", [digits for digits in shown for _ in range(9)])) == 40


def test_a_number_that_grows_or_is_written_over_is_told_anew(tmp_path: Path) -> None:
    shown = [number("12")] * 9 + [number("123")] * 9 + [number("129")] * 9
    assert [e["number"] for e in told(tmp_path / "e.jsonl", shown)] == ["12", "123", "129"]


def test_a_number_that_comes_back_is_told_again(tmp_path: Path) -> None:
    shown = [number("12")] * 9 + [[]] * 11 + [number("12", first=6)] * 9
    assert [e["frame"] for e in told(tmp_path / "e.jsonl", shown)] == [5, 25]


def test_a_number_that_is_written_over_and_back_is_told_again(tmp_path: Path) -> None:
    shown = ([number("8")] * 9 + [number("3")] * 9) * 2
    assert [e["number"] for e in told(tmp_path / "e.jsonl", shown)] == ["8", "3", "8", "3"]


def test_without_a_number_the_file_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    for before in (None, "old\n"):
        if before:
            path.write_text(before)
        assert told(path, [[]] * 9) == []
        assert path.read_bytes() == b""


def test_the_numbers_of_a_picture_are_told_at_once(tmp_path: Path) -> None:
    events = told(tmp_path / "e.jsonl", [number("12", first=None)], "page.png")
    assert [(e["source"], e["number"]) for e in events] == [("page.png", "12")]


def test_a_source_that_is_read_twice_is_told_twice(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    with EventSink(str(path)) as sink:
        for _ in range(2):
            sink.begin(live=False, endless=False)
            for k in range(20):
                sink.write(Frame(IMAGE, k, k / FPS, "a.mp4"), number("2021"), IMAGE)
    assert [json.loads(line)["time_s"] for line in path.read_text().splitlines()] == [STEADY_S] * 2


def test_what_was_not_steady_at_the_end_of_a_source_is_not_told_in_the_next(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    with EventSink(str(path)) as sink:
        for source, time_s in (("a.mp4", 0), ("b.mp4", 60)):
            sink.begin(live=False, endless=False)
            sink.write(Frame(IMAGE, 0, time_s, source), number("7"), IMAGE)
    assert path.read_text() == ""


def test_the_last_frame_of_a_source_stands_as_long_as_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    with EventSink(str(path)) as sink:
        for source in ("a.mp4", "b.mp4"):
            sink.begin(live=False, endless=False)
            for k, text in enumerate(("12", "345", "6789")):
                sink.write(Frame(IMAGE, k, k, source), number(text, first=10 * k), IMAGE)
            sink.end()
    events = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(e["source"], e["frame"], e["number"]) for e in events] == [
        (source, k, text)
        for source in ("a.mp4", "b.mp4")
        for k, text in enumerate(("12", "345", "6789"))
    ]


def test_a_frame_alone_does_not_stand_as_long_as_those_of_the_source_before(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    with EventSink(str(path)) as sink:
        for source, times_s in (("a.mp4", (0, 9)), ("b.mp4", (0,))):
            sink.begin(live=False, endless=False)
            for k, time_s in enumerate(times_s):
                sink.write(Frame(IMAGE, k, time_s, source), number("7"), IMAGE)
            sink.end()
    assert [json.loads(line)["source"] for line in path.read_text().splitlines()] == ["a.mp4"]


def test_what_could_not_be_written_is_not_written_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    with EventSink(str(path)) as sink:
        sink.write(Frame(IMAGE, 0, 0, "a.mp4"), number("12"), IMAGE)
        with full_disk(0), pytest.raises(OutputError):
            sink.write(Frame(IMAGE, 1, 9, "a.mp4"), number("12"), IMAGE)
        with full_disk(0):
            sink.close()
    assert not path.exists()


def test_what_could_not_be_written_does_not_stop_the_end_of_a_source(tmp_path: Path) -> None:
    with EventSink(str(tmp_path / "e.jsonl")) as sink, full_disk(0):
        sink.write(Frame(IMAGE, 0, 0, "a.mp4"), number("12"), IMAGE)
        with pytest.raises(OutputError):
            sink.write(Frame(IMAGE, 1, 9, "a.mp4"), [], IMAGE)
        sink.end()
        sink.close()


def test_the_number_of_a_picture_that_is_looped_is_told_once(tmp_path: Path) -> None:
    shown = [number("12", first=None)] * 9
    assert [e["number"] for e in told(tmp_path / "e.jsonl", shown, "page.png")] == ["12"]


def test_digits_that_change_places_are_another_number(tmp_path: Path) -> None:
    one, two = number("12")
    swapped = [replace(two, box=one.box), replace(one, box=two.box)]
    shown = [[one, two]] * 9 + [swapped] * 9
    assert [e["number"] for e in told(tmp_path / "e.jsonl", shown)] == ["12", "21"]


def test_equal_numbers_of_a_picture_are_told_each(tmp_path: Path) -> None:
    shown = [*number("7", first=None), *number("7", x=280, first=None)]
    assert [e["box"][0] for e in told(tmp_path / "e.jsonl", [shown], "page.png")] == [20, 280]


def test_what_is_remembered_is_bounded(tmp_path: Path) -> None:
    shown = [number("3", first=k // 7) for k in range(7 * (REMEMBERED + 9))]
    with EventSink(str(tmp_path / "e.jsonl")) as sink:
        for k, digits in enumerate(shown):
            sink.write(Frame(IMAGE, k, k / FPS, "0"), digits, IMAGE)
        assert len(sink._told) == REMEMBERED
        assert len(sink._since) == 1
