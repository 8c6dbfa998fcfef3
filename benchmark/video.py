"""Steadiness on a labelled recording: what `python -m camlive run` shows on each frame of it."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmark.report import decimals, markdown_table
from benchmark.stability import Digits, Shown, Stability, stability
from benchmark.truth import Label
from camlive import live
from camlive.capture.opening import open_source
from camlive.detection import Digit, Frame, Image
from camlive.errors import DataError
from camlive.recognizer import Recognize
from camlive.record.sink import Sink


class _Kept(Sink):
    """Keeps what is shown on each frame."""

    needs_images = False

    def __init__(self) -> None:
        self.shown: dict[int, Shown] = {}

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:  # noqa: ARG002
        self.shown[frame.index] = Shown(frame.time_s, tuple(digits))


def measure(file: Path, labels: Sequence[Label], recognize: Recognize) -> Stability:
    """Runs the live loop over a recording and compares what it shows with the truth.

    Args:
        file: the recording.
        labels: the truth; lines of other files and those with text only are left out.
        recognize: (H, W, 3) uint8 BGR -> digits.

    Raises:
        DataError: no line of the truth is about the recording, or one is of a frame beyond its end.
        SourceError: the recording cannot be read.
    """
    truth = truth_of(file, labels)
    kept = _Kept()
    with open_source(str(file)) as source:
        live.run(source, recognize, [kept])
    if missing := set(truth) - set(kept.shown):
        raise DataError(f"{file} has no frame {min(missing)}: its truth is of another recording")
    return stability(kept.shown, truth)


def truth_of(file: Path, labels: Sequence[Label]) -> dict[int, Digits]:
    """The true digits of a recording's labelled frames, by the frame's number.

    Raises:
        DataError: no line of the truth is about the recording.
    """
    own = [label for label in labels if Path(label.file).name == file.name]
    truth: dict[int, Digits] = {
        label.frame: label.digits for label in own if label.digits is not None
    }
    if not truth:
        raise DataError(f"the truth says nothing of {file.name}: give the recording's own")
    return truth


def to_markdown(figures: Stability) -> str:
    """The figures for people."""
    rows = [
        ("digit-frames labelled rightly after 0.5 s", decimals(figures.right_share, 4)),
        ("digit-frames", str(figures.digit_frames)),
        ("label changes a track-second", decimals(figures.changes_a_second, 4)),
        ("label changes of tracks shown for 0.5 s", str(figures.late_changes)),
    ]
    if figures.appearances:
        p50_s, p95_s = _p50_p95(figures.steady_s)
        rows += [
            ("times a digit came into view", str(figures.appearances)),
            ("and never got a steady label", str(figures.appearances - len(figures.steady_s))),
            ("ids for each digit", decimals(figures.ids_a_digit)),
            ("seconds to a steady label, p50", decimals(p50_s, 2)),
            ("seconds to a steady label, p95", decimals(p95_s, 2)),
        ]
    return markdown_table(("steadiness", "camlive"), rows)


def to_json(figures: Stability) -> dict[str, Any]:
    """The same figures for machines."""
    return {
        **asdict(figures),
        "right_share": figures.right_share,
        "ids_a_digit": figures.ids_a_digit,
        "changes_a_second": figures.changes_a_second,
    }


def _p50_p95(values: Sequence[float]) -> tuple[float | None, float | None]:
    if len(values) < 2:
        return (values[0], values[0]) if values else (None, None)
    cuts = quantiles(values, n=20, method="inclusive")
    return cuts[9], cuts[18]
