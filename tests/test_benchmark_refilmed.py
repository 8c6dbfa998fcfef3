import cv2
import numpy as np
import pytest
from drawn import draw_sheet

from benchmark.refilmed import LEAST_DIGIT_PX, SIDES_PX, refilmed, turned
from benchmark.truth import Label
from camlive.detection import Box, Digit

SEEDS = range(6)


def labelled(digits, text=""):
    return Label("a.png", 0, digits, text, "a", False)


def test_the_boxes_go_with_the_ink():
    image = np.full((300, 500, 3), 240, np.uint8)
    cv2.ellipse(image, (150, 120), (30, 50), 0, 0, 360, (20, 20, 20), -1)
    label = labelled((Digit(Box(120, 70, 61, 101), 0, 1.0),))
    for seed in SEEDS:
        ((moved, seen),) = refilmed([(label, image)], 1, seed)
        grey = cv2.GaussianBlur(seen.min(-1), (3, 3), 0)
        ink = np.asarray(grey < (int(grey.min()) + np.median(grey)) / 2, np.uint8)
        assert moved.digits[0].box.iou(Box(*cv2.boundingRect(ink))) > 0.75
        assert moved.digits[0].digit == 0


@pytest.mark.parametrize("degrees", [-90, 0, 30, 45])
def test_a_turned_picture_is_whole_and_its_boxes_go_with_the_ink(degrees):
    image = np.full((300, 500, 3), 240, np.uint8)
    cv2.ellipse(image, (150, 120), (30, 50), 0, 0, 360, (20, 20, 20), -1)
    cv2.rectangle(image, (300, 0), (320, 10), (20, 20, 20), -1)  # at the edge, which goes on
    label = labelled((Digit(Box(120, 70, 61, 101), 0, 1.0),))
    ((moved, seen),) = turned([(label, image)], degrees)
    ink = np.asarray(seen.min(-1) < 130, np.uint8)
    _, _, stats, middles = cv2.connectedComponentsWithStats(ink)
    (round_one,) = [k for k in range(1, len(stats)) if 4600 < stats[k, 4] < 5000]
    assert moved.digits[0].box.iou(Box(*stats[round_one, :4].tolist())) > 0.95
    angle = np.arctan2(*(middles[round_one] - np.array(seen.shape[1::-1]) / 2)[::-1])
    assert np.degrees(angle - np.arctan2(120 - 150, 150 - 250)) % 360 == pytest.approx(
        degrees % 360, abs=1
    )


def test_each_take_is_another_and_follows_its_seed():
    sheet = draw_sheet(1)
    label = labelled(tuple(Digit(box, digit, 1.0) for box, digit in sheet.digits))
    takes = [image for _, image in refilmed([(label, sheet.image)], 3, 5)]
    again = [image for _, image in refilmed([(label, sheet.image)], 3, 5)]
    for one, other in zip(takes, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len({take.tobytes() for take in takes}) == 3


@pytest.mark.parametrize("scale", [0.5, 3])
def test_the_size_is_bounded_and_digits_stay_legible(scale):
    sheet = draw_sheet(2, scale)
    label = labelled(tuple(Digit(box, digit, 1.0) for box, digit in sheet.digits))
    for seed in SEEDS:
        ((moved, seen),) = refilmed([(label, sheet.image)], 1, seed)
        assert max(seen.shape) < 1.3 * SIDES_PX[1]
        assert np.median([d.box.height for d in moved.digits]) > 0.85 * LEAST_DIGIT_PX


def test_a_text_is_kept_where_no_box_is_known():
    label = labelled(None, "12 3")
    ((kept, _),) = refilmed([(label, draw_sheet(3).image)], 1)
    assert kept == label
