"""Text on a picture: its size and the drawing of it, which no signal may break into."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2

from camlive.detection import Image
from camlive.signals import signals_held

# Of Matplotlib's: OpenCV's own slash the zero, which reads as an 8 when small.
FONT = Path("mpl-data", "fonts", "ttf", "DejaVuSans.ttf")

Colour = tuple[int, int, int]  # blue, green, red, 0 to 255


def text_size(text: str, size: int) -> tuple[int, int]:
    """Width and height of a text in pixels.

    Args:
        text: the text.
        size: of the font, in pixels.
    """
    with signals_held():
        _, _, width, height = cv2.getTextSize((0, 0), text, (0, 0), _font(), size)
    return width, height


def put_text(canvas: Image, text: str, start: tuple[int, int], colour: Colour, size: int) -> None:
    """Draws a text whose baseline's left end is at start, x and y, on a canvas (H, W, 3)."""
    with signals_held():
        cv2.putText(canvas, text, start, colour, _font(), size)


@cache
def _font() -> cv2.FontFace:
    package = find_spec("matplotlib")  # looked for only, not imported
    folder = Path(package.origin or "").parent if package else Path()
    return cv2.FontFace(str(folder / FONT))
