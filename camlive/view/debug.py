"""What the recogniser sees, as views of the size in which a frame is shown."""

import cv2
import numpy as np

from camlive.cards import (
    CARD_PX,
    PAPER,
    PASSED,
    READ,
    TEXT_PX,
    card_row,
    cards_of,
    draw_box,
    on_screen,
    scaled,
    text_box,
    write,
)
from camlive.detection import Box, Digit, Image
from camlive.display import enlargement
from camlive.recognizer import Examination
from camlive.segment.page import ink_mask
from camlive.turning import picture_of

VIEWS = ("ink", "candidates", "tiles")
BELOW_PX = TEXT_PX + 4  # from a box to the baseline of its words, whose ground begins below it
SAME = 0.5  # IoU from which a candidate is the digit that is shown


def debug_view(kind: str, image: Image, seen: Examination) -> Image:
    """Draws one of the VIEWS of a frame.

    Args:
        kind: "ink", the mask; "candidates", with why the network's were refused; or "tiles", what
            it saw of each, with the top three.
        image: (H, W, 3) uint8 BGR.
        seen: what `Recognizer.examine` gave for it.

    Returns:
        (H * n, W * n, 3) uint8 BGR, n the frame's `enlargement`.
    """
    if kind == "ink":
        ink = picture_of(ink_mask(seen.copy), seen.copy, image.shape)
        view = np.asarray(cv2.cvtColor(255 - ink, cv2.COLOR_GRAY2BGR), np.uint8)
    else:
        view = _candidates(image, seen) if kind == "candidates" else _tiles(image, seen)
    rows, columns = image.shape[:2]
    times = enlargement(columns, rows)
    return _resized(view, columns * times, rows * times)


def words_for(kind: str, image: Image, seen: Examination, pointed: Box | None) -> str:
    """Names one of the VIEWS of a frame, with what it does not show.

    Args:
        kind: which.
        image: (H, W, 3) uint8 BGR.
        seen: what `Recognizer.examine` gave for it.
        pointed: the pixel under the mouse: why the smallest candidate there was refused is told.
    """
    if kind == "tiles":
        rows, columns = _sheet(image)[1:]
        count = len(seen.verdicts)
        return f"tiles: {min(count, rows * columns)} of {count}"
    if kind == "ink" or not pointed:
        return kind
    marks = [(v.region.box, v.refused) for v in seen.verdicts]
    marks += [(region.box, region.refused) for region in seen.refused]
    there = [(box.area, why) for box, why in marks if box.intersection(pointed)]
    is_read = any(not why for _, why in there)
    return kind if is_read or not there else f"{kind}: {min(there)[1]}"


def card_of(digit: Digit, seen: Examination) -> Image | None:
    """The card of the candidate that a digit was read from; None if it was not found anew.

    Args:
        digit: one that is shown.
        seen: what `Recognizer.examine` gave for the frame.
    """
    cards = cards_of(seen)
    best = max(cards, key=lambda c: c.verdict.region.box.iou(digit.box), default=None)
    if best is None or best.verdict.region.box.iou(digit.box) < SAME:
        return None
    return card_row([best], CARD_PX[0])


def _candidates(image: Image, seen: Examination) -> Image:
    """Every candidate's box; the network's with words where they cover no others, digits first.

    Why one was refused covers no digit either.
    """
    scale = on_screen(image)
    canvas = _resized(image, round(image.shape[1] * scale), round(image.shape[0] * scale))
    marks = [
        (c.verdict.region.box, c.verdict.refused or str(c.verdict.digit.digit), c.colour)
        for c in cards_of(seen)
    ]
    taken: list[Box] = []
    digits: list[Box] = []
    for region in seen.refused:
        draw_box(canvas, region.box, scale, PASSED)
    for box, _, colour in reversed(marks):
        draw_box(canvas, box, scale, colour)
        if colour == READ:
            digits.append(scaled(box, scale))
    for box, words, colour in sorted(marks, key=lambda m: (m[2] != READ, -m[0].area)):
        x, y = round(box.x * scale), round(box.bottom * scale) + BELOW_PX
        place = text_box(words, x, y, canvas.shape)
        if not any(map(place.intersection, taken if colour == READ else taken + digits)):
            write(canvas, words, x, y, colour)
            taken.append(place)
    return canvas


def _tiles(image: Image, seen: Examination) -> Image:
    """As many cards as fill a canvas of the frame's size, scaled where not even one would fit."""
    canvas, rows, columns = _sheet(image)
    cards = cards_of(seen)
    for row in range(rows):
        shown = cards[row * columns : (row + 1) * columns]
        canvas[row * CARD_PX[1] : (row + 1) * CARD_PX[1]] = card_row(shown, canvas.shape[1])
    return canvas


def _sheet(image: Image) -> tuple[Image, int, int]:
    """An empty canvas for the cards of a frame, and how many rows and columns of them it takes."""
    height, width = image.shape[:2]
    scale = max(on_screen(image), CARD_PX[0] / width, CARD_PX[1] / height)
    high, wide = round(height * scale), round(width * scale)
    canvas = np.full((high, wide, 3), PAPER, np.uint8)
    return canvas, high // CARD_PX[1], wide // CARD_PX[0]


def _resized(view: Image, width: int, height: int) -> Image:
    """A view of another size, at least a pixel; a copy also where it is the same."""
    size = max(1, width), max(1, height)
    return np.asarray(cv2.resize(view, size, interpolation=cv2.INTER_AREA), np.uint8)
