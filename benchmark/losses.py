"""Where digits are lost: the cause of each loss, tables of them, and a contact sheet."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmark.accuracy import as_it_came
from benchmark.metrics import LEAST_IOU, Loss, losses
from benchmark.report import markdown_table
from benchmark.truth import Label
from camlive.detection import Box, Digit, Image
from camlive.recognizer import Examination, Recognizer

COVERED = 0.5  # of a digit: a region over so much of it holds it
WITHIN = 0.8  # of a region: one so far within a digit is a piece of it
CELL_PX = 128  # side of a picture on the contact sheet
CAPTION_PX = 36
COLUMNS = 10
CONTEXT = 0.6  # of the digit's longer side, shown around it
TEXT_PX = 13


@dataclass(frozen=True, slots=True, eq=False)
class Lost:
    """A digit that went wrong in a labelled picture, why, and (CELL_PX, CELL_PX, 3) of it."""

    label: Label
    loss: Loss
    cause: str
    crop: Image


def find_losses(pictures: Iterable[tuple[Label, Image]], recognizer: Recognizer) -> list[Lost]:
    """What the recogniser lost on pictures whose boxes are known.

    Args:
        pictures: labels with their (H, W, 3) uint8 BGR pictures.
        recognizer: what reads them, and can tell how.
    """
    lost = []
    for label, image in pictures:
        if label.digits is None:
            continue
        seen = as_it_came(recognizer, label).examine(image)
        read = [verdict.digit for verdict in seen.verdicts if not verdict.refused]
        for loss in losses(label.digits, read):
            cause = cause_of(loss, label.digits, seen)
            lost.append(Lost(label, loss, cause, _crop(image, loss.box)))
    return lost


def cause_of(loss: Loss, true: Sequence[Digit], seen: Examination) -> str:
    """Why a digit went wrong, in a few words.

    Args:
        loss: the digit.
        true: all digits of the picture.
        seen: the recogniser's examination of it.

    Returns:
        Misread, false digit, the reason for which its region was refused, or what segmentation
        made of it: merged, in pieces, not found.
    """
    if loss.true is None:
        return "false digit"
    if loss.read is not None:
        return "misread"
    candidates = [(v.region.box, v.refused or "read, with another digit") for v in seen.verdicts]
    candidates += [(region.box, region.refused) for region in seen.refused]
    box, reason = max(
        candidates, key=lambda c: c[0].iou(loss.box), default=(Box(0, 0, 0, 0), "not found")
    )
    if box.iou(loss.box) >= LEAST_IOU:
        return reason
    boxes = [box for box, _ in candidates]
    if any(_holds(box, loss.box) and sum(_holds(box, t.box) for t in true) > 1 for box in boxes):
        return "merged with another digit"
    if any(_holds(box, loss.box) for box in boxes):
        return "merged with other ink"
    if any(box.intersection(loss.box) > WITHIN * box.area for box in boxes):
        return "in pieces"
    return "not found"


def _holds(box: Box, digit: Box) -> bool:
    return box.intersection(digit) > COVERED * digit.area


def to_markdown(lost: Sequence[Lost]) -> str:
    """How often each cause was, and each loss by file."""
    causes = Counter(each.cause for each in lost).most_common()
    rows = [
        [each.label.file, str(each.label.frame), _in_short(each.loss), _place(each), each.cause]
        for each in lost
    ]
    return "\n\n".join(
        (
            markdown_table(["cause", "digits"], [[cause, str(n)] for cause, n in causes]),
            markdown_table(["file", "frame", "digit", "at", "cause"], rows),
        )
    )


def contact_sheet(lost: Sequence[Lost]) -> Image:
    """(H, W, 3) uint8 BGR: every loss, with what it is, what it was read as, and the cause."""
    cells = [_cell(each) for each in lost] or [_blank()]
    cells += [_blank()] * (-len(cells) % COLUMNS)
    rows = [np.concatenate(cells[k : k + COLUMNS], 1) for k in range(0, len(cells), COLUMNS)]
    return np.concatenate(rows)


def _blank() -> Image:
    return np.full((CELL_PX + CAPTION_PX, CELL_PX, 3), 255, np.uint8)


def _cell(lost: Lost) -> Image:
    cell = _blank()
    cell[:CELL_PX] = lost.crop
    font = cv2.FontFace("uni")
    for k, line in enumerate((_in_short(lost.loss), lost.cause)):
        y = CELL_PX + (k + 1) * (TEXT_PX + 3)
        cv2.putText(cell, line, (3, y), (0, 0, 0), font, TEXT_PX)
    return cell


def _crop(image: Image, box: Box) -> Image:
    """The digit with some of its surroundings, a square, the box drawn around it."""
    box = _within(image, box)
    half = round(max(box.width, box.height) * (0.5 + CONTEXT)) + 1
    centre = box.x + box.width // 2, box.y + box.height // 2
    canvas = cv2.copyMakeBorder(image, half, half, half, half, cv2.BORDER_REPLICATE)
    cv2.rectangle(
        canvas, (box.x + half - 2, box.y + half - 2, box.width + 4, box.height + 4), (0, 94, 213), 1
    )
    crop = canvas[centre[1] : centre[1] + 2 * half, centre[0] : centre[0] + 2 * half]
    return np.asarray(cv2.resize(crop, (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA), np.uint8)


def _within(image: Image, box: Box) -> Box:
    """What of a box lies in the image, one pixel at least: a truth may be wrong."""
    rows, columns = image.shape[:2]
    x, y = min(max(0, box.x), columns - 1), min(max(0, box.y), rows - 1)
    right, bottom = min(max(x + 1, box.right), columns), min(max(y + 1, box.bottom), rows)
    return Box(x, y, right - x, bottom - y)


def _in_short(loss: Loss) -> str:
    """`7 as 1` is mislabelled, `7 as -` missed, `- as 1` false."""
    true, read = ("-" if digit is None else str(digit) for digit in (loss.true, loss.read))
    return f"{true} as {read}"


def _place(lost: Lost) -> str:
    return f"{lost.loss.box.x},{lost.loss.box.y}"
