"""Sheets of paper, and boards, with rows of digits and signs written on them."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Image
from camlive.errors import DataError
from camlive.simulate.writer import Style, draw_digit, draw_sign, random_style

SIGN = -1  # stands for a random sign among the digits of a word
INK = 64  # least coverage that is ink when the place of a digit is noted
LEAST_LETTER = 10.0  # lowest writing, in pixels of the desk
FRAMED = 0.12  # share of the words with a frame drawn around them

Words = list[list[int]]  # digits 0 to 9, or SIGN
Placed = tuple[int, Image, int, int]  # a digit or SIGN, its ink, x and y on the sheet
Color = tuple[int, int, int]  # blue, green, red


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A digit on the desk: the convex hull of its ink, (N, 2) float32 x, y on the desk."""

    digit: int
    hull: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pen:
    """What is written with: colour, how much it covers (0 to 1), its grain and its width."""

    color: Color
    cover: float
    grain: float
    width: tuple[float, float]  # share of the writing's height


PENS = (
    Pen((45, 40, 40), 0.95, 0.05, (0.05, 0.09)),  # black felt-tip
    Pen((60, 50, 45), 0.85, 0.15, (0.03, 0.05)),  # black ball-point
    Pen((150, 65, 35), 0.85, 0.15, (0.03, 0.06)),  # blue ball-point
    Pen((60, 45, 190), 0.85, 0.1, (0.04, 0.08)),  # red
    Pen((70, 120, 40), 0.85, 0.1, (0.04, 0.08)),  # green
    Pen((100, 98, 98), 0.75, 0.35, (0.03, 0.06)),  # pencil
    Pen((35, 32, 32), 0.97, 0.02, (0.1, 0.17)),  # thick marker
)
CHALK = Pen((225, 230, 232), 0.85, 0.4, (0.05, 0.1))
PAPERS: tuple[Color, ...] = ((244, 246, 247), (232, 240, 244), (205, 208, 210), (150, 228, 246))
BOARDS: tuple[Color, ...] = ((62, 76, 48), (48, 46, 45))


@dataclass(frozen=True, slots=True)
class Material:
    """A kind of sheet and what is written on it with."""

    ground: Color
    pen: Pen


def random_material(rng: np.random.Generator) -> Material:
    """Paper and a pen, or now and then a board and chalk."""
    if rng.random() < 0.12:
        return Material(BOARDS[rng.integers(len(BOARDS))], CHALK)
    return Material(PAPERS[rng.integers(len(PAPERS))], PENS[rng.integers(len(PENS))])


def lay_sheet(
    desk: Image,
    center: tuple[float, float],
    size: tuple[float, float],
    material: Material,
    words: Words,
    rng: np.random.Generator,
) -> list[Written]:
    """Lays a sheet on the desk and writes on it.

    Args:
        desk: (H, W, 3) uint8 BGR, drawn into.
        center: middle of the sheet, x, y on the desk; all of the sheet lies on the desk.
        size: width and height of the sheet in pixels of the desk.
        material: sheet and pen.
        words: what to write, in this order.
        rng: the writer, the ruling, and the rest.

    Returns:
        The digits on the sheet.
    """
    left, top = round(center[0] - size[0] / 2), round(center[1] - size[1] / 2)
    width, height = round(size[0]), round(size[1])
    _drop_shadow(desk, left, top, width, height)
    sheet = desk[top : top + height, left : left + width]
    grain = cv2.blur(rng.integers(-9, 10, sheet.shape[:2]).astype(np.float32), (3, 3))
    sheet[:] = np.clip(grain[..., None] + np.array(material.ground, np.float32), 0, 255)
    count = sum(len(word) + 1 for word in words)
    letter = float(np.clip((0.4 * width * height / max(count, 1)) ** 0.5, 12, 0.3 * height))
    pen = material.pen
    if pen != CHALK:
        _rule(sheet, letter, rng)
    style = replace(random_style(rng), pen=float(rng.uniform(*pen.width)))
    return _write(sheet, (left, top), letter, style, pen, words, rng)


def _drop_shadow(desk: Image, left: int, top: int, width: int, height: int) -> None:
    around = desk[top - 12 : top + height + 24, left - 12 : left + width + 24]
    shade = np.ones(around.shape[:2], np.float32)
    shade[16:-16, 16:-16] = 0.55
    around[:] = around * cv2.blur(shade, (13, 13))[..., None]


