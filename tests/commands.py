"""The commands that tests run."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from camlive.cli import main

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "recordings" / "sample.mp4"
COMMAND = [sys.executable, "-m", "camlive"]


def environment(**more: str) -> dict[str, str]:
    """This environment with the checkout importable and no display."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "QT_QPA_PLATFORM")}
    paths = [str(ROOT), kept.get("PYTHONPATH", "")]
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, paths))} | more


def run_command(
    *args: object, before: Callable[[], None] | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command of camlive without a display, with more in its environment.

    `before` is called in its process first.
    """
    return subprocess.run(
        [*COMMAND, *map(str, args)],
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=before,
    )


def camlive(
    *args: object, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs `camlive run` without a display or window; `before` is called in its process first."""
    return run_command("run", *args, "--no-window", before=before)


def in_process(*args: object) -> tuple[int, str]:
    """Runs a command here; gives its exit status and what it wrote on stderr."""
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    return result.exit_code, result.stderr


def ffmpeg(*args: object) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, args)], check=True)


def convert(path: Path, target: Path, *options: str) -> Path:
    ffmpeg("-i", path, *options, target)
    return target
