"""The card of a candidate: the tile that the network saw, its top three classes, the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from camlive.detection import NOT_A_DIGIT, Box, Image, Probabilities
from camlive.display import enlargement, scale_in_new_window
from camlive.judge.verdict import Verdict
from camlive.preprocess import TILE_PX
from camlive.recognizer import Examination
from camlive.text import Colour, put_text, text_size

# Okabe and Ito's colours, BGR, told apart by colour-blind eyes.
READ = (115, 158, 0)  # bluish green: read as a digit
REFUSED = (0, 94, 213)  # vermilion: classified, and refused
PASSED = (150, 150, 150)  # grey: refused before it was classified
PAPER, INK = (255, 255, 255), (0, 0, 0)

CARD_PX = (248, 118)  # of a card, width and height: any verdict finds room below its tile
TILE_SCALE = 3  # a tile's pixel in the picture
TEXT_PX = 14
DESCENT_PX = 4  # of a text below its baseline
MARGIN_PX = 10
TOP = 3  # classes shown of each candidate


@dataclass(frozen=True, slots=True)
class Card:
    """A candidate that was classified: its number on the picture, its verdict, what led to it."""

    number: int
    verdict: Verdict
    tile: Image
    chances: Probabilities

    @property
    def colour(self) -> Colour:
        """Green for a digit, red for what was refused."""
        return REFUSED if self.verdict.refused else READ


def cards_of(seen: Examination) -> list[Card]:
    """The classified candidates, those read as digits first, each group in the page's order."""
    order = sorted(
        range(len(seen.verdicts)),
        key=lambda k: (bool(seen.verdicts[k].refused), seen.verdicts[k].region.box.y),
    )
    return [
        Card(number, seen.verdicts[k], seen.tiles[k], seen.probabilities[k])
        for number, k in enumerate(order, 1)
    ]


def card_row(cards: Sequence[Card], width: int) -> Image:
    """Cards side by side on a row of so many pixels, (118, width, 3) uint8 BGR."""
    row = np.full((CARD_PX[1], width, 3), 255, np.uint8)
    for k, card in enumerate(cards):
        _draw_card(row[:, k * CARD_PX[0] : (k + 1) * CARD_PX[0]], card)
    return row


def _draw_card(canvas: Image, card: Card) -> None:
    """A tile with the colour of its verdict around it, the top three beside it, words below."""
    side, verdict = TILE_PX * TILE_SCALE, card.verdict
    tile = cv2.resize(card.tile, (side, side), interpolation=cv2.INTER_NEAREST)
    canvas[: side + 4, MARGIN_PX - 2 : MARGIN_PX + side + 2] = card.colour
    canvas[2 : side + 2, MARGIN_PX : MARGIN_PX + side] = tile[..., None]
    left = side + 2 * MARGIN_PX
    write(canvas, f"No. {card.number}", left, TEXT_PX, card.colour)
    for k, label in enumerate(np.argsort(-card.chances)[:TOP].tolist()):
        name = "none" if label == NOT_A_DIGIT else str(label)
        line = f"{name} {100 * card.chances[label]:.0f}%"
        write(canvas, line, left, TEXT_PX + (k + 1) * (TEXT_PX + 4), INK)
    digit = verdict.digit
    words = verdict.refused or f"read as {digit.digit}, {100 * digit.confidence:.0f}% sure"
    write(canvas, words, MARGIN_PX, side + TEXT_PX + 10, card.colour)


def on_screen(view: Image) -> float:
    """The scale at which a new window shows a frame: what is drawn on it must be read."""
    size = view.shape[1::-1]
    return enlargement(*size) * scale_in_new_window(*size)


def with_card(view: Image, card: Image, pointer: tuple[int, int] | None) -> Image:
    """A view with a card in the upper corner away from the mouse, at (x, y) in its pixels."""
    canvas = view.copy()
    fits = min(view.shape[0] / card.shape[0], view.shape[1] / card.shape[1])
    larger = max(1.0, min(1 / on_screen(view), fits))
    card = np.asarray(cv2.resize(card, None, fx=larger, fy=larger), np.uint8)
    height, width = min(card.shape[0], view.shape[0]), min(card.shape[1], view.shape[1])
    left = view.shape[1] - width if pointer and pointer[0] < view.shape[1] / 2 else 0
    canvas[:height, left : left + width] = card[:height, :width]
    return canvas


def text_box(text: str, x: int, y: int, shape: tuple[int, ...]) -> Box:
    """Where a text goes whose baseline's left end is wanted at (x, y): moved into the canvas."""
    width, height = text_size(text, TEXT_PX)
    x = max(0, min(x, shape[1] - width))
    y = max(height, min(y, shape[0] - DESCENT_PX))
    return Box(x, y - height, width, height + 2)


def write(canvas: Image, text: str, x: int, y: int, colour: Colour) -> None:
    """Text on a white ground, its baseline's left end at (x, y), moved into the canvas."""
    place = text_box(text, x, y, canvas.shape)
    canvas[place.y : place.bottom, place.x : place.right] = PAPER
    put_text(canvas, text, (place.x, place.bottom - 2), colour, TEXT_PX)


def scaled(box: Box, scale: float) -> Box:
    """A box on a canvas of another scale."""
    x, y, right, bottom = (round(side * scale) for side in box.edges)
    return Box(x, y, right - x, bottom - y)


def draw_box(canvas: Image, box: Box, scale: float, colour: Colour) -> None:
    """The outline of a box on a canvas of another scale."""
    x, y, right, bottom = scaled(box, scale).edges
    cv2.rectangle(canvas, (x, y), (right, bottom), colour, 1)
