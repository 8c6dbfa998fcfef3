"""What holds for any picture, ink and digits, drawn at random by Hypothesis."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segmented import find_regions

from camlive.annotate import annotate
from camlive.detection import Box, Digit, Image
from camlive.preprocess import INK_PX, to_tile
from camlive.reading import group_numbers, in_reading_order
from camlive.recognizer import load
from camlive.segment.working_copy import FRAME_REGIONS
from camlive.track import Tracker

RECOGNIZE = load()
SIDE = st.integers(1, 240)
LONG_SIDE = st.integers(900, 1500)  # regions are found on a smaller copy of such a picture


@st.composite
def pictures(draw: st.DrawFn) -> Image:
    """Flat, noisy, or covered with strokes, blobs and rules, of any size."""
    height, width = draw(SIDE | LONG_SIDE), draw(SIDE | LONG_SIDE)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    image = np.full((height, width, 3), rng.integers(0, 256, 3), np.uint8)
    for _ in range(draw(st.integers(0, 40))):
        color = rng.integers(0, 256, 3).tolist()
        x, y, right, bottom = rng.integers(-20, max(height, width) + 20, 4).tolist()
        thick = int(rng.integers(1, 9))
        if rng.random() < 0.5:
            cv2.line(image, (x, y), (right, bottom), color, thick)
        else:
            axes = abs(right - x) // 2, abs(bottom - y) // 2
            cv2.ellipse(image, (x, y), axes, 0, 0, int(rng.integers(360)), color, thick)
    if draw(st.booleans()):
        noise = rng.normal(0, rng.uniform(0, 60), image.shape)
        image = (image + noise).clip(0, 255).astype(np.uint8)
    return image


@st.composite
def digits_within(draw: st.DrawFn, width: int, height: int) -> list[Digit]:
    """Digits anywhere in a frame."""
    found = []
    for _ in range(draw(st.integers(0, 12))):
        x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        box = Box(x, y, draw(st.integers(1, width - x)), draw(st.integers(1, height - y)))
        track = draw(st.none() | st.integers(0, 999))
        found.append(Digit(box, draw(st.integers(0, 9)), draw(st.floats(0, 1)), track))
    return found


def within(box: Box, image: Image) -> bool:
    return (
        min(box.x, box.y) >= 0
        and min(box.width, box.height) >= 1
        and box.right <= image.shape[1]
        and box.bottom <= image.shape[0]
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(pictures())
def test_any_picture_is_read(image: Image) -> None:
    before = image.copy()
    digits = RECOGNIZE(image)
    assert all(within(d.box, image) and 0 <= d.digit <= 9 for d in digits)
    assert all(RECOGNIZE.min_confidence <= d.confidence <= 1 for d in digits)
    assert (image == before).all()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(pictures())
def test_regions_lie_within_the_picture_and_are_few(image: Image) -> None:
    regions = find_regions(image)
    kept = [region for region in regions if not region.refused]
    assert len(kept) <= FRAME_REGIONS
    assert all(within(region.box, image) for region in regions)
    assert all(region.ink.size and region.ink.max() > 0 for region in kept)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(SIDE, SIDE, st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_any_ink_becomes_a_tile_of_mnists_geometry(
    height: int, width: int, seed: int, share: float
) -> None:
    rng = np.random.default_rng(seed)
    ink = (rng.integers(0, 256, (height, width)) * (rng.random((height, width)) < share)).astype(
        np.uint8
    )
    tile = to_tile(ink)
    assert (tile.shape, tile.dtype) == ((28, 28), np.uint8)
    _, _, wide, high = cv2.boundingRect(tile)
    assert max(wide, high) <= INK_PX
    if tile.any():
        assert tile.max() >= 200


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((9, 9), np.uint8),
        np.zeros((9, 9, 1), np.uint8),
        np.zeros((9, 9, 4), np.uint8),
        np.zeros((9, 9, 3), np.uint16),
        np.zeros((9, 9, 3), np.float32),
    ],
)
def test_what_is_no_bgr_picture_is_refused(image: Image) -> None:
    with pytest.raises(ValueError, match="expected"):
        RECOGNIZE(image)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_any_digits_can_be_drawn_ordered_and_grouped(data: st.DataObject) -> None:
    height, width = data.draw(SIDE), data.draw(SIDE)
    digits = data.draw(digits_within(width, height))
    image = np.full((height, width, 3), 128, np.uint8)
    numbers = group_numbers(digits)
    drawn = annotate(image, digits, numbers)
    assert (drawn.shape, drawn.dtype) == (image.shape, np.uint8)
    assert (image == 128).all()
    ordered = in_reading_order(digits)
    assert sorted(map(repr, ordered)) == sorted(map(repr, digits))
    members = [index for number in numbers for index in number]
    assert len(members) == len(set(members))
    assert all(len(number) > 1 for number in numbers)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.data())
def test_any_digits_can_be_followed(data: st.DataObject) -> None:
    tracker, time_s = Tracker(), 0.0
    for _ in range(data.draw(st.integers(1, 8))):
        time_s += data.draw(st.floats(0, 3))
        shown = tracker.update(data.draw(digits_within(320, 240)), time_s)
        tracks = [digit.track for digit in shown]
        assert None not in tracks
        assert len(tracks) == len(set(tracks))
        assert all(0 <= digit.confidence <= 1 for digit in shown)
