"""Films a scene with a hand-held camera, and knows what is to be seen in each frame."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Box, Image
from camlive.simulate.camera import defocus, motion_blur, noise
from camlive.simulate.scene import DETAIL, Scene, SceneOptions, make_scene

AWAY = (0.42, 0.62)  # the part of a recording that shows no digit
TURN = 0.12  # how long the camera takes to turn away or back, as a share of the recording
SHUTTER = 0.2  # how long the shutter is open, as a share of the time between two frames

Values = npt.NDArray[np.float64]  # (N,) one for each frame
Matrix = npt.NDArray[np.float64]  # (3, 3) from the desk to the frame


@dataclass(frozen=True, slots=True)
class Seen:
    """A digit that is fully in view: which of the scene's digits, which numeral, where."""

    track: int
    digit: int
    box: Box


Frames = Iterator[tuple[Image, list[Seen]]]


def film(options: SceneOptions, count: int) -> Frames:
    """Films a scene.

    Args:
        options: what to film.
        count: how many frames.

    Yields:
        A frame (height, width, 3) uint8 BGR, and the digits fully in view, in pixels of it.
    """
    rng = np.random.default_rng(options.seed)
    scene = make_scene(options, rng)
    views = _views(scene, options, count, rng)
    focus = np.maximum(0, _sway(count, options.fps, rng) - 0.4) * 0.004 * options.width
    grain = rng.uniform(1, 5)
    for index, view in enumerate(views):
        frame = cv2.warpPerspective(
            scene.desk, view, (options.width, options.height), borderMode=cv2.BORDER_REFLECT
        ).astype(np.uint8)
        moved = _motion(views[max(0, index - 1)], view, options)
        frame = motion_blur(
            frame, SHUTTER * float(np.hypot(*moved)), float(np.arctan2(*moved[::-1]))
        )
        yield noise(defocus(frame, float(focus[index])), rng, grain), see(scene, view, options)


def see(scene: Scene, view: Matrix, options: SceneOptions) -> list[Seen]:
    """The digits whose ink is all inside the frame, with tight boxes."""
    seen = []
    for track, written in enumerate(scene.digits):
        hull = cv2.perspectiveTransform(written.hull[None].astype(np.float64), view)[0]
        low = np.floor(hull.min(axis=0)).astype(int)
        high = np.ceil(hull.max(axis=0)).astype(int) + 1
        if low.min() >= 0 and high[0] <= options.width and high[1] <= options.height:
            box = Box(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
            seen.append(Seen(track, written.digit, box))
    return seen


def _views(
    scene: Scene, options: SceneOptions, count: int, rng: np.random.Generator
) -> list[Matrix]:
    """Where the camera looks, frame by frame: a hand that shakes, leans and turns away."""
    x, y, zoom, roll, lean, turn = (_sway(count, options.fps, rng) for _ in range(6))
    size = DETAIL * np.array([options.width, options.height])
    away = _away(count)[:, None] if count > 1 else np.zeros((1, 1))
    center = np.array(scene.home) * (1 - away) + np.array(scene.away) * away
    center = center + np.stack([x, y], axis=1) * 0.04 * size
    half = size / 2 * (rng.uniform(0.98, 1.12) + 0.06 * zoom[:, None])
    frame = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * (options.width, options.height)
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    tilt = rng.normal(0, 0.06)
    views = []
    for i in range(count):
        near = 1 + signs[:, 1:] * 0.06 * lean[i] + signs[:, :1] * 0.06 * turn[i]
        angle = tilt + 0.05 * roll[i]
        rotation = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
        corners = center[i] + (signs * near * half[i]) @ rotation
        views.append(
            cv2.getPerspectiveTransform(corners.astype(np.float32), frame.astype(np.float32))
        )
    return [np.asarray(view, np.float64) for view in views]


def _sway(count: int, fps: float, rng: np.random.Generator) -> Values:
    """A smooth random movement between about -1 and 1, slow with a little tremor."""
    time_s = np.arange(count)[:, None] / fps
    rates = rng.uniform((0.1, 0.3, 0.7, 2), (0.3, 0.7, 1.5, 4))
    waves = np.sin(2 * np.pi * (time_s * rates + rng.random(4)))
    return np.asarray(waves @ [0.6, 0.3, 0.12, 0.03])


def _away(count: int) -> Values:
    """How far the camera has turned from the digits, 0 to 1, in each frame."""
    place = np.linspace(0, 1, count)
    ramp = np.minimum(place - AWAY[0] + TURN, AWAY[1] + TURN - place) / TURN
    ramp = np.clip(ramp, 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp))


def _motion(before: Matrix, view: Matrix, options: SceneOptions) -> Values:
    """How far the middle of the frame has moved since the frame before, x and y in pixels."""
    middle = np.array([[[options.width / 2, options.height / 2]]])
    moved = cv2.perspectiveTransform(middle, view @ np.linalg.inv(before))
    return np.asarray(moved[0, 0] - middle[0, 0], np.float64)
