"""A desk seen from above: a sheet with digits, a sheet without any, and clutter around them."""

from dataclasses import dataclass

import cv2
import numpy as np

from camlive.detection import Image
from camlive.errors import DataError
from camlive.simulate.camera import light
from camlive.simulate.paper import SIGN, Color, Words, Written, lay_sheet, random_material

DETAIL = 1.25  # pixels of the desk for one pixel of the frame
DESKS: tuple[Color, ...] = ((70, 110, 155), (95, 100, 105), (150, 170, 185), (45, 55, 75))


@dataclass(frozen=True, slots=True)
class SceneOptions:
    """What to film.

    Attributes:
        width: of the frame, in pixels.
        height: of the frame, in pixels.
        fps: frames for one second of a recording.
        duration_s: length of a recording, in seconds.
        seed: the same seed gives the same pictures.
        digits: the numbers on the sheet, parted by blanks; None for random ones, "" for none.

    Raises:
        DataError: a value that cannot be filmed.
    """

    width: int = 640
    height: int = 480
    fps: float = 25.0
    duration_s: float = 6.0
    seed: int = 0
    digits: str | None = None

    def __post_init__(self) -> None:
        if min(self.width, self.height) < 64 or max(self.width, self.height) > 4096:
            size = f"{self.width}x{self.height}"
            raise DataError(f"cannot simulate a frame of {size}; each side must be 64 to 4096")
        if not (self.fps > 0 and 0 < self.duration_s <= 3600):
            what = f"{self.duration_s} s at {self.fps} fps"
            raise DataError(f"cannot simulate {what}; give a rate above 0 and at most 3600 s")
        if self.digits and set(self.digits) - set("0123456789 "):
            raise DataError(f"cannot write '{self.digits}'; use the digits 0 to 9 and blanks")
        if self.seed < 0:
            raise DataError(f"cannot use seed {self.seed}; give 0 or more")


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The desk, lit.

    Attributes:
        desk: (H, W, 3) uint8 BGR, `DETAIL` times as fine as the frame.
        digits: every digit on it.
        home: where the camera looks to see the digits, x, y on the desk.
        away: where it sees no digit.
    """

    desk: Image
    digits: tuple[Written, ...]
    home: tuple[float, float]
    away: tuple[float, float]


def make_scene(options: SceneOptions, rng: np.random.Generator) -> Scene:
    """Lays out a desk with a sheet of digits on the left and one of signs on the right."""
    width, height = DETAIL * options.width, DETAIL * options.height
    desk = _desk(round(2.6 * width), round(1.7 * height), rng)
    home, away = (0.72 * width, 0.85 * height), (1.95 * width, 0.85 * height)
    material = random_material(rng)
    words = _words(options.digits, rng)
    digits = lay_sheet(desk, home, (0.98 * width, 0.88 * height), material, words, rng)
    notes = [[SIGN] * int(rng.integers(1, 5)) for _ in range(rng.integers(2, 9))]
    lay_sheet(desk, away, (0.6 * width, 0.8 * height), material, notes, rng)
    return Scene(light(desk, rng, 0.6), tuple(digits), home, away)


def _words(digits: str | None, rng: np.random.Generator) -> Words:
    if digits is not None:
        return [[int(digit) for digit in number] for number in digits.split()]
    numbers = [rng.integers(0, 10, rng.integers(1, 6)).tolist() for _ in range(rng.integers(2, 8))]
    signs = [[SIGN] * int(rng.integers(1, 3)) for _ in range(rng.integers(0, 4))]
    words = numbers + signs
    return [words[index] for index in rng.permutation(len(words))]


def _desk(width: int, height: int, rng: np.random.Generator) -> Image:
    """A desk top (height, width, 3) with things lying on it."""
    grain = cv2.resize(rng.normal(0, 1, (height // 5, 9)), (width, height))
    speckle = rng.normal(0, 3, (height, width))
    color = np.array(DESKS[rng.integers(len(DESKS))])
    desk = np.clip((10 * grain + speckle)[..., None] + color, 0, 255).astype(np.uint8)
    for _ in range(rng.integers(8, 20)):
        things = (_book, _cup, _pencil, _cable)
        things[rng.integers(len(things))](desk, rng)
    return np.asarray(cv2.GaussianBlur(desk, (3, 3), 0), np.uint8)


def _place(desk: Image, rng: np.random.Generator) -> tuple[float, float]:
    height, width = desk.shape[:2]
    return float(rng.uniform(0, width)), float(rng.uniform(0, height))


def _color(rng: np.random.Generator) -> Color:
    blue, green, red = rng.integers(20, 235, 3).tolist()
    return blue, green, red


def _book(desk: Image, rng: np.random.Generator) -> None:
    sides = desk.shape[0] * rng.uniform(0.1, 0.4, 2)
    middle, angle = _place(desk, rng), float(rng.uniform(0, 180))
    for share, color in ((1.06, (25, 25, 25)), (1.0, _color(rng)), (0.6, _color(rng))):
        corners = cv2.boxPoints((middle, (sides * share).tolist(), angle))
        cv2.fillConvexPoly(desk, np.rint(corners).astype(np.int32), color, cv2.LINE_AA)


def _cup(desk: Image, rng: np.random.Generator) -> None:
    x, y = (int(value) for value in _place(desk, rng))
    radius = desk.shape[0] * rng.uniform(0.04, 0.1)
    for share, color in ((1.1, (30, 30, 30)), (1.0, _color(rng)), (0.85, (30, 45, 70))):
        cv2.circle(desk, (x, y), round(radius * share), color, -1, cv2.LINE_AA)


def _pencil(desk: Image, rng: np.random.Generator) -> None:
    start, angle = np.array(_place(desk, rng)), rng.uniform(0, 2 * np.pi)
    way = desk.shape[0] * rng.uniform(0.15, 0.35) * np.array([np.cos(angle), np.sin(angle)])
    thickness = max(3, desk.shape[0] // 70)
    for share, color in ((1.0, _color(rng)), (0.2, _color(rng))):
        ends = np.rint([start, start + share * way]).astype(np.int32)
        cv2.polylines(desk, [ends], False, color, thickness, cv2.LINE_AA)


def _cable(desk: Image, rng: np.random.Generator) -> None:
    steps = cv2.blur(rng.normal(0, desk.shape[0] / 12, (80, 2)), (1, 25))
    path = np.rint(np.cumsum(steps, axis=0) + _place(desk, rng)).astype(np.int32)
    cv2.polylines(desk, [path], False, _color(rng), max(2, desk.shape[0] // 150), cv2.LINE_AA)
