"""The much-copied recipe, as a yardstick: threshold, outer contours, squash, small network."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from camlive.detection import Batch, Box, Digit, Image, Probabilities
from camlive.errors import ModelError

MODEL = Path(__file__).with_name("baseline.tflite")
WIDTH_PX = 480  # wider pictures are shrunk to it: the best of 320 to 1280, and of none, by F1
BLUR_PX = 5
BLOCK_PX = 11  # adaptive threshold's window, and the offset below: the numbers that go around
OFFSET = 2
LEAST_AREA_PX = 100  # of a contour
PADDING_PX = 5
TILE_PX = 28
BATCH = 128  # tiles a pass: a noisy picture has thousands


def read_digits(image: Image, width_px: int = WIDTH_PX) -> list[Digit]:
    """Finds and reads digits as the much-copied recipe does.

    Args:
        image: (H, W, 3) uint8 BGR.
        width_px: wider pictures are shrunk to this width first.

    Returns:
        A digit for every contour that is large enough: the recipe knows no "not a digit".

    Raises:
        ModelError: the recipe's network is missing.
    """
    small, scale = shrink(image, width_px)
    mask = ink_mask(small)
    boxes = find_boxes(mask)
    probabilities = classify(np.array([to_tile(mask, box) for box in boxes]))
    return [
        Digit(_enlarge(box, scale), int(row.argmax()), float(row.max()))
        for box, row in zip(boxes, probabilities, strict=True)
    ]


def shrink(image: Image, width_px: int = WIDTH_PX) -> tuple[Image, float]:
    """Shrinks a picture that is wider than a width to it; by how much comes second, 1 or more."""
    scale = max(1.0, image.shape[1] / width_px)
    size = max(1, round(image.shape[1] / scale)), max(1, round(image.shape[0] / scale))
    if scale == 1:
        return image, scale
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8), scale


def ink_mask(image: Image) -> Image:
    """Thresholds a picture, (H, W, 3) uint8 BGR, into its ink, (H, W) uint8 {0, 255}."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    smooth = cv2.GaussianBlur(grey, (BLUR_PX, BLUR_PX), 0)
    return cv2.adaptiveThreshold(
        smooth,
        255,
        cv2.ADAPTIVE_THRESH_GAUSSIAN_C,
        cv2.THRESH_BINARY_INV,
        BLOCK_PX,
        OFFSET,
    ).astype(np.uint8)


def find_boxes(mask: Image) -> list[Box]:
    """The bounding rectangles of a mask's outer contours that are large enough."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    large = (c for c in contours if cv2.contourArea(c) > LEAST_AREA_PX)
    return [Box(*cv2.boundingRect(contour)) for contour in large]


def to_tile(mask: Image, box: Box) -> Image:
    """Crops a box with a little padding and squashes it, its aspect lost: (28, 28) uint8."""
    top, left = max(0, box.y - PADDING_PX), max(0, box.x - PADDING_PX)
    crop = mask[top : box.bottom + PADDING_PX, left : box.right + PADDING_PX]
    return cv2.resize(crop, (TILE_PX, TILE_PX), interpolation=cv2.INTER_AREA).astype(np.uint8)


def classify(tiles: Image) -> Probabilities:
    """Runs the recipe's network.

    Args:
        tiles: (N, 28, 28) uint8, white ink on black.

    Returns:
        (N, 10) float32, the probability of each digit.

    Raises:
        ModelError: the recipe's network is missing.
    """
    batch = tiles.reshape(-1, 1, TILE_PX, TILE_PX).astype(np.float32) / np.float32(255)
    rows = [_forward(batch[start : start + BATCH]) for start in range(0, len(batch), BATCH)]
    return np.concatenate([np.zeros((0, 10), np.float32), *rows])


def _forward(batch: Batch) -> Probabilities:
    net = _network()
    net.setInput(batch)
    logits = np.asarray(net.forward(), np.float32).reshape(-1, 10)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return probabilities


@cache
def _network() -> cv2.dnn.Net:
    try:
        return cv2.dnn.readNetFromTFLite(np.frombuffer(MODEL.read_bytes(), np.uint8))
    except (OSError, cv2.error) as error:
        raise ModelError(
            f"cannot read the baseline's network {MODEL}: make it with"
            " `python -m benchmark train-baseline --data mnist.npz`"
        ) from error


def _enlarge(box: Box, scale: float) -> Box:
    x, y, width, height = (round(v * scale) for v in (box.x, box.y, box.width, box.height))
    return Box(x, y, width, height)
