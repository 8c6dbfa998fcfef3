import numpy as np
import pytest
from drawn import draw_sheet

from camlive.detection import NOT_A_DIGIT
from camlive.recognizer import Recognizer, load


def all_sevens(batch):
    return np.eye(11, dtype=np.float32)[np.full(len(batch), 7)]


def unsure_sevens(batch):
    return np.float32(0.4) * all_sevens(batch) + np.float32(0.3) * no_digits(batch)


def no_digits(batch):
    return np.eye(11, dtype=np.float32)[np.full(len(batch), NOT_A_DIGIT)]


def test_all_marks_are_classified_in_one_batch():
    batches = []

    def classify(batch):
        batches.append(batch)
        return all_sevens(batch)

    digits = Recognizer(classify)(draw_sheet(rows=1).image)
    assert sum(len(batch) > 0 for batch in batches) == 1
    assert batches[0].dtype == np.float32
    assert batches[0].shape[1:] == (28, 28, 1)
    assert len(digits) == 10
    assert {digit.digit for digit in digits} == {7}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("scale", [0.75, 1, 2.5])
@pytest.mark.parametrize(
    "colors", [{}, {"ink": (225, 230, 228), "paper": (50, 60, 45)}], ids=["ink", "chalk"]
)
def test_the_shipped_model_reads_a_drawn_page(seed, scale, colors):
    sheet = draw_sheet(seed, scale, **colors)
    digits = load()(sheet.image)
    right = [
        any(d.digit == digit and d.box.iou(box) >= 0.5 for d in digits)
        for box, digit in sheet.digits
    ]
    assert sum(right) >= len(right) - 2  # a hooked 1 may look like a 7
    assert sum(right) <= len(digits) <= len(right)


def test_small_digits_of_a_large_picture_are_read():
    """Fourteen pixels high at 1080p."""
    image = np.full((1080, 1920, 3), (225, 230, 235), np.uint8)
    sheet = draw_sheet(1, 0.3)
    image[300 : 300 + sheet.image.shape[0], 500 : 500 + sheet.image.shape[1]] = sheet.image
    read = load()(image)
    right = sum(
        any(
            d.digit == digit and (d.box.x - 500 - b.x) ** 2 + (d.box.y - 300 - b.y) ** 2 < 50
            for d in read
        )
        for b, digit in sheet.digits
    )
    assert right >= 26


@pytest.mark.parametrize("level", [0, 120, 255])
def test_the_shipped_model_finds_nothing_on_a_blank_page(level):
    assert load()(np.full((480, 640, 3), level, np.uint8)) == []


@pytest.mark.parametrize("least", [-0.1, 1.01, 50, float("nan")])
def test_a_least_confidence_that_is_none_is_refused(least):
    with pytest.raises(ValueError, match="0 to 1"):
        load(min_confidence=least)


def test_digits_come_row_by_row_from_left_to_right():
    sheet = draw_sheet(rows=3)
    digits = Recognizer(all_sevens)(sheet.image)
    wanted = [max(digits, key=lambda d: d.box.iou(box)) for box, _ in sheet.digits]
    assert digits == wanted


@pytest.mark.parametrize("unsure", [unsure_sevens, no_digits])
def test_what_is_no_sure_digit_as_a_whole_is_cut(unsure):
    image = np.full((120, 200, 3), 230, np.uint8)
    image[30:74, 50:65] = image[30:74, 75:90] = image[53:57, 50:90] = 30  # two bars, bridged
    whole = Recognizer(all_sevens).examine(image).verdicts
    assert [verdict.region.cut_from for verdict in whole] == [None]
    origin, *pieces = (
        verdict.region.cut_from for verdict in Recognizer(unsure).examine(image).verdicts
    )
    assert origin is None
    assert set(pieces) == {whole[0].region.box}


@pytest.mark.parametrize("crowded", [False, True])
def test_what_stands_amid_other_ink_is_not_cut(crowded):
    image = np.full((120, 200, 3), 230, np.uint8)
    image[30:74, 50:60] = image[30:74, 80:90] = image[53:57, 50:90] = 30
    if crowded:
        image[30:48, 64:76] = image[62:74, 64:76] = 30
    verdicts = Recognizer(no_digits).examine(image).verdicts
    assert any(verdict.region.cut_from for verdict in verdicts) != crowded


@pytest.mark.parametrize("right", [68, 85])
@pytest.mark.parametrize("none", [0.98, 1.0])
def test_a_narrow_mark_that_is_surely_no_digit_is_not_cut(right, none):
    def classify(batch):
        return none * no_digits(batch) + (1 - none) * all_sevens(batch)

    image = np.full((120, 200, 3), 230, np.uint8)
    image[30:80, 40:48] = image[30:80, right : right + 8] = image[53:57, 40:right] = 30
    verdicts = Recognizer(classify).examine(image).verdicts
    is_cut = any(verdict.region.cut_from for verdict in verdicts)
    assert is_cut == (right == 85 or none < 0.99)  # 36 or 53 pixels wide, 50 high


def test_an_examination_holds_all_that_was_seen():
    recognizer, image = Recognizer(all_sevens), draw_sheet(rows=1).image
    seen = recognizer.examine(image)
    assert len(seen.verdicts) == len(seen.tiles) == len(seen.probabilities) >= 10
    kept = [verdict.digit for verdict in seen.verdicts if not verdict.refused]
    assert sorted(d.box.x for d in kept) == [d.box.x for d in recognizer(image)]
    assert all(region.refused for region in seen.refused)
