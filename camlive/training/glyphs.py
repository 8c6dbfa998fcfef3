"""Print, in the fonts that Matplotlib and OpenCV ship: what is no handwritten digit."""

from functools import cache
from typing import Literal

import cv2
import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from camlive.detection import Image

# Without those that a person might read as a digit: O o I l i S s Z z b g q y | /
CHARACTERS = "ABCDEFGHJKLMNPQRTUVWXYacdefhjkmnprtuvwx?!#$%&@*+=<>~^{}[]()"
DIGITS = "23456789"  # some write 0 and 1 as they are printed
AS_DIGITS = 0.25  # share of what is printed
STRETCH = 0.12  # deviation of the logarithm of the width: there are narrow and wide fonts
BROADER = (1, 1, 2, 3, 4, 5)  # pixels of the em by which strokes are widened, less one
Font = tuple[str, Literal["normal", "italic"], str]  # family, style, weight
FONTS: tuple[Font, ...] = (
    ("DejaVu Sans", "normal", "normal"),
    ("DejaVu Sans", "italic", "bold"),
    ("DejaVu Serif", "normal", "normal"),
    ("DejaVu Serif", "italic", "normal"),
    ("DejaVu Sans Mono", "normal", "normal"),
    ("STIXGeneral", "normal", "normal"),
    ("STIXGeneral", "italic", "bold"),
    ("cmr10", "normal", "normal"),
    ("cmss10", "normal", "normal"),
    ("cmtt10", "normal", "normal"),
)
WEIGHTS = (200, 400, 700, 900)  # of the strokes, in OpenCV's font
_GLYPH_PX = 96


@cache
def _glyph(character: str, font: Font) -> Image:
    """(H, W) uint8 coverage of one printed character, tight, 96 px to the em."""
    family, style, weight = font
    path = TextPath(
        (0, 0), character, _GLYPH_PX, prop=FontProperties(family=family, style=style, weight=weight)
    )
    outlines = path.to_polygons()
    points = np.concatenate(outlines)
    low, high = points.min(0), points.max(0)
    width, height = np.ceil(high - low).astype(int) + 1
    canvas = np.zeros((height, width), np.uint8)
    rings = [np.round((o - low) * 16).astype(np.int32) for o in outlines]
    cv2.fillPoly(canvas, rings, 255, cv2.LINE_AA, shift=4)
    return canvas[::-1].copy()


@cache
def _glyph_of_opencv(character: str, weight: int) -> Image:
    """The same in OpenCV's own font, with strokes of a weight of 100 (thin) to 1000."""
    canvas = np.zeros((2 * _GLYPH_PX, 2 * _GLYPH_PX, 3), np.uint8)
    start, white = (_GLYPH_PX // 2, _GLYPH_PX * 3 // 2), (255, 255, 255)
    cv2.putText(canvas, character, start, white, cv2.FontFace("sans"), _GLYPH_PX, weight)
    ink = canvas[..., 0]
    x, y, width, height = cv2.boundingRect(ink)
    return ink[y : y + height, x : x + width].copy()


def printed(height_px: int, rng: np.random.Generator) -> Image:
    """A random printed character, (H, W) uint8 coverage, tight: no digit, or none by hand."""
    some = DIGITS if rng.random() < AS_DIGITS else CHARACTERS
    character = some[rng.integers(len(some))]
    font = int(rng.integers(len(FONTS) + len(WEIGHTS)))
    if font < len(FONTS):
        glyph = _glyph(character, FONTS[font])
    else:
        glyph = _glyph_of_opencv(character, WEIGHTS[font - len(FONTS)])
    broader = BROADER[rng.integers(len(BROADER))]
    glyph = np.asarray(cv2.dilate(np.pad(glyph, broader), np.ones((broader, broader), np.uint8)))
    x, y, width, height = cv2.boundingRect(glyph)
    glyph = glyph[y : y + height, x : x + width]
    wide = width * height_px / height * np.exp(rng.normal(0, STRETCH))
    size = max(2, round(wide)), height_px
    return np.asarray(cv2.resize(glyph, size, interpolation=cv2.INTER_AREA), np.uint8)
