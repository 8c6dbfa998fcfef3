"""A camera that is lost and found again and again: memory and descriptors stay as they are.

`python tests/soak.py 20000` reads so many frames, which takes twelve minutes; the tests read fewer.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
from stand_in import FRAMES, RUN, SAMPLE, WAIT_S, StandIn, build, film, start


class Held(NamedTuple):
    """What a process holds: resident memory in KiB, and open descriptors."""

    memory_kib: int
    descriptors: int


def soak(camera: StandIn, lines: Path, frames: int, losses: int) -> Iterator[Held]:
    """Lets a run read so many frames, and takes its camera away so often on the way.

    Args:
        camera: works.
        lines: where the run writes them.
        frames: in all.
        losses: in all; each takes about two seconds.

    Yields:
        What the process holds at the end of each stretch between two losses.
    """
    process = start(camera, *RUN, "--jsonl", lines)
    try:
        for loss in range(1, losses + 2):
            _wait_for(lines, frames * loss // (losses + 1))
            yield _held(process.pid)
            if loss <= losses:
                camera.say("unplug" if loss % 2 else "stall")
                time.sleep(1 if loss % 2 else 2.5)
                camera.say("ok")
        process.terminate()
        _, err = process.communicate(timeout=WAIT_S)
        assert process.returncode == 143, err
        assert err.count("is back") == losses, err
    finally:
        process.kill()
        process.communicate()


def _wait_for(lines: Path, count: int) -> None:
    end_s = time.monotonic() + WAIT_S
    seen = -1
    while seen < count:
        time.sleep(0.2)
        before, seen = seen, lines.read_bytes().count(b"\n") if lines.exists() else 0
        end_s = time.monotonic() + WAIT_S if seen > before else end_s
        assert time.monotonic() < end_s, f"no more than {seen} frames"


def _held(pid: int) -> Held:
    folder = Path(f"/proc/{pid}")
    status = (folder / "status").read_text().splitlines()
    memory = next(line.split()[1] for line in status if line.startswith("VmRSS"))
    return Held(int(memory), len(list((folder / "fd").iterdir())))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        capture = cv2.VideoCapture(str(SAMPLE))
        film(folder, "MJPG", [capture.read()[1] for _ in range(FRAMES)])
        camera = StandIn(build(folder), folder, [])
        for held in soak(camera, folder / "a.jsonl", int(sys.argv[1]), 40):
            print(held, flush=True)
