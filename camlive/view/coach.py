"""Why no digit can be read: the one likeliest reason, measured on the frame."""

import time
from dataclasses import replace

import cv2
import numpy as np

from camlive.detection import Image
from camlive.segment.regions import marks_of
from camlive.segment.working_copy import resized, working_copy

AFTER_S = 1.0  # without a digit until the reason is told
EVERY_S = 0.5  # it is measured anew so often
LOOK_PX = 480  # longer side of the copy that is measured
DARK = 45  # of 255: where the brightest twentieth of the frame is darker there is too little light
GLARE = 252  # of 255 in every channel: no ink shows there
MOST_GLARE = 0.12  # of the frame
ALL_WHITE = 0.9  # of the frame: that is a white picture, not a reflection
MOVED = 9.0  # mean change of a grey level from frame to frame, of a copy without detail
MOST_BLUR_PX = 1.5  # deviation of the blur on the copy; sharp frames have 1.0 to 1.3
LEAST_RANGE = 25  # grey levels across the strongest edges; a frame with less shows nothing to judge
FAR_PX = 16  # height on the segmentation's copy: lower digits are not surely read
FAR_ENLARGED = 2.0  # times the frame, at most: the copy on which these are looked for
FAR_WINDOW = 1 / 16  # of its short side: in a wider one a sheet that is far is a mark itself
LEAST_MARKS = 3  # fewer marks are no writing
ALIKE = 1.5  # times higher or lower than the median: the marks of one hand
MOST_ALIKE = 0.7  # of the marks: of texture fewer are

DARKNESS = "too dark: more light"
GLARES = "glare: tilt the sheet, or move the lamp"
MOTION = "moving too fast: hold it still"
BLUR = "out of focus: further away, or wait for the camera"
FAR = "too far: bring it closer"
UNKNOWN = "nothing read: see `explain`"  # of a picture, where no reason is measured


class Coach:
    """Watches what is shown, and tells after a while why nothing is read; of a picture at once.

    Attributes:
        advice: the reason; empty while something is read, and, but of a picture, where none is
            measured.
    """

    def __init__(self, at_once: bool) -> None:
        """Begins to watch; at once of a picture, which stays."""
        self._at_once = at_once
        self._read_s = self._advised_s = time.perf_counter()
        self._before: Image | None = None
        self.advice = ""

    def watch(self, image: Image, is_read: bool) -> None:
        """Takes note of a frame, (H, W, 3) uint8 BGR, and whether a digit was read on it."""
        now_s = time.perf_counter()
        due_s = max(self._read_s + AFTER_S, self._advised_s + EVERY_S)
        if is_read:
            self._read_s, self.advice = now_s, ""
        elif self._at_once or now_s >= due_s:
            same = self._before is not None and self._before.shape == image.shape
            reason = advise(image, self._before if same else None)
            self.advice = reason or (UNKNOWN if self._at_once else "")
            self._advised_s = now_s
        self._before = image


def advise(image: Image, before: Image | None = None) -> str | None:
    """Says what keeps a frame from being read, in words for the user.

    Args:
        image: (H, W, 3) uint8 BGR, a frame on which no digit was read.
        before: the frame before it, of the same shape, if there is one.

    Returns:
        One of the reasons above, None where none is measured.
    """
    scale = max(1.0, max(image.shape[:2]) / LOOK_PX)
    copy = resized(image, scale)
    if np.percentile(copy.max(-1), 95) < DARK:
        return DARKNESS
    if MOST_GLARE < (copy.min(-1) >= GLARE).mean() < ALL_WHITE:
        return GLARES
    if before is not None and _change(copy, resized(before, scale)) > MOVED:
        return MOTION
    if _blur_px(copy) > MOST_BLUR_PX:
        return BLUR
    return FAR if _is_far(image) else None


def _change(one: Image, other: Image) -> float:
    """Mean change of the grey level, of copies so small that noise does not count."""
    small = (cv2.resize(i, (48, 36), interpolation=cv2.INTER_AREA) for i in (one, other))
    return float(np.mean(cv2.absdiff(*small)))


def _blur_px(image: Image) -> float:
    """Deviation of the blur in pixels: how wide the frame's strongest edges are.

    An edge of a given range that is blurred by a Gaussian has its steepest slope at the range
    over the deviation times the root of 2 pi.
    """
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (3, 3), 0)
    slope = cv2.magnitude(
        cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8),
        cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8),
    )
    square = np.ones((9, 9), np.uint8)
    spread = cv2.subtract(cv2.dilate(grey, square), cv2.erode(grey, square))
    strong = spread >= np.percentile(spread, 98)
    spread_there = float(np.median(spread[strong]))
    if spread_there < LEAST_RANGE:
        return 0.0
    peak = cv2.dilate(slope, square)
    return float(spread_there / (np.median(peak[strong]) * np.sqrt(2 * np.pi)))


def _is_far(image: Image) -> bool:
    """Whether there are marks, most alike in height and lower than digits that are surely read."""
    copy = replace(working_copy(image, enlarged=FAR_ENLARGED), window=FAR_WINDOW)
    heights = np.array([mark.box.height for mark in marks_of(copy) if not mark.refused])
    if len(heights) < LEAST_MARKS:
        return False
    usual = np.median(heights)
    alike = (usual / ALIKE < heights) & (heights < usual * ALIKE)
    enlarged = max(1.0, 1 / copy.scale)  # over the copy that the segmentation would make
    return bool(usual < FAR_PX * enlarged and alike.mean() >= MOST_ALIKE)
