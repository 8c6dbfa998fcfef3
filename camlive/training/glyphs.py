"""Printed letters and signs, in the fonts that Matplotlib ships: what is no digit."""

from functools import cache
from typing import Literal

import cv2
import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from camlive.detection import Image

# Without those that a person might read as a digit: O o I l i S s Z z b g q y | /
CHARACTERS = "ABCDEFGHJKLMNPQRTUVWXYacdefhjkmnprtuvwx?!#$%&@*+=<>~^{}[]()"
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


def printed(height_px: int, rng: np.random.Generator) -> Image:
    """A random printed character that is no digit, (H, W) uint8 coverage, tight."""
    character = CHARACTERS[rng.integers(len(CHARACTERS))]
    glyph = _glyph(character, FONTS[rng.integers(len(FONTS))])
    scale = height_px / glyph.shape[0]
    size = max(2, round(glyph.shape[1] * scale)), height_px
    return np.asarray(cv2.resize(glyph, size, interpolation=cv2.INTER_AREA), np.uint8)
