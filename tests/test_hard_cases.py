"""What makes digits hard to read on a camera, one kind of trouble to a test, drawn here."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn import PAPER, Sheet, check, count, draw_sheet, lit

from camlive.detection import Box, Image


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ((175, 178, 180), PAPER),  # pale pencil
        ((60, 50, 200), PAPER),  # red
        ((70, 140, 40), PAPER),  # green
        ((190, 80, 40), PAPER),  # blue
        ((150, 70, 40), (90, 215, 240)),  # blue on a yellow note
        ((90, 90, 90), (150, 150, 150)),  # on grey paper
        ((225, 230, 228), (50, 60, 45)),  # chalk on a board
        ((240, 240, 240), (25, 25, 25)),  # white marker on black
    ],
    ids=["pencil", "red", "green", "blue", "yellow-note", "grey", "chalk", "white-marker"],
)
def test_inks_and_papers(recognizer, ink, paper):
    sheet = draw_sheet(3, 1, ink, paper)
    check(recognizer, sheet.image, sheet.digits)


@pytest.mark.parametrize("scale", [0.35, 0.5, 1, 3])
def test_sizes(recognizer, scale):
    sheet = draw_sheet(7, scale)  # 48 px times the scale
    check(recognizer, sheet.image, sheet.digits)


def test_a_digit_as_high_as_the_frame(recognizer):
    right = 0
    for seed in (8, 9, 10):
        sheet = draw_sheet(seed, 10, rows=1)
        for box, digit in sheet.digits:
            image = sheet.image[:, max(0, box.x - 150) : box.right + 150]
            right += [d.digit for d in recognizer(image)] == [digit]
    assert right >= 29


def ruled(sheet: Sheet, step: int, slope: float, shade: int, squared: bool) -> Image:
    """The sheet on paper that is printed with lines or squares."""
    paper = np.full_like(sheet.image, PAPER)
    height, width = paper.shape[:2]
    rule = (shade + 40, shade, shade - 20)
    for start in range(-width, height + width, step):
        cv2.line(paper, (0, start), (width, round(start + slope * width)), rule, 1, cv2.LINE_AA)
        if squared:
            foot = round(start - slope * height), height
            cv2.line(paper, (start, 0), foot, rule, 1, cv2.LINE_AA)
    return np.minimum(paper, sheet.image)


@pytest.mark.parametrize("squared", [False, True], ids=["ruled", "squared"])
@pytest.mark.parametrize("shade", [150, 185])
@pytest.mark.parametrize("slope", [0, 0.04, -0.1])
@pytest.mark.parametrize("step", [24, 37])
def test_ruled_paper(recognizer, step, slope, shade, squared):
    lost = false = 0
    for sheet in map(draw_sheet, (20, 21, 22)):
        paper = ruled(sheet, step, slope, shade, squared)
        right, more = count(recognizer, paper, sheet.digits)
        lost, false = lost + len(sheet.digits) - right, false + more
    assert lost <= 12  # of 90
    assert false <= 2


@pytest.mark.parametrize(("step", "thick", "most_lost"), [(40, 2, 3), (30, 3, 20)])
def test_pale_pencil_on_squares_that_are_paler(recognizer, step, thick, most_lost):
    """Their lines are broken, as faint ones are in a picture, and join the digits."""
    lost = false = 0
    for seed in (1, 2, 3):
        sheet, rng = draw_sheet(seed, ink=(150, 150, 150), rows=6), np.random.default_rng(seed)
        height, width = sheet.image.shape[:2]
        grid = np.zeros((height, width), np.uint8)
        for x in range(0, width, step):
            cv2.line(grid, (x, 0), (x + height // 40, height), 255, thick, cv2.LINE_AA)
        for y in range(0, height, step):
            cv2.line(grid, (0, y), (width, y - width // 40), 255, thick, cv2.LINE_AA)
        fade = cv2.resize(rng.uniform(0.6, 1, (height // 20, width // 20)), (width, height))
        paper = PAPER - (grid / 255 * fade)[..., None] * (np.array(PAPER) - 200)
        image = np.minimum(sheet.image, paper) + rng.normal(0, 2, sheet.image.shape)
        right, more = count(recognizer, image.clip(0, 255).astype(np.uint8), sheet.digits)
        lost, false = lost + len(sheet.digits) - right, false + more
    assert lost <= most_lost
    assert false <= 2


@pytest.mark.parametrize("blur", [0, 1.5])
@pytest.mark.parametrize("slope", [0.02, -0.08])
@pytest.mark.parametrize(("thick", "most_lost"), [(1, 13), (2, 15)])
def test_rules_as_dark_as_the_ink(recognizer, thick, most_lost, slope, blur):
    """Through the digits, not between them: where a stroke runs along a rule it is lost."""
    sheets = [draw_sheet(seed) for seed in (24, 25, 26)]
    paper = np.full_like(sheets[0].image, PAPER)
    height, width = paper.shape[:2]
    for start in range(-width, height + width, 61):
        ends = (0, start), (width, round(start + slope * width))
        cv2.line(paper, *ends, (60, 50, 45), thick, cv2.LINE_AA)
    images = [np.minimum(paper, sheet.image) for sheet in sheets]
    if blur:
        images = [np.asarray(cv2.GaussianBlur(image, (0, 0), blur), np.uint8) for image in images]
    pairs = zip(images, sheets, strict=True)
    right, false = np.sum([count(recognizer, image, s.digits) for image, s in pairs], axis=0)
    assert right >= 90 - most_lost
    assert false <= thick


def test_folded_paper(recognizer):
    """Two creases upright and one level, each panel lit its own way."""
    sheet = draw_sheet(23)
    height, width = sheet.image.shape[:2]
    light = np.ones((height, width))
    light[:, width // 3 :] *= 0.8
    light[:, 2 * width // 3 :] *= 1.12
    light[height // 2 :] *= 0.92
    for x in (width // 3, 2 * width // 3):
        light[:, x - 1 : x + 2] *= (0.9, 0.75, 0.9)
    light[height // 2 - 1 : height // 2 + 1] *= 0.8
    check(recognizer, lit(sheet.image, light[..., None]), sheet.digits, most_lost=4)


@pytest.mark.parametrize("round_frame", [False, True])
def test_drawn_frames(recognizer, round_frame):
    sheet = draw_sheet(11, rows=1)
    image = sheet.image.copy()
    for box, _ in sheet.digits:
        if round_frame:
            centre = box.x + box.width // 2, box.y + box.height // 2
            cv2.ellipse(image, centre, (36, 38), 0, 0, 360, (60, 50, 40), 2, cv2.LINE_AA)
        else:
            corners = (box.x - 9, box.y - 9), (box.right + 9, box.bottom + 9)
            cv2.rectangle(image, *corners, (60, 50, 40), 2)
    check(recognizer, image, sheet.digits)


def test_table_cells(recognizer):
    sheet = draw_sheet(12)
    image = sheet.image.copy()
    for y in range(14, image.shape[0], 80):
        cv2.line(image, (10, y), (790, y), (60, 60, 60), 2)
    for x in range(12, 800, 77):
        cv2.line(image, (x, 14), (x, 254), (60, 60, 60), 2)
    check(recognizer, image, sheet.digits)


@pytest.mark.parametrize("thick", [1, 2, 3])
@pytest.mark.parametrize("lean", [0, 0.02])
def test_a_row_of_boxes(recognizer, thick, lean):
    """As forms have them: the walls between the digits are no ones, and no letters."""
    sheet = draw_sheet(16)
    image = sheet.image.copy()
    turn = np.float32([[1, 0, 0], [lean, 1, -lean * 400]])
    for row in range(3):
        top, bottom = 16 + 80 * row, 82 + 80 * row
        for x in range(12, 790, 77):
            cv2.rectangle(image, (x, top), (x + 77, bottom), (50, 50, 50), thick)
    seen = cv2.warpAffine(image, turn, image.shape[1::-1], borderValue=PAPER)
    moved = [(replace(b, y=b.y + round(lean * (b.middle[0] - 400))), d) for b, d in sheet.digits]
    check(recognizer, seen, moved)


def test_fingers_and_the_edge_of_the_sheet(recognizer):
    sheet = draw_sheet(13)
    height, width = sheet.image.shape[:2]
    scene = np.full((height + 160, width + 160, 3), (50, 70, 90), np.uint8)
    scene[80 : 80 + height, 80 : 80 + width] = sheet.image
    for x in (150, 450):
        cv2.ellipse(scene, (x, height + 110), (26, 55), 5, 0, 360, (150, 180, 225), -1, cv2.LINE_AA)
    moved = [(Box(b.x + 80, b.y + 80, b.width, b.height), d) for b, d in sheet.digits]
    check(recognizer, scene, moved)


@pytest.mark.parametrize(
    ("together", "gap", "most_lost"),
    [(2, 4, 2), (2, 2, 3), (2, 0, 6), (2, -2, 8), (3, 0, 6), (3, -2, 9)],
)
def test_tight_numbers(recognizer, together, gap, most_lost):
    """Digits of one number with a gap of a stroke's width, touching, or overlapping."""
    sheet = draw_sheet(14)
    image, digits = np.full_like(sheet.image, PAPER), []
    right = 0
    for k, (box, digit) in enumerate(sheet.digits):
        x = right + gap if k % together else box.x
        window = image[box.y : box.bottom, x : x + box.width]
        window[:] = np.minimum(window, sheet.image[box.y : box.bottom, box.x : box.right])
        right = x + box.width
        digits.append((Box(x, box.y, box.width, box.height), digit))
    check(recognizer, image, digits, most_lost)


@pytest.mark.parametrize("size", [1.5, 2])
def test_digits_beside_printed_words(recognizer, size):
    """The o of a word is no 0, and its l is no 1."""
    sheet = draw_sheet(15)
    words = np.full((320, 800, 3), PAPER, np.uint8)
    for line, text in enumerate(
        ("The quick brown fox jumps", "over the lazy dog", "in a good old world")
    ):
        place = 25, 60 + 95 * line
        cv2.putText(words, text, place, cv2.FONT_HERSHEY_COMPLEX, size, (40, 40, 40), 2)
    check(recognizer, np.concatenate([sheet.image, words]), sheet.digits)
