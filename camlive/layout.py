"""Where labels go: beside their digits, in sizes that fit, covering nothing."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from camlive.detection import Box, Digit, Image
from camlive.text import text_size

SHORT_SIDE_PER_TEXT = 48  # the frame's short side, in sizes of the text
TEXT_PX = (11.0, 56.0)  # smallest and largest text size
TYPICAL_DIGIT = 0.1  # height of a digit whose text is not scaled, of the short side
DIGIT_SCALE = (0.8, 1.4)  # how far a digit's height scales its text
OF_DIGIT = 0.75  # of a digit's height: its text is no larger, if it can be read so
FIGURE_HEIGHT = 0.83  # of a figure, of the text's size
PADDING = 0.22  # around the text of a tag, of the text's size
SMALLER = (1.0, 0.75, 0.5)  # of a text's size, where it finds no room
STEP_PX = 4  # from size to size where room lacks: the labels of a film must not throb
MOST = 0.8  # share of the digits whose labels find room above or below in their usual size
TAG_HEIGHT = FIGURE_HEIGHT + 2 * PADDING
NOWHERE = np.iinfo(np.int64).max  # all four sides of what covers nothing


@dataclass(frozen=True, slots=True)
class Tag:
    """A text that found its place, in pixels of the image, and its size in pixels."""

    place: Box
    text: str
    size: int


class Layout:
    """Finds places for labels that cover no digit and no label placed before.

    Args:
        image: (H, W, 3) uint8 BGR.
        digits: the digits on it.
        boxes: what is drawn around each of them.
        numbers: how many numbers get a label, at most.
    """

    def __init__(
        self, image: Image, digits: Sequence[Digit], boxes: Sequence[Box], numbers: int
    ) -> None:
        self._boxed = list(zip(digits, boxes, strict=True))
        self._rows, self._columns = image.shape[:2]
        most = 2 * len(digits) + numbers  # with their labels
        self._taken = np.full((most, 4), NOWHERE, np.int64)
        for k, digit in enumerate(digits):
            self._taken[k] = _sides(digit.box)
        self._numbers = itertools.count(2 * len(digits))
        self._room = _room([_sides(box) for box in boxes])

    def place_digits(self) -> list[Tag]:
        """Gives each digit a short label first, then the whole one where that finds room too."""
        tags = []
        labels = self._taken[len(self._boxed) :]
        for k, (digit, box) in enumerate(self._boxed):
            tag = self._place(str(digit.digit), box, self._size(digit.box))
            tags.append(tag)
            if tag:
                labels[k] = _sides(tag.place)
        for k, (digit, box) in enumerate(self._boxed):
            size = self._size(digit.box)
            if digit.box.height < size:  # a tiny digit: the label would outshine it
                continue
            labels[k] = NOWHERE
            text = f"{digit.digit} {100 * digit.confidence:.0f}%"
            tag = self._place_at(text, box, size, tags[k])
            tags[k] = tag = tag or tags[k]
            if tag:
                labels[k] = _sides(tag.place)
        return [tag for tag in tags if tag]

    def place_number(self, text: str, box: Box) -> Tag | None:
        """Gives a number a label, under it if there is room."""
        tag = self._place(text, box, self._size(box), below_first=True)
        if tag:
            self._taken[next(self._numbers)] = _sides(tag.place)
        return tag

    def _size(self, box: Box) -> int:
        size = label_size(box.height, min(self._rows, self._columns))
        fitting = int(min(self._room / TAG_HEIGHT, TEXT_PX[1])) // STEP_PX * STEP_PX
        return max(round(TEXT_PX[0]), min(size, fitting))

    def _place(self, text: str, box: Box, size: int, below_first: bool = False) -> Tag | None:
        """The text at the first free place, at its size or else smaller, as far as it is read."""
        sizes = (max(round(TEXT_PX[0]), round(share * size)) for share in SMALLER)
        tags = (self._place_at(text, box, own, None, below_first) for own in sizes)
        return next(filter(None, tags), None)

    def _place_at(
        self, text: str, box: Box, size: int, over: Tag | None, below_first: bool = False
    ) -> Tag | None:
        """The text at the first free place, over another tag if one is given."""
        for place in self._places(box, *tag_size(text, size), below_first):
            if self._is_free(place) and (over is None or place.intersection(over.place)):
                return Tag(place, text, size)
        return None

    def _is_free(self, place: Box) -> bool:
        within = self._taken < (place.right, place.bottom, -place.x, -place.y)
        return not within.all(axis=1).any()

    def _places(self, box: Box, width: int, height: int, below_first: bool) -> Iterator[Box]:
        """The places inside the frame beside a box, the best first."""
        last_x, last_y = self._columns - width, self._rows - height
        centre = box.x + (box.width - width) // 2, box.y + (box.height - height) // 2
        # Only along the box's side a label may move into the frame, lest it covers the box.
        for y in (box.bottom, box.y - height) if below_first else (box.y - height, box.bottom):
            for x in (box.x, box.right - width, centre[0]):
                if 0 <= y <= last_y and last_x >= 0:
                    yield Box(min(max(0, x), last_x), y, width, height)
        for x in (box.right, box.x - width):
            for y in (box.y, box.bottom - height, centre[1]):
                if 0 <= x <= last_x and last_y >= 0:
                    yield Box(x, min(max(0, y), last_y), width, height)


def _room(sides: Sequence[tuple[int, int, int, int]]) -> float:
    """How far most boxes are from the next above or below, in pixels: so high a label may be.

    Args:
        sides: of the boxes, see `_sides`.
    """
    if not sides:
        return math.inf
    left, top, right, bottom = np.array(sides).T * np.array([[1], [1], [-1], [-1]])
    over = (left[:, None] < right) & (left < right[:, None])
    gaps = np.where(over, top - bottom[:, None], math.inf)  # of a row to the column below it
    gaps[~(gaps >= 0)] = math.inf
    room = np.maximum(gaps.min(axis=0), gaps.min(axis=1))
    return float(np.sort(room)[int((1 - MOST) * len(room))])


def _sides(box: Box) -> tuple[int, int, int, int]:
    """What must be less than another box's right, bottom, -x and -y where the two overlap."""
    return box.x, box.y, -box.right, -box.bottom


def label_size(digit_px: float, short_px: int) -> int:
    """The size of a label's text, by the frame's short side and, modestly, the digit's height."""
    smallest, largest = DIGIT_SCALE
    scale = min(max(smallest, math.sqrt(digit_px / (TYPICAL_DIGIT * short_px))), largest)
    fitting = OF_DIGIT * digit_px // STEP_PX * STEP_PX
    size = min(scale * short_px / SHORT_SIDE_PER_TEXT, fitting)
    smallest, largest = TEXT_PX
    return round(min(max(smallest, size), largest))


def line_size(short_px: int) -> int:
    """The size of the text of a line that stands by itself, by the frame's short side."""
    return round(max(TEXT_PX[0], short_px / SHORT_SIDE_PER_TEXT))


@lru_cache(4096)
def tag_size(text: str, size: int) -> tuple[int, int]:
    """Width and height in pixels of a text with its padding."""
    around = 2 * padding(size)
    return text_size(text, size)[0] + around, round(FIGURE_HEIGHT * size) + around


def padding(size: int) -> int:
    """The pixels around the text of a tag, by the text's size."""
    return max(2, round(PADDING * size))
