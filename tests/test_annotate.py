import itertools
import subprocess
import sys

import cv2
import numpy as np
import pytest

from camlive.annotate import BLACK, ORANGE, SKY, annotate, head_up, panel
from camlive.detection import Box, Digit, Image
from camlive.layout import FIGURE_HEIGHT, STEP_PX, label_size, line_size
from camlive.text import put_text

SIZES = [(320, 240), (640, 480), (1920, 1080), (3840, 2160), (600, 1600)]


def paper(width: int, height: int, grey: int = 225) -> Image:
    return np.full((height, width, 3), grey, np.uint8)


def rows_of_digits(width: int, height: int, share: float, gap: float) -> list[Digit]:
    """Digits on lines, their height a share of the short side, their gap one of the height."""
    tall = max(6, round(share * min(width, height)))
    wide, step = round(0.6 * tall), round((0.6 + gap) * tall)
    places = itertools.product(
        range(16, height - tall - 16, round(tall * (1.1 + gap))),
        range(16, width - wide - 16, step),
    )
    boxes = [Box(x, y, wide, tall) for y, x in places]
    return [Digit(box, k % 10, 0.5 + 0.05 * (k % 10)) for k, box in enumerate(boxes)]


def tags(image: Image, colour: tuple[int, int, int] = ORANGE) -> list[Box]:
    """The filled labels of a colour, found by their shape, larger than a box's line is thick."""
    mask = (image == colour).all(axis=2).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    return [Box(*stats[k, :4].tolist()) for k in range(1, count)]


@pytest.mark.parametrize("gap", [0.5, 1.5])
@pytest.mark.parametrize("share", [0.04, 0.1, 0.3])
@pytest.mark.parametrize("size", SIZES)
def test_no_label_or_line_touches_a_digit(size: tuple[int, int], share: float, gap: float) -> None:
    digits = rows_of_digits(*size, share, gap)
    drawn = annotate(paper(*size), digits, [list(range(len(digits)))])
    inside = [drawn[d.box.y : d.box.bottom, d.box.x : d.box.right] for d in digits]
    assert digits
    assert all((pixels == 225).all() for pixels in inside)


def test_no_label_covers_a_digit_however_close_they_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("camlive.annotate._draw_box", lambda *_: None)  # boxes may cross
    rng = np.random.default_rng(3)
    for _ in range(20):
        places = rng.integers(0, [600, 440, 60, 70], (40, 4)).tolist()
        digits = [
            Digit(Box(x, y, min(w + 5, 640 - x), min(h + 8, 480 - y)), 8, 0.9)
            for x, y, w, h in places
        ]
        drawn = annotate(paper(640, 480), digits, [[0, 1, 2]])
        inside = [drawn[d.box.y : d.box.bottom, d.box.x : d.box.right] for d in digits]
        assert (drawn != 225).any()
        assert all((pixels == 225).all() for pixels in inside)


def test_a_label_is_no_larger_than_its_digit_and_grows_in_steps() -> None:
    sizes = [label_size(height, 3000) for height in range(16, 60)]
    assert all(size < height for size, height in zip(sizes, range(16, 60), strict=True))
    assert len(set(sizes)) <= 60 / STEP_PX
    assert label_size(8, 3000) == label_size(8, 480) == 11


def test_a_line_by_itself_is_as_large_as_the_picture_asks() -> None:
    assert [line_size(short) for short in (240, 480, 2160, 7000)] == [11, 11, 45, 146]


def test_labels_and_lines_of_small_digits_on_a_large_picture_are_small() -> None:
    """As on a photograph of a page: 45 of 3,000 pixels, 24 apart."""
    digits = [
        Digit(Box(300 + 60 * column, 300 + 90 * row, 36, 45), column, 0.99)
        for row in range(4)
        for column in range(10)
    ]
    drawn = annotate(paper(4000, 3000), digits)
    assert all((drawn[d.box.y : d.box.bottom, d.box.x : d.box.right] == 225).all() for d in digits)
    labels = tags(drawn)
    assert len(labels) == len(digits)
    assert max(label.height for label in labels) < 45


