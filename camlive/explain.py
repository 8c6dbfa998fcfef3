"""An examination -> one picture of the whole way: ink, candidates, tiles, top three, reasons."""

from collections import Counter
from collections.abc import Sequence

import cv2
import numpy as np

from camlive.cards import (
    CARD_PX,
    INK,
    MARGIN_PX,
    PAPER,
    PASSED,
    READ,
    REFUSED,
    TEXT_PX,
    Card,
    card_row,
    cards_of,
    draw_box,
    scaled,
    text_box,
    write,
)
from camlive.detection import Box, Image
from camlive.recognizer import Examination
from camlive.segment.page import ink_mask
from camlive.text import Colour
from camlive.turning import picture_of

PANEL_PX = (800, 600)  # the most that a view of the picture takes, width and height
MOST_CARDS = 120  # more are counted


def explain(image: Image, seen: Examination) -> Image:
    """Draws the whole way of a picture.

    Above, the picture with every candidate, the digits first and numbered; the ink mask; then
    what was not classified, counted by reason; below, for each candidate that was
    classified, the tile that the network saw, its three likeliest classes and the verdict.

    Args:
        image: (H, W, 3) uint8 BGR.
        seen: what `Recognizer.examine` gave for it.

    Returns:
        (H', W', 3) uint8 BGR.
    """
    cards = cards_of(seen)
    ink = picture_of(ink_mask(seen.copy), seen.copy, image.shape)
    views = [_candidates(image, seen, cards), cv2.cvtColor(255 - ink, cv2.COLOR_GRAY2BGR)]
    top = _beside([_fitted(np.asarray(view, np.uint8)) for view in views])
    lines = _legend(seen, cards)
    text = _text_block(lines, top.shape[1])
    shown = cards[:MOST_CARDS]
    columns = max(1, top.shape[1] // CARD_PX[0])
    rows = [card_row(shown[k : k + columns], top.shape[1]) for k in range(0, len(shown), columns)]
    return np.concatenate([top, text, *rows])


def _candidates(image: Image, seen: Examination, cards: Sequence[Card]) -> Image:
    """The picture with the boxes of all candidates, in the size that it will be shown in.

    Those whose cards are shown have their numbers, but where these would cover others' or digits.
    """
    canvas = _fitted(image)
    scale = canvas.shape[1] / image.shape[1]
    for region in seen.refused:
        draw_box(canvas, region.box, scale, PASSED)
    for card in reversed(cards):
        draw_box(canvas, card.verdict.region.box, scale, card.colour)
    taken: list[Box] = []
    for card in cards[:MOST_CARDS]:  # the digits first
        number, box = str(card.number), scaled(card.verdict.region.box, scale)
        place = text_box(number, box.x, box.y, canvas.shape)
        if not any(map(place.intersection, taken)):
            write(canvas, number, box.x, box.y, card.colour)
            taken.append(place)
        if card.colour == READ:
            taken.append(box)
    return canvas


def _fitted(view: Image) -> Image:
    scale = min(PANEL_PX[0] / view.shape[1], PANEL_PX[1] / view.shape[0])
    size = max(1, round(view.shape[1] * scale)), max(1, round(view.shape[0] * scale))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(view, size, interpolation=interpolation), np.uint8)


def _beside(views: Sequence[Image]) -> Image:
    """The views on a row that is at least as wide as a card."""
    height = max(view.shape[0] for view in views)
    grown = [
        cv2.copyMakeBorder(
            view, 0, height - view.shape[0], 0, MARGIN_PX, cv2.BORDER_CONSTANT, value=PAPER
        )
        for view in views
    ]
    row = np.concatenate(grown, axis=1)
    lacking = max(0, CARD_PX[0] - row.shape[1])
    row = cv2.copyMakeBorder(row, 0, 0, 0, lacking, cv2.BORDER_CONSTANT, value=PAPER)
    return np.asarray(row, np.uint8)


def _legend(seen: Examination, cards: Sequence[Card]) -> list[tuple[str, Colour]]:
    """What the colours mean, with counts, and why candidates were not classified."""
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
        write(block, line, 2 * MARGIN_PX + TEXT_PX, y + TEXT_PX - 2, INK)
    return block
