"""Faults that are really made, and what the program makes of them; see docs/faults.md."""

import itertools
import json
import os
import resource
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from commands import ROOT, SAMPLE, camlive, ffmpeg
from conftest import XServer, close_window

from camlive.capture.opening import open_source
from camlive.detection import Image
from camlive.record.encoder import FORMATS

Recording = Callable[..., Path]


def frames_in(lines: str) -> list[int]:
    return [json.loads(line)["frame"] for line in lines.splitlines()]


def test_what_is_left_of_a_recording_cut_short_is_read(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    ffmpeg("-i", SAMPLE, "-c", "copy", "-movflags", "faststart", whole)
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) // 2])
    done = camlive(cut, "--jsonl", "-")
    read = frames_in(done.stdout)
    assert done.returncode == 0
    assert read == list(range(len(read)))
    warning, summary = done.stderr.splitlines()
    assert warning.startswith(f"{cut}: {len(read)} of 150 frames could be read; ")
    assert 40 < len(read) < 110
    assert summary.startswith(f"{len(read)} frames")


def test_a_recording_that_begins_late_is_whole(tmp_path: Path) -> None:
    late = tmp_path / "late.mkv"
    ffmpeg("-itsoffset", "5", "-i", SAMPLE, "-c", "copy", late)
    done = camlive(late, "--jsonl", "-")
    assert frames_in(done.stdout) == list(range(150))
    assert len(done.stderr.splitlines()) == 1  # no warning


def test_flipped_bits_cost_no_more_than_the_frames_they_are_in(tmp_path: Path) -> None:
    hurt = tmp_path / "hurt.mp4"
    data = bytearray(SAMPLE.read_bytes())
    begin = data.index(b"mdat") + 4
    for place in np.random.default_rng(1).integers(begin, begin + 200_000, 40):
        data[place] ^= 0x41
    hurt.write_bytes(data)
    done = camlive(hurt, "--jsonl", "-")
    assert done.returncode == 0
    assert len(frames_in(done.stdout)) >= 135


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.mkv"])
def test_a_whole_recording_is_not_called_damaged(recording: Recording, name: str) -> None:
    assert told_of(recording(name, 20)) == []


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("trimmed.mp4", ["-ss", 1, "-i", SAMPLE, "-t", 3, "-c", "copy"]),
        ("sounding.mkv", ["-i", SAMPLE, "-f", "lavfi", "-i", "sine=duration=9", "-c:v", "copy"]),
        ("uneven.mkv", ["-i", SAMPLE, "-vf", "select='not(mod(n,4))+lt(n,30)'", "-vsync", "vfr"]),
        ("shifted.ts", ["-i", SAMPLE, "-c:v", "mpeg2video"]),
    ],
)
def test_a_recording_that_holds_fewer_frames_than_its_rate_says_is_not_called_damaged(
    tmp_path: Path, name: str, options: list[object]
) -> None:
    ffmpeg(*options, tmp_path / name)
    assert told_of(tmp_path / name) == []


def told_of(path: Path) -> list[str]:
    """What is said of a recording."""
    said: list[str] = []
    with open_source(str(path)) as source:
        source.say = said.append
        assert len(list(source)) >= 20
    return said


