"""What a window shows of a sheet of digits."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn import draw_sheet
from keys import Keys

from camlive.capture.opening import open_source
from camlive.detection import Box, Image
from camlive.live import LiveOptions, run
from camlive.recognizer import Recognizer
from camlive.view import viewer

SHEET = draw_sheet(5, rows=1)


def viewed(sheet: Path, recognize: Recognizer, *keys: str | tuple[int, int] | None) -> list[Image]:
    """What the window shows of an endless recording of the sheet, frame by frame."""
    window = Keys(*keys, "quit")
    options = LiveOptions(snapshots=sheet.parent / "saved")
    with open_source(str(sheet), loop=True) as source:
        run(source, recognize, window=window, options=options)
    return window.shown


def spied_lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines below the frames that are shown from now on, in place of their drawing."""
    lines: list[str] = []

    def spy(image: Image, line: str, scale: float) -> Image:  # noqa: ARG001
        lines.append(line)
        return image

    monkeypatch.setattr(viewer, "head_up", spy)
    return lines


def frame_of(view: Image) -> Image:
    return view[: SHEET.image.shape[0]]


def differs(one: Image, other: Image) -> float:
    """The share of the frame's pixels that differ."""
    return float((frame_of(one) != frame_of(other)).any(axis=-1).mean())


def with_dash() -> tuple[Image, Box]:
    """The sheet with a dash well below its digits, too small for one, and the dash's box."""
    image = cv2.copyMakeBorder(SHEET.image, 0, 60, 0, 0, cv2.BORDER_REPLICATE)
    cv2.rectangle(image, (400, 130), (411, 132), (20, 20, 20), -1)
    return np.asarray(image, np.uint8), Box(400, 130, 12, 3)
