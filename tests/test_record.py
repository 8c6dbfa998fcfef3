import errno
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from camlive.detection import Box, Digit, Frame, Image
from camlive.errors import OutputError
from camlive.record.encoder import FORMATS, letterbox
from camlive.record.images import CropSink, FrameSink, write_image
from camlive.record.jsonlines import JsonLinesSink, json_line
from camlive.record.output import part_of
from camlive.record.sink import Sink
from camlive.record.video import VideoSink

SEVEN = Digit(Box(4, 6, 10, 12), 7, 0.98765, 3)


def grey(value: int, width: int = 64, height: int = 48) -> Image:
    return np.full((height, width, 3), value, np.uint8)


def frame(image: Image, index: int = 0, source: str = "a.mp4") -> Frame:
    return Frame(image, index, index / 25, source)


def frames_of(path: Path) -> list[Image]:
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    images = []
    while (answer := capture.read())[0]:
        images.append(answer[1])
    return images


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may grow beyond this size, as if the disk were full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("suffix", [*FORMATS, ".MP4"])
def test_a_video_holds_the_annotated_frames(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    with VideoSink(path, 25.0) as sink:
        for i in range(5):
            sink.write(frame(grey(0), i), [], grey(40 + 40 * i))
        assert not path.exists()
    assert [round(image.mean(), -1) for image in frames_of(path)] == [40, 80, 120, 160, 200]
    assert os.listdir(tmp_path) == [path.name]


def test_odd_sizes_and_other_sizes_fit_the_first(tmp_path: Path) -> None:
    images = (grey(200, 65, 47), grey(200, 20, 90), grey(200, 300, 10))
    path = tmp_path / "out.avi"
    with VideoSink(path, 25.0) as sink:
        for index, image in enumerate(images):
            sink.write(frame(image, index), [], image)
    first, tall, wide = frames_of(path)
    assert first.shape == tall.shape == wide.shape == (46, 64, 3)  # codecs want even sizes
    assert tall[:, :20].mean() < 10 < 150 < tall[:, 30:35].mean()
    assert wide[:15].mean() < 10 < 150 < wide[23].mean()


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
    assert len(frames_of(path)) == 1


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
    assert 0 < len(frames_of(path)) < 60


def test_another_suffix_is_refused_and_the_good_ones_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.mp4, \.mov, \.avi, \.mkv, \.webm"):
        VideoSink(tmp_path / "out.txt", 25.0)


def open_video(path: Path, force: bool = False, inputs: tuple[str, ...] = ()) -> Sink:
    return VideoSink(path, 25.0, force, inputs)


def open_lines(path: Path, force: bool = False, inputs: tuple[str, ...] = ()) -> Sink:
    return JsonLinesSink(str(path), force, inputs)


@pytest.mark.parametrize("opener", [open_video, open_lines])
class TestChecksAtConstruction:
    def test_an_existing_file_needs_force(self, tmp_path: Path, opener) -> None:
        path = tmp_path / "out.mp4"
        path.write_bytes(b"old")
        with pytest.raises(OutputError, match="--force"):
            opener(path)
        with opener(path, force=True) as sink:
            sink.write(frame(grey(9)), [], grey(9))
        assert path.read_bytes() != b"old"

    def test_a_source_is_never_overwritten(self, tmp_path: Path, opener) -> None:
        source, link = tmp_path / "in.mp4", tmp_path / "link.mp4"
        source.write_bytes(b"precious")
        link.symlink_to(source)
        with pytest.raises(OutputError, match="source"):
            opener(link, force=True, inputs=("camera 0", str(source)))
        assert source.read_bytes() == b"precious"

    def test_a_folder_is_no_file(self, tmp_path: Path, opener) -> None:
        (tmp_path / "out.mp4").mkdir()
        with pytest.raises(OutputError, match="folder"):
            opener(tmp_path / "out.mp4", force=True)

    def test_a_missing_folder_is_named(self, tmp_path: Path, opener) -> None:
        with pytest.raises(OutputError, match=r"no folder .*missing"):
            opener(tmp_path / "missing" / "out.mp4")

    def test_a_folder_that_takes_no_file_is_named(self, opener) -> None:
        with pytest.raises(OutputError, match="cannot be written"):
            opener(Path("/proc/out.mp4"))  # even for the superuser


@pytest.mark.parametrize("kind", [FrameSink, CropSink])
class TestFolders:
    def test_a_filled_folder_needs_force(self, tmp_path: Path, kind) -> None:
        (tmp_path / "x").touch()
        with pytest.raises(OutputError, match="--force"):
            kind(tmp_path)
        kind(tmp_path, force=True).close()

    def test_a_folder_that_cannot_be_is_refused(self, tmp_path: Path, kind) -> None:
        (tmp_path / "file").touch()
        for folder in (tmp_path / "file", tmp_path / "file" / "in", Path("/proc/here")):
            with pytest.raises(OutputError, match=str(folder.parent)):
                kind(folder)

    def test_sources_of_one_name_stay_apart(self, tmp_path: Path, kind) -> None:
        with kind(tmp_path / "out") as sink:
            for source in ("a/1.png", "b/1.png", "a/1.png"):
                sink.write(frame(grey(9), 5, source), [SEVEN], grey(9))
        stems = {name.split("-")[0] for name in os.listdir(tmp_path / "out")}
        assert stems == {"1", "1_2"}


def test_frames_are_saved_annotated_under_their_source_and_index(tmp_path: Path) -> None:
    with FrameSink(tmp_path / "out") as sink:
        sink.write(frame(grey(0), 12, "clips/a b?.mp4"), [], grey(200))
    assert os.listdir(tmp_path / "out") == ["a-b-000012.jpg"]
    assert cv2.imread(str(tmp_path / "out" / "a-b-000012.jpg")).mean() == pytest.approx(200, abs=1)


def test_an_image_too_wide_for_its_format_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"70000x8 pixels cannot be written as '\.jpg'"):
        write_image(tmp_path / "a.jpg", grey(9, 70000, 8))
    with pytest.raises(OutputError, match=r"cannot be written as '\.pdf'"):
        write_image(tmp_path / "a.pdf", grey(9))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("fps", "suffix"), [(25 / 60000, ".mp4"), (0.1, ".mkv"), (240.0, ".mov")])
