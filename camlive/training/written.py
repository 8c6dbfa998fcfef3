"""A sheet that somebody wrote on: digits of MNIST and of the writer, numbers, signs, clutter."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import NOT_A_DIGIT, Box, Image
from camlive.simulate.writer import draw_digit, draw_sign, random_style
from camlive.training.clutter import Canvas, clutter
from camlive.training.glyphs import printed
from camlive.training.labels import Truth
from camlive.training.mnist import Mnist, penned, tail_of, warped

SIZES = ((640, 480), (800, 600), (960, 720))  # pixels of a sheet
WRITTEN = 0.3  # share of digits by the pen-stroke writer, the rest are MNIST's
TOUCHING = 0.25  # share of the sheets with digits on which they stand as numbers and mostly touch
LONGEST = 5  # digits of such a number
OVERLAP = (-0.08, 0.15)  # of the height: by how much the boxes of two such digits overlap
TIED = 0.5  # share of them with a stroke between
INKED = 128  # of 255: coverage from which a stroke may end there

Colour = npt.NDArray[np.float64]  # (3,) BGR, 0 to 255
Place = tuple[int, int, int]  # left, top and height of a mark
Write = Callable[[int, int], Image]  # a digit, or -1 for a sign, and its height in pixels -> ink


def random_writer(rng: np.random.Generator) -> Write:
    """Makes up somebody who writes digits and signs."""
    style = random_style(rng)
    return lambda digit, size: (
        draw_digit(digit, style, size, rng) if digit >= 0 else draw_sign(style, size, rng)
    )


def written_sheet(mnist: Mnist, size: float, rng: np.random.Generator) -> tuple[Image, Truth]:
    """A written sheet.

    Args:
        mnist: whose training digits are on it.
        size: of most marks, their height in pixels.
        rng: of all that is random.

    Returns:
        (H, W, 3) uint8 BGR, and the marks on it.
    """
    width, height = SIZES[rng.integers(len(SIZES))]
    dark = rng.random() < 0.15
    paper = rng.uniform(15, 90) if dark else rng.uniform(110, 255)
    canvas: Canvas = np.empty((height, width, 3), np.float32)
    canvas[:] = np.clip(paper * np.exp(rng.normal(0, 0.08, 3)), 5, 250)
    share = 0.0 if rng.random() < 0.12 else rng.uniform(0.6, 1)
    places = _places(width, height, size, rng)
    if rng.random() < 0.3:
        clutter(canvas, rng)
        share, places = 0.0, places[: rng.integers(len(places) + 1)]
    elif rng.random() < 0.35:
        _rule(canvas, rng)
    if share and rng.random() < TOUCHING:
        marks = _numbers(canvas, mnist, places, dark, rng)
    else:
        marks = _single(canvas, mnist, places, share, dark, rng)
    return canvas.clip(0, 255).astype(np.uint8), marks


def _single(
    canvas: Canvas,
    mnist: Mnist,
    places: list[Place],
    share: float,
    dark: bool,
    rng: np.random.Generator,
) -> Truth:
    """Writes marks, each of its own pen, of which so many are digits."""
    marks: Truth = []
    for x, y, own in places:
        digit, ink = _mark(mnist, own, share, random_writer(rng), rng)
        box = _paint(canvas, ink, x, y, _colour(dark, rng))
        if box:
            marks.append((box, digit))
    return marks


def _numbers(
    canvas: Canvas,
    mnist: Mnist,
    places: list[Place],
    dark: bool,
    rng: np.random.Generator,
) -> Truth:
    """Writes numbers, each in one colour, whose digits touch, nearly do, or are tied."""
    marks: Truth = []
    end = before = 0
    for x, y, own in places:
        end = end if x > before else 0  # a row begins
        before = x
        if x < end:
            continue
        colour, write, last = _colour(dark, rng), random_writer(rng), None
        for _ in range(rng.integers(2, LONGEST + 1)):
            digit, ink = _mark(mnist, own, 1.0, write, rng)
            top = y + round(rng.normal(0, 0.04) * own)
            box = _paint(canvas, ink, x, top, colour)
            if not box:
                break
            marks.append((box, digit))
            if last and rng.random() < TIED:
                _tie(canvas, last, (box, ink), colour, rng)
            last = box, ink
            x = box.right - round(rng.uniform(*OVERLAP) * own)
            end = box.right + own // 2
    return marks


def _tie(
    canvas: Canvas,
    one: tuple[Box, Image],
    other: tuple[Box, Image],
    colour: Colour,
    rng: np.random.Generator,
) -> None:
    """Draws the stroke that a pen leaves from a digit to the next, mostly at their tops."""
    ends = []
    level = rng.triangular(0, 0.1, 1)
    for (box, ink), side in ((one, -1), (other, 0)):
        row = int(np.clip(level + rng.normal(0, 0.1), 0, 0.99) * len(ink))
        columns = np.flatnonzero(ink[max(0, row - 1) : row + 2].max(axis=0) > INKED)
        if not len(columns):
            return
        ends.append((box.x + columns[side], box.y + row))
    (x, y), (right, bottom) = ends
    sag = rng.normal(0, 0.08) * one[0].height
    bent = [(x, y), ((x + right) // 2, round((y + bottom) / 2 + sag)), (right, bottom)]
    pen = max(1, round(rng.uniform(0.03, 0.09) * one[0].height))
    cv2.polylines(canvas, [np.array(bent, np.int32)], False, colour.tolist(), pen)


def _places(width: int, height: int, size: float, rng: np.random.Generator) -> list[Place]:
    """Left, top and height of the marks: rows of one writer's size."""
    gap, y = rng.uniform(-0.1, 0.9), rng.uniform(4, 20)
    places: list[Place] = []
    while y + size * 1.2 < height and len(places) < 90:
        x = rng.uniform(4, 40)
        while x + size < width:
            own = size * rng.uniform(0.8, 1.2)
            places.append((round(x), round(y + rng.normal(0, 0.06) * size), max(10, round(own))))
            x += own * (0.7 + gap * rng.uniform(0.4, 1.6))
        y += size * rng.uniform(1.15, 1.9)
    return places


