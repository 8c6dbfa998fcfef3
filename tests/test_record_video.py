"""Videos that are written: their images, sizes, rates and times, and what a failure leaves."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from recorded import frame, full_disk, grey, images_of, shown_at_s

from camlive.detection import Frame
from camlive.errors import OutputError
from camlive.record.encoder import FORMATS, letterbox
from camlive.record.output import part_of
from camlive.record.video import VideoSink


@pytest.mark.parametrize("suffix", [*FORMATS, ".MP4"])
def test_a_video_holds_the_annotated_frames(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    with VideoSink(path, 25.0) as sink:
        for i in range(5):
            sink.write(frame(grey(0), i), [], grey(40 + 40 * i))
        assert not path.exists()
    assert [round(image.mean(), -1) for image in images_of(path)] == [40, 80, 120, 160, 200]
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("name", ["12:30.mp4", "file:a.mp4", "http:a.avi"])
def test_a_name_with_a_colon_is_no_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    part = part_of(Path(name))
    with VideoSink(Path(name), 25.0) as sink:
        sink.write(frame(grey(0)), [], grey(40))
        assert os.listdir() == [str(part)]
    assert os.listdir() == [name]
    assert len(images_of(tmp_path / name)) == 1


def test_odd_sizes_and_other_sizes_fit_the_first(tmp_path: Path) -> None:
    images = (grey(200, 65, 47), grey(200, 20, 90), grey(200, 300, 10))
    path = tmp_path / "out.avi"
    with VideoSink(path, 25.0) as sink:
        for index, image in enumerate(images):
            sink.write(frame(image, index), [], image)
    first, tall, wide = images_of(path)
    assert first.shape == tall.shape == wide.shape == (46, 64, 3)  # codecs want even sizes
    assert tall[:, :20].mean() < 10 < 150 < tall[:, 30:35].mean()
    assert wide[:15].mean() < 10 < 150 < wide[23].mean()


def test_of_an_odd_size_a_line_is_left_out_and_the_others_stay_sharp(tmp_path: Path) -> None:
    stripes = grey(40, 65, 47)
    stripes[:, ::2] = 200
    with VideoSink(tmp_path / "out.avi", 25.0) as sink:
        sink.write(frame(stripes), [], stripes)
    (image,) = images_of(tmp_path / "out.avi")
    np.testing.assert_allclose(image, stripes[:46, :64], atol=20)


def test_an_image_of_one_pixel_is_a_video(tmp_path: Path) -> None:
    with VideoSink(tmp_path / "out.mp4", 25.0) as sink:
        sink.write(frame(grey(90, 1, 1)), [], grey(90, 1, 1))
    (image,) = images_of(tmp_path / "out.mp4")
    assert image.shape == (2, 2, 3)


def test_letterbox_keeps_the_aspect() -> None:
    boxed = letterbox(grey(255, 100, 50), (60, 60))
    rows = np.flatnonzero(boxed[:, 30, 0])
    assert (rows[0], len(rows)) == (15, 30)


def test_a_video_survives_an_exception(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"

    def record_and_stop() -> None:
        with VideoSink(path, 25.0) as sink:
            sink.write(frame(grey(9)), [], grey(90))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record_and_stop()
    assert len(images_of(path)) == 1


def test_a_video_without_a_frame_leaves_nothing_and_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"old")
    with VideoSink(path, 25.0, force=True):
        pass
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out.mp4"]


def test_a_full_disk_is_told_and_the_video_so_far_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.avi"
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)

    def record() -> None:
        with VideoSink(path, 25.0) as sink:
            for i in range(60):
                sink.write(frame(noise, i), [], noise)

    with full_disk(400_000), pytest.raises(OutputError, match="disk full"):
        record()
    assert 0 < len(images_of(path)) < 60


def test_another_suffix_is_refused_and_the_good_ones_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.mp4, \.mov, \.avi, \.mkv, \.webm"):
        VideoSink(tmp_path / "out.txt", 25.0)


@pytest.mark.parametrize(("fps", "suffix"), [(25 / 60000, ".mp4"), (0.1, ".mkv"), (240.0, ".mov")])
def test_any_rate_can_be_written(tmp_path: Path, fps: float, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    with VideoSink(path, fps) as sink:
        for index in range(3):
            sink.write(Frame(grey(80), index, index / fps, "a.mp4"), [], grey(80))
    assert shown_at_s(path) == pytest.approx([0, 1 / fps, 2 / fps], abs=0.001)


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_frame_is_shown_when_it_was_in_its_source(tmp_path: Path, suffix: str) -> None:
    path, times_s = tmp_path / f"varying{suffix}", [5.0, 5.04, 5.12, 6.0, 9.6, 9.64]
    with VideoSink(path, 25) as sink:
        for index, time_s in enumerate(times_s):
            sink.write(Frame(grey(80), index, time_s, "a.mp4"), [], grey(80))
    assert shown_at_s(path) == pytest.approx([t - 5 for t in times_s], abs=0.001)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_slow_source_costs_those_after_it_no_frame_or_a_line_says_so(
    tmp_path: Path, suffix: str
) -> None:
    path, said = tmp_path / f"mixed{suffix}", list[str]()
    slow = [Frame(grey(80), index, index / 0.5, "slow.mp4") for index in range(3)]
    fast = [Frame(grey(80), index, index / 960, "fast.mp4") for index in range(40)]
    with VideoSink(path, 0.5, say=said.append) as sink:
        for source in slow, fast:
            sink.begin(live=False, endless=False)
            for each in source:
                sink.write(each, [], grey(80))
    shown_s = [0, 2, 4, *(6 + each.time_s for each in fast)]
    if suffix == ".avi":
        assert shown_at_s(path) == [0, 2, 4, 6]
        (told,) = said
        assert told.startswith(f"{path}: frames that came faster than it can show")
        assert told.endswith("are left out: 39; name it .mkv")
    else:
        assert shown_at_s(path) == pytest.approx(shown_s, abs=0.001)
        assert said == []


def test_no_other_format_is_named_where_it_would_not_help(tmp_path: Path) -> None:
    said = list[str]()
    with VideoSink(tmp_path / "out.mkv", 25, say=said.append) as sink:
        for index in range(2):
            sink.write(Frame(grey(80), index, index * 1e-6, "a.mp4"), [], grey(80))
    (told,) = said
    assert told.endswith("are left out: 1")


@pytest.mark.parametrize(("live", "later_s"), [(True, 2.04), (False, 36)])
def test_a_pause_of_a_live_source_is_cut_short(tmp_path: Path, live: bool, later_s: float) -> None:
    path = tmp_path / "pause.mp4"
    with VideoSink(path, 25) as sink:
        sink.begin(live=live, endless=True)
        for index in (0, 1, 900, 901):
            sink.write(frame(grey(80), index), [], grey(80))
    assert shown_at_s(path) == pytest.approx([0, 0.04, later_s, later_s + 0.04], abs=0.001)


def test_pictures_and_repeated_recordings_follow_each_other(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with VideoSink(path, 10) as sink:
        for source, indices in (
            ("a.png", (0,)),
            ("b.png", (0,)),
            ("c.mp4", (0, 1)),
            ("c.mp4", (0,)),
            ("d.mp4", (75,)),  # whose first frame is its 75th
        ):
            sink.begin(live=False, endless=False)
            for index in indices:
                sink.write(frame(grey(80), index, source), [], grey(80))
    assert shown_at_s(path) == pytest.approx([0, 0.1, 0.2, 0.24, 0.34, 0.44], abs=0.001)


def test_a_recording_that_a_crash_left_is_not_overwritten(tmp_path: Path) -> None:
    left = part_of(tmp_path / "out.avi")
    left.write_bytes(b"precious")
    with VideoSink(tmp_path / "out.avi", 25) as sink:
        sink.write(frame(grey(80)), [], grey(80))
    assert left.read_bytes() == b"precious"


@pytest.mark.parametrize("suffix", FORMATS)
def test_of_a_video_without_a_frame_no_file_is_left(tmp_path: Path, suffix: str) -> None:
    """In a process of its own: FFmpeg could crash."""
    code = f"""
from pathlib import Path
from camlive.record.encoder import Encoder
Encoder(Path({str(tmp_path / f"a{suffix}")!r}), (64, 48), 25).close()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