def test_any_rate_can_be_written(tmp_path: Path, fps: float, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    with VideoSink(path, fps) as sink:
        for index in range(3):
            sink.write(Frame(grey(80), index, index / fps, "a.mp4"), [], grey(80))
    assert shown_at_s(path) == pytest.approx([0, 1 / fps, 2 / fps], abs=0.001)


def test_crops_are_cut_from_the_frame_as_decoded(tmp_path: Path) -> None:
    image = np.random.default_rng(1).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    with CropSink(tmp_path / "out") as sink:
        sink.write(frame(image, 12), [Digit(Box(40, 30, 9, 8), 1, 0.5), SEVEN], grey(0))
    assert sorted(os.listdir(tmp_path / "out")) == ["a-000012-0-1.png", "a-000012-1-7.png"]
    crop = cv2.imread(str(tmp_path / "out" / "a-000012-1-7.png"))
    assert np.array_equal(crop, image[6:18, 4:14])


def test_an_image_that_does_not_fit_the_disk_leaves_nothing(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    sink = FrameSink(tmp_path / "out")
    with full_disk(1000), pytest.raises(OutputError, match=os.strerror(errno.EFBIG)):
        sink.write(frame(noise), [], noise)
    assert os.listdir(tmp_path / "out") == []


def test_a_line_is_the_contract() -> None:
    two = Digit(Box(20, 6, 10, 12), 2, 1.0)
    line = json_line(Frame(grey(0), 3, 0.12, "a.mp4"), [two, SEVEN], [[1, 0]])
    assert "\n" not in line
    assert json.loads(line) == {
        "source": "a.mp4",
        "frame": 3,
        "time_s": 0.12,
        "digits": [
            {"box": [20, 6, 10, 12], "digit": 2, "confidence": 1.0, "track": None},
            {"box": [4, 6, 10, 12], "digit": 7, "confidence": 0.9877, "track": 3},
        ],
        "numbers": [{"text": "72", "digits": [1, 0]}],
    }


def test_every_line_is_there_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with JsonLinesSink(str(path)) as sink:
        for i in range(3):
            beside = replace(SEVEN, box=replace(SEVEN.box, x=SEVEN.box.right + 1))
            sink.write(frame(grey(0), i), [SEVEN, beside], grey(0))
            lines = path.read_text().splitlines()
            assert [json.loads(line)["frame"] for line in lines] == list(range(i + 1))
    assert json.loads(lines[0])["numbers"] == [{"text": "77", "digits": [0, 1]}]


def test_a_line_that_does_not_fit_the_disk_is_left_out_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    sink = JsonLinesSink(str(path))

    def write_on() -> None:
        for i in range(50):
            sink.write(frame(grey(0), i), [SEVEN], grey(0))

    with full_disk(1000), pytest.raises(OutputError, match="disk full"):
        write_on()
    sink.close()
    assert path.stat().st_size > 800
    assert [json.loads(line)["frame"] for line in path.read_text().splitlines()] == list(range(6))


def test_lines_go_on_without_a_hole_once_there_is_space_again(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with JsonLinesSink(str(path)) as sink:
        sink.write(frame(grey(0)), [SEVEN], grey(0))
        with full_disk(path.stat().st_size + 9), pytest.raises(OutputError):
            sink.write(frame(grey(0), 1), [SEVEN], grey(0))
        sink.write(frame(grey(0), 99), [], grey(0))
    assert [json.loads(line)["frame"] for line in path.read_text().splitlines()] == [0, 99]


def test_lines_that_never_came_replace_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    JsonLinesSink(str(path), force=True).close()
    assert path.read_text() == "old"


def test_a_dash_is_the_standard_output_and_stays_open(capsys: pytest.CaptureFixture[str]) -> None:
    with JsonLinesSink("-") as sink:
        sink.write(frame(grey(0)), [SEVEN], grey(0))
    assert json.loads(capsys.readouterr().out)["digits"][0]["digit"] == 7
    assert not sys.stdout.closed


def test_a_device_may_take_lines_and_a_full_one_is_told() -> None:
    with JsonLinesSink("/dev/null") as sink:
        sink.write(frame(grey(0)), [], grey(0))
    with pytest.raises(OutputError, match="/dev/full"), JsonLinesSink("/dev/full") as s:
        s.write(frame(grey(0)), [], grey(0))


def shown_at_s(path: Path) -> list[float]:
    """When each frame of a video is shown."""
    with av.open(str(path)) as video:
        return [round(frame.time, 3) for frame in video.decode(video=0)]


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_frame_is_shown_when_it_was_in_its_source(tmp_path: Path, suffix: str) -> None:
    path, times_s = tmp_path / f"varying{suffix}", [5.0, 5.04, 5.12, 6.0, 9.6, 9.64]
    with VideoSink(path, 25) as sink:
        for index, time_s in enumerate(times_s):
            sink.write(Frame(grey(80), index, time_s, "a.mp4"), [], grey(80))
    assert shown_at_s(path) == pytest.approx([t - 5 for t in times_s], abs=0.001)


def test_a_pause_of_a_live_source_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "pause.mp4"
    with VideoSink(path, 25, limit_s=60) as sink:
        for index in (0, 1, 90000, 90001):
            sink.write(frame(grey(80), index), [], grey(80))
    assert shown_at_s(path) == pytest.approx([0, 0.04, 2.04, 2.08], abs=0.001)


def test_pictures_and_repeated_recordings_follow_each_other(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with VideoSink(path, 10) as sink:
        for source, index in (("a.png", 0), ("b.png", 0), ("c.mp4", 0), ("c.mp4", 1), ("c.mp4", 0)):
            sink.write(frame(grey(80), index, source), [], grey(80))
    assert shown_at_s(path) == pytest.approx([0, 0.1, 0.2, 0.24, 0.34], abs=0.001)


def test_a_recording_that_a_crash_left_is_not_overwritten(tmp_path: Path) -> None:
    left = part_of(tmp_path / "out.avi")
    left.write_bytes(b"precious")
    with VideoSink(tmp_path / "out.avi", 25) as sink:
        sink.write(frame(grey(80)), [], grey(80))
    assert left.read_bytes() == b"precious"


@pytest.mark.parametrize("kind", [FrameSink, CropSink])
def test_a_folder_with_a_source_is_refused_even_with_force(tmp_path: Path, kind) -> None:
    source = tmp_path / "page.png"
    source.write_bytes(b"a picture")
    with pytest.raises(OutputError, match="source being read"):
        kind(tmp_path, force=True, inputs=[str(source)])


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
