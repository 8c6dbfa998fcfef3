"""Faults really made in sources, and what the program makes of them; see docs/faults.md."""

import json
import resource
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from commands import ROOT, SAMPLE, camlive, ffmpeg, run_command
from conftest import Recording
from drawn import draw_sheet
from recorded import frames_in, images_of

from camlive.capture.opening import open_source


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


@pytest.mark.parametrize("name", ["picture.mp4", "picture"])
def test_a_picture_of_another_ending_is_read_as_one(tmp_path: Path, name: str) -> None:
    """Its digits are so small that no frame of a film is read so closely."""
    right = tmp_path / "right.png"
    cv2.imwrite(str(right), draw_sheet(1, 0.17).image)
    shutil.copy(right, tmp_path / name)
    named, other = (camlive(path, "--jsonl", "-") for path in (right, tmp_path / name))
    assert other.returncode == 0, other.stderr
    read, read_too = (json.loads(done.stdout)["digits"] for done in (named, other))
    assert len(read) > 10
    assert read_too == read


def test_a_film_of_pictures_one_after_the_other_is_a_film(tmp_path: Path) -> None:
    """A raw Motion-JPEG stream, and an animated GIF without its ending."""
    pictures = [np.full((60, 80, 3), 20 * k, np.uint8) for k in range(9)]
    raw = b"".join(cv2.imencode(".jpg", picture)[1].tobytes() for picture in pictures)
    (tmp_path / "film.mjpeg").write_bytes(raw)
    animation = cv2.Animation()
    animation.frames, animation.durations = pictures, np.full(9, 40)
    cv2.imwriteanimation(str(tmp_path / "film.gif"), animation)
    (tmp_path / "film.gif").rename(tmp_path / "film")
    for name in ("film.mjpeg", "film"):
        with open_source(str(tmp_path / name)) as source:
            assert len(list(source)) == 9
            assert not source.is_still


def test_pictures_one_after_the_other_under_the_name_of_one_are_the_first(tmp_path: Path) -> None:
    """As phones write them: a preview or a map of the light after the picture."""
    pictures = [np.full((60, 80, 3), 90 * k, np.uint8) for k in (1, 2)]
    data = b"".join(cv2.imencode(".jpg", picture)[1].tobytes() for picture in pictures)
    (tmp_path / "a.jpg").write_bytes(data)
    with open_source(str(tmp_path / "a.jpg")) as source:
        assert [round(frame.image.mean()) for frame in source] == [90]


def test_a_picture_that_is_no_film_and_damaged_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "cut.gif").write_bytes(b"GIF89a\x10\0\x10\0\x80\0\0")
    done = camlive(tmp_path / "cut.gif")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_the_most_pixels_may_be_named_as_opencv_reads_them(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((60, 80, 3), 200, np.uint8))
    limit = {"OPENCV_IO_MAX_IMAGE_PIXELS": "64MB"}
    done = run_command("run", tmp_path / "a.png", "--no-window", **limit)
    assert done.returncode == 0, done.stderr


def test_a_film_with_the_ending_of_a_picture_is_read(tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "film.png")
    done = camlive(tmp_path / "film.png", "--max-frames", 2)
    assert done.returncode == 0, done.stderr
    assert "2 frames" in done.stderr


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


def test_a_recording_of_8k_is_read(tmp_path: Path) -> None:
    large = tmp_path / "large.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=white:size=7680x4320:rate=5:duration=0.4", large)
    done = camlive(large, "--jsonl", "-", "--save-video", tmp_path / "out.mp4")
    assert (done.returncode, frames_in(done.stdout)) == (0, [0, 1])
    assert images_of(tmp_path / "out.mp4")[1].shape == (4320, 7680, 3)
