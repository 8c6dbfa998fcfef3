"""Full disks, kills and lost windows, and what the files then hold; see docs/faults.md."""

import itertools
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from commands import ROOT, SAMPLE, camlive, ffmpeg
from conftest import XServer, close_window
from recorded import frames_in, images_of, shown_at_s

from camlive.record.encoder import FORMATS


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


@pytest.mark.parametrize(
    "before",
    [lambda: os.close(2), lambda: os.dup2(os.open("/dev/full", os.O_WRONLY), 2)],
    ids=["closed", "full"],
)
def test_where_nobody_can_be_told_the_run_is_done_all_the_same(
    tmp_path: Path, before: Callable[[], None]
) -> None:
    lines = tmp_path / "lines.jsonl"
    assert camlive(SAMPLE, "--max-frames", 3, "--jsonl", lines, before=before).returncode == 0
    assert frames_in(lines.read_text()) == [0, 1, 2]


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
    window = ["xdotool", "search", "--onlyvisible", "--name", "^camlive"]
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