def _rule(sheet: Image, letter: float, rng: np.random.Generator) -> None:
    """Prints lines or squares on the sheet, or leaves it plain."""
    ruling = rng.choice(["plain", "lines", "squares"], p=[0.6, 0.25, 0.15])
    if ruling == "plain":
        return
    step = max(10, round(letter * rng.uniform(*((1.1, 1.7) if ruling == "lines" else (0.4, 0.7)))))
    shade = np.array([1, 0.93, 0.86]) * rng.uniform(0.8, 0.95)
    sheet[step::step] = sheet[step::step] * shade
    if ruling == "squares":
        sheet[:, step // 2 :: step] = sheet[:, step // 2 :: step] * shade
    else:
        margin = sheet.shape[1] // 12
        sheet[:, margin : margin + 2] = sheet[:, margin : margin + 2] * [0.75, 0.75, 1]


def _write(
    sheet: Image,
    origin: tuple[int, int],
    letter: float,
    style: Style,
    pen: Pen,
    words: Words,
    rng: np.random.Generator,
) -> list[Written]:
    """Writes the words in rows, smaller until they fit; notes where the digits are."""
    placed = _rows(words, style, letter, sheet.shape[1], rng)
    while any(x + w > sheet.shape[1] or y + h > sheet.shape[0] for x, y, w, h in _boxes(placed)):
        letter *= 0.9
        if letter < LEAST_LETTER:
            raise DataError("the digits do not fit the sheet; give a larger frame")
        placed = _rows(words, style, letter, sheet.shape[1], rng)
    digits = []
    for sign, ink, x, y in placed:
        _apply(sheet[y : y + ink.shape[0], x : x + ink.shape[1]], ink, pen, rng)
        if sign != SIGN:
            pixels = np.argwhere(ink >= INK)[:, ::-1] + (x + origin[0], y + origin[1])
            hull = cv2.convexHull(pixels.astype(np.float32))[:, 0]
            digits.append(Written(sign, hull.astype(np.float32)))
    return digits


def _boxes(placed: list[Placed]) -> list[tuple[int, int, int, int]]:
    return [(x, y, ink.shape[1], ink.shape[0]) for _, ink, x, y in placed]


def _rows(
    words: Words, style: Style, letter: float, width: int, rng: np.random.Generator
) -> list[Placed]:
    """Draws the words and sets them in rows that are `width` long."""
    placed: list[Placed] = []
    x, y = letter, letter * 0.7
    for word in words:
        glyphs = [(sign, _glyph(sign, style, letter, rng)) for sign in word]
        gap = letter * rng.uniform(0.14, 0.35)
        length = sum(ink.shape[1] + gap for _, ink in glyphs)
        if x > letter and x + length > width - letter / 2:
            x, y = letter * rng.uniform(0.6, 1.1), y + letter * 1.6
        if rng.random() < FRAMED:
            frame = _frame(length + letter * 0.5, letter * 1.45, style.pen * letter, rng)
            placed.append((SIGN, frame, round(x - letter * 0.4), round(y - letter * 0.25)))
        for sign, ink in glyphs:
            above = (letter - ink.shape[0]) / 2 + letter * rng.normal(0, 0.03)
            placed.append((sign, ink, round(x), max(0, round(y + above))))
            x += ink.shape[1] + gap
        x += letter * rng.uniform(0.5, 1.2)
    return placed


def _glyph(sign: int, style: Style, letter: float, rng: np.random.Generator) -> Image:
    height_px = round(letter * rng.uniform(0.9, 1))
    if sign == SIGN:
        return draw_sign(style, height_px, rng)
    return draw_digit(sign, style, height_px, rng)


def _frame(width: float, height: float, pen: float, rng: np.random.Generator) -> Image:
    """A frame drawn by hand: (H, W) uint8 coverage of ink."""
    ink = np.zeros((round(height), round(width)), np.uint8)
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]) * (width - 9, height - 9) + 4
    path = np.rint((corners + rng.normal(0, 1.5, corners.shape)) * 16).astype(np.int32)
    cv2.polylines(ink, [path], False, 255, max(1, round(pen)), cv2.LINE_AA, 4)
    return ink


def _apply(area: Image, ink: Image, pen: Pen, rng: np.random.Generator) -> None:
    """Puts ink on a part (H, W, 3) of the sheet."""
    cover = ink / 255 * pen.cover * (1 - pen.grain * rng.random(ink.shape))
    area[:] = area + cover[..., None] * (np.array(pen.color) - area)
