"""Times what is done with the frames of a recording."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np

from camlive.capture.opening import open_source
from camlive.detection import Digit, Frame
from camlive.errors import SourceError

Step = Callable[[Frame, "Clock"], Sequence[Digit]]  # what is done with a frame, and timed


@dataclass(slots=True)
class Clock:
    """Milliseconds that each stage took on each frame."""

    stages: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Times the block as one frame of a stage."""
        started_s = time.perf_counter()
        yield
        self.stages.setdefault(stage, []).append((time.perf_counter() - started_s) * 1000)


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Of the milliseconds a frame."""

    p50_ms: float
    p95_ms: float

    @classmethod
    def of(cls, ms: Sequence[float]) -> Self:
        """Those of some times in milliseconds, at least one."""
        return cls(*np.percentile(ms, [50, 95]).tolist())

    def text(self, places: int = 1) -> str:
        """Both for people, to so many decimal places."""
        return f"{self.p50_ms:.{places}f} / {self.p95_ms:.{places}f}"


@dataclass(frozen=True, slots=True)
class Timing:
    """How one way did on a recording.

    Attributes:
        stages: the time of each; read is all between decode and track, whole is all three.
        fps: frames a second of the whole; of camlive with its start, of the others without their
            first frame, which warms them up.
        frames: how many frames the stages were timed on.
        digits: digits a frame, on average.
        saved_fps: frames a second while the annotated frames are saved as a video.
        peak_mib: peak resident memory of its process; None where the system does not tell.
    """

    stages: dict[str, Percentiles]
    fps: float
    frames: int
    digits: float
    peak_mib: float | None
    saved_fps: float | None = None


def time_way(file: Path, read: Step, stages: Step) -> Timing:
    """Runs a way over a recording, and then once more in single stages.

    Args:
        file: the recording.
        read: the whole way of a decoded frame; what it times adds up to the frame rate.
        stages: the same in its parts, which the frame rate does not count.

    Raises:
        SourceError: the recording cannot be read, or has a single frame.
    """
    clock, digits = _pass(file, read)
    decoded = len(clock.stages["decode"])
    whole = np.sum([*clock.stages.values()], axis=0)
    times = _pass(file, stages)[0].stages | clock.stages | {"whole": whole.tolist()}
    percentiles = {name: Percentiles.of(ms) for name, ms in times.items()}
    fps = 1000 * decoded / float(whole.sum())
    return Timing(percentiles, fps, decoded, digits / decoded, peak_mib())


def _pass(file: Path, step: Step) -> tuple[Clock, int]:
    """Times a step on every frame after the first, which warms up; and counts the digits."""
    clock, digits = Clock(), 0
    with open_source(str(file)) as source:
        frames = iter(source)
        step(next(frames), Clock())
        started_s = time.perf_counter()
        for frame in frames:
            decoded_ms = (time.perf_counter() - started_s) * 1000
            clock.stages.setdefault("decode", []).append(decoded_ms)
            digits += len(step(frame, clock))
            started_s = time.perf_counter()
    if not clock.stages:
        raise SourceError(f"{file} has a single frame: give a recording")
    return clock, digits


def peak_mib() -> float | None:
    """Peak resident memory of this process; Linux tells it."""
    try:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)