def test_a_recording_cut_short_that_counts_no_frames_is_told(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.mkv", tmp_path / "cut.mkv"
    ffmpeg("-i", SAMPLE, "-c", "copy", whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (told,) = told_of(cut)
    assert "frames could be read" in told


def test_one_bad_picture_of_a_folder_is_told_and_left_out(tmp_path: Path) -> None:
    for name in ("1.png", "3.png"):
        cv2.imwrite(str(tmp_path / name), np.full((60, 80, 3), 200, np.uint8))
    (tmp_path / "0.png").write_bytes(b"")
    (tmp_path / "2.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    done = camlive(tmp_path, "--jsonl", "-")
    sources = [Path(json.loads(line)["source"]).name for line in done.stdout.splitlines()]
    assert sources == ["1.png", "3.png"]
    empty, cut, summary, end = done.stderr.splitlines()
    assert "0.png: is no picture" in empty
    assert "2.jpg: the picture is cut short" in cut
    assert summary.startswith("2 frames")
    assert "not all could be read and written" in end
    assert done.returncode == 2


def test_a_folder_of_bad_pictures_writes_nothing(tmp_path: Path) -> None:
    folder, out = tmp_path / "pictures", tmp_path / "out.jsonl"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        (folder / name).write_text("no picture")
    done = camlive(folder, "--jsonl", out)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("none of the 2 sources can be read; check them")
    assert not out.exists()


@pytest.mark.parametrize("name", ["picture.mp4", "film.png"])
def test_a_wrong_ending_works(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "picture.mp4":
        cv2.imwrite(str(tmp_path / "a.png"), np.full((60, 80, 3), 200, np.uint8))
        (tmp_path / "a.png").rename(path)
    else:
        shutil.copy(SAMPLE, path)
    done = camlive(path, "--max-frames", 2)
    assert done.returncode == 0, done.stderr


def png(width: int, height: int) -> bytes:
    """A black picture of one bit a pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    rows = zlib.compress(bytes(height * (1 + (width + 7) // 8)), 9)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_a_picture_bomb_is_refused_in_little_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(png(30_000, 30_000))
    assert bomb.stat().st_size < 1_000_000
    code = (
        "import sys; from pathlib import Path; from camlive.cli import main\n"
        "try:\n"
        "    main(['run', sys.argv[1], '--no-window'])\n"
        "finally:\n"
        "    lines = Path('/proc/self/status').read_text().splitlines()\n"
        "    print(next(line.split()[1] for line in lines if line.startswith('VmHWM')))"
    )
    command = [sys.executable, "-c", code, str(bomb)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "more than 134 million pixels" in done.stderr
    assert int(done.stdout) < 300_000  # KiB


def test_a_recording_of_too_large_frames_is_refused_unread(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.mp4"
    bomb.write_bytes(png(12_500, 12_500))
    done = camlive(bomb, before=lambda: resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31)))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "more than 134 million pixels" in done.stderr


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 500), (7680, 4320)])
def test_tiny_and_huge_pictures_are_read(tmp_path: Path, width: int, height: int) -> None:
    (tmp_path / "a.png").write_bytes(png(width, height))
    done = camlive(tmp_path / "a.png", "--jsonl", "-", "--save-frames", tmp_path / "frames")
    assert done.returncode == 0, done.stderr
    assert frames_in(done.stdout) == [0]
    (saved,) = (tmp_path / "frames").iterdir()
    assert cv2.imread(str(saved)).shape == (height, width, 3)


def full_at(size: int) -> Callable[[], None]:
    """What lets no file of a child grow beyond a size, as if the disk were full."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_when_the_disk_is_full_recording_stops_and_the_rest_goes_on(tmp_path: Path) -> None:
    disk, lines = tmp_path / "disk", tmp_path / "a.jsonl"
    disk.mkdir()
    video, kept = disk / "a.mp4", tmp_path / "kept.mp4"
    # A disk of its own, small and gone with the command, in what only the command can see.
    mount = f"mount -t tmpfs -o size=500k none '{disk}'"
    script = f"{mount} && \"$@\"; code=$?; cp '{video}' '{kept}'; exit $code"
    command = [sys.executable, "-m", "camlive", "run", str(SAMPLE), "--no-window"]
    command += ["--save-video", str(video), "--jsonl", str(lines)]
    inside = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", *command]
    done = subprocess.run(inside, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert frames_in(lines.read_text()) == list(range(150))
    full, summary, end = done.stderr.splitlines()
    assert full.startswith(f"{video}: a frame could not be written (No space left on device)")
    assert full.endswith("is the disk full?; the rest goes on")
    assert summary.startswith("150 frames")
    assert "not all could be read and written" in end
    assert 5 < len(images_of(kept)) < 150


def test_when_the_only_output_fails_the_run_ends_with_one_line(tmp_path: Path) -> None:
    video = tmp_path / "a.mp4"
    done = camlive(SAMPLE, "--save-video", video, before=full_at(300_000))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is the disk full?" in done.stderr
    assert 5 < len(images_of(video)) < 150


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.avi", "a.jsonl"])
def test_where_nothing_can_be_written_no_file_is_left(tmp_path: Path, name: str) -> None:
    option = "--jsonl" if name == "a.jsonl" else "--save-video"
    done = camlive(SAMPLE, option, tmp_path / name, before=full_at(0))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is the disk full" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_size_that_the_encoder_refuses_is_no_full_disk(tmp_path: Path) -> None:
    wide, video = tmp_path / "wide.png", tmp_path / "a.mp4"
    cv2.imwrite(str(wide), np.full((100, 17_000, 3), 255, np.uint8))
    done = camlive(wide, "--save-video", video)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "name it .avi, or make it smaller" in done.stderr
    assert not video.exists()


@pytest.mark.parametrize("option", ["--jsonl", "--events"])
def test_a_standard_output_that_is_closed_is_told(option: str) -> None:
    done = camlive(SAMPLE, option, "-", before=lambda: os.close(1))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "standard output: is closed" in done.stderr


def images_of(video: Path) -> list[Image]:
    capture, images = cv2.VideoCapture(str(video)), []
    while (read := capture.read())[0]:
        images.append(read[1])
    return images


def recorder(video: Path, lines: Path, *options: str) -> subprocess.Popen[str]:
    """A run that goes on for ever, once it has written a hundred lines."""
    command = [sys.executable, "-m", "camlive", "run", str(SAMPLE), "--loop", *options]
    command += ["--jsonl", str(lines), "--save-video", str(video)]
    child = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    end_s = time.monotonic() + 60
    while time.monotonic() < end_s and (not lines.exists() or lines.read_text().count("\n") < 100):
        time.sleep(0.1)
    return child


def check_kept(video: Path, lines: Path) -> None:
    """Makes sure that all of a run that died is there but for a second."""
    read = frames_in(lines.read_text())
    assert read == list(range(len(read)))
    assert len(read) >= 100
    (part,) = video.parent.glob(f"a.*.part{video.suffix}")
    assert not video.exists()
    assert len(read) - 25 <= len(images_of(part)) <= len(read) + 1


@pytest.mark.parametrize("suffix", FORMATS)
def test_after_a_hard_kill_the_lines_are_whole_and_the_video_plays(
    tmp_path: Path, suffix: str
) -> None:
    video, lines = tmp_path / f"a{suffix}", tmp_path / "a.jsonl"
    child = recorder(video, lines, "--no-window")
    child.kill()
    child.communicate()
    check_kept(video, lines)


@pytest.mark.usefixtures("display")
def test_when_its_window_is_closed_the_files_are_finished(tmp_path: Path) -> None:
    video, lines = tmp_path / "a.mp4", tmp_path / "a.jsonl"
    child = recorder(video, lines, "--window")
    window = ["xdotool", "search", "--onlyvisible", "--name", "^camlive$"]
    close_window(int(subprocess.run(window, capture_output=True, check=True).stdout))
    child.communicate(timeout=5)
    assert child.returncode == 0
    read = frames_in(lines.read_text())
    assert read == list(range(len(read)))
    assert len(images_of(video)) == len(read) >= 100


@pytest.mark.usefixtures("display")
def test_after_the_display_died_the_lines_are_whole_and_the_video_plays(
    tmp_path: Path, x_server: XServer
) -> None:
    video, lines = tmp_path / "a.mp4", tmp_path / "a.jsonl"
    child = recorder(video, lines, "--window")
    x_server.process.kill()
    _, err = child.communicate(timeout=5)
    assert child.returncode != 0
    assert err.startswith("The X11 connection broke")  # said by Qt, which ends the process
    check_kept(video, lines)


def test_an_uneven_recording_is_written_as_uneven_as_it_is(tmp_path: Path) -> None:
    uneven, out, lines = tmp_path / "uneven.mp4", tmp_path / "out.mp4", tmp_path / "a.jsonl"
    slow = "select='not(mod(n,4))+lt(n,30)',setpts='PTS+0.6*gte(N,20)/TB'"  # fewer, and a gap
    ffmpeg("-i", SAMPLE, "-t", 4, "-vf", slow, "-fps_mode", "vfr", uneven)
    done = camlive(uneven, "--save-video", out, "--jsonl", lines)
    assert done.returncode == 0
    in_s, out_s = shown_at_s(uneven), shown_at_s(out)
    assert len({round(b - a, 2) for a, b in itertools.pairwise(in_s)}) >= 3
    assert out_s == pytest.approx(in_s, abs=0.002)
    told_s = [json.loads(line)["time_s"] for line in lines.read_text().splitlines()]
    assert told_s == pytest.approx(in_s, abs=0.002)


def shown_at_s(video: Path) -> list[float]:
    """When each frame of a video is shown."""
    with av.open(str(video)) as container:
        return [frame.time for frame in container.decode(video=0)]


def test_a_recording_of_8k_is_read(tmp_path: Path) -> None:
    large = tmp_path / "large.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=white:size=7680x4320:rate=5:duration=0.4", large)
    done = camlive(large, "--jsonl", "-", "--save-video", tmp_path / "out.mp4")
    assert (done.returncode, frames_in(done.stdout)) == (0, [0, 1])
    assert images_of(tmp_path / "out.mp4")[1].shape == (4320, 7680, 3)
