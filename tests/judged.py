"""Regions judged by made-up readings."""

from dataclasses import replace

import numpy as np

from camlive.detection import Box
from camlive.judge.page import judge
from camlive.segment.region import Region

INK = np.full((30, 20), 255, np.uint8)
APART = Box(200, 10, 30, 40)
SURE = 0.99995  # of a digit that counts among any strangers


def plain(box, /, **differences):
    """A region that stands out from plain ground."""
    return replace(Region(box, INK, contrast=80.0, clarity=40.0), **differences)


def chosen(readings, min_confidence=0.5, joined=()):
    """The outcome for boxes with a class and its probability each, and some too wide for one."""
    table = np.zeros((len(readings), 11), np.float32)
    for row, (_, digit, sure) in zip(table, readings, strict=True):
        row[:] = (1 - sure) / 10
        row[digit] = sure
    regions = [plain(box) for box, _, _ in readings]
    return digits_of(judge(regions, table, min_confidence, joined))


def digits_of(verdicts):
    return [verdict.digit for verdict in verdicts if not verdict.refused]


def read(digits):
    return sorted(((d.box, d.digit) for d in digits), key=lambda reading: reading[0].x)
