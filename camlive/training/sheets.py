"""Camera-like sheets that go through the real segmentation: tiles of digits and of non-digits."""

import cv2
import numpy as np

from camlive.detection import NOT_A_DIGIT, Image
from camlive.preprocess import TILE_PX, to_tile
from camlive.segment.planes import planes
from camlive.segment.region import Region
from camlive.segment.regions import marks_in, whole_regions
from camlive.segment.touching import all_pieces
from camlive.segment.working_copy import working_copy
from camlive.simulate.camera import lens, light, sensor
from camlive.training.labels import Truth, labels_of, labels_of_pieces
from camlive.training.mnist import Labels, Mnist, broken, penned, tail_of, warped
from camlive.training.written import random_writer, written_sheet

HEIGHTS = (11, 110)  # pixels of a glyph, drawn log-uniformly, a sheet at a time
LEGIBLE_PX = 60  # glyphs from this height stay legible under the strongest blur
MOST_OTHERS = 30  # marks that are no digit, taken from one sheet
MOST_PIECES = 10  # and pieces of marks: there are far more wrong cuts than right ones
BARS = 0.3  # share of both that is kept where they look like a 1: their surroundings tell those
BAR_ASPECT, BAR_FILL = 2.5, 0.6  # of a straight stroke: length over width, share that is ink
REDRAWN = 0.35  # share of MNIST's pictures that are redrawn with another pen
BROKEN = 0.15  # share of them that are written with gaps or speckled
SHIFTED = 0.7  # share of them that stand off the middle: the network must not know each pixel
SHIFT_PX = 2
SIGN_PX = 40  # height that signs are written at before they become tiles

Tiles = tuple[Image, Labels]  # (N, 28, 28) uint8 and (N,) uint8, 10 = not a digit


def camera_sheet(mnist: Mnist, rng: np.random.Generator) -> tuple[Image, Truth]:
    """A random sheet as a camera sees it, (H, W, 3) uint8 BGR, and the digits on it."""
    image, marks = _filmed(mnist, rng)
    return image, [(box, digit) for box, digit in marks if digit < NOT_A_DIGIT]


def _filmed(mnist: Mnist, rng: np.random.Generator) -> tuple[Image, Truth]:
    """The same, with the signs among the marks."""
    size = HEIGHTS[0] * (HEIGHTS[1] / HEIGHTS[0]) ** rng.random()
    canvas, marks = written_sheet(mnist, size, rng)
    strength = rng.uniform(0, 1)
    canvas = lens(light(canvas, rng, strength), rng, strength * min(1, size / LEGIBLE_PX))
    return sensor(canvas, rng, strength), marks


def sheet_tiles(mnist: Mnist, rng: np.random.Generator) -> Tiles:
    """The tiles that the live segmentation cuts from one random sheet, with their labels.

    Without `page.page_planes`, which takes the faint squares of a page out (docs/decisions/0034).
    """
    image, truth = _filmed(mnist, rng)
    copy = working_copy(image)
    marks = marks_in(planes(copy.image), copy.most_regions)
    whole = whole_regions(marks, copy.most_regions)
    labels = labels_of(whole, truth)
    digits = {r.box for r, label in zip(whole, labels, strict=True) if label < NOT_A_DIGIT}
    pieces = all_pieces([mark for mark in marks if mark.box not in digits])
    chosen = [
        *_chosen(whole, labels, MOST_OTHERS, rng),
        *_chosen(pieces, labels_of_pieces(pieces, truth), MOST_PIECES, rng),
    ]
    tiles = np.array([to_tile(region.ink) for region, _ in chosen], np.uint8)
    tiles = tiles.reshape(-1, TILE_PX, TILE_PX)
    kept = [
        label < NOT_A_DIGIT or not _is_bar(tile) or rng.random() < BARS
        for tile, (_, label) in zip(tiles, chosen, strict=True)
    ]
    return tiles[kept], np.array([label for _, label in chosen], np.uint8)[kept]


def _chosen(
    regions: list[Region], labels: Labels, most_others: int, rng: np.random.Generator
) -> list[tuple[Region, int]]:
    """All the digits, and as many of those that are none, with their labels."""
    others = rng.permutation(np.flatnonzero(labels == NOT_A_DIGIT))[:most_others]
    indices = [*np.flatnonzero(labels < NOT_A_DIGIT), *others]
    return [(regions[i], int(labels[i])) for i in indices]


def _is_bar(tile: Image) -> bool:
    """Whether a (28, 28) tile shows one straight stroke, which is a 1 by its look alone."""
    points = cv2.findNonZero(cv2.threshold(tile, 128, 255, cv2.THRESH_BINARY)[1])
    if points is None:
        return False
    short, long = sorted(side + 1 for side in cv2.minAreaRect(points)[1])
    return long > BAR_ASPECT * short and len(points) > BAR_FILL * short * long


def mnist_tiles(images: Image, labels: Labels, rng: np.random.Generator) -> Image:
    """(N, 28, 28) uint8: MNIST's own pictures, warped, in MNIST's geometry or a little off it."""
    return np.stack([_mnist_tile(*pair, rng) for pair in zip(images, labels, strict=True)])


def sign_tiles(count: int, rng: np.random.Generator) -> Image:
    """(N, 28, 28) uint8: letters and signs of the writer, warped as MNIST's digits are."""
    inks = (random_writer(rng)(-1, SIGN_PX) for _ in range(count))
    return np.stack([_mnist_tile(to_tile(ink), NOT_A_DIGIT, rng) for ink in inks])


def _mnist_tile(image: Image, label: int, rng: np.random.Generator) -> Image:
    strength, tail = rng.uniform(0.2, 1.3), tail_of(label, rng)
    if rng.random() < REDRAWN:
        ink = penned(warped(image, 40, rng, strength, tail), rng)
    else:
        ink = warped(image, 20, rng, strength, tail)
    if rng.random() < BROKEN:
        ink = broken(ink, rng)
    tile = to_tile(ink)
    if rng.random() >= SHIFTED:
        return tile
    dx, dy = rng.integers(0, 2 * SHIFT_PX + 1, 2)
    return np.pad(tile, SHIFT_PX)[dy : dy + TILE_PX, dx : dx + TILE_PX]
