"""The copy of bounded size on which a picture is searched."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import draw_sheet

from camlive import recognizer
from camlive.recognizer import ENLARGED, load
from camlive.segment.regions import marks_of
from camlive.segment.working_copy import FRAME_PX, PICTURE_PX, resized, working_copy


@pytest.mark.parametrize(
    ("shape", "side_px", "enlarged", "copied"),
    [
        ((480, 640), 960, 1.0, (480, 640)),
        ((1080, 1920), 960, 1.0, (540, 960)),
        ((1920, 1080), 960, 1.0, (960, 540)),
        ((480, 640), 1920, 1.5, (720, 960)),
        ((1200, 1600), 1920, 1.5, (1440, 1920)),
        ((2400, 3200), 1920, 1.5, (1440, 1920)),
        ((1, 3000), 960, 1.0, (1, 960)),
    ],
)
def test_the_size_of_the_copy(shape, side_px, enlarged, copied):
    image = np.zeros((*shape, 3), np.uint8)
    copy = working_copy(image, side_px, enlarged)
    assert copy.image.shape == (*copied, 3)
    assert copy.scale == pytest.approx(max(shape) / max(copied))
    assert copy.shape == image.shape


@pytest.mark.parametrize(
    "image",
    [
        None,
        np.zeros((9, 9), np.uint8),
        np.zeros((9, 9, 3), np.float32),
        np.zeros((0, 9, 3), np.uint8),
        np.zeros((9, 0, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(image):
    with pytest.raises(ValueError, match="expected"):
        working_copy(image)


def test_a_picture_of_its_own_size_is_not_copied():
    image = np.zeros((480, 640, 3), np.uint8)
    assert working_copy(image).image is image


@pytest.mark.parametrize("scale", [1 / 1.5, 1.3, 2, 3])
def test_a_copy_shows_the_same(scale):
    sheet = draw_sheet(3).image
    copy = resized(sheet, scale)
    assert abs(copy.mean() - sheet.mean()) < 1
    again = resized(copy, 1 / scale) if scale < 1 else copy
    assert again.min() < 90 < 200 < again.max()


@pytest.mark.parametrize("scale", [0.3, 0.5, 2.5])
def test_a_picture_is_searched_once_more_where_its_digits_are_small(scale):
    """Fourteen, twenty-four, and a hundred and twenty pixels high."""
    sheet = draw_sheet(1, scale, rows=1)
    seen = load().examine(sheet.image)
    longest = max(sheet.image.shape)
    enlarged = ENLARGED if scale < 0.4 else min(1, PICTURE_PX / longest)
    assert seen.copy.scale == pytest.approx(1 / enlarged)
    read = [verdict.digit for verdict in seen.verdicts if not verdict.refused]
    assert len(read) == len(sheet.digits)
    assert sorted(d.box.x for d in read) == pytest.approx(
        [box.x for box, _ in sheet.digits], abs=3 * scale + 2
    )


def test_a_picture_of_the_largest_size_is_searched_once(monkeypatch):
    image = np.full((1080, PICTURE_PX, 3), (225, 230, 235), np.uint8)
    sheet = draw_sheet(1, 0.3).image
    image[300 : 300 + sheet.shape[0], 500 : 500 + sheet.shape[1]] = sheet
    searched = []
    monkeypatch.setattr(
        recognizer, "marks_of", lambda copy: searched.append(copy) or marks_of(copy)
    )
    assert len(load()(image)) > 20
    assert len(searched) == 1


def test_a_film_is_never_searched_enlarged():
    sheet = draw_sheet(1, 0.3, rows=1)
    assert replace(load(), side_px=FRAME_PX).examine(sheet.image).copy.image is sheet.image


def test_how_closely_is_looked_does_not_hang_on_the_least_confidence():
    small = draw_sheet(1, 0.3, rows=1).image
    scales = {load(min_confidence=least).examine(small).copy.scale for least in (0, 0.5, 0.9)}
    assert len(scales) == 1
    assert scales.pop() < 1


def test_more_small_digits_are_read_of_a_picture_than_of_a_frame():
    """Eight pixels high."""
    recognize = load()
    of_a_film = replace(recognize, side_px=FRAME_PX)
    right = {recognize: 0, of_a_film: 0}
    for sheet in (draw_sheet(seed, 0.17) for seed in (1, 2, 3)):
        for reader in right:
            read = reader(sheet.image)
            right[reader] += sum(
                any(d.digit == digit and d.box.iou(box) >= 0.4 for d in read)
                for box, digit in sheet.digits
            )
    assert right[recognize] > 80
    assert right[recognize] > right[of_a_film] + 8
