"""Camera-like sheets that go through the real segmentation: tiles of digits and of non-digits."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import NOT_A_DIGIT, Box, Image
from camlive.preprocess import TILE_PX, to_tile
from camlive.segment.planes import planes
from camlive.segment.region import Region
from camlive.segment.regions import marks_in, whole_regions
from camlive.segment.touching import all_pieces
from camlive.segment.working_copy import working_copy
from camlive.simulate.camera import lens, light, sensor
from camlive.simulate.writer import draw_digit, draw_sign, random_style
from camlive.training.clutter import Canvas, clutter
from camlive.training.glyphs import printed
from camlive.training.labels import Truth, labels_of, labels_of_pieces
from camlive.training.mnist import Labels, Mnist, broken, penned, tail_of, warped

SIZES = ((640, 480), (800, 600), (960, 720))  # pixels of a sheet
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
TOUCHING = 0.25  # share of the sheets on which the digits of each number touch
LONGEST = 5  # digits of such a number
OVERLAP = (-0.08, 0.15)  # of the height: by how much the boxes of two such digits overlap
TIED = 0.5  # share of them with a stroke between
INKED = 128  # of 255: coverage from which a stroke may end there
WRITTEN = 0.3  # share of digits by the pen-stroke writer, the rest are MNIST's

Tiles = tuple[Image, Labels]  # (N, 28, 28) uint8 and (N,) uint8, 10 = not a digit
Colour = npt.NDArray[np.float64]  # (3,) BGR, 0 to 255


def camera_sheet(mnist: Mnist, rng: np.random.Generator) -> tuple[Image, Truth]:
    """A random sheet as a camera sees it, (H, W, 3) uint8 BGR, and the digits on it."""
    image, marks = _filmed(mnist, rng)
    return image, [(box, digit) for box, digit in marks if digit < NOT_A_DIGIT]


def _filmed(mnist: Mnist, rng: np.random.Generator) -> tuple[Image, Truth]:
    """The same, with the signs among the marks."""
    size = HEIGHTS[0] * (HEIGHTS[1] / HEIGHTS[0]) ** rng.random()
    canvas, marks = _sheet(mnist, size, rng)
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
    inks = (_writer(rng)(-1, SIGN_PX) for _ in range(count))
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


def _sheet(mnist: Mnist, size: float, rng: np.random.Generator) -> tuple[Image, Truth]:
    """A written sheet (H, W, 3) uint8 and the marks on it."""
    width, height = SIZES[rng.integers(len(SIZES))]
    dark = rng.random() < 0.15
    paper = rng.uniform(15, 90) if dark else rng.uniform(110, 255)
    canvas: Canvas = np.empty((height, width, 3), np.float32)
    canvas[:] = np.clip(paper * np.exp(rng.normal(0, 0.08, 3)), 5, 250)
    marks: Truth = []
    share = 0.0 if rng.random() < 0.12 else rng.uniform(0.6, 1)
    places = _places(width, height, size, rng)
    if rng.random() < 0.3:
        clutter(canvas, rng)
        share, places = 0.0, places[: rng.integers(len(places) + 1)]
    elif rng.random() < 0.35:
        _rule(canvas, rng)
    if share and rng.random() < TOUCHING:
        marks = _touching(canvas, mnist, places, dark, rng)
        return canvas.clip(0, 255).astype(np.uint8), marks
    for x, y, own in places:
        digit, ink = _mark(mnist, own, share, _writer(rng), rng)
        box = _paint(canvas, ink, x, y, _colour(dark, rng))
        if box:
            marks.append((box, digit))
    return canvas.clip(0, 255).astype(np.uint8), marks


def _touching(
    canvas: Canvas,
    mnist: Mnist,
    places: list[tuple[int, int, int]],
    dark: bool,
    rng: np.random.Generator,
) -> Truth:
    """Writes numbers, each of one pen, whose digits touch or are tied by a stroke."""
    marks: Truth = []
    end = before = 0
    for x, y, own in places:
        end = end if x > before else 0  # a row begins
        before = x
        if x < end:
            continue
        colour, write, last = _colour(dark, rng), _writer(rng), None
        for _ in range(rng.integers(2, LONGEST + 1)):
            digit, ink = _mark(mnist, own, 1.0, write, rng)
            top = y + round(rng.normal(0, 0.04) * own)
            box = _paint(canvas, ink, x, top, colour)
            if not box:
                break
            marks.append((box, digit))
            if last and rng.random() < TIED:
                _tie(canvas, last, (box, ink), colour, rng)
            last = box, ink
            x = box.right - round(rng.uniform(*OVERLAP) * own)
            end = box.right + own // 2
    return marks


def _tie(
    canvas: Canvas,
    one: tuple[Box, Image],
    other: tuple[Box, Image],
    colour: Colour,
    rng: np.random.Generator,
) -> None:
    """Draws the stroke that a pen leaves from a digit to the next, mostly at their tops."""
    ends = []
    level = rng.triangular(0, 0.1, 1)
    for (box, ink), side in ((one, -1), (other, 0)):
        row = int(np.clip(level + rng.normal(0, 0.1), 0, 0.99) * len(ink))
        columns = np.flatnonzero(ink[max(0, row - 1) : row + 2].max(axis=0) > INKED)
        if not len(columns):
            return
        ends.append((box.x + columns[side], box.y + row))
    (x, y), (right, bottom) = ends
    sag = rng.normal(0, 0.08) * one[0].height
    bent = [(x, y), ((x + right) // 2, round((y + bottom) / 2 + sag)), (right, bottom)]
    pen = max(1, round(rng.uniform(0.03, 0.09) * one[0].height))
    cv2.polylines(canvas, [np.array(bent, np.int32)], False, colour.tolist(), pen)


def _places(
    width: int, height: int, size: float, rng: np.random.Generator
) -> list[tuple[int, int, int]]:
    """Left, top and height of the marks: rows of one writer's size."""
    gap, y = rng.uniform(-0.1, 0.9), rng.uniform(4, 20)
    places: list[tuple[int, int, int]] = []
    while y + size * 1.2 < height and len(places) < 90:
        x = rng.uniform(4, 40)
        while x + size < width:
            own = size * rng.uniform(0.8, 1.2)
            places.append((round(x), round(y + rng.normal(0, 0.06) * size), max(10, round(own))))
            x += own * (0.7 + gap * rng.uniform(0.4, 1.6))
        y += size * rng.uniform(1.15, 1.9)
    return places


