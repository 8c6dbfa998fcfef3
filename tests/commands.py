"""The programs that tests start."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "recordings" / "sample.mp4"


def camlive(
    *args: object, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs `camlive run` without a display; `before` is called in its process first."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run(
        [sys.executable, "-m", "camlive", "run", *map(str, args), "--no-window"],
        env=kept | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=before,
    )


def ffmpeg(*args: object) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, args)], check=True)


def convert(path: Path, target: Path, *options: str) -> Path:
    ffmpeg("-i", path, *options, target)
    return target
