"""Which frames of a source a run reads, what it tells its sinks of them, and what it sums up."""

from pathlib import Path

import cv2
import numpy as np
from conftest import Recording
from drawn import draw_sheet
from kept import BOX, Kept, seven
from test_flow import SHEET, digits_at, frame

from camlive.capture.opening import open_source
from camlive.detection import Batch, Digit, Image, Probabilities
from camlive.live import LiveOptions, Summary, run
from camlive.recognizer import Recognizer
from camlive.record.video import VideoSink


def test_a_recording_is_followed_and_a_picture_is_not(recording: Recording, picture: Path) -> None:
    moving, still = Kept(), Kept()
    with open_source(str(recording(images=3, fps=3))) as source:
        run(source, seven, [moving])
    with open_source(str(picture)) as source:
        run(source, seven, [still])
    assert [[d.track for d in digits] for _, digits, _ in moving.lines] == [[0], [0], [0]]
    assert [digits for _, digits, _ in still.lines] == [seven(still.lines[0][0].image)]


def test_small_digits_are_read_on_pictures_for_recordings_speed_counts(
    recording: Recording, tmp_path: Path
) -> None:
    image = np.full((1080, 1920, 3), (225, 230, 235), np.uint8)
    sheet = draw_sheet(1, 0.25).image  # 12 pixels high
    image[100 : 100 + sheet.shape[0], 100 : 100 + sheet.shape[1]] = sheet
    cv2.imwrite(str(tmp_path / "small.png"), image)

    def sevens(batch: Batch) -> Probabilities:
        return np.eye(11, dtype=np.float32)[np.full(len(batch), 7)]

    still, moving = Kept(), Kept()
    for path, kept in ((tmp_path / "small.png", still), (recording(images=[image] * 2), moving)):
        with open_source(str(path)) as source:
            run(source, Recognizer(sevens), [kept])
    digits, coarse = (kept.lines[0][1] for kept in (still, moving))
    assert len(digits) >= 29 > len(coarse)
    assert any(digit.box.x % 2 for digit in digits)
    assert not any(digit.box.x % 2 for digit in coarse)  # found on a copy of half the size


def test_a_digit_that_moved_out_of_the_frame_is_not_reported(recording: Recording) -> None:
    """A sheet is drawn out of the frame; what was read on its first frame is followed."""
    images = [frame(SHEET, 100 - 12 * k, 90) for k in range(20)]
    for k, image in enumerate(images):
        image[:16, :16] = 10 * k

    def whole(image: Image) -> list[Digit]:
        left = 100 - 12 * round(image[4:12, 4:12].mean() / 10)
        return [digit for digit in digits_at(SHEET, left, 90) if digit.box.x >= 0]

    kept = Kept()
    with open_source(str(recording(images=images))) as source:
        run(source, whole, [kept])
    counts = [len(digits) for _, digits, _ in kept.lines]
    assert [*sorted(counts, reverse=True)] == counts
    assert (counts[0], counts[-1]) == (30, len(whole(images[-1])))
    assert all(digit.box.x >= 0 for _, digits, _ in kept.lines for digit in digits)


def test_what_is_too_unsure_on_average_is_not_reported(recording: Recording) -> None:
    class Scripted(Recognizer):
        def __call__(self, image: Image) -> list[Digit]:
            return [Digit(BOX, 7 if image.mean() < 70 else 1, 0.9)]

    kept = Kept()
    with open_source(str(recording("clip.mp4", 20, 10.0))) as source:
        run(source, Scripted(lambda _: np.zeros((0, 11), np.float32), 0.6), [kept])
    shown = [digit for _, digits, _ in kept.lines for digit in digits]
    assert {digit.digit for digit in shown} == {7, 1}
    assert len(shown) < 20
    assert min(digit.confidence for digit in shown) >= 0.6


def test_a_looped_picture_is_never_read_with_the_labels_drawn_on_it(
    picture: Path, tmp_path: Path
) -> None:
    seen: list[bool] = []

    def plain(image: Image) -> list[Digit]:
        seen.append(bool((image == 200).all()))
        return seven(image)

    options = LiveOptions(max_frames=30)
    with (
        open_source(str(picture), loop=True) as source,
        VideoSink(tmp_path / "looped.mkv", source.fps) as video,
    ):
        run(source, plain, [video], options=options)
    assert len(seen) > 1
    assert all(seen)


def test_stride_and_max_frames_choose_the_frames(recording: Recording) -> None:
    kept = Kept()
    with open_source(str(recording(images=10))) as source:
        run(source, seven, [kept], options=LiveOptions(stride=3, max_frames=2))
    assert [frame.index for frame, _, _ in kept.lines] == [0, 3]


def test_progress_is_told_of_every_frame(recording: Recording) -> None:
    told: list[int] = []
    options = LiveOptions(on_frame=lambda frame: told.append(frame.index))
    with open_source(str(recording(images=4))) as source:
        run(source, seven, [], options=options)
    assert told == [0, 1, 2, 3]


def test_summaries_add_up() -> None:
    total = Summary(10, 5, 2.0, 1) + Summary(30, 7, 2.0, 0, True, 2)
    assert total == Summary(40, 12, 4.0, 1, True, 2)
    assert total.quit is True
    assert total.fps == 10
    assert Summary().fps == 0