def _writer(rng: np.random.Generator) -> Callable[[int, int], Image]:
    style = random_style(rng)
    return lambda digit, size: (
        draw_digit(digit, style, size, rng) if digit >= 0 else draw_sign(style, size, rng)
    )


def _mark(
    mnist: Mnist,
    size: int,
    share: float,
    write: Callable[[int, int], Image],
    rng: np.random.Generator,
) -> tuple[int, Image]:
    """One mark: a digit of MNIST or of the writer, or a written or printed sign."""
    if rng.random() >= share:
        sign = printed(size, rng) if rng.random() < 0.4 else write(-1, size)
        return NOT_A_DIGIT, sign
    if rng.random() < WRITTEN:
        digit = int(rng.integers(10))
        return digit, write(digit, size)
    index = rng.integers(len(mnist.x_train))
    digit = int(mnist.y_train[index])
    ink = penned(warped(mnist.x_train[index], size, rng, tail=tail_of(digit, rng)), rng)
    x, y, width, height = cv2.boundingRect(np.asarray(ink > 60, np.uint8))
    return digit, ink[y : y + height, x : x + width]


def _colour(dark: bool, rng: np.random.Generator) -> Colour:
    """An ink's colour, BGR: dark on light paper, light on a dark board."""
    if dark:
        return rng.uniform(150, 255, 3)
    deep = rng.uniform(0, 70, 3)
    deep[rng.integers(3)] += rng.choice([0, 0, 60, 140])  # black mostly, else blue, green or red
    return deep


def _paint(canvas: Canvas, ink: Image, x: int, y: int, colour: Colour) -> Box | None:
    """Lays ink on the canvas; the box it covers, or None if it does not fit."""
    height, width = ink.shape
    if x < 1 or y < 1 or not ink.size:
        return None
    window = canvas[y : y + height, x : x + width]
    if window.shape[:2] != ink.shape:
        return None
    cover = cv2.merge([ink] * 3).astype(np.float32) / 255
    window += (colour.astype(np.float32) - window) * cover
    return Box(x, y, width, height)


def _rule(canvas: Canvas, rng: np.random.Generator) -> None:
    """Rules the paper with lines, or squares."""
    step, level = rng.uniform(18, 90), float(canvas.mean())
    colour = [level * f for f in rng.uniform(rng.uniform(0.15, 0.9), 0.95, 3)]
    height, width = canvas.shape[:2]
    thick, tilt = int(rng.integers(1, 4)), rng.normal(0, 20)
    for y in np.arange(rng.uniform(0, step), height, step):
        cv2.line(canvas, (0, int(y)), (width, int(y + tilt)), colour, thick, cv2.LINE_AA)
    if rng.random() < 0.4:
        for x in np.arange(rng.uniform(0, step), width, step):
            cv2.line(canvas, (int(x), 0), (int(x - tilt), height), colour, thick, cv2.LINE_AA)
