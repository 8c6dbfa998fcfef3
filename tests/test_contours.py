"""The width of a mark's strokes, by its contours."""

import numpy as np
import pytest

from camlive.segment.contours import components, pen_width


@pytest.mark.parametrize("width", [1, 3, 8, 20])
def test_the_width_of_strokes_is_told_by_their_area_and_edges(width):
    mask = np.zeros((300, 300), np.uint8)
    mask[40:260, 100 : 100 + width] = 255
    mask[40 : 40 + width, 100:260] = 255
    (mark,) = components(mask)
    assert pen_width(mark[1]) == pytest.approx(width, rel=0.1)


def test_the_width_of_a_frame_is_that_of_its_walls():
    mask = np.zeros((300, 300), np.uint8)
    mask[40:260, 40:260] = 255
    mask[45:255, 45:255] = 0
    (mark,) = components(mask)
    assert pen_width(mark[1]) == pytest.approx(5, rel=0.1)
