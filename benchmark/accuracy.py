"""End-to-end accuracy of readers on labelled pictures and video frames."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark import baseline
from benchmark.metrics import Counts, count, ratio, rightly_read, string_edits
from benchmark.report import decimals, markdown_table
from benchmark.truth import Label
from camlive.detection import Digit, Image
from camlive.recognizer import Recognizer
from camlive.training.calibrate import expected_calibration_error

LEAST = (0.5, 0.7, 0.9)  # least confidences whose precision is told


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reader read on one labelled picture."""

    label: Label
    read: tuple[Digit, ...]

    @property
    def counts(self) -> Counts:
        """Counted end to end; nothing where the boxes are not known."""
        return Counts() if self.label.digits is None else count(self.label.digits, self.read)


Results = Mapping[str, Sequence[Outcome]]  # of each reader, by its name


def evaluate(
    recognizer: Recognizer, pictures: Iterable[tuple[Label, Image]]
) -> dict[str, list[Outcome]]:
    """Reads each picture with camlive and with the baseline.

    Args:
        recognizer: camlive's.
        pictures: labels with their (H, W, 3) uint8 BGR pictures, decoded once for both.
    """
    results: dict[str, list[Outcome]] = {"camlive": [], "baseline": []}
    for label, image in pictures:
        read = as_it_came(recognizer, label)(image)
        results["camlive"].append(Outcome(label, tuple(read)))
        results["baseline"].append(Outcome(label, tuple(baseline.read_digits(image))))
    return results


def as_it_came(recognizer: Recognizer, label: Label) -> Recognizer:
    """What reads a labelled picture as the live loop would, frames of recordings for speed."""
    return recognizer.for_film() if label.filmed else recognizer


def overall(outcomes: Iterable[Outcome]) -> Counts:
    """The counts of all pictures whose boxes are known, digit-free ones included."""
    return sum((outcome.counts for outcome in outcomes), Counts())


def per_source(outcomes: Iterable[Outcome]) -> dict[str, Counts]:
    """The counts of each source that shows digits, in the order of the outcomes."""
    sources: dict[str, Counts] = {}
    for outcome in outcomes:
        source = outcome.label.source
        sources[source] = sources.get(source, Counts()) + outcome.counts
    return {source: counts for source, counts in sources.items() if counts.true}


def false_digits(outcomes: Iterable[Outcome], printed_text: bool) -> tuple[int, int]:
    """False digits on the digit-free pictures with, or without, print; and those pictures."""
    free = [o for o in outcomes if o.label.digit_free and o.label.printed_text == printed_text]
    return sum(len(o.read) for o in free), len(free)


def string_accuracy(outcomes: Iterable[Outcome]) -> tuple[float | None, int]:
    """1 less the edits per true digit where only the text is known; and those digits."""
    edits = [string_edits(o.label.text, o.read) for o in outcomes if o.label.digits is None]
    wrong, digits = sum(e for e, _ in edits), sum(n for _, n in edits)
    error = ratio(wrong, digits)
    return None if error is None else max(0.0, 1 - error), digits


def confidences(
    outcomes: Iterable[Outcome],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Confidence, and whether it is right, of each digit read where the truth has boxes."""
    pairs = [
        (digit.confidence, right)
        for o in outcomes
        if o.label.digits is not None
        for digit, right in zip(o.read, rightly_read(o.label.digits, o.read), strict=True)
    ]
    table = np.array(pairs, np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1] > 0


def to_markdown(results: Results) -> str:
    """The tables for people: in all, false alarms, texts, per source; empty ones left out."""
    tables = (_overall_table, _false_table, _string_table, _confidence_table, _source_table)
    return "\n\n".join(text for table in tables if (text := table(results)))


def to_json(results: Results) -> dict[str, Any]:
    """The same figures by reader for machines, with the counts of each file."""
    return {name: _figures(outcomes) for name, outcomes in results.items()}


def _overall_table(results: Results) -> str:
    if not any(overall(outcomes).true for outcomes in results.values()):
        return ""
    head = "reader", "pictures", "digits", "precision", "recall", "F1", "found", "read right"
    return markdown_table(head, [_overall_row(name, results[name]) for name in results])


def _overall_row(name: str, outcomes: Sequence[Outcome]) -> list[str]:
    c = overall(outcomes)
    pictures = sum(outcome.label.digits is not None for outcome in outcomes)
    rates = (c.precision, c.recall, c.f1, c.found_rate, c.read_rate)
    return [name, str(pictures), str(c.true), *map(decimals, rates)]


def _false_table(results: Results) -> str:
    rows = []
    for name, outcomes in results.items():
        for printed, kind in ((False, "without print"), (True, "with print")):
            digits, pictures = false_digits(outcomes, printed)
            if pictures:
                rate = decimals(digits / pictures, 2)
                rows.append([name, kind, str(pictures), str(digits), rate])
    head = "reader", "digit-free pictures", "pictures", "false digits", "a picture"
    return markdown_table(head, rows) if rows else ""


def _string_table(results: Results) -> str:
    accuracies = {name: string_accuracy(outcomes) for name, outcomes in results.items()}
    rows = [[name, str(n), decimals(right)] for name, (right, n) in accuracies.items() if n]
    head = "reader", "digits known as text only", "string accuracy"
    return markdown_table(head, rows) if rows else ""


def _confidence_table(results: Results) -> str:
    rows = []
    for name, outcomes in results.items():
        confidence, right = confidences(outcomes)
        if len(right):
            error = expected_calibration_error(confidence, right)
            kept = [right[confidence >= least] for least in LEAST]
            shares = [decimals(float(k.mean()) if len(k) else None) for k in kept]
            rows.append([name, str(len(right)), decimals(error), *shares])
    head = "reader", "digits read", "calibration error", *(f"right from {p:.0%}" for p in LEAST)
    return markdown_table(head, rows) if rows else ""


def _source_table(results: Results) -> str:
    columns = {name: per_source(outcomes) for name, outcomes in results.items()}
    sources = next(iter(columns.values()))
    if len(sources) < 2:
        return ""
    head = ["source", "digits", *(f"{name} {m}" for name in columns for m in ("P", "R", "F1"))]
    rows = []
    for source, counts in sources.items():
        cells = [column[source] for column in columns.values()]
        rates = [rate for c in cells for rate in (c.precision, c.recall, c.f1)]
        rows.append([source, str(counts.true), *map(decimals, rates)])
    return markdown_table(head, rows)


def _figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    string, string_digits = string_accuracy(outcomes)
    confidence, right = confidences(outcomes)
    return {
        "overall": _rates(overall(outcomes)),
        "sources": {name: _rates(counts) for name, counts in per_source(outcomes).items()},
        "false_digits": dict(
            zip(("digits", "pictures"), false_digits(outcomes, False), strict=True)
        ),
        "false_digits_printed": dict(
            zip(("digits", "pictures"), false_digits(outcomes, True), strict=True)
        ),
        "calibration_error": (
            expected_calibration_error(confidence, right) if len(right) else None
        ),
        "string_accuracy": string,
        "string_digits": string_digits,
        "files": [
            {"file": o.label.file, "frame": o.label.frame, **asdict(o.counts)} for o in outcomes
        ],
    }


def _rates(counts: Counts) -> dict[str, float | None]:
    return {
        **asdict(counts),
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
        "found_rate": counts.found_rate,
        "read_rate": counts.read_rate,
    }
