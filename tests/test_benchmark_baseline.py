from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmark import baseline
from camlive.detection import Box, Image
from camlive.errors import ModelError


@pytest.fixture
def sheet() -> Image:
    """White paper with a 3, a 0 and a 7 in thick black strokes."""
    image = np.full((200, 400, 3), 230, np.uint8)
    cv2.ellipse(image, (60, 82), (20, 18), 0, -150, 90, (20, 20, 20), 8)
    cv2.ellipse(image, (60, 118), (22, 18), 0, -90, 150, (20, 20, 20), 8)
    cv2.ellipse(image, (175, 100), (22, 36), 0, 0, 360, (20, 20, 20), 8)
    cv2.polylines(image, [np.array([(284, 64), (326, 64), (300, 136)])], False, (20, 20, 20), 8)
    return image


BOXES = (Box(38, 60, 48, 80), Box(149, 60, 52, 80), Box(280, 60, 50, 80))


def test_well_written_digits_are_found_and_read(sheet: Image) -> None:
    digits = sorted(baseline.read_digits(sheet), key=lambda d: d.box.x)
    assert [d.digit for d in digits] == [3, 0, 7]
    assert all(d.box.iou(box) > 0.4 for d, box in zip(digits, BOXES, strict=True))
    assert all(0.1 <= d.confidence <= 1 for d in digits)


def test_boxes_are_in_pixels_of_the_given_picture(sheet: Image) -> None:
    large = cv2.resize(sheet, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    assert large.shape[1] > baseline.WIDTH_PX
    digits = sorted(baseline.read_digits(large.astype(np.uint8)), key=lambda d: d.box.x)
    wanted = [Box(3 * b.x, 3 * b.y, 3 * b.width, 3 * b.height) for b in BOXES]
    assert all(d.box.iou(box) > 0.4 for d, box in zip(digits, wanted, strict=True))


def test_empty_paper_has_no_digit() -> None:
    assert baseline.read_digits(np.full((100, 100, 3), 255, np.uint8)) == []


def test_probabilities_are_the_same_on_every_pass_and_in_every_batch(sheet: Image) -> None:
    mask = baseline.ink_mask(sheet)
    tiles = np.array([baseline.to_tile(mask, box) for box in BOXES])
    together = baseline.classify(tiles)
    alone = np.concatenate([baseline.classify(tiles[i : i + 1]) for i in range(3)])
    assert together.shape == (3, 10)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_missing_network_says_how_to_make_it(
    sheet: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baseline, "MODEL", tmp_path / "none.tflite")
    baseline._network.cache_clear()
    with pytest.raises(ModelError, match="train-baseline"):
        baseline.read_digits(sheet)