@pytest.mark.parametrize("size", SIZES)
def test_a_lone_digit_has_a_label_beside_it_at_any_size(size: tuple[int, int]) -> None:
    width, height = size
    tall = min(size) // 8
    corners = [0, width - tall], [0, height - tall]
    for x, y in [*itertools.product(*corners), (width // 2, height // 2)]:
        found = tags(annotate(paper(*size), [Digit(Box(x, y, tall, tall), 7, 0.98)]))
        assert len(found) == 1
        tag = found[0]
        reach = tall // 2
        assert tag.intersection(Box(x - reach, y - reach, tall + 2 * reach, tall + 2 * reach))
        assert tag.height >= max(13, min(size) / 50)  # 13 px: text of 12 px on its tag


def test_a_label_stands_above_unless_there_is_no_room() -> None:
    free, top = Box(200, 200, 40, 60), Box(400, 2, 40, 60)
    found = tags(annotate(paper(640, 480), [Digit(free, 7, 0.98), Digit(top, 3, 0.9)]))
    above, below = sorted(found, key=lambda box: box.x)
    assert above.bottom <= free.y
    assert below.y >= top.bottom


def test_a_digit_filling_the_frame_stays_uncovered() -> None:
    drawn = annotate(paper(320, 240), [Digit(Box(0, 0, 320, 240), 7, 0.98)])
    assert (drawn[8:-8, 8:-8] == 225).all()


def test_close_digits_and_tiny_ones_get_short_labels() -> None:
    size = 640, 480
    close = [Digit(Box(100 + 30 * k, 200, 24, 40), 7, 0.98) for k in range(8)]
    wide = tags(annotate(paper(*size), close[:1]))[0].width
    found = tags(annotate(paper(*size), close))
    assert len(found) == 8
    assert all(tag.width < 0.6 * wide for tag in found[1:-1])
    assert all(tag.bottom <= 200 for tag in found)
    tiny = tags(annotate(paper(*size), [Digit(Box(100, 200, 6, 9), 7, 0.98)]))[0]
    assert tiny.width < 0.6 * wide


def test_on_a_full_page_each_label_fits_above_its_digit() -> None:
    """At their usual size labels are higher than the room between two rows."""
    boxes = [Box(100 + 240 * x, 150 + 115 * y, 45, 70) for x in range(12) for y in range(10)]
    digits = [Digit(box, 7, 0.98) for box in boxes]
    drawn = annotate(paper(3000, 2000), digits)
    orange = (drawn == ORANGE).all(axis=2)
    for box in boxes:
        assert orange[box.y - 28 : box.y - 8, box.x : box.right].mean() > 0.5
        assert not orange[box.y : box.bottom, box.right + 12 : box.right + 180].any()
    (usual,) = tags(annotate(paper(3000, 2000), digits[:1]))
    assert usual.height > 115 - 70 - 2 * 8


def test_a_number_is_drawn_as_one() -> None:
    digits = [Digit(Box(100 + 90 * k, 200, 50, 80), k, 0.98) for k in range(3)]
    assert len(tags(annotate(paper(640, 480), digits, [[0, 1, 2]]), SKY)) == 1
    assert tags(annotate(paper(640, 480), digits), SKY) == []


@pytest.mark.parametrize("grey", [0, 30, 128, 225, 255])
def test_the_text_stands_out_on_any_paper(grey: int) -> None:
    box = Box(200, 200, 40, 60)
    tag = tags(annotate(paper(640, 480, grey), [Digit(box, 7, 0.98)]))[0]
    drawn = annotate(paper(640, 480, grey), [Digit(box, 7, 0.98)])
    inside = drawn[tag.y : tag.bottom, tag.x : tag.right].astype(int)
    dark = (np.abs(inside - BLACK).sum(axis=2) < 60).mean()
    assert dark > 0.04


def test_different_digits_give_different_labels() -> None:
    box = Box(200, 200, 40, 60)
    drawn = [annotate(paper(640, 480), [Digit(box, k, 0.98)]).tobytes() for k in range(10)]
    assert len(set(drawn)) == 10


def test_the_image_itself_stays_as_it_was() -> None:
    image = paper(320, 240)
    annotate(image, [Digit(Box(100, 100, 30, 40), 7, 0.98)])
    head_up(image, "30 fps")
    assert (image == 225).all()


def test_without_digits_the_copy_is_equal() -> None:
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    drawn = annotate(image, [])
    assert (drawn == image).all()
    assert not np.shares_memory(drawn, image)


@pytest.mark.parametrize("size", [*SIZES, (40, 10)])
def test_head_up_adds_a_strip_and_covers_nothing(size: tuple[int, int]) -> None:
    image = paper(*size)
    drawn = head_up(image, "30 fps")
    assert (drawn[: size[1]] == image).all()
    assert 0 < drawn.shape[0] - size[1] <= max(20, 0.15 * size[1])
    assert drawn[size[1] :].any()


def text_px(drawn: Image) -> int:
    """The height of bright text on black."""
    return int(np.ptp(np.nonzero((drawn > 128).all(axis=2).any(axis=1))[0])) + 1


@pytest.mark.parametrize("draw", [head_up, lambda image, line, scale: panel(image, [line], scale)])
def test_the_line_and_the_keys_are_read_in_a_smaller_window_than_the_frame(draw) -> None:
    image = np.zeros((1280, 720, 3), np.uint8)
    whole, third = (text_px(draw(image, "h 30 fps", scale)) for scale in (1, 1 / 3))
    assert third > 2.5 * whole
    assert third / 3 >= FIGURE_HEIGHT * 14


def test_a_line_that_is_too_long_for_the_frame_is_smaller_down_to_11_pixels() -> None:
    image = np.zeros((240, 320, 3), np.uint8)
    words = (k * "keys " for k in (1, 9, 30))
    short, long, longest = (head_up(image, line)[240:] for line in words)
    assert short.shape == long.shape == longest.shape
    assert not (long[:, -2:] > 128).all(axis=2).any()
    assert text_px(short) > text_px(longest) >= FIGURE_HEIGHT * 11


def test_the_line_leaves_the_frame_most_of_the_smallest_window() -> None:
    assert head_up(paper(640, 480), "30 fps", 0.001).shape[0] < 1.5 * 480


def test_a_zero_has_no_slash():
    canvas = np.zeros((60, 60, 3), np.uint8)
    put_text(canvas, "0", (10, 50), (255, 255, 255), 48)
    x, y, width, height = cv2.boundingRect(canvas[..., 0])
    assert height == pytest.approx(FIGURE_HEIGHT * 48, abs=2)
    inside = canvas[y + height // 4 : y + 3 * height // 4, x + width // 3 : x + 2 * width // 3]
    assert not inside.any()


@pytest.mark.parametrize(
    "draw", ["annotate.head_up(image, '7 98%')", "cards.write(image, '7 98%', 5, 20, (0, 0, 0))"]
)
def test_a_signal_while_text_is_drawn_crashes_nothing(draw):
    code = f"""
import signal, sys
import numpy as np
from camlive import annotate, cards
from camlive.signals import Signalled, signals_raised

signal.signal(signal.SIGTERM, signal.SIG_IGN)
image = np.zeros((48, 640, 3), np.uint8)
signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
for k in range(3000):
    try:
        with signals_raised():
            signal.setitimer(signal.ITIMER_REAL, 1e-5 + 1e-7 * k)
            while True:
                {draw}
    except Signalled:
        pass
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
