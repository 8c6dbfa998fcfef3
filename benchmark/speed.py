"""Start-up, frame rate, stage times and memory on a recording, each way in a fresh process."""

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmark import baseline
from benchmark.report import decimals, markdown_table
from benchmark.startup import start_up_s
from benchmark.timing import Clock, Percentiles, Timing, peak_mib, time_way
from camlive import live
from camlive.annotate import annotate
from camlive.capture.opening import open_source
from camlive.detection import Digit, Frame
from camlive.preprocess import to_batch, to_tile
from camlive.reading import group_numbers
from camlive.recognizer import Recognize, load
from camlive.record.video import VideoSink
from camlive.segment.regions import marks_of, whole_regions
from camlive.segment.working_copy import working_copy
from camlive.track import Tracker

STAGES = (
    "decode",
    "segment",
    "preprocess",
    "classify",
    "read",
    "track",
    "whole",
    "annotate",
)

Options = Mapping[str, Any]  # of camlive's recogniser, those given


def measure(file: Path, options: Options, report: Callable[[str], None]) -> dict[str, Any]:
    """Measures camlive, the baseline and bare decoding on one recording.

    Args:
        file: the recording.
        options: what camlive's recogniser is loaded with.
        report: told what is measured next.

    Returns:
        `start_up_s`, None if no frame was labelled, and `ways`: a `Timing` by name.

    Raises:
        SourceError: the recording cannot be read, has a single frame, or the command fails on it.
    """
    ways = measure_ways(file, options, report)
    report("measuring start-up")
    return {"start_up_s": start_up_s(file, options), "ways": ways}


def measure_ways(file: Path, options: Options, report: Callable[[str], None]) -> dict[str, Timing]:
    """Bare decoding, the baseline and camlive on one recording; arguments and errors as above."""
    ways: dict[str, Timing] = {}
    for name, way in (
        ("bare decoding", _bare),
        ("baseline", time_baseline),
        ("camlive", time_camlive),
    ):
        report(f"measuring {name}")
        ways[name] = _in_fresh_process(way, file, options)
    return ways


def time_camlive(file: Path, options: Options) -> Timing:
    """Times camlive's way as it runs, then frame by frame, then its stages one by one."""
    recognizer, tracker = load(**options).for_film(), Tracker()

    def read(frame: Frame, clock: Clock) -> Sequence[Digit]:
        with clock.time("read"):
            digits = recognizer(frame.image)
        with clock.time("track"):
            return tracker.update(digits, frame.time_s)

    def stages(frame: Frame, clock: Clock) -> Sequence[Digit]:
        with clock.time("segment"):
            copy = working_copy(frame.image)
            regions = whole_regions(marks_of(copy), copy.most_regions)
        with clock.time("preprocess"):
            batch = to_batch([to_tile(region.ink) for region in regions])
        with clock.time("classify"):
            recognizer.classify(batch)
        digits = recognizer(frame.image)
        with clock.time("annotate"):
            annotate(frame.image, digits, group_numbers(digits))
        return digits

    with open_source(str(file)) as source:
        fps = live.run(source, recognizer).fps
    peak = peak_mib()  # before the next run's encoder
    saved_fps = _saved_fps(file, recognizer)
    return replace(time_way(file, read, stages), fps=fps, saved_fps=saved_fps, peak_mib=peak)


def _saved_fps(file: Path, recognize: Recognize) -> float:
    """Frames a second while a recording is read and its annotated video saved."""
    with (
        TemporaryDirectory() as folder,
        open_source(str(file)) as source,
        VideoSink(Path(folder) / "saved.mp4", source.fps) as video,
    ):
        return live.run(source, recognize, [video]).fps


def time_baseline(file: Path, options: Options) -> Timing:  # noqa: ARG001
    """Times the much-copied recipe, and in a second pass its stages one by one."""

    def read(frame: Frame, clock: Clock) -> Sequence[Digit]:
        with clock.time("read"):
            return baseline.read_digits(frame.image)

    def stages(frame: Frame, clock: Clock) -> Sequence[Digit]:
        with clock.time("segment"):
            mask = baseline.ink_mask(baseline.shrink(frame.image)[0])
            boxes = baseline.find_boxes(mask)
        with clock.time("preprocess"):
            tiles = np.array([baseline.to_tile(mask, box) for box in boxes])
        with clock.time("classify"):
            baseline.classify(tiles)
        return ()

    return time_way(file, read, stages)


def to_markdown(file: Path, figures: Mapping[str, Any]) -> str:
    """The tables for people."""
    ways: Mapping[str, Timing] = figures["ways"]
    rows = [
        [
            name,
            decimals(t.fps, 1),
            decimals(t.saved_fps, 1),
            decimals(t.digits, 1),
            decimals(t.peak_mib, 0),
        ]
        for name, t in ways.items()
    ]
    stages = [
        [f"{stage} p50 / p95", *(_cell(t.stages.get(stage)) for t in ways.values())]
        for stage in STAGES
    ]
    first = next(iter(ways.values()))
    caption = (
        f"{file.name}, {first.frames + 1} frames; first labelled frame"
        f" {decimals(figures['start_up_s'], 2)} s after the command. Read is segment, preprocess,"
        " classify, cut what is no sure digit, classify that, and choose; whole is decode, read and"
        " track, one frame after the other. The fps of camlive is that of its loop, which reads"
        " frames half a second apart, or a quarter, beside the decoding of the next; its memory is"
        " that while nothing is saved."
    )
    tables = (
        markdown_table(("way", "fps", "fps, video saved", "digits a frame", "peak MiB"), rows),
        markdown_table(("ms a frame", *ways), stages),
    )
    return "\n\n".join((caption, *tables))


def _bare(file: Path, options: Options) -> Timing:  # noqa: ARG001
    timing = time_way(file, lambda *_: (), lambda *_: ())
    return replace(timing, saved_fps=_saved_fps(file, lambda _: []))


def _in_fresh_process(
    way: Callable[[Path, Options], Timing], file: Path, options: Options
) -> Timing:
    """Runs a way in a process of its own: its peak memory is nobody else's."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(way, file, options).result()


def _cell(stage: Percentiles | None) -> str:
    return "-" if stage is None else stage.text(2)
