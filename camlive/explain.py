"""An examination -> one picture of the whole way: ink, candidates, tiles, top three, reasons."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from camlive.detection import NOT_A_DIGIT, Box, Image, Probabilities
from camlive.preprocess import TILE_PX
from camlive.recognizer import Examination
from camlive.segment.planes import ink_mask
from camlive.verdict import Verdict

# Okabe and Ito's colours, BGR, told apart by colour-blind eyes.
READ = (115, 158, 0)  # bluish green: read as a digit
REFUSED = (0, 94, 213)  # vermilion: classified, and refused
PASSED = (150, 150, 150)  # grey: refused before it was classified
PAPER, INK = (255, 255, 255), (0, 0, 0)

PANEL_PX = (800, 600)  # the most that a view of the picture takes, width and height
CARD_PX = (200, 112)  # of the card of a candidate, width and height
TILE_SCALE = 3  # a tile's pixel in the picture
TEXT_PX = 16
MARGIN_PX = 10
TOP = 3  # classes shown of each candidate
MOST_CARDS = 120  # more are counted

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Card:
    """A candidate that was classified: its number on the picture, its verdict, what led to it."""

    number: int
    verdict: Verdict
    tile: Image
    chances: Probabilities

    @property
    def colour(self) -> Colour:
        return REFUSED if self.verdict.refused else READ


def explain(image: Image, seen: Examination) -> Image:
    """Draws the whole way of a picture.

    Above, the picture with every candidate, the digits first and numbered; the ink mask; then
    what was refused by its shape alone, counted by reason; below, for each candidate that was
    classified, the tile that the network saw, its three likeliest classes and the verdict.

    Args:
        image: (H, W, 3) uint8 BGR.
        seen: what `Recognizer.examine` gave for it.

    Returns:
        (H', W', 3) uint8 BGR.
    """
    cards = _cards(seen)
    views = [
        _candidates(image, seen, cards),
        cv2.cvtColor(255 - ink_mask(image), cv2.COLOR_GRAY2BGR),
    ]
    top = _beside([_fitted(np.asarray(view, np.uint8)) for view in views])
    lines = _legend(seen, cards)
    text = _text_block(lines, top.shape[1])
    shown = cards[:MOST_CARDS]
    columns = max(1, top.shape[1] // CARD_PX[0])
    rows = [_row(shown[k : k + columns], top.shape[1]) for k in range(0, len(shown), columns)]
    return np.concatenate([top, text, *rows])


def _cards(seen: Examination) -> list[_Card]:
    """The classified candidates, those read as digits first, each group in the page's order."""
    order = sorted(
        range(len(seen.verdicts)),
        key=lambda k: (bool(seen.verdicts[k].refused), seen.verdicts[k].region.box.y),
    )
    return [
        _Card(number, seen.verdicts[k], seen.tiles[k], seen.probabilities[k])
        for number, k in enumerate(order, 1)
    ]


def _candidates(image: Image, seen: Examination, cards: Sequence[_Card]) -> Image:
    """The picture with the boxes of all candidates, in the size that it will be shown in."""
    canvas = _fitted(image)
    scale = canvas.shape[1] / image.shape[1]
    for region in seen.refused:
        _draw_box(canvas, region.box, scale, PASSED)
    for card in reversed(cards):
        _draw_box(canvas, card.verdict.region.box, scale, card.colour)
    for card in reversed(cards):
        box = card.verdict.region.box
        _write(canvas, str(card.number), round(box.x * scale), round(box.y * scale), card.colour)
    return canvas


def _draw_box(canvas: Image, box: Box, scale: float, colour: Colour) -> None:
    corners = [round(v * scale) for v in (box.x, box.y, box.right, box.bottom)]
    cv2.rectangle(canvas, (corners[0], corners[1]), (corners[2], corners[3]), colour, 1)


