"""A camera that stalls, is unplugged or sends broken frames, played by a stand-in for it."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from soak import soak
from stand_in import RUN, WAIT_S, StandIn, start


def wait_for(condition: Callable[[], Any], process: subprocess.Popen[str]) -> None:
    end_s = time.monotonic() + WAIT_S
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end_s
        time.sleep(0.05)


@contextmanager
def running(
    camera: StandIn, lines: Path, *args: object
) -> Iterator[tuple[subprocess.Popen[str], Callable[[int], None]]]:
    """A run that has read some frames, and what waits until it has read so many more."""
    process = start(camera, *RUN, "--jsonl", lines, *args)

    def count() -> int:
        return lines.read_text().count("\n") if lines.exists() else 0

    def more(frames: int) -> None:
        wanted = count() + frames
        wait_for(lambda: count() >= wanted, process)

    try:
        more(3)
        yield process, more
    finally:
        process.kill()
        process.communicate()


def ending(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, err = process.communicate(timeout=WAIT_S)
    return process.returncode, err


def said(process: subprocess.Popen[str]) -> str:
    """The next line of the standard error, which must not block."""
    line = ""
    end_s = time.monotonic() + WAIT_S
    while not line.endswith("\n") and time.monotonic() < end_s:
        line += process.stderr.read(1) or ""
    return line


def readable(lines: Path) -> int:
    """How many lines there are, each whole."""
    return len([json.loads(line)["frame"] for line in lines.read_text().splitlines()])


@pytest.mark.parametrize("fault", ["stall", "unplug"])
def test_a_camera_that_is_lost_is_told_at_once_and_read_again_when_it_is_back(
    camera: StandIn, tmp_path: Path, fault: str
) -> None:
    lines, video = tmp_path / "a.jsonl", tmp_path / "a.mp4"
    reasons = {"stall": "no frame comes", "unplug": "it was unplugged"}
    with running(camera, lines, "--save-video", video) as (process, more):
        os.set_blocking(process.stderr.fileno(), False)
        camera.say(fault)
        lost_s = time.monotonic()
        told = said(process)
        assert time.monotonic() - lost_s < 3
        assert told == f"camera 0: {reasons[fault]}; reconnecting\n"
        time.sleep(1.5)  # a try or two fail
        camera.say("ok")
        back_s = time.monotonic()
        more(5)
        assert time.monotonic() - back_s < 5
        process.send_signal(signal.SIGINT)
        code, err = ending(process)
    assert code == 130
    assert err.startswith("camera 0: is back\nStopped.")
    tracks = [[d["track"] for d in json.loads(x)["digits"]] for x in lines.read_text().splitlines()]
    capture = cv2.VideoCapture(str(video))
    frames = 0
    while capture.read()[0]:
        frames += 1
    assert frames >= len(tracks) >= 8


def test_a_short_stall_is_waited_for(camera: StandIn, tmp_path: Path) -> None:
    with running(camera, tmp_path / "a.jsonl") as (process, more):
        camera.say("stall")
        time.sleep(1.2)  # more than OpenCV waits for a frame, less than makes a camera lost
        camera.say("ok")
        more(5)
        process.send_signal(signal.SIGINT)
        assert ending(process)[1].startswith("Stopped.")


def test_ctrl_c_is_answered_in_a_stall(camera: StandIn, tmp_path: Path) -> None:
    lines = tmp_path / "a.jsonl"
    with running(camera, lines) as (process, _):
        camera.say("stall")
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        sent_s = time.monotonic()
        code, err = ending(process)
    assert code == 130
    assert time.monotonic() - sent_s < 1.5
    assert err.startswith("Stopped.")
    assert readable(lines) >= 3


def test_ctrl_c_is_answered_before_the_first_frame(camera: StandIn) -> None:
    camera.say("stall")
    process = start(camera, *RUN)
    handles = Path(f"/proc/{process.pid}/fd")

    def target(handle: Path) -> str:
        try:
            return os.readlink(handle)
        except OSError:  # closed meanwhile
            return ""

    def is_open() -> bool:
        return any("memfd:camera" in target(handle) for handle in handles.iterdir())

    wait_for(is_open, process)
    process.send_signal(signal.SIGINT)
    sent_s = time.monotonic()
    code, err = ending(process)
    assert (code, err) == (130, "Stopped.\n")
    assert time.monotonic() - sent_s < 8  # OpenCV alone would wait 10 s, or more


@pytest.mark.parametrize("fault", ["short", "empty"])
@pytest.mark.parametrize("code", ["MJPG", "YUYV"])
def test_broken_frames_do_not_end_the_run(
    camera: StandIn, tmp_path: Path, fault: str, code: str
) -> None:
    camera.offer_only(f"{code}-*")
    with running(camera, tmp_path / "a.jsonl") as (process, more):
        camera.say(fault)
        time.sleep(1)
        camera.say("ok")
        more(10)
        process.send_signal(signal.SIGINT)
        status, err = ending(process)
    assert (status, err.count("\n")) == (130, 1)


@pytest.mark.parametrize("fault", ["stall", "unplug"])
def test_the_window_lives_while_the_camera_is_gone(
    camera: StandIn, tmp_path: Path, display: str, fault: str
) -> None:
    camera.environment["DISPLAY"] = display
    with running(camera, tmp_path / "a.jsonl", "--window") as (process, _):
        window = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "^camlive"]
        number = subprocess.run(window, capture_output=True, text=True, check=True).stdout.strip()
        subprocess.run(["xdotool", "windowfocus", "--sync", number], check=True)
        camera.say(fault)
        assert said(process).endswith("reconnecting\n")
        screens = []
        for name in ("a.png", "b.png"):  # with the lines of keys, and without
            time.sleep(0.5)
            subprocess.run(["import", "-window", number, str(tmp_path / name)], check=True)
            screens.append(cv2.imread(str(tmp_path / name)).astype(float))
            subprocess.run(["xdotool", "key", "h"], check=True)
        assert np.abs(screens[1] - screens[0]).mean() > 1
        subprocess.run(["xdotool", "key", "q"], check=True)
        asked_s = time.monotonic()
        code, err = ending(process)
    assert time.monotonic() - asked_s < 1.5
    assert (code, err.count("\n")) == (0, 1)


def test_a_camera_lost_again_and_again_costs_neither_memory_nor_descriptors(
    camera: StandIn, tmp_path: Path
) -> None:
    _, first, *_, last = soak(camera, tmp_path / "a.jsonl", frames=150, losses=5)
    assert last.descriptors == first.descriptors
    assert last.memory_kib < 1.05 * first.memory_kib
