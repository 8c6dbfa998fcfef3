"""What the regions that were found on a sheet show: the truth by which the network learns."""

import numpy as np
import numpy.typing as npt

from camlive.detection import NOT_A_DIGIT, Box
from camlive.segment.region import Region
from camlive.training.mnist import Labels

SAME = 0.6  # IoU from which a region is the digit
OTHER = 0.4  # IoU below which it is not; between the two nobody could say
INSIDE = 0.8  # of a region: one that lies so far within a sign is a part of it
UNSURE = 255  # the label of a region between the two

Truth = list[tuple[Box, int]]  # each mark's place and value, 10 for a sign
Shares = npt.NDArray[np.float32]  # (regions, marks), 0 to 1


def labels_of(regions: list[Region], marks: Truth) -> Labels:
    """For each region its digit, 10 where it holds none, 255 where nobody could say.

    Nobody could say of a part of a sign, such as the rings of a per cent sign, nor of a digit with
    much of another mark in its box.
    """
    if not marks or not regions:
        return np.full(len(regions), NOT_A_DIGIT, np.uint8)
    values = np.array([value for _, value in marks], np.uint8)
    own, covered, inside = _shares([region.box for region in regions], [box for box, _ in marks])
    best, several = own.max(1), (covered > 0.5).sum(1) > 1
    is_cut = np.array([region.cut_from is not None for region in regions])
    part = (inside[:, values == NOT_A_DIGIT] > INSIDE).any(1) & ((best < OTHER) | is_cut)
    labels = np.where(best >= SAME, values[own.argmax(1)], UNSURE)
    labels = np.where(best < np.where(several, SAME, OTHER), NOT_A_DIGIT, labels)
    return np.where(part | (several & (best >= SAME)), UNSURE, labels).astype(np.uint8)


def labels_of_pieces(pieces: list[Region], marks: Truth) -> Labels:
    """The same of pieces: of those that show one digit, cut here or there, only the best."""
    labels = labels_of(pieces, marks)
    found = np.flatnonzero(labels < NOT_A_DIGIT)
    if len(found):
        own, _, _ = _shares([pieces[i].box for i in found], [box for box, _ in marks])
        best = own.argmax(0)[own.argmax(1)]  # of the pieces of the same mark
        labels[found[best != np.arange(len(found))]] = UNSURE
    return labels


def _shares(regions: list[Box], marks: list[Box]) -> tuple[Shares, Shares, Shares]:
    """IoU of each region with each mark, and their overlap as a share of mark and of region."""
    found, real = (np.array([box.edges for box in boxes], np.float32) for boxes in (regions, marks))
    low = np.maximum(found[:, None, :2], real[:, :2])
    shared = (np.minimum(found[:, None, 2:], real[:, 2:]) - low).clip(0).prod(-1)
    area, real_area = ((b[:, 2:] - b[:, :2]).prod(1) for b in (found, real))
    iou = shared / (area[:, None] + real_area - shared)
    return iou, shared / real_area, shared / area[:, None]
