"""Labelled pictures as other cameras would have filmed them: more than a few pictures can tell."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np
import numpy.typing as npt

from benchmark.truth import Label
from camlive.detection import Box, Digit, Image
from camlive.simulate.camera import lens, light, sensor

SIDES_PX = (480, 1280)  # longer side of what is filmed, drawn log-uniformly
LEAST_DIGIT_PX = 18  # no picture is made so small that its digits become lower
MOST_TURN_DEG = 7.0
MOST_SLANT = 0.06  # shear, and difference of the scales along the two sides
WORST = 0.7  # of the simulated camera's strength
SHARP_PX = 60  # digits that are lower are blurred less, in proportion

Warp = npt.NDArray[np.float64]  # (2, 3), an affine map


def refilmed(
    pictures: Iterable[tuple[Label, Image]], times: int, seed: int = 1
) -> Iterator[tuple[Label, Image]]:
    """Films each labelled picture again, seeded.

    Turned, slanted and scaled a little, in another light, out of focus or moved, noisy and
    compressed.

    Args:
        pictures: labels with their (H, W, 3) uint8 BGR pictures.
        times: how often each is filmed.
        seed: of all that is random.

    Yields:
        The labels, boxes where they now are, and the new pictures.
    """
    for number, (label, image) in enumerate(pictures):
        for take in range(times):
            yield _filmed(label, image, np.random.default_rng([seed, number, take]))


def turned(
    pictures: Iterable[tuple[Label, Image]], degrees: float
) -> Iterator[tuple[Label, Image]]:
    """Turns each labelled picture, as a sheet that is held at a slant.

    Args:
        pictures: labels with their (H, W, 3) uint8 BGR pictures.
        degrees: clockwise.

    Yields:
        The labels, boxes where they now are, and the turned pictures, all of each, what lies
        beyond as its edge is.
    """
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for label, image in pictures:
        warp, size = _about_the_middle(turn, np.array([image.shape[1], image.shape[0]]))
        seen = cv2.warpAffine(image, warp, size, borderMode=cv2.BORDER_REPLICATE)
        digits = label.digits and _moved(label.digits, 1, warp)
        yield replace(label, digits=digits), np.asarray(seen, np.uint8)


def _filmed(label: Label, image: Image, rng: np.random.Generator) -> tuple[Label, Image]:
    digits = label.digits or ()
    height_px = median(digit.box.height for digit in digits) if digits else SHARP_PX
    side = SIDES_PX[0] * (SIDES_PX[1] / SIDES_PX[0]) ** rng.random()
    scale = max(side / max(image.shape[:2]), min(1, LEAST_DIGIT_PX / height_px))
    warp, size = _warp(image.shape, scale, rng)
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=flags)
    moved = np.asarray(cv2.warpAffine(small, warp, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    strength = WORST * rng.random()
    blur = strength * min(1, height_px * scale / SHARP_PX)
    seen = sensor(lens(light(moved, rng, strength), rng, blur), rng, strength)
    if label.digits is None:
        return label, seen
    return replace(label, digits=_moved(digits, scale, warp)), seen


def _warp(
    shape: Sequence[int], scale: float, rng: np.random.Generator
) -> tuple[Warp, tuple[int, int]]:
    """Turns and slants a scaled picture about its middle, on a canvas that holds all of it."""
    angle = np.deg2rad(MOST_TURN_DEG) * rng.uniform(-1, 1)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ (np.eye(2) + rng.uniform(-MOST_SLANT, MOST_SLANT, (2, 2)))
    return _about_the_middle(matrix, scale * np.array([shape[1], shape[0]]))


def _about_the_middle(matrix: Warp, extent: Warp) -> tuple[Warp, tuple[int, int]]:
    """A map (2, 2) of a picture of some width and height, (2,), and the canvas that holds all."""
    size = np.abs(matrix) @ extent
    offset = size / 2 - matrix @ extent / 2
    width, height = np.ceil(size).astype(int).tolist()
    return np.c_[matrix, offset], (width, height)


def _moved(digits: Sequence[Digit], scale: float, warp: Warp) -> tuple[Digit, ...]:
    """The digits where the warp takes them: boxes around the ellipses in their boxes.

    The corners of a box are empty mostly, so a box around them would be too large.
    """
    moved = []
    for digit in digits:
        box = digit.box
        half = scale * np.array([box.width, box.height]) / 2
        middle = warp[:, :2] @ (scale * np.array([box.x, box.y]) + half) + warp[:, 2]
        reach = np.sqrt((warp[:, :2] * half) ** 2 @ np.ones(2))
        x, y = np.rint(middle - reach).astype(int).tolist()
        width, height = np.maximum(np.rint(2 * reach), 1).astype(int).tolist()
        moved.append(replace(digit, box=Box(x, y, width, height)))
    return tuple(moved)
