from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
import pytest
from drawn import Sheet, draw_sheet

from camlive.detection import Box, Digit, Image
from camlive.flow import Followed, glance

SHEET = draw_sheet(11, 0.5)
HOME = (120, 90)  # of the sheet's corner


def frame(sheet: Sheet, x: int, y: int, width: int = 640, height: int = 480) -> Image:
    """A desk on which the sheet lies with its corner at x, y."""
    image = np.full((height, width, 3), (90, 110, 120), np.uint8)
    noise = np.random.default_rng(0).normal(0, 4, image.shape)
    shift = np.array([[1, 0, x], [0, 1, y]], np.float32)
    cv2.warpAffine(sheet.image, shift, (width, height), image, borderMode=cv2.BORDER_TRANSPARENT)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def digits_at(sheet: Sheet, x: int, y: int) -> list[Digit]:
    return [
        Digit(Box(box.x + x, box.y + y, box.width, box.height), digit, 0.9, number)
        for number, (box, digit) in enumerate(sheet.digits)
    ]


def moved(digits: list[Digit], before: Image, after: Image) -> list[Digit]:
    return Followed(digits).step(glance(before), glance(after))


def worst(found: list[Digit], truth: list[Digit]) -> int:
    """The furthest that an edge of a box is from the true one; the rest must be the same."""
    assert [(d.digit, d.confidence, d.track) for d in found] == [
        (d.digit, d.confidence, d.track) for d in truth
    ]
    pairs = zip(found, truth, strict=True)
    return max(abs(p - q) for a, b in pairs for p, q in zip(a.box.edges, b.box.edges, strict=True))


@pytest.mark.parametrize("step", [(0, 0), (3, -2), (20, 11), (-60, 35), (70, 0)])
def test_digits_move_as_their_ink_does(step: tuple[int, int]) -> None:
    x, y = HOME[0] + step[0], HOME[1] + step[1]
    found = moved(digits_at(SHEET, *HOME), frame(SHEET, *HOME), frame(SHEET, x, y))
    assert worst(found, digits_at(SHEET, x, y)) <= 2


@pytest.mark.parametrize("step", [-28, 68])
def test_a_digit_is_not_taken_for_the_next_that_is_like_it(step: int) -> None:
    sheet = draw_sheet(2, 0.5)
    after = frame(sheet, HOME[0] + step, HOME[1])
    found = moved(digits_at(sheet, *HOME), frame(sheet, *HOME), after)
    assert worst(found, digits_at(sheet, HOME[0] + step, HOME[1])) <= 2


@pytest.mark.parametrize("seed", range(3))
def test_digits_that_lie_still_do_not_go_with_many_that_move_to_the_next_like_them(
    seed: int,
) -> None:
    """Small ones, in noise, which decides between copies of a digit."""
    rng, pitch = np.random.default_rng(seed), 14

    def page(x: int) -> tuple[Image, list[Digit]]:
        places = [(40 + pitch * k + x, 40) for k in range(10)] + [
            (40 + pitch * k, 150) for k in range(4)
        ]
        ink = np.zeros((960, 1280), np.uint8)
        for left, top in places:
            cv2.putText(ink, "8", (4 * left + 8, 4 * top + 43), 0, 1.6, 255, 6)
        grey = 200 - 0.6 * cv2.resize(ink, (320, 240), interpolation=cv2.INTER_AREA)
        noisy = (grey + rng.normal(0, 8, grey.shape)).clip(0, 255).astype(np.uint8)
        digits = [Digit(Box(*place, 9, 12), 8, 0.9, n) for n, place in enumerate(places)]
        return np.repeat(noisy[..., None], 3, axis=2), digits

    (before, here), (after, there) = page(0), page(pitch)
    found = {digit.track: digit.box.x for digit in moved(here, before, after)}
    still = {d.track: d.box.x for d in there[10:]}
    assert len(found) > 10
    assert all(abs(found.get(track, x) - x) < 4 for track, x in still.items())


def test_a_large_frame_is_compared_on_a_small_copy() -> None:
    sheet = draw_sheet(3, 2)
    sizes = {"width": 1920, "height": 1080}
    found = moved(
        digits_at(sheet, 100, 200), frame(sheet, 100, 200, **sizes), frame(sheet, 190, 150, **sizes)
    )
    assert worst(found, digits_at(sheet, 190, 150)) <= 6  # of 1920: one pixel of the copy


