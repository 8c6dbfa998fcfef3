"""A writer: digits and signs drawn with a pen, each in the hand of one person."""

from bisect import bisect
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Image
from camlive.simulate.signs import SIGNS
from camlive.simulate.strokes import DIGITS, Points, Stroke, parse

CANVAS_PX = 150  # least height that ink is drawn at before it is averaged down
STEPS = 8  # curve samples between two control points
PART = 20  # curve samples drawn with one pen width
OWN_FORM = 0.8  # how often a writer keeps to the usual form of a digit
SCRIBBLES = 0.06  # share of the signs that are scribbles without a form

# Catmull-Rom spline: rows are samples, columns weigh four neighbouring control points.
_T = np.linspace(0, 1, STEPS, endpoint=False, dtype=np.float32)[:, None]
_SPLINE = 0.5 * np.hstack(
    [-_T + 2 * _T**2 - _T**3, 2 - 5 * _T**2 + 3 * _T**3, _T + 4 * _T**2 - 3 * _T**3, _T**3 - _T**2]
).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Style:
    """The hand of one writer.

    Attributes:
        slant: shear to the right, as a tangent.
        aspect: width of the letters relative to the usual.
        pen: width of the line, as a share of the height.
        pressure: how much the line's width varies, 0 to 1.
        wobble: tremor of the line, in heights.
        looseness: how far control points stray from one digit to the next, in heights.
        roundness: how far corners are rounded off, 0 (sharp) to 1.
        bend: how this writer bends every form, x and y, in heights.
        forms: for each digit, which of its forms is usual, 0 to 1 along their weights.
    """

    slant: float
    aspect: float
    pen: float
    pressure: float
    wobble: float
    looseness: float
    roundness: float
    bend: tuple[float, ...]
    forms: tuple[float, ...]


def random_style(rng: np.random.Generator) -> Style:
    """Makes up one writer."""
    return Style(
        slant=float(np.clip(rng.normal(0.08, 0.16), -0.35, 0.5)),
        aspect=float(np.exp(rng.normal(0, 0.17))),
        pen=float(np.clip(np.exp(rng.normal(-2.6, 0.4)), 0.025, 0.2)),
        pressure=float(rng.uniform(0, 1)),
        wobble=float(rng.uniform(0, 0.007)),
        looseness=float(rng.uniform(0.006, 0.026)),
        roundness=float(rng.uniform(0, 1)),
        bend=tuple(float(value) for value in rng.normal(0, 0.018, 4)),
        forms=tuple(float(value) for value in rng.random(10)),
    )


def draw_digit(digit: int, style: Style, height_px: int, rng: np.random.Generator) -> Image:
    """Writes one digit.

    Args:
        digit: 0 to 9.
        style: the writer.
        height_px: height of the ink in pixels, 8 or more.
        rng: what differs from one digit of this writer to the next.

    Returns:
        (H, W) uint8 coverage of ink, 255 = ink, anti-aliased, cropped to the ink; H is within
        one pixel of `height_px`.
    """
    ink, _ = _draw(parse(_form(digit, style, rng)), style, height_px, rng, least_extent=0.1)
    return _reduce(ink, height_px / ink.shape[0])


def draw_sign(style: Style, height_px: int, rng: np.random.Generator) -> Image:
    """Writes a random sign that is no digit: a letter, an operator, a shape, a scribble.

    Args:
        style: the writer.
        height_px: height of the writing in pixels; a dash or a small letter is lower than that.
        rng: which sign, and what differs from one time to the next.

    Returns:
        (H, W) uint8 coverage of ink, 255 = ink, anti-aliased, cropped to the ink.
    """
    scribbles = rng.random() < SCRIBBLES
    strokes = (_scribble(rng),) if scribbles else parse(SIGNS[rng.integers(len(SIGNS))])
    crisp = replace(style, roundness=style.roundness / 4)  # a round square would be a nought
    ink, factor = _draw(strokes, crisp, height_px, rng, least_extent=1)
    return _reduce(ink, 1 / factor)


def _form(digit: int, style: Style, rng: np.random.Generator) -> str:
    weights = list(accumulate(weight for weight, _ in DIGITS[digit]))
    place = style.forms[digit] if rng.random() < OWN_FORM else rng.random()
    return DIGITS[digit][bisect(weights, place * weights[-1])][1]


