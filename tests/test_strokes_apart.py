"""Strokes that stand apart from the rest of their digit are joined with it."""

import cv2
import numpy as np
import pytest
from segmented import find_whole

from camlive.detection import Box
from camlive.segment.region import Region, may_join, with_joined
from camlive.segment.regions import whole_regions

BOW = [(74, 78), (74, 95), (100, 92), (118, 102), (124, 120), (116, 140), (96, 150), (76, 142)]
FLAG = [(78, 84), (92, 70), (92, 132)]


@pytest.mark.parametrize("size", [1, 0.4], ids=["large", "small"])
@pytest.mark.parametrize("level", [30, 110, 170])
@pytest.mark.parametrize(
    ("rest", "stroke"),
    [(BOW, [(86, 64), (125, 62)]), (FLAG, [(70, 147), (116, 147)])],
    ids=["bar of a 5", "foot of a 1"],
)
def test_a_level_stroke_apart_is_joined(rest, stroke, level, size):
    """Too flat to be a digit, and of small digits too low; also where the pen wrote it paler."""
    image = np.full((200, 200, 3), 230, np.uint8)
    cv2.polylines(image, [np.array(rest)], False, (30, 30, 30), 6)
    image_of_the_rest = cv2.resize(image, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    cv2.polylines(image, [np.array(stroke)], False, (level,) * 3, 6)
    image = np.asarray(cv2.resize(image, None, fx=size, fy=size, interpolation=cv2.INTER_AREA))
    ink = cv2.boundingRect(np.asarray(image[..., 0] < 200, np.uint8))
    boxes = [region.box for region in find_whole(image)]
    assert max(box.iou(Box(*ink)) for box in boxes) > 0.9
    alone = cv2.boundingRect(np.asarray(image_of_the_rest[..., 0] < 200, np.uint8))
    assert max(box.iou(Box(*alone)) for box in boxes) > 0.85


@pytest.mark.parametrize("top", [0, 2])
def test_a_stroke_that_the_edge_cuts_is_not_joined(top):
    """It belongs to what stands beyond."""
    image = np.full((200, 200, 3), 230, np.uint8)
    cv2.polylines(image, [np.array(BOW) - (0, 62)], False, (30, 30, 30), 6)
    image[top : top + 6, 84:126] = 30
    joined = [region for region in find_whole(image) if region.box.y <= top + 2]
    assert bool(joined) == (top > 0)


@pytest.mark.parametrize(
    ("contrasts", "size", "joined"),
    [
        ((80, 80), (6, 24), True),
        ((80, 12), (6, 24), True),
        ((12, 80), (6, 24), True),
        ((80, 6), (6, 24), False),  # dirt
        ((80, 80), (24, 6), True),
        ((80, 80), (3, 8), False),  # a speck
    ],
)
def test_a_stroke_is_joined_and_a_speck_or_dirt_is_not(contrasts, size, joined):
    boxes = Box(10, 10, 60, 100), Box(74, 40, *size)
    parts = [
        Region(box, np.full((box.height + 2, box.width + 2), 255, np.uint8), contrast=contrast)
        for box, contrast in zip(boxes, contrasts, strict=True)
    ]
    both = with_joined(parts)
    assert both[:2] == parts
    assert [region.box for region in both[2:]] == [boxes[0].union(boxes[1])] * joined
    assert whole_regions(parts, 2) == parts


@pytest.mark.parametrize(
    ("small", "joined"),
    [
        (Box(144, 110, 20, 20), True),
        (Box(110, 164, 20, 6), True),
        (Box(136, 110, 20, 20), True),  # their boxes overlap
        (Box(152, 110, 20, 20), False),  # too far
        (Box(144, 110, 12, 40), False),  # as high as a digit beside it
        (Box(110, 120, 20, 20), False),  # inside
        (Box(144, 110, 6, 6), False),  # a speck
        (Box(144, 120, 90, 10), False),  # as a dash beside it
    ],
)
def test_a_stroke_lies_where_one_of_a_digit_may(small, joined):
    assert may_join([Box(100, 100, 40, 60)], [small]).tolist() == [[joined]]
