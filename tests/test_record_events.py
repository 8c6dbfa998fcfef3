import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from recorded import full_disk

from camlive.detection import Box, Digit, Frame
from camlive.errors import OutputError
from camlive.record.events import REMEMBERED, STEADY_S, EventSink
from camlive.record.images import CropSink, FrameSink
from camlive.record.outputs import Outputs
from camlive.record.pace import Due, always, every, on_change

IMAGE = np.full((120, 320, 3), 200, np.uint8)
FPS = 10


def number(text: str, x: int = 20, first: int | None = 0) -> list[Digit]:
    """Digits side by side, with tracks from the first on."""
    return [
        Digit(Box(x + 30 * k, 40, 22, 40), int(c), 0.9, None if first is None else first + k)
        for k, c in enumerate(text)
    ]


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
    events = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(e["source"], e["frame"], e["number"]) for e in events] == [
        (source, k, text)
        for source in ("a.mp4", "b.mp4")
        for k, text in enumerate(("12", "345", "6789"))
    ]


def test_what_could_not_be_written_is_not_written_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    with EventSink(str(path)) as sink:
        sink.write(Frame(IMAGE, 0, 0, "a.mp4"), number("12"), IMAGE)
        with full_disk(0), pytest.raises(OutputError):
            sink.write(Frame(IMAGE, 1, 9, "a.mp4"), number("12"), IMAGE)
        with full_disk(0):
            sink.close()
    assert not path.exists()


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


def chosen(due: Due, shown: Sequence[Sequence[Digit]], source: str = "a.mp4") -> list[int]:
    return [k for k, d in enumerate(shown) if due(Frame(IMAGE, k, k / FPS, source), d)]


def test_every_takes_the_first_frame_and_one_each_period() -> None:
    assert chosen(every(0.45), [[]] * 15) == [0, 5, 9, 14]
    assert chosen(every(0.3), [[]] * 10) == [0, 3, 6, 9]
    assert chosen(every(0.01), [[]] * 3) == [0, 1, 2]
    assert chosen(always, [[]] * 3) == [0, 1, 2]


def test_every_begins_anew_with_each_source() -> None:
    due = every(60)
    assert chosen(due, [[]] * 3) == [0]
    assert chosen(due, [[]] * 3, "b.mp4") == [0]
    assert chosen(due, [[]] * 3, "b.mp4") == []


def test_on_change_takes_frames_with_something_new() -> None:
    one, two = number("1"), number("12")
    shown = [[], one, one, two, two, one, [], two, number("17"), number("17", first=8)]
    assert chosen(on_change(), shown) == [1, 3, 8, 9]


@pytest.mark.parametrize(("sink", "files"), [(FrameSink, 2), (CropSink, 3)])
def test_pictures_are_saved_where_they_are_due(sink: Any, files: int, tmp_path: Path) -> None:
    with sink(tmp_path / "out", due=on_change()) as saves:
        for k, digits in enumerate([number("1")] * 4 + [number("12")] * 4):
            saves.write(Frame(IMAGE, k, k / FPS, "a.mp4"), digits, IMAGE)
    assert len(list((tmp_path / "out").iterdir())) == files


def opened(outputs: Outputs, said: list[str]) -> list[Any]:
    return list(outputs.sinks([], FPS, said.append))


@pytest.mark.parametrize("endless", [True, False])
@pytest.mark.parametrize("live", [True, False])
def test_the_video_of_a_source_that_never_ends_has_its_limit(
    live: bool, endless: bool, tmp_path: Path
) -> None:
    path, said = tmp_path / "out.avi", []
    (video,) = opened(Outputs(save_video=path, limit_s=1.2), said)
    with video:
        video.begin(live=live, endless=endless)
        for k in range(30):
            video.write(Frame(IMAGE, k, k / FPS, "0"), [], IMAGE)
            assert path.exists() == (endless and k >= 11)
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT) == (12 if endless else 30)
    assert len(said) == endless
    assert all("--video-limit" in line and "out.avi" in line for line in said)


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        ({"jsonl": "-", "events": "-"}, "same name"),
        ({"save_frames": Path("f"), "every_s": 1.0, "on_change": True}, "exclude"),
        ({"on_change": True}, "--save-frames"),
        ({"every_s": 2.0, "jsonl": "-"}, "--save-frames"),
    ],
)
def test_outputs_that_make_no_sense_together(wanted: dict[str, Any], word: str) -> None:
    with pytest.raises(OutputError, match=word):
        opened(Outputs(**wanted), [])


def test_only_what_was_written_is_named_as_saved(tmp_path: Path) -> None:
    old = tmp_path / "old.jsonl"
    old.write_text("of another run")
    outputs = Outputs(save_frames=tmp_path / "frames", jsonl=str(old), force=True)
    pictures, lines = opened(outputs, [])
    assert outputs.saved() == []
    lines.write(Frame(IMAGE, 0, 0.0, "a.mp4"), [], IMAGE)
    assert outputs.saved() == [str(old)]
    pictures.write(Frame(IMAGE, 0, 0.0, "a.mp4"), [], IMAGE)
    assert outputs.saved() == [str(tmp_path / "frames"), str(old)]