def _mark(
    mnist: Mnist,
    size: int,
    share: float,
    write: Write,
    rng: np.random.Generator,
) -> tuple[int, Image]:
    """One mark: a digit of MNIST or of the writer, or a written or printed sign."""
    if rng.random() >= share:
        sign = printed(size, rng) if rng.random() < 0.4 else write(-1, size)
        return NOT_A_DIGIT, sign
    if rng.random() < WRITTEN:
        digit = int(rng.integers(10))
        return digit, write(digit, size)
    index = rng.integers(len(mnist.x_train))
    digit = int(mnist.y_train[index])
    ink = penned(warped(mnist.x_train[index], size, rng, tail=tail_of(digit, rng)), rng)
    x, y, width, height = cv2.boundingRect(np.asarray(ink > 60, np.uint8))
    return digit, ink[y : y + height, x : x + width]


def _colour(dark: bool, rng: np.random.Generator) -> Colour:
    """An ink's colour, BGR: dark on light paper, light on a dark board."""
    if dark:
        return rng.uniform(150, 255, 3)
    deep = rng.uniform(0, 70, 3)
    deep[rng.integers(3)] += rng.choice([0, 0, 60, 140])  # black mostly, else blue, green or red
    return deep


def _paint(canvas: Canvas, ink: Image, x: int, y: int, colour: Colour) -> Box | None:
    """Lays ink on the canvas; the box it covers, or None if it does not fit."""
    height, width = ink.shape
    if x < 1 or y < 1 or not ink.size:
        return None
    window = canvas[y : y + height, x : x + width]
    if window.shape[:2] != ink.shape:
        return None
    cover = cv2.merge([ink] * 3).astype(np.float32) / 255
    window += (colour.astype(np.float32) - window) * cover
    return Box(x, y, width, height)


def _rule(canvas: Canvas, rng: np.random.Generator) -> None:
    """Rules the paper with lines, or squares."""
    step, level = rng.uniform(18, 90), float(canvas.mean())
    colour = [level * f for f in rng.uniform(rng.uniform(0.15, 0.9), 0.95, 3)]
    height, width = canvas.shape[:2]
    thick, tilt = int(rng.integers(1, 4)), rng.normal(0, 20)
    for y in np.arange(rng.uniform(0, step), height, step):
        cv2.line(canvas, (0, int(y)), (width, int(y + tilt)), colour, thick, cv2.LINE_AA)
    if rng.random() < 0.4:
        for x in np.arange(rng.uniform(0, step), width, step):
            cv2.line(canvas, (int(x), 0), (int(x - tilt), height), colour, thick, cv2.LINE_AA)
