"""Start-up: from the command to the first labelled frame."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from camlive.errors import SourceError

STARTS = 3  # starts of the command; their median counts


def start_up_s(file: Path, options: Mapping[str, Any]) -> float | None:
    """Seconds from starting the command to its first line with a digit, the median of three.

    Args:
        file: the recording.
        options: of `camlive run`, by their Python names.

    Returns:
        The seconds; None if no frame was labelled.

    Raises:
        SourceError: the command fails.
    """
    starts = [_start(file, options) for _ in range(STARTS)]
    known = [seconds for seconds in starts if seconds is not None]
    return statistics.median(known) if known else None


def _start(file: Path, options: Mapping[str, Any]) -> float | None:
    command = [sys.executable, "-m", "camlive", "run", str(file), "--no-window", "--jsonl", "-"]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    with tempfile.TemporaryFile("w+") as errors:
        started_s = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as run:
            for line in run.stdout or ():
                if json.loads(line)["digits"]:
                    elapsed_s = time.perf_counter() - started_s
                    run.terminate()
                    return elapsed_s
        errors.seek(0)
        if run.returncode:
            raise SourceError((errors.read().strip().splitlines() or [f"{file}: cannot run"])[-1])
    return None