def _scribble(rng: np.random.Generator) -> Stroke:
    points = rng.random((int(rng.integers(10, 24)), 2)) * (rng.uniform(0.6, 1.8), 1)
    return Stroke(points.astype(np.float32), ())


def _draw(
    strokes: tuple[Stroke, ...],
    style: Style,
    height_px: int,
    rng: np.random.Generator,
    least_extent: float,
) -> tuple[Image, int]:
    """Draws larger than asked for: the ink, cropped, and how many times larger it is."""
    hand = _hand(style, rng)
    curves = [_curve(stroke, style, hand, rng) for stroke in strokes]
    every = np.concatenate(curves)
    low, high = every.min(axis=0), every.max(axis=0)
    factor = max(2, -(-CANVAS_PX // height_px))
    pen = max(1.2 * factor, style.pen * height_px * factor)
    scale = (height_px * factor - pen) / max(float(high[1] - low[1]), least_extent)
    width, height = ((high - low) * scale + 2 * pen + 4).astype(int).tolist()
    canvas = np.zeros((height, width), np.uint8)
    for curve in curves:
        _ink(canvas, (curve - low) * scale + pen, pen, style.pressure, rng)
    x, y, width, height = cv2.boundingRect(canvas)
    return canvas[y : y + height, x : x + width], factor


def _reduce(ink: Image, ratio: float) -> Image:
    height, width = (max(1, round(side * ratio)) for side in ink.shape)
    return cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def _hand(style: Style, rng: np.random.Generator) -> Points:
    """The 2x2 matrix that gives points this writer's slant and width, a little off each time."""
    turn = rng.normal(0, 0.035)
    upright = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    width = style.aspect * np.exp(rng.normal(0, 0.06))
    shear = np.array([[width, 0], [-style.slant - rng.normal(0, 0.03), 1]])
    return np.asarray(shear @ upright, np.float32)


def _curve(stroke: Stroke, style: Style, hand: Points, rng: np.random.Generator) -> Points:
    """The stroke as a dense polyline (N, 2), in writing heights."""
    points = stroke.points.astype(np.float64)
    points += rng.normal(0, style.looseness, points.shape)
    points += rng.normal(0, style.looseness / 2, 2)  # the whole stroke is off, too
    phase = np.pi * stroke.points[:, ::-1]  # x bends along y, and y along x
    points += np.sin(phase) * style.bend[:2] + np.sin(2 * phase) * style.bend[2:]
    cuts = [0, *stroke.corners, len(points) - 1]
    runs = [_spline(points[a : b + 1]) for a, b in pairwise(cuts)]
    curve = np.concatenate([*runs, points[-1:]])[:, None]
    smooth = cv2.blur(curve, (1, 3 + 2 * round(3 * style.roundness)))[:, 0]
    tremor = rng.normal(0, style.wobble, (2 + len(curve) // 6, 2))
    smooth = smooth + cv2.resize(tremor, (2, len(curve)), interpolation=cv2.INTER_LINEAR)
    return np.asarray(smooth @ hand, np.float32)


def _spline(points: npt.NDArray[np.float64]) -> Points:
    """Samples a smooth curve through (N, 2) points, the last one left out."""
    before, after = 2 * points[:1] - points[1:2], 2 * points[-1:] - points[-2:-1]
    path = np.concatenate([before, points, after])
    near = np.stack([path[:-3], path[1:-2], path[2:-1], path[3:]], axis=1)
    return np.asarray(_SPLINE @ near, np.float32).reshape(-1, 2)


def _ink(
    canvas: Image, curve: Points, pen: float, pressure: float, rng: np.random.Generator
) -> None:
    """Draws a polyline into the canvas, in parts whose width differs with the pressure."""
    starts = range(0, len(curve) - 1, PART)
    widths = pen * (1 - 0.25 * pressure * rng.random(len(starts)))
    path = np.rint(curve * 16).astype(np.int32)
    for start, width in zip(starts, widths.tolist(), strict=True):
        piece = path[start : start + PART + 1]
        cv2.polylines(canvas, [piece], False, 255, max(1, round(width)), cv2.LINE_8, 4)
