import itertools
import time
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from commands import SAMPLE
from drawn import draw_sheet

from camlive.detection import Image
from camlive.simulate.camera import sensor
from camlive.view.coach import BLUR, DARKNESS, FAR, GLARES, MOTION, UNKNOWN, Coach, advise

SEEDS = range(4)


def frame(seed: int, scale: float = 1.0) -> Image:
    """A sheet on a desk, 640x480, as a camera sees it."""
    sheet = draw_sheet(seed)
    small = cv2.resize(sheet.image, None, fx=0.7 * scale, fy=0.7 * scale, interpolation=3)
    desk = np.full((480, 640, 3), (70, 110, 150), np.uint8)
    top, left = (480 - small.shape[0]) // 2, (640 - small.shape[1]) // 2
    desk[top : top + small.shape[0], left : left + small.shape[1]] = small
    return sensor(cv2.GaussianBlur(desk, (0, 0), 0.7), np.random.default_rng(seed), 0.3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_frame_that_can_be_read_gets_no_advice(seed: int) -> None:
    assert advise(frame(seed), frame(seed)) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_dim_frame_and_a_small_reflection_are_not_told(seed: int) -> None:
    image = frame(seed)
    shining = image.copy()
    cv2.ellipse(shining, (330, 240), (90, 60), 10, 0, 360, (255, 255, 255), -1)
    assert advise((image * 0.35).astype(np.uint8)) is None
    assert advise(shining) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_noise_is_no_motion(seed: int) -> None:
    image = frame(seed)
    noise = np.random.default_rng(seed).normal(0, 20, (2, *image.shape))
    noisy, before = (image * 0.7 + noise).clip(0, 255).astype(np.uint8)
    assert advise(noisy, before) != MOTION


@pytest.mark.parametrize("seed", SEEDS)
def test_too_little_light(seed: int) -> None:
    assert advise((frame(seed) * 0.13).astype(np.uint8)) == DARKNESS


@pytest.mark.parametrize("seed", SEEDS)
def test_a_reflection(seed: int) -> None:
    image = frame(seed)
    cv2.ellipse(image, (330, 240), (150, 90), 10, 0, 360, (255, 255, 255), -1)
    assert advise(image) == GLARES


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("deviation", [4, 6, 9])
def test_out_of_focus(seed: int, deviation: float) -> None:
    assert advise(cv2.GaussianBlur(frame(seed), (0, 0), deviation)) == BLUR


@pytest.mark.parametrize("seed", SEEDS)
def test_moving_too_fast(seed: int) -> None:
    image = frame(seed)
    before = np.roll(image, 70, axis=1)
    smeared = cv2.blur(image, (45, 1))
    assert advise(smeared, before) == MOTION


@pytest.mark.parametrize("seed", SEEDS)
def test_too_far(seed: int) -> None:
    assert advise(frame(seed, 0.35)) == FAR


@pytest.mark.parametrize("side", [70, 80, 120])
def test_too_far_where_digits_are_7_pixels_high(side: int) -> None:
    """A sheet so small that the window of the threshold holds it whole."""
    image = np.full((480, 640, 3), 128, np.uint8)
    size = side, 3 * side // 4
    _, frame = cv2.VideoCapture(str(SAMPLE)).read()
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    image[200 : 200 + size[1], 240 : 240 + size[0]] = small
    assert advise(image) == FAR


@pytest.mark.parametrize(("count", "reason"), [(1, None), (2, None), (3, FAR)])
def test_one_or_two_low_marks_are_no_writing(count: int, reason: str | None) -> None:
    image = np.full((480, 640, 3), 200, np.uint8)
    for k in range(count):
        cv2.line(image, (200 + 30 * k, 200), (203 + 30 * k, 211), (60, 60, 60), 2)
    assert advise(image) == reason


@pytest.mark.parametrize("seed", SEEDS)
def test_a_restless_ground_is_not_far(seed: int) -> None:
    """Specks of all sizes, of which the median is low."""
    rng = np.random.default_rng(seed)
    ground = np.full((480, 640, 3), 200, np.uint8)
    for place in itertools.product(range(40, 640, 60), range(40, 480, 60)):
        high = round(2 * 2 ** rng.uniform(0, 3))
        axes = max(1, high // 3), high
        cv2.ellipse(ground, place, axes, 0, 0, 360, (60, 60, 60), -1, cv2.LINE_AA)
    assert advise(ground) is None


def test_of_a_picture_without_digits_or_a_reason_explain_is_named() -> None:
    white = np.full((480, 640, 3), 255, np.uint8)
    picture, film = Coach(at_once=True), Coach(at_once=False)
    for coach in (picture, film):
        coach.watch(white, is_read=False)
    assert (picture.advice, film.advice) == (UNKNOWN, "")
    picture.watch(white, is_read=True)
    assert not picture.advice


def advices(
    monkeypatch: pytest.MonkeyPatch, shown: Sequence[tuple[float, Image, bool]]
) -> list[str]:
    """What is told of a film whose frames are shown at some seconds, with a digit read or not."""
    now_s = 0.0
    monkeypatch.setattr(time, "perf_counter", lambda: now_s)
    coach, told = Coach(at_once=False), []
    for at_s, image, is_read in shown:
        now_s = at_s
        coach.watch(image, is_read)
        told.append(coach.advice)
    return told


DARK, WHITE = (np.full((48, 64, 3), level, np.uint8) for level in (10, 255))


def test_the_reason_is_told_a_second_after_the_last_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = [(0.9, False), (1.1, False), (1.2, True), (2.1, False), (2.3, False)]
    told = advices(monkeypatch, [(at_s, DARK, is_read) for at_s, is_read in reads])
    assert told == ["", DARKNESS, "", "", DARKNESS]


def test_it_is_measured_anew_each_half_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is none of a film where none is measured."""
    shown = [(1.1, DARK), (1.5, WHITE), (1.7, WHITE), (2.1, DARK), (2.3, DARK)]
    told = advices(monkeypatch, [(at_s, image, False) for at_s, image in shown])
    assert told == [DARKNESS, DARKNESS, "", "", DARKNESS]


def test_a_frame_is_compared_with_the_one_before_if_it_has_its_shape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = frame(0)
    smeared, larger = cv2.blur(image, (45, 1)), np.roll(cv2.resize(image, (960, 720)), 70, axis=1)
    shown = [(0.0, np.roll(image, 70, axis=1)), (1.1, smeared), (1.7, larger)]
    told = advices(monkeypatch, [(at_s, image, False) for at_s, image in shown])
    assert told == ["", MOTION, ""]


@pytest.mark.parametrize("shape", [(1, 1), (48, 64), (30, 2000), (2160, 3840)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_any_frame_can_be_judged(shape: tuple[int, int], level: int) -> None:
    image = np.full((*shape, 3), level, np.uint8)
    assert advise(image, image) in ((DARKNESS,) if level == 0 else (None,))
