import numpy as np
import pytest

from benchmark.losses import CAPTION_PX, CELL_PX, cause_of, contact_sheet, find_losses
from benchmark.metrics import Loss
from benchmark.truth import Label
from camlive.detection import Box, Digit
from camlive.judge.verdict import Verdict
from camlive.recognizer import Examination
from camlive.segment.region import Region
from camlive.segment.working_copy import working_copy

INK = np.full((40, 20), 255, np.uint8)
FIVE, SIX = Box(100, 100, 30, 50), Box(140, 100, 30, 50)
MISSED = Loss(FIVE, 5, None)


def cause(loss, classified=(), refused=()):
    """The cause where regions were classified and refused: boxes with reasons."""
    true = [Digit(FIVE, 5, 1.0), Digit(SIX, 6, 1.0)]
    verdicts = [Verdict(Region(b, INK), Digit(b, 5, 0.4), why) for b, why in classified]
    passed = [Region(b, INK, why) for b, why in refused]
    copy = working_copy(np.zeros((9, 9, 3), np.uint8))
    return cause_of(
        loss, true, Examination(verdicts, [], np.zeros((0, 11), np.float32), passed, copy)
    )


@pytest.mark.parametrize(
    ("classified", "refused", "expected"),
    [
        ([(FIVE, "looks like no digit")], [], "looks like no digit"),
        ([], [(FIVE, "too wide")], "too wide"),
        ([(Box(100, 100, 70, 50), "too faint")], [], "too faint"),
        ([(Box(95, 90, 200, 70), "looks like no digit")], [], "merged with another digit"),
        ([], [(Box(0, 90, 132, 90), "too wide")], "merged with other ink"),
        ([(Box(100, 100, 30, 8), "not sure enough")], [], "in pieces"),
        ([(Box(300, 100, 30, 50), "")], [], "not found"),
        ([], [], "not found"),
    ],
)
def test_the_cause_of_a_missed_digit(classified, refused, expected):
    assert cause(MISSED, classified, refused) == expected


def test_the_cause_of_a_wrong_and_of_a_false_digit():
    assert cause(Loss(FIVE, 5, 3), [(FIVE, "")]) == "misread"
    assert cause(Loss(Box(0, 0, 9, 9), None, 1), [(FIVE, "")]) == "false digit"


def test_a_contact_sheet_of_nothing_is_blank():
    sheet = contact_sheet([])
    assert sheet.shape[0] == CELL_PX + CAPTION_PX
    assert sheet.min() == 255


@pytest.mark.parametrize("box", [Box(-5000, -5000, 3, 3), Box(9, 99, 10**12, 4), Box(0, -9, 30, 9)])
def test_a_digit_that_the_truth_puts_off_the_picture_is_lost(box, recognizer):
    image = np.full((48, 64, 3), 200, np.uint8)
    label = Label("a.png", 0, (Digit(box, 7, 1.0),), "", "a.png", printed_text=False)
    (lost,) = find_losses([(label, image)], recognizer)
    assert (lost.loss, lost.cause) == (Loss(box, 7, None), "not found")
    assert contact_sheet([lost]).shape[0] == CELL_PX + CAPTION_PX
