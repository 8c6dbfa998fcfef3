"""Image -> planes of dark and of light ink: balance, logarithmic grey, adaptive threshold."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Image
from camlive.segment.working_copy import WINDOW

FINE_WINDOW = 1 / 24  # of the short side: a small window, in which the edges of shadows are narrow
FAR_DARKER = 1.5  # times the least contrast: what is missed of faint rules is fainter
LEAST_WINDOW_PX = 15  # side of any window, on the smallest pictures
LEAST_CONTRAST = 0.075  # ink is at least this much darker than its surroundings, relatively
NOISE_FACTOR = 4.0  # and at least so many times the noise
LEAST_LIGHT = 1.25  # light ink on a dark board is at least this many times as bright
DARK_OFFSET = 16  # grey levels added before the logarithm: sensors are noisy in the dark
LOG_STEPS = 255 / float(np.log(255 + DARK_OFFSET))  # grey levels per e-fold
PAPER = 0.9  # share of a channel's pixels that are no brighter than the paper
BRIGHT = 0.998  # and than the brightest spots, chalk on a board among them
WHITE = 250  # their level in the brightest channel of the balanced picture
COARSE = 4  # pixels to one of the copy on which the paper is averaged
MOST_GAIN = 4.0  # more would raise noise


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """One polarity of the working copy: ink is dark in grey; mask is its threshold.

    Others is the mask, too, or what of it may crowd a mark. For dark ink, fine is the mask of a
    smaller window: at the edge of a shadow only a narrow band is lost in it. Full is the mask
    against the paper alone: pencil beside a black grid or a dark desk is in it. Missed is what of
    full is far darker than the paper, and not in the mask. Of light ink nothing is missed. Once the
    faint squares of a page are out of them (`page`), mask, fine, full and missed lack these.
    Window is the threshold's, as a share of the picture's short side.
    """

    grey: Image
    mask: Image
    others: Image
    fine: Image | None
    full: Image
    missed: Image
    window: float


def planes(image: Image, window: float = WINDOW) -> tuple[Plane, Plane]:
    """Dark ink and light ink, each as dark on light in logarithmic grey: ratios are steps.

    Args:
        image: (H, W, 3) uint8 BGR, the working copy of a picture.
        window: side of the threshold's window over the picture's short side.
    """
    blue, green, red = _balanced(cv2.split(image))
    table = _log_table()
    dark = cv2.LUT(cv2.min(cv2.min(blue, green), red), table)
    light = cv2.LUT(cv2.max(cv2.max(blue, green), red), 255 - table)
    return (
        _plane(np.asarray(dark, np.uint8), LEAST_CONTRAST, window, FINE_WINDOW),
        _plane(np.asarray(light, np.uint8), 1 - 1 / LEAST_LIGHT, window),
    )


def _balanced(channels: Sequence[cv2.typing.MatLike]) -> list[cv2.typing.MatLike]:
    """Channels scaled so that the paper is grey and the brightest spots are white.

    On yellow paper blue ink then stands out, too, and a dark picture has the same steps.
    """
    levels = np.array([_percentiles(channel) for channel in channels])
    gains = (levels[:, 0].max() / levels[:, 0]).clip(1, MOST_GAIN)
    gains *= (WHITE / (levels[:, 1] * gains).max()).clip(1, MOST_GAIN)
    return [cv2.convertScaleAbs(c, alpha=float(g)) for c, g in zip(channels, gains, strict=True)]


def _percentiles(channel: cv2.typing.MatLike) -> npt.NDArray[np.int64]:
    """The levels of a channel's paper and of its brightest spots, at least 1."""
    counts = np.bincount(np.asarray(channel[::4, ::4]).ravel(), minlength=256).cumsum()
    found = np.searchsorted(counts, counts[-1] * np.array([PAPER, BRIGHT]))
    return np.asarray(found.clip(1), np.int64)


@cache
def _log_table() -> Image:
    steps = LOG_STEPS * np.log(np.arange(256) + DARK_OFFSET)
    return np.asarray(np.round(steps - steps[0]).clip(0, 255), np.uint8)


def _plane(grey: Image, contrast: float, window: float, fine: float = 0) -> Plane:
    """Thresholds against the means of windows, by a relative step above the noise."""
    least = -np.log(1 - contrast) * LOG_STEPS
    step = max(least, NOISE_FACTOR * _noise(grey))
    smooth = smoothed(grey)
    method, kind = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV

    def darker(share: float) -> Image:
        side = max(LEAST_WINDOW_PX, int(min(grey.shape) * share)) | 1
        return np.asarray(cv2.adaptiveThreshold(smooth, 255, method, kind, side, step), np.uint8)

    mask = darker(window)
    if not fine:
        return Plane(grey, mask, mask, None, mask, np.zeros_like(mask), window)
    darker_by = darker_than_paper(smooth, mask, window)
    full, far = (
        np.asarray(cv2.threshold(darker_by, int(by) - 1, 255, cv2.THRESH_BINARY)[1], np.uint8)
        for by in (step, max(step, FAR_DARKER * least))  # that much or more, as in the mask
    )
    missed = np.asarray(cv2.subtract(far, mask), np.uint8)
    return Plane(grey, mask, mask, darker(fine), full, missed, window)


def smoothed(grey: Image) -> Image:
    """A grey picture with less noise."""
    return np.asarray(cv2.GaussianBlur(grey, (3, 3), 0), np.uint8)


def darker_than_paper(smooth: Image, ink: Image, window: float) -> Image:
    """By how much each pixel is darker than the paper around it, (H, W) uint8: the contrast of ink.

    The paper is the mean of what is no ink in a window, a share of the picture's short side: the
    mean of everything, of an adaptive threshold, is darker beside a black grid than pencil is.
    """
    rows, columns = smooth.shape
    size = max(1, columns // COARSE), max(1, rows // COARSE)
    side = max(LEAST_WINDOW_PX, int(min(smooth.shape) * window)) // COARSE | 1
    bare = cv2.bitwise_not(ink)
    share, light = (
        cv2.blur(
            cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.float32), (side, side)
        )
        for part in (bare, cv2.bitwise_and(smooth, bare))
    )
    level = np.where(share >= 1, 255 * light / np.maximum(share, 1), 0)
    paper = cv2.resize(level.round().astype(np.uint8), (columns, rows))
    return np.asarray(cv2.subtract(paper, smooth), np.uint8)


def _noise(grey: Image) -> float:
    """Standard deviation of the pixel noise, after Immerkaer (CVIU 64, 1996), by the median."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    rows = grey[: grey.shape[0] // 16 * 16].reshape(-1, 16, grey.shape[1])[:, :4]
    if not rows.size:
        return 0.0
    response = cv2.filter2D(rows.reshape(-1, grey.shape[1]), cv2.CV_16S, kernel)
    return float(np.median(np.abs(response[1::4, ::4]))) * 1.4826 / 6
