"""A camera for the tests: `v4l2_stand_in.c`, built, with frames to film."""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from camlive.detection import Image

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "recordings" / "sample.mp4"
FRAMES = 12  # of the sample are filmed again and again
WAIT_S = 120  # what takes so long hangs, also on a busy machine
RUN = ["-m", "camlive", "run", "0", "--no-window"]
SOURCE = Path(__file__).with_name("v4l2_stand_in.c")
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 92]


def build(folder: Path) -> Path:
    """Builds the library to preload; gcc must be there."""
    library = folder / "v4l2_stand_in.so"
    flags = ["-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC"]
    command = ["gcc", *flags, "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    return library


def film(folder: Path, code: str, images: Sequence[Image]) -> None:
    """Writes the mode MJPG or YUYV of the images' size, (H, W, 3) uint8 BGR, that films them."""
    height, width = images[0].shape[:2]
    encode = {"MJPG": _jpeg, "YUYV": _yuyv}[code]
    frames = (encode(image) for image in images)
    (folder / f"{code}-{width}x{height}").write_bytes(_joined(frames))


class StandIn:
    """A camera at /dev/video0 of each process that is given its environment.

    Attributes:
        environment: what such a process needs.
    """

    def __init__(self, library: Path, folder: Path, modes: Iterable[Path]) -> None:
        self._folder = folder
        self.environment = {"LD_PRELOAD": str(library), "CAMLIVE_STAND_IN": str(folder)}
        for mode in modes:
            (folder / mode.name).symlink_to(mode)
        self.say("ok")

    def say(self, word: str) -> None:
        """Makes it behave as a word of `v4l2_stand_in.c` says, at once."""
        control = self._folder / "control"
        control.with_suffix(".new").write_text(word)
        control.with_suffix(".new").replace(control)

    def offer_only(self, pattern: str) -> None:
        """Takes away the modes whose names do not match, such as "MJPG-*"."""
        kept = {*self._folder.glob(pattern)}
        for mode in {*self._folder.glob("????-*x*")} - kept:
            mode.unlink()


def start(camera: StandIn, *args: object, **pipes: int) -> subprocess.Popen[str]:
    kept = {k: v for k, v in os.environ.items() if k != "DISPLAY"}
    return subprocess.Popen(
        [sys.executable, *map(str, args)],
        env=kept | {"PYTHONPATH": str(ROOT)} | camera.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **pipes,  # type: ignore[call-overload]
    )


def run(camera: StandIn, *args: object) -> tuple[int, str, str]:
    """Runs Python to its end; gives its exit status, output and errors."""
    process = start(camera, *args)
    out, err = process.communicate(timeout=WAIT_S)
    return process.returncode, out, err


def _joined(frames: Iterable[bytes]) -> bytes:
    return b"".join(len(frame).to_bytes(4, "little") + frame for frame in frames)


def _jpeg(image: Image) -> bytes:
    return cv2.imencode(".jpg", image, QUALITY)[1].tobytes()


def _yuyv(image: Image) -> bytes:
    return cv2.cvtColor(image, cv2.COLOR_BGR2YUV_YUYV).astype(np.uint8).tobytes()
