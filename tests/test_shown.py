"""What is shown of small and of mirrored frames."""

from collections.abc import Sequence

import numpy as np
import pytest

from camlive.annotate import annotate
from camlive.detection import Box, Digit, Image
from camlive.view import shown
from camlive.view.shown import labelled, pixel_at, plain

ORANGE = (0, 159, 230)
SEVEN = Digit(Box(4, 6, 10, 14), 7, 0.9)


def noise(width: int, height: int) -> Image:
    return np.random.default_rng(0).integers(180, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("size", "seen"),
    [
        ((28, 28), (308, 308)),
        ((80, 60), (400, 300)),
        ((320, 60), (1280, 240)),  # larger ones find no room on a screen
        ((640, 480), (640, 480)),
        ((4000, 20), (4000, 20)),
    ],
)
def test_small_frames_are_enlarged(size: tuple[int, int], seen: tuple[int, int]) -> None:
    image = noise(*size)
    view = plain(image, mirror=False)
    assert view.shape == (*seen[::-1], 3)
    times = seen[0] // size[0]
    np.testing.assert_array_equal(view[::times, ::times], image)


@pytest.mark.parametrize("mirror", [False, True])
def test_labels_of_a_small_frame_stand_beside_the_digit(mirror: bool) -> None:
    image = noise(28, 28)
    view = labelled(image, [SEVEN], annotate(image, [SEVEN]), mirror)
    drawn = (view != plain(image, mirror)).any(axis=2)
    left = 11 * (28 - SEVEN.box.right if mirror else SEVEN.box.x)
    inside = drawn[11 * 6 : 11 * 20, left : left + 110]
    assert not inside.any()
    assert (view == ORANGE).all(axis=2).sum() > 300  # a box and a label


def test_a_mirrored_number_is_written_as_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = []

    def spied(image: Image, digits: Sequence[Digit], groups: Sequence[Sequence[int]]) -> Image:
        numbers.extend("".join(str(digits[k].digit) for k in group) for group in groups)
        return image

    monkeypatch.setattr(shown, "annotate", spied)
    digits = [Digit(Box(100 + 30 * k, 50, 20, 30), int(d), 0.9) for k, d in enumerate("721")]
    labelled(noise(640, 480), digits, noise(640, 480), mirror=True)
    assert numbers == ["721"]


def test_a_usual_frame_is_shown_as_it_was_annotated() -> None:
    annotated = noise(640, 480)
    assert labelled(noise(640, 480), [SEVEN], annotated, mirror=False) is annotated


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("size", [(28, 28), (640, 480)])
def test_the_mouse_finds_the_pixel_that_is_shown(size: tuple[int, int], mirror: bool) -> None:
    image = noise(*size)
    columns = plain(image, mirror).shape[1]
    box, times = SEVEN.box, columns // size[0]
    for x in (box.x, box.right):
        shown = times * x + times // 2
        point = columns - 1 - shown if mirror else shown, times * box.y
        assert pixel_at(point, image, mirror) == Box(x, box.y, 1, 1)
