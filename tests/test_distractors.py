"""What is no digit stays unlabelled, on pictures that are drawn here."""

import textwrap

import cv2
import numpy as np
import pytest
from drawn import draw_sheet
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from camlive.detection import Image
from camlive.simulate.writer import draw_sign, random_style

PAPER, INK = 230, (40, 40, 40)


def written(*lines: str, thick: int = 3) -> Image:
    image = np.full((90 * len(lines) + 40, 900, 3), PAPER, np.uint8)
    for k, line in enumerate(lines):
        place = 25, 80 + 90 * k
        cv2.putText(image, line, place, cv2.FONT_HERSHEY_COMPLEX, 1.5, INK, thick, cv2.LINE_AA)
    return image


@pytest.mark.parametrize("thick", [2, 4])
def test_letters(recognizer, thick):
    lines = "A B C D E F G H", "J K L M N P Q R", "T U V W X Y Z"
    assert recognizer(written(*lines, thick=thick)) == []


def test_a_letter_or_sign_alone(recognizer):
    """Nothing else on the picture tells; the writer is the one that training learns signs from.

    Bars are ones, and so are brackets and the strokes of a zigzag: only other digits count.
    """
    rng = np.random.default_rng(0)
    read = 0
    for _ in range(200):
        image = np.full((240, 240, 3), PAPER, np.uint8)
        ink = draw_sign(random_style(rng), 50, rng)[:200, :200, None] / 255
        area = image[20 : 20 + ink.shape[0], 20 : 20 + ink.shape[1]]
        area[:] = area + ink * (np.array(INK) - area)
        read += any(digit.digit != 1 for digit in recognizer(image))
    assert read <= 16  # 45 before letters were among what is trained on


@pytest.mark.parametrize("blur_px", [2, 3, 4])
def test_small_print_whose_letters_run_together(recognizer, blur_px):
    lines = "analysis is usually simple", "small islands also lose soil", "ill will is also illegal"
    image = cv2.GaussianBlur(written(*lines, thick=3), (0, 0), 2 * blur_px)
    assert len(recognizer(cv2.resize(image, None, fx=0.5, fy=0.5))) <= 1


def printed_page(family: str, size_pt: float) -> Image:
    """Lines of English text, 900 x 700."""
    text = (
        "Nobody had told the children that the harbour would be closed in the winter. They came "
        "down the hill with their nets, their baskets and a dog, and found a fence across the "
        "road. Behind it three men were taking the old crane apart, piece by piece, and none of "
        "them looked up. It began to rain; the youngest put the basket over his head. "
    )
    figure = Figure((9, 7), dpi=100)
    canvas = FigureCanvasAgg(figure)
    per_line = round(800 / size_pt)
    lines = textwrap.wrap(text * 5, per_line)[: round(300 / size_pt)]
    font = FontProperties(family=family, size=size_pt)
    figure.text(0.03, 0.97, "\n".join(lines), fontproperties=font, va="top", linespacing=1.5)
    canvas.draw()
    return np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., 2::-1])


@pytest.mark.parametrize("family", ["DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono"])
@pytest.mark.parametrize("size_pt", [10, 14, 20, 28])
def test_a_page_of_print(recognizer, family, size_pt):
    assert len(recognizer(printed_page(family, size_pt))) <= 3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_digits_above_letters_are_read_and_the_letters_are_not(recognizer, seed):
    sheet, words = draw_sheet(seed, rows=1), written("HOMEWORK FOR ANNA", "READ THE NUMBERS")
    page = np.full((sheet.image.shape[0] + words.shape[0], 900, 3), PAPER, np.uint8)
    page[: sheet.image.shape[0], : sheet.image.shape[1]] = sheet.image
    page[sheet.image.shape[0] :] = words
    found = recognizer(page)
    right = [any(d.digit == n and d.box.iou(box) > 0.5 for d in found) for box, n in sheet.digits]
    assert sum(right) >= 8  # less sure ones are not believed beside so many letters
    assert len(found) <= 10


def test_operators_and_brackets(recognizer):
    """An upright bar alone cannot be told from a 1."""
    lines = "+ - = < > / * ^ ~", "( ) [ ] { } | # @", "? ! % & $ ; : , ."
    found = recognizer(written(*lines))
    assert len(found) <= 1
    assert all(digit.digit == 1 for digit in found)


def test_circles_around_signs(recognizer):
    image = np.full((300, 900, 3), 230, np.uint8)
    for k, x in enumerate(range(90, 900, 180)):
        turn = cv2.getRotationMatrix2D((x, 150), 45 * (k % 2), 1)
        sign = np.full_like(image, 230)
        cv2.line(sign, (x - 22, 150), (x + 22, 150), (50, 45, 40), 4, cv2.LINE_AA)
        cv2.line(sign, (x, 128), (x, 172), (50, 45, 40), 4, cv2.LINE_AA)
        sign = cv2.warpAffine(sign, turn, (900, 300), borderMode=cv2.BORDER_REPLICATE)
        cv2.ellipse(sign, (x, 150), (44, 50), 5 * k, 0, 360, (50, 45, 40), 4, cv2.LINE_AA)
        image = np.minimum(image, sign)
    assert not recognizer(image)


@pytest.mark.parametrize("step", [20, 40, 60, 90])
def test_an_empty_grid(recognizer, step):
    image = np.full((400, 600, 3), PAPER, np.uint8)
    for x in range(20, 600, step):
        cv2.line(image, (x, 20), (x, 380), (60, 60, 60), 2)
    for y in range(20, 400, step):
        cv2.line(image, (20, y), (580, y), (60, 60, 60), 2)
    assert len(recognizer(image)) <= 2


@pytest.mark.parametrize("wall", [70, 140, 210])
def test_a_face(recognizer, wall):
    image = np.full((480, 640, 3), wall, np.uint8)
    skin, dark = (150, 180, 225), (50, 40, 30)
    cv2.ellipse(image, (320, 240), (120, 160), 0, 0, 360, skin, -1, cv2.LINE_AA)
    cv2.ellipse(image, (320, 130), (125, 80), 0, 180, 360, dark, -1)
    for x in (275, 365):
        cv2.ellipse(image, (x, 215), (22, 11), 0, 0, 360, (250, 250, 250), -1, cv2.LINE_AA)
        cv2.circle(image, (x, 215), 9, dark, -1, cv2.LINE_AA)
        cv2.ellipse(image, (x, 190), (28, 8), 0, 180, 360, dark, 4, cv2.LINE_AA)
    nose = np.array([[320, 225], [308, 275], [330, 278]])
    cv2.polylines(image, [nose], False, (110, 140, 190), 4, cv2.LINE_AA)
    cv2.ellipse(image, (320, 320), (45, 18), 0, 0, 180, (60, 60, 190), 5, cv2.LINE_AA)
    assert len(recognizer(cv2.GaussianBlur(image, (0, 0), 1))) <= 1
