"""Thousands of damaged files, the same ones each time: an error for the user at worst, no crash."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
CODE = """
import sys
from pathlib import Path
import numpy as np
from camlive.errors import CamliveError
from camlive.capture.opening import open_source
from benchmark.truth import read_truth

path, count = Path(sys.argv[1]), int(sys.argv[2])
whole, good = path.read_bytes(), 0
rng = np.random.default_rng(0)

def frames():
    with open_source(str(path)) as source:
        for frame in source:
            assert frame.image.ndim == 3 and frame.image.dtype == np.uint8
            if frame.index > 50:
                break

def damaged():
    data = bytearray(whole)
    for _ in range(rng.integers(1, 12)):
        kind, at = rng.integers(4), int(rng.integers(len(data)))
        if kind == 0:
            data[at] ^= 1 << rng.integers(8)
        elif kind == 1:
            data[at] = rng.integers(256)
        elif kind == 2 and len(data) > 50:
            del data[at : at + int(rng.integers(1, 40))]
        else:
            data[at:at] = rng.integers(0, 256, rng.integers(1, 20), np.uint8).tobytes()
    return bytes(data[: rng.integers(1, len(data) + 1)] if rng.random() < 0.2 else data)

for _ in range(count):
    path.write_bytes(damaged())
    try:
        read_truth(path) if path.suffix == ".jsonl" else frames()
        good += 1
    except CamliveError as error:
        assert str(error)
print(good)
"""


def readable(path: Path, count: int) -> int:
    """How many of so many damaged copies of a file can be read; no other error may come."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(path), str(count)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tiff", ".webp", ".ppm"])
def test_damaged_pictures(tmp_path: Path, suffix: str) -> None:
    image = np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8)
    image[10:30] = 200
    assert cv2.imwrite(str(tmp_path / f"a{suffix}"), image)
    assert readable(tmp_path / f"a{suffix}", 400) < 400  # of PNG none: it holds checksums


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.mkv"])
def test_damaged_recordings(recording: Callable[..., Path], name: str) -> None:
    assert 0 < readable(recording(name, 8), 150) < 150


def test_damaged_truth(tmp_path: Path) -> None:
    sample = (ROOT / "recordings" / "sample.truth.jsonl").read_text("utf-8").splitlines()
    (tmp_path / "a.jsonl").write_text("\n".join(sample[:3]), "utf-8")
    assert 0 < readable(tmp_path / "a.jsonl", 1500) < 1500
