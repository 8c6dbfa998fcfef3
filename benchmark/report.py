"""Markdown for people and JSON for machines, with what it was measured on."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from camlive.errors import OutputError


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, its first column to the left and the others to the right."""
    rule = [":--", *["--:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def decimals(value: float | None, places: int = 3) -> str:
    """A number for a table, a dash where there is none."""
    return "-" if value is None else f"{value:.{places}f}"


def machine() -> dict[str, str | int]:
    """What a measurement was made on: processor, cores and versions."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
        "system": platform.system(),
        "python": platform.python_version(),
        "opencv": cv2.__version__,
        "numpy": np.__version__,
    }


def machine_line() -> str:
    """The machine in one line."""
    m = machine()
    return (
        f"{m['cores']} cores of {m['processor']}, {m['system']},"
        f" Python {m['python']}, OpenCV {m['opencv']}, NumPy {m['numpy']}"
    )


def write_json(path: Path, figures: dict[str, Any]) -> None:
    """Writes figures, and the machine they were measured on, as JSON.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        path.write_text(json.dumps({**figures, "machine": machine()}, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({error.strerror}): give another file to --json"
        ) from error


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
