"""Light and lens that make digits hard to read on a camera, drawn here."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn import PAPER, check, draw_sheet, lit

from camlive.detection import Image

Spoil = Callable[[Image], Image]


def across(image: Image) -> np.ndarray:
    """0 to 1 from left to right, (1, W, 1)."""
    return np.linspace(0, 1, image.shape[1])[None, :, None]


def from_middle(image: Image) -> np.ndarray:
    """Distance from the middle, 1 at the corners, (H, W, 1)."""
    height, width = image.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.hypot(y, x)[..., None] / np.sqrt(2)


def motion(image: Image) -> Image:
    kernel = np.zeros((5, 5), np.float32)
    kernel[2] = 1 / 5
    return np.asarray(cv2.filter2D(image, -1, kernel), np.uint8)


def noise(image: Image, deviation: float = 10) -> Image:
    grain = np.random.default_rng(0).normal(0, deviation, image.shape)
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def blocks(image: Image) -> Image:
    data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 25])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def glare(image: Image) -> Image:
    spot = np.exp(-((across(image) - 0.5) ** 2) / 0.02) * 120
    return np.clip(image + spot, 0, 255).astype(np.uint8)


def hard_shadow(image: Image) -> Image:
    height, width = image.shape[:2]
    light = np.ones((height, width), np.float32)
    corners = np.array([[(0, 0), (width * 6 // 10, 0), (width * 4 // 10, height), (0, height)]])
    cv2.fillPoly(light, corners.astype(np.int32), 0.55)
    return lit(image, cv2.GaussianBlur(light, (7, 7), 0)[..., None])


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda i: lit(i, 1 - 0.6 * across(i)), id="soft-shadow"),
        pytest.param(hard_shadow, id="hard-shadow"),
        pytest.param(lambda i: lit(i, 1 - 0.6 * from_middle(i) ** 2), id="vignette"),
        pytest.param(glare, id="glare"),
        pytest.param(lambda i: lit(i, 0.25), id="under-exposed"),
        pytest.param(lambda i: lit(i.astype(float) + 60, 1), id="over-exposed"),
        pytest.param(lambda i: cv2.GaussianBlur(i, (0, 0), 2.0), id="defocus"),
        pytest.param(motion, id="motion"),
        pytest.param(noise, id="noise"),
        pytest.param(blocks, id="jpeg"),
    ],
)
def test_light_and_lens(recognizer, spoil: Spoil):
    sheet = draw_sheet(4)
    check(recognizer, np.asarray(spoil(sheet.image), np.uint8), sheet.digits)


@pytest.mark.parametrize("seed", [21, 22, 23])
@pytest.mark.parametrize("slope", [-0.2, 0.6])
@pytest.mark.parametrize("depth", [0.25, 0.4])
def test_the_edge_of_a_shadow_across_a_page(recognizer, seed, slope, depth):
    """As of a telephone that is held above it: ten or more digits lie at the edge."""
    sheet = draw_sheet(seed, ink=(120, 122, 125), rows=9)
    height, width = sheet.image.shape[:2]
    y, x = np.mgrid[:height, :width]
    inside = 1 / (1 + np.exp(-((y - height / 2) + slope * (x - width / 2)) / 4))
    seen = cv2.GaussianBlur(lit(sheet.image, (1 - depth * inside)[..., None]), (0, 0), 0.8)
    check(recognizer, np.asarray(seen, np.uint8), sheet.digits, most_lost=3)


@pytest.mark.parametrize("seed", [24, 25])
def test_pale_pencil_in_dim_light(recognizer, seed):
    sheet = draw_sheet(seed, ink=(200, 204, 208))
    rng = np.random.default_rng(seed)
    seen = lit(sheet.image, 0.55) + rng.normal(0, 1, sheet.image.shape)
    check(recognizer, seen.clip(0, 255).astype(np.uint8), sheet.digits)


def test_show_through(recognizer):
    """The back of the page shines through, faint and mirrored."""
    front, back = draw_sheet(5), draw_sheet(6).image[:, ::-1]
    seen = front.image.astype(float) - 0.12 * (np.array(PAPER) - back)
    check(recognizer, seen.clip(0, 255).astype(np.uint8), front.digits)


@pytest.mark.parametrize("strength", [0.08, 0.12])
def test_show_through_of_a_full_page_beside_a_few_digits(recognizer, strength):
    front, back = draw_sheet(5), draw_sheet(6).image[:, ::-1]
    written = np.full_like(front.image, PAPER)
    few = front.digits[3:8]
    for box, _ in few:
        place = np.s_[box.y : box.bottom, box.x : box.right]
        written[place] = front.image[place]
    seen = written.astype(float) - strength * (np.array(PAPER) - back)
    check(recognizer, seen.clip(0, 255).astype(np.uint8), few, most_lost=0)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_sheet_on_a_black_desk(recognizer, seed: int):
    """Its pale digits stand nearer to the desk than half a side of the threshold's large window."""
    sheet, width = draw_sheet(seed, ink=(165, 165, 165)), 150
    image = cv2.copyMakeBorder(sheet.image, *4 * [width], cv2.BORDER_CONSTANT, value=(20, 22, 28))
    there = [(replace(b, x=b.x + width, y=b.y + width), digit) for b, digit in sheet.digits]
    check(recognizer, noise(image, 3), there)
