"""A frame as the window shows it: enlarged where it is small, mirrored, labelled to be read."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from camlive.annotate import annotate
from camlive.detection import Box, Digit, Image
from camlive.display import enlargement
from camlive.reading import group_numbers


def plain(image: Image, mirror: bool) -> Image:
    """A frame without labels.

    Args:
        image: (H, W, 3) uint8 BGR.
        mirror: whether it is shown as a mirror does.

    Returns:
        (H * n, W * n, 3) uint8 BGR, n its `enlargement`; the frame itself where nothing changes.
    """
    times = enlargement(*image.shape[1::-1])
    view = image[:, ::-1] if mirror else image
    if times > 1:
        view = view.repeat(times, axis=0).repeat(times, axis=1)
    return np.ascontiguousarray(view)


def labelled(image: Image, digits: Sequence[Digit], annotated: Image, mirror: bool) -> Image:
    """A frame with labels, drawn anew where they could not be read otherwise.

    Args:
        image: (H, W, 3) uint8 BGR.
        digits: those on it.
        annotated: the frame with their labels.
        mirror: whether it is shown as a mirror does.

    Returns:
        (H * n, W * n, 3) uint8 BGR, n its `enlargement`.
    """
    columns, times = image.shape[1], enlargement(*image.shape[1::-1])
    if times == 1 and not mirror:
        return annotated
    placed = []
    for digit in digits:
        box = digit.box
        x = columns - box.right if mirror else box.x
        sides = (times * side for side in (x, box.y, box.width, box.height))
        placed.append(replace(digit, box=Box(*sides)))
    return annotate(plain(image, mirror), placed, group_numbers(digits))


def pixel_at(point: tuple[int, int], image: Image, mirror: bool) -> Box:
    """The pixel of a frame that is shown at a point, x and y in pixels of what is shown."""
    x, y = (side // enlargement(*image.shape[1::-1]) for side in point)
    return Box(image.shape[1] - 1 - x if mirror else x, y, 1, 1)
