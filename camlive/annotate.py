"""Digits -> a drawn image: boxes, and labels that never cover a digit."""

from collections.abc import Sequence
from functools import reduce
from statistics import median

import cv2
import numpy as np

from camlive.detection import Box, Digit, Image
from camlive.layout import Layout, Tag, line_size, padding, tag_size
from camlive.text import Colour, put_text

# Okabe and Ito's colours, told apart by colour-blind eyes; BGR. Black edges and black text hold
# on light paper and on dark boards alike.
ORANGE = (0, 159, 230)  # a digit
SKY = (233, 180, 86)  # a number
BLACK = (0, 0, 0)
WHITE = (255, 255, 255)

SHORT_SIDE_PER_LINE = 400  # the frame's short side, in widths of a box's line
DIGIT_PER_LINE = 12  # the digits' median height, in widths of a box's line, at least
READABLE_PX = (11, 14)  # text on the screen: smallest, and smallest where there is room
MOST_OF_FRAME = 0.25  # its short side, for the size of such text
MIN_LINE_PX = 2  # a thinner line loses its colour in a compressed video


def annotate(
    image: Image,
    digits: Sequence[Digit],
    numbers: Sequence[Sequence[int]] = (),
    in_place: bool = False,
) -> Image:
    """Draws the digits and what they read as.

    A label stands above its digit, or where it would leave the frame or cover a digit or another
    label, below, right or left of it. Where digits stand close, labels go without the confidence.

    Args:
        image: (H, W, 3) uint8 BGR.
        digits: the digits, boxes in pixels of the image.
        numbers: digits that stand together, as indices into `digits`, left to right.
        in_place: whether the image itself is drawn on; else it is left as it is.

    Returns:
        (H, W, 3) uint8 BGR, the image or a copy with a box and a label for each digit and a label
        for each number; without the label of a digit that leaves no place beside it.
    """
    canvas = image if in_place else image.copy()
    line_px = _line_width(digits, min(image.shape[:2]))
    boxes = [_grow(digit.box, line_px + 3) for digit in digits]
    for box in boxes:
        _draw_box(canvas, box, line_px)
    layout = Layout(image, digits, boxes, len(numbers))
    tags = layout.place_digits()
    for tag in tags:
        _draw_tag(canvas, tag, ORANGE, BLACK)
    for number in numbers:
        text = "".join(str(digits[i].digit) for i in number)
        around = reduce(Box.union, (boxes[i] for i in number))
        if tag_of_number := layout.place_number(text, around):
            _draw_tag(canvas, tag_of_number, SKY, BLACK)
    return canvas


def head_up(image: Image, line: str, scale: float = 1.0) -> Image:
    """Adds a strip with a line of text below the frame, where it covers nothing.

    Args:
        image: (H, W, 3) uint8 BGR, left as it is.
        line: the text; what finds no room is cut off.
        scale: pixels of the screen that show one of the image.

    Returns:
        (H + h, W, 3) uint8 BGR, a copy with the strip.
    """
    rows, columns = image.shape[:2]
    height = tag_size("", _size_on_screen(image, [], scale))[1]  # whatever the line
    size = _size_on_screen(image, [line], scale)
    width = tag_size(line, size)[0]
    place = Box(0, rows, min(width, columns), height)
    canvas = np.asarray(
        cv2.copyMakeBorder(image, 0, height, 0, 0, cv2.BORDER_CONSTANT, value=BLACK), np.uint8
    )
    _draw_tag(canvas, Tag(place, line, size), BLACK, WHITE)
    return canvas


def panel(image: Image, lines: Sequence[str], scale: float = 1.0) -> Image:
    """Lays lines of text over the upper left of a frame, for as long as somebody reads them.

    Args:
        image: (H, W, 3) uint8 BGR, left as it is.
        lines: the text.
        scale: pixels of the screen that show one of the image.

    Returns:
        (H, W, 3) uint8 BGR, a copy; what finds no room is cut off.
    """
    size = _size_on_screen(image, lines, scale)
    step = tag_size("", size)[1]
    width = min(image.shape[1], max(tag_size(line, size)[0] for line in lines))
    canvas = image.copy()
    for k, line in enumerate(lines[: image.shape[0] // step]):
        _draw_tag(canvas, Tag(Box(0, k * step, width, step), line, size), BLACK, WHITE)
    return canvas


def _size_on_screen(image: Image, lines: Sequence[str], scale: float) -> int:
    """The size of text that can be read at a scale, smaller where that lets the lines fit."""
    short_px = min(image.shape[:2])
    most = max(round(MOST_OF_FRAME * short_px), READABLE_PX[0])  # also in the smallest window
    smallest, usual = (min(most, round(size / scale)) for size in READABLE_PX)
    size = max(line_size(short_px), usual)
    width = max((tag_size(line, size)[0] for line in lines), default=0)
    return int(max(smallest, min(size, size * image.shape[1] // max(1, width))))


def _line_width(digits: Sequence[Digit], short_px: int) -> int:
    """How wide the lines of boxes are, by the frame's short side, but narrow on small digits."""
    usual = median(digit.box.height for digit in digits) if digits else short_px
    width = min(short_px / SHORT_SIDE_PER_LINE, usual / DIGIT_PER_LINE)
    return max(MIN_LINE_PX, round(width))


def _draw_tag(canvas: Image, tag: Tag, fill: Colour, ink: Colour) -> None:
    place, pad = tag.place, padding(tag.size)
    corners = (place.x, place.y), (place.right - 1, place.bottom - 1)
    cv2.rectangle(canvas, *corners, fill, cv2.FILLED)
    put_text(canvas, tag.text, (place.x + pad, place.bottom - pad), ink, tag.size)


def _draw_box(canvas: Image, box: Box, line_px: int) -> None:
    """A bright line between two dark ones, all inside the box: seen on paper and on a board."""
    for k in range(line_px + 2):
        colour = ORANGE if 0 < k <= line_px else BLACK
        corners = (box.x + k, box.y + k), (box.right - 1 - k, box.bottom - 1 - k)
        cv2.rectangle(canvas, *corners, colour)


def _grow(box: Box, margin: int) -> Box:
    return Box(box.x - margin, box.y - margin, box.width + 2 * margin, box.height + 2 * margin)
