"""Digits that fill the picture, their strokes broader than the threshold's usual window."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from fixtures_mnist import mnist

from camlive import recognizer as module
from camlive.detection import NOT_A_DIGIT
from camlive.recognizer import Recognizer
from camlive.segment.page import ink_mask
from camlive.segment.working_copy import NEAR_PX, NEAR_REGIONS, near_copy, working_copy

BLACK, WHITE = (25, 25, 25), (205, 205, 205)


def read_right(recognizer, pictures):
    """How many of the pictures are read as the one digit that they show."""
    found = ([digit.digit for digit in recognizer(image)] for image, _ in pictures)
    return sum(read == [digit] for read, (_, digit) in zip(found, pictures, strict=True))


def mnist_pictures(count):
    return zip(mnist().x_test[:count], mnist().y_test[:count].tolist(), strict=True)


@pytest.mark.parametrize("times", [1, 4, 10])
@pytest.mark.parametrize("light", [True, False], ids=["white-on-black", "black-on-white"])
def test_pictures_of_mnist_are_read_as_they_are(recognizer, times, light):
    pictures = [
        (cv2.cvtColor(cv2.resize(image, None, fx=times, fy=times), cv2.COLOR_GRAY2BGR), digit)
        for image, digit in mnist_pictures(100)
    ]
    pictures = [(image if light else 255 - image, digit) for image, digit in pictures]
    assert read_right(recognizer, pictures) >= 95


def written_large(image, share, ink, paper):
    """A frame of 640x480 that MNIST's ink fills to a share of its height, written with a marker."""
    x, y, width, height = cv2.boundingRect((image > 60).astype(np.uint8))
    scale = share * 480 / height
    tight = image[y : y + height, x : x + width]
    large = cv2.resize(tight, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    cover = ((large.astype(np.float32) - 90) / 64).clip(0, 1)[..., None]
    high, wide = large.shape
    frame = np.empty((480, 640, 3), np.float32)
    frame[:] = paper
    place = frame[(480 - high) // 2 :, (640 - wide) // 2 :][:high, :wide]
    place += (np.array(ink) - place) * cover
    noise = np.random.default_rng(1).normal(0, 4, (480, 640, 1))
    return (frame + noise).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("share", [0.7, 0.9])
@pytest.mark.parametrize(("ink", "paper"), [(WHITE, BLACK), (BLACK, WHITE)], ids=["chalk", "ink"])
def test_broad_digits_as_high_as_a_frame_are_read(recognizer, share, ink, paper):
    pictures = [(written_large(image, share, ink, paper), d) for image, d in mnist_pictures(60)]
    assert read_right(recognizer.for_film(), pictures) >= 57


def test_strokes_broader_than_the_usual_window_are_not_hollow():
    image = np.full((480, 640, 3), 220, np.uint8)
    image[40:440, 220:420] = 40
    middle = np.s_[230:250, 310:330]
    near = near_copy(image)
    assert not ink_mask(replace(working_copy(image), window=1 / 24))[middle].any()
    assert max(near.image.shape) == NEAR_PX
    assert ink_mask(near)[115:125, 155:165].all()


def blocks(*heights, width=1 / 3):
    """A picture of blocks of ink, their widths a share of their heights."""
    image = np.full((480, 640, 3), 220, np.uint8)
    for k, height in enumerate(heights):
        left, half = 40 + 300 * k, height // 2
        image[200 - half : 200 + half, left : left + round(width * height)] = 40
    return image


@pytest.mark.parametrize(
    ("image", "seen_at_once", "sure", "read"),
    [
        (blocks(300), False, 1, 1),
        (blocks(300), False, 0.85, 0),
        (blocks(300, 280), False, 1, 2),
        (blocks(60), False, 1, 0),  # no digit that fills the picture
        (blocks(400, width=0.1), False, 1, 0),  # a pen on the desk, maybe
        (blocks(300, 150), False, 1, 0),  # a picture of more than such
        (blocks(60), True, 1, 1),
    ],
)
def test_large_digits_are_sought_where_none_is_seen(monkeypatch, image, seen_at_once, sure, read):
    is_near = False

    def copy(picture):
        nonlocal is_near
        is_near = True
        return near_copy(picture)

    def classify(batch):
        chances = np.zeros((len(batch), 11), np.float32)
        chances[:, 3] = sure if is_near or seen_at_once else 0
        chances[:, NOT_A_DIGIT] = 1 - chances[:, 3]
        return chances

    monkeypatch.setattr(module, "near_copy", copy)
    assert len(Recognizer(classify).for_film()(image)) == read
    assert is_near != seen_at_once


def test_few_marks_are_read_near(monkeypatch):
    """Whatever there is on the picture: such a look costs little."""
    image = np.random.default_rng(0).integers(0, 255, (720, 1280, 3)).astype(np.uint8)
    image = cv2.GaussianBlur(image, (0, 0), 6)
    image = cv2.normalize(image, None, 0, 255, cv2.NORM_MINMAX)
    image[100:600, 500:800], image[150:550, 580:720] = 220, 20  # else there is no such look
    near, most = [], 0

    def copy(picture):
        near.append(near_copy(picture))
        return near[-1]

    def classify(batch):
        nonlocal most
        most = max(most, len(batch) if near else 0)
        return np.eye(11, dtype=np.float32)[np.full(len(batch), NOT_A_DIGIT)]

    monkeypatch.setattr(module, "near_copy", copy)
    assert Recognizer(classify).for_film()(image) == []
    assert 0 < most <= NEAR_REGIONS
