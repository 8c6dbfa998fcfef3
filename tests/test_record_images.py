"""Frames and digits that are saved as pictures."""

import errno
import os
import signal
from pathlib import Path

import cv2
import numpy as np
import pytest
from recorded import SEVEN, frame, full_disk, grey

from camlive.detection import Box, Digit
from camlive.errors import OutputError
from camlive.record.images import CropSink, FrameSink, check_picture, write_image
from camlive.signals import Signalled, signals_raised


def test_frames_are_saved_annotated_under_their_source_and_index(tmp_path: Path) -> None:
    with FrameSink(tmp_path / "out") as sink:
        sink.write(frame(grey(0), 12, "clips/a b?.mp4"), [], grey(200))
    assert os.listdir(tmp_path / "out") == ["a-b-000012.jpg"]
    assert cv2.imread(str(tmp_path / "out" / "a-b-000012.jpg")).mean() == pytest.approx(200, abs=1)


def test_a_source_whose_name_no_file_can_have_is_named_frame(tmp_path: Path) -> None:
    with FrameSink(tmp_path / "out") as sink:
        sink.write(frame(grey(0), 12, "clips/??.mp4"), [], grey(200))
    assert os.listdir(tmp_path / "out") == ["frame-000012.jpg"]


def test_an_image_too_wide_for_its_format_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"70000x8 pixels cannot be written as '\.jpg'; make"):
        write_image(tmp_path / "a.jpg", grey(9, 70000, 8))
    assert os.listdir(tmp_path) == []


def test_a_signal_waits_until_a_picture_is_whole(tmp_path: Path, monkeypatch) -> None:
    replace = os.replace

    def signalled(part: Path, path: Path) -> None:
        signal.raise_signal(signal.SIGTERM)
        replace(part, path)

    monkeypatch.setattr(os, "replace", signalled)
    with pytest.raises(Signalled), signals_raised():
        write_image(tmp_path / "a.png", grey(90))
    assert os.listdir(tmp_path) == ["a.png"]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".TIFF"])
def test_a_suffix_of_a_picture_can_be_written(tmp_path: Path, suffix: str) -> None:
    check_picture(tmp_path / f"a{suffix}")
    write_image(tmp_path / f"a{suffix}", grey(90))
    assert cv2.imread(str(tmp_path / f"a{suffix}")).mean() == pytest.approx(90, abs=1)


def test_a_link_to_a_picture_stays(tmp_path: Path) -> None:
    link = tmp_path / "link.png"
    link.symlink_to(tmp_path / "a.png")
    write_image(link, grey(90))
    assert link.is_symlink()
    assert cv2.imread(str(tmp_path / "a.png")).mean() == 90


@pytest.mark.parametrize("suffix", ["", ".txt", ".\udcff"])
def test_another_suffix_is_told_before(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(OutputError, match=r"name the picture \.png"):
        check_picture(tmp_path / f"a{suffix}")


def test_crops_are_cut_from_the_frame_as_decoded(tmp_path: Path) -> None:
    image = np.random.default_rng(1).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    with CropSink(tmp_path / "out") as sink:
        sink.write(frame(image, 12), [Digit(Box(40, 30, 9, 8), 1, 0.5), SEVEN], grey(0))
    assert sorted(os.listdir(tmp_path / "out")) == ["a-000012-000-1.png", "a-000012-001-7.png"]
    crop = cv2.imread(str(tmp_path / "out" / "a-000012-001-7.png"))
    assert np.array_equal(crop, image[6:18, 4:14])


def test_of_a_digit_at_the_edge_what_is_in_the_frame_is_cut(tmp_path: Path) -> None:
    image = np.random.default_rng(1).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    boxes = [Box(-3, -2, 10, 12), Box(60, 40, 10, 12)]
    with CropSink(tmp_path / "out") as sink:
        sink.write(frame(image), [Digit(box, 1, 0.9) for box in boxes], grey(0))
    first, last = (cv2.imread(str(path)) for path in sorted((tmp_path / "out").iterdir()))
    assert np.array_equal(first, image[:10, :7])
    assert np.array_equal(last, image[40:, 60:])


def test_crops_stand_in_the_order_of_the_digits(tmp_path: Path) -> None:
    with CropSink(tmp_path / "out") as sink:
        sink.write(frame(grey(9)), [Digit(SEVEN.box, k % 10, 0.9) for k in range(12)], grey(9))
    names = sorted(os.listdir(tmp_path / "out"))
    assert [name[-5] for name in names] == list("012345678901")


def test_frames_and_crops_of_a_source_have_the_same_prefix(tmp_path: Path) -> None:
    with FrameSink(tmp_path / "frames") as frames, CropSink(tmp_path / "crops") as crops:
        for source, digits in ("blank/x.png", []), ("full/x.png", [SEVEN]):
            for sink in frames, crops:
                sink.begin(live=False, endless=False)
                sink.write(frame(grey(9), 0, source), digits, grey(9))
    assert sorted(os.listdir(tmp_path / "frames")) == ["x-000000.jpg", "x_2-000000.jpg"]
    assert os.listdir(tmp_path / "crops") == ["x_2-000000-000-7.png"]


def test_an_image_that_does_not_fit_the_disk_leaves_nothing(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    sink = FrameSink(tmp_path / "out")
    told = f"{os.strerror(errno.EFBIG)}; free some space there"
    with full_disk(1000), pytest.raises(OutputError, match=told):
        sink.write(frame(noise), [], noise)
    assert os.listdir(tmp_path / "out") == []