def _fitted(view: Image) -> Image:
    scale = min(PANEL_PX[0] / view.shape[1], PANEL_PX[1] / view.shape[0])
    size = max(1, round(view.shape[1] * scale)), max(1, round(view.shape[0] * scale))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(view, size, interpolation=interpolation), np.uint8)


def _beside(views: Sequence[Image]) -> Image:
    height = max(view.shape[0] for view in views)
    grown = [
        cv2.copyMakeBorder(
            view, 0, height - view.shape[0], 0, MARGIN_PX, cv2.BORDER_CONSTANT, value=PAPER
        )
        for view in views
    ]
    return np.asarray(np.concatenate(grown, axis=1), np.uint8)


def _legend(seen: Examination, cards: Sequence[_Card]) -> list[tuple[str, Colour]]:
    """What the colours mean, with counts, and why candidates were refused by their shape."""
    lines = [
        (f"{count} classified: {'refused' if colour == REFUSED else 'read as a digit'}", colour)
        for colour, count in Counter(card.colour for card in cards).items()
    ]
    reasons = Counter(region.refused for region in seen.refused).most_common()
    lines += [(f"{count} not classified: {reason}", PASSED) for reason, count in reasons]
    if len(cards) > MOST_CARDS:
        lines.append((f"{len(cards) - MOST_CARDS} more are not shown below", INK))
    return lines


def _text_block(lines: Sequence[tuple[str, Colour]], width: int) -> Image:
    step = TEXT_PX + MARGIN_PX
    block = np.full((len(lines) * step + 2 * MARGIN_PX, width, 3), 255, np.uint8)
    for k, (line, colour) in enumerate(lines):
        y = MARGIN_PX + k * step
        block[y : y + TEXT_PX, MARGIN_PX : MARGIN_PX + TEXT_PX] = colour
        _write(block, line, 2 * MARGIN_PX + TEXT_PX, y + TEXT_PX - 2, INK)
    return block


def _row(cards: Sequence[_Card], width: int) -> Image:
    row = np.full((CARD_PX[1], width, 3), 255, np.uint8)
    for k, card in enumerate(cards):
        _draw_card(row[:, k * CARD_PX[0] : (k + 1) * CARD_PX[0]], card)
    return row


def _draw_card(canvas: Image, card: _Card) -> None:
    """A tile with the colour of its verdict around it, the top three beside it, words below."""
    side, verdict = TILE_PX * TILE_SCALE, card.verdict
    tile = cv2.resize(card.tile, (side, side), interpolation=cv2.INTER_NEAREST)
    canvas[: side + 4, MARGIN_PX - 2 : MARGIN_PX + side + 2] = card.colour
    canvas[2 : side + 2, MARGIN_PX : MARGIN_PX + side] = tile[..., None]
    left = side + 2 * MARGIN_PX
    _write(canvas, f"No. {card.number}", left, TEXT_PX, card.colour)
    for k, label in enumerate(np.argsort(-card.chances)[:TOP].tolist()):
        name = "none" if label == NOT_A_DIGIT else str(label)
        line = f"{name} {100 * card.chances[label]:.0f}%"
        _write(canvas, line, left, TEXT_PX + (k + 1) * (TEXT_PX + 4), INK)
    words = verdict.refused or f"read as {verdict.digit.digit}"
    _write(canvas, words, MARGIN_PX, side + TEXT_PX + 4, card.colour)


def _write(canvas: Image, text: str, x: int, y: int, colour: Colour) -> None:
    """Text on a white ground, its baseline's left end at (x, y), moved into the canvas."""
    font = cv2.FontFace("uni")  # the other fonts of OpenCV 5 slash the zero
    _, _, width, height = cv2.getTextSize((0, 0), text, (0, 0), font, TEXT_PX)
    x = max(0, min(x, canvas.shape[1] - width))
    y = max(height, min(y, canvas.shape[0] - 1))
    canvas[y - height : y + 2, x : x + width] = PAPER
    cv2.putText(canvas, text, (x, y), colour, font, TEXT_PX)