@pytest.mark.parametrize("step", [(7, 5), (4, -3), (-11, 2)])
@pytest.mark.parametrize("count", [1, 30])
def test_small_digits_of_a_large_frame_are_kept_wherever_they_stand(
    step: tuple[int, int], count: int
) -> None:
    """24 pixels of 1080: four of the copy."""
    followed = Followed(digits_at(SHEET, 700, 400)[:count])
    sizes = {"width": 1920, "height": 1080}
    places = [(700 + step[0] * k, 400 + step[1] * k) for k in range(20)]
    glances = [glance(cv2.GaussianBlur(frame(SHEET, *p, **sizes), (0, 0), 0.8)) for p in places]
    for before, after in pairwise(glances):
        found = followed.step(before, after)
    assert worst(found, digits_at(SHEET, *places[-1])[:count]) <= 6


def test_each_of_two_sheets_moves_its_own_way() -> None:
    row = draw_sheet(4, 0.5, rows=1)

    def two(upper: int, lower: int) -> Image:
        image = frame(row, upper, 60)
        image[240:] = frame(row, lower, 330)[240:]
        return image

    def digits(upper: int, lower: int) -> list[Digit]:
        return digits_at(row, upper, 60) + digits_at(row, lower, 330)

    found = moved(digits(100, 100), two(100, 100), two(112, 92))
    assert worst(found, digits(112, 92)) <= 2


@pytest.mark.parametrize("cover", [235, 40])  # paper, a finger
def test_a_digit_whose_ink_is_gone_is_left_out_and_the_others_stay(cover: int) -> None:
    after = frame(SHEET, HOME[0] + 12, HOME[1])
    truth = digits_at(SHEET, HOME[0] + 12, HOME[1])
    box = truth.pop(4).box
    after[box.y - 4 : box.bottom + 4, box.x - 4 : box.right + 4] = cover
    found = moved(digits_at(SHEET, *HOME), frame(SHEET, *HOME), after)
    assert worst(found, truth) <= 2


def test_a_page_with_others_at_the_same_places_is_another_one() -> None:
    rolled = np.roll(draw_sheet(8, 0.5).image, 38, axis=1)  # each digit where the next one was
    after = frame(Sheet(rolled, []), *HOME)
    assert moved(digits_at(SHEET, *HOME), frame(SHEET, *HOME), after) == []


def noisy(image: Image) -> Image:
    noise = np.random.default_rng(int(image[0, 0, 0])).normal(0, 12, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("spoil", [noisy, lambda i: cv2.convertScaleAbs(i, alpha=0.3, beta=150)])
def test_faint_ink_is_the_same_where_it_goes(spoil: Callable[[Image], Image]) -> None:
    before, after = spoil(frame(SHEET, *HOME)), spoil(frame(SHEET, HOME[0] + 5, HOME[1]))
    found = moved(digits_at(SHEET, *HOME), before, after)
    assert worst(found, digits_at(SHEET, HOME[0] + 5, HOME[1])) <= 3


@pytest.mark.parametrize(
    "change", [lambda i: cv2.blur(i, (9, 1)), lambda i: cv2.convertScaleAbs(i, alpha=0.4)]
)
def test_ink_is_the_same_where_it_blurs_or_the_light_changes(
    change: Callable[[Image], Image],
) -> None:
    digits, before = digits_at(SHEET, *HOME), frame(SHEET, *HOME)
    assert worst(moved(digits, before, change(before)), digits) <= 3


@pytest.mark.parametrize("what", ["another page", "nothing", "another size"])
def test_of_what_is_not_there_any_more_nothing_is_left(what: str) -> None:
    after = {
        "another page": frame(draw_sheet(9, 0.7), 40, 30),
        "nothing": np.full((480, 640, 3), 60, np.uint8),
        "another size": frame(SHEET, *HOME, width=320, height=240),
    }[what]
    digits = digits_at(SHEET, *HOME)
    assert len(moved(digits, frame(SHEET, *HOME), frame(SHEET, *HOME))) == len(digits)
    assert moved(digits, frame(SHEET, *HOME), after) == []


def test_without_digits_there_are_none() -> None:
    assert moved([], frame(SHEET, *HOME), frame(SHEET, *HOME)) == []


@pytest.mark.parametrize("step", [0.3, 0.45, 0.6, 1.4])
def test_slow_motion_adds_up_to_fractions_of_a_pixel(step: float) -> None:
    followed = Followed(digits_at(SHEET, *HOME))
    wide = frame(SHEET, *HOME)
    glances = [glance(slid(wide, step * k)) for k in range(16)]
    for before, after in pairwise(glances):
        found = followed.step(before, after)
    assert worst(found, digits_at(SHEET, HOME[0] + round(15 * step), HOME[1])) <= 1


def slid(image: Image, x: float) -> Image:
    shift = np.array([[1, 0, x], [0, 1, 0]], np.float32)
    moved = cv2.warpAffine(image, shift, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)
