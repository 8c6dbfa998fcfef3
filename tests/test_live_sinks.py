"""What the loop gives to its sinks, and what becomes of a run as one of them fails."""

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import Recording
from kept import Kept, seven
from keys import Keys

from camlive.capture.opening import open_source
from camlive.detection import Digit, Frame, Image
from camlive.errors import OutputError
from camlive.live import LiveOptions, run
from camlive.record.images import CropSink, FrameSink
from camlive.record.jsonlines import JsonLinesSink
from camlive.record.sink import Sink
from camlive.record.video import VideoSink


def test_every_frame_of_a_recording_goes_to_every_sink(
    recording: Recording, tmp_path: Path
) -> None:
    with (
        open_source(str(recording(images=8, fps=3))) as source,
        VideoSink(tmp_path / "out.avi", source.fps) as video,
        FrameSink(tmp_path / "frames") as frames,
        CropSink(tmp_path / "crops") as crops,
        JsonLinesSink(str(tmp_path / "out.jsonl")) as lines,
    ):
        summary = run(source, seven, [video, frames, crops, lines])
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert (summary.frames, summary.digits, summary.quit) == (8, 8, False)
    assert [line["frame"] for line in written] == list(range(8))
    assert len(list((tmp_path / "frames").iterdir())) == 8
    assert len(list((tmp_path / "crops").iterdir())) == 8
    assert cv2.VideoCapture(str(tmp_path / "out.avi")).get(cv2.CAP_PROP_FRAME_COUNT) == 8


def test_frames_are_drawn_on_where_nobody_needs_them_plain(
    recording: Recording, tmp_path: Path
) -> None:
    file, seen = str(recording(images=3, fps=3)), []
    for name, others in ("drawn", []), ("plain", [Kept()]):
        images: list[Image] = []
        options = LiveOptions(on_frame=lambda frame, kept=images: kept.append(frame.image))
        with open_source(file) as source, FrameSink(tmp_path / name) as frames:
            run(source, seven, [frames, *others], options=options)
        seen.append(images)
    with open_source(file) as source:
        for drawn, plain, frame in zip(*seen, source, strict=True):
            np.testing.assert_array_equal(plain, frame.image)
            assert (drawn != plain).any()
    paths = list((tmp_path / "drawn").iterdir())
    assert len(paths) == 3
    for path in paths:
        assert path.read_bytes() == (tmp_path / "plain" / path.name).read_bytes()


@pytest.mark.parametrize("loop", [True, False])
def test_sinks_know_the_kind_of_source_before_its_first_frame(picture: Path, loop: bool) -> None:
    class Told(Kept):
        def begin(self, live: bool, endless: bool) -> None:
            assert not self.lines
            self.kind = live, endless

    sink = Told()
    with open_source(str(picture), loop=loop) as source:
        run(source, seven, [sink], options=LiveOptions(max_frames=2))
    assert sink.kind == (False, loop)
    assert len(sink.lines) == 1 + loop


def test_the_frame_is_drawn_on_for_those_who_look_only(picture: Path, tmp_path: Path) -> None:
    kept, blind = Kept(), Kept(needs_drawn=False)
    with open_source(str(picture)) as source:
        run(source, seven, [blind])
        run(source, seven, [kept])
        run(source, seven, [blind, FrameSink(tmp_path / "frames")])
    frame, _, annotated = blind.lines[0]
    assert annotated is frame.image
    assert (kept.lines[0][2] != 200).any()
    assert all((frame.image == 200).all() for frame, _, _ in (*blind.lines, *kept.lines))


def test_a_sink_that_needs_no_images_is_given_no_drawn_ones(recording: Recording) -> None:
    kept = Kept(needs_images=False)
    kept.needs_plain = False
    with open_source(str(recording(images=12, fps=25))) as source:
        run(source, seven, [kept])
    assert all(annotated is frame.image for frame, _, annotated in kept.lines)
    assert len(kept.lines) == 12
    assert kept.lines[0][1]


def test_images_that_no_sink_needs_are_left_out_and_the_digits_are_the_same(
    recording: Recording,
) -> None:
    seen = []
    for needs_images in (True, False):
        kept = Kept(needs_images)
        with open_source(str(recording(images=12, fps=25))) as source:
            run(source, seven, [kept])
        seen.append([(f.index, f.time_s, f.image.shape, digits) for f, digits, _ in kept.lines])
        assert any(frame.image.any() for frame, _, _ in kept.lines) is needs_images
    assert seen[0] == seen[1]
    assert [index for index, *_ in seen[0]] == list(range(12))


class Failing(Kept):
    """A sink that fails, of a fault as an output tells it."""

    def __init__(self, cause: OSError) -> None:
        super().__init__()
        self.error = OutputError("out.jsonl: cannot be written")
        self.error.__cause__ = cause

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:
        super().write(frame, digits, annotated)
        raise self.error


def test_a_sink_that_fails_is_left_out_from_then_on(picture: Path) -> None:
    failing, kept = Failing(OSError()), Kept()
    sinks: list[Sink] = [failing, kept]
    said: list[str] = []
    summaries = []
    for _ in range(3):
        with open_source(str(picture)) as source:
            source.say = said.append
            summaries.append(run(source, seven, sinks))
    assert sinks == [kept]
    assert said == ["out.jsonl: cannot be written; the rest goes on"]
    assert [summary.failed for summary in summaries] == [1, 0, 0]
    assert (len(failing.lines), len(kept.lines)) == (1, 3)


@pytest.mark.parametrize("others", [[], [Kept()]])
def test_who_has_read_enough_of_what_never_ends_ends_a_run_that_nobody_watches(
    picture: Path, others: list[Sink]
) -> None:
    closed = Failing(BrokenPipeError())
    with open_source(str(picture), loop=True) as source, pytest.raises(OutputError):
        run(source, seven, [closed, *others])
    window = Keys(None, None, "quit")
    with open_source(str(picture), loop=True) as source:
        assert run(source, seven, [closed, *others], window).frames == 3


def test_who_has_read_enough_of_what_ends_leaves_the_rest_to_the_other_outputs(clip: Path) -> None:
    closed, kept = Failing(BrokenPipeError()), Kept()
    said: list[str] = []
    with open_source(str(clip)) as source:
        source.say = said.append
        summary = run(source, seven, [closed, kept])
    assert (summary.failed, summary.frames) == (1, len(kept.lines))
    assert len(kept.lines) > len(closed.lines) == 1
    assert said == ["out.jsonl: cannot be written; the rest goes on"]
