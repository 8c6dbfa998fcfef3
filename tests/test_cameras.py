"""The list of cameras, and what to do where one does not open."""

import os
import sys
from pathlib import Path

import pytest
from stand_in import RUN, StandIn, run

from camlive.capture import advice

ONLY_CAMERA_0 = (
    "from camlive.capture import cameras; cameras.MOST['linux'] = 1\n"
    "from camlive.cli import main; main(['cameras'])"
)


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("busy", "in use by another program; close it (fuser /dev/video0"),
        ("denied", "permission denied; add yourself to the group video"),
        ("unplug", "there is no /dev/video0"),
        ("stall", "opens but sends no frame"),
    ],
)
def test_what_to_do_is_told_where_a_camera_does_not_open(
    camera: StandIn, word: str, advice: str
) -> None:
    camera.say(word)
    code, out, err = run(camera, *RUN)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"Error: camera 0: {advice}")
    code, out, err = run(camera, "-c", ONLY_CAMERA_0)
    assert (code, err.count("\n")) == (2, 1)
    if word == "unplug":
        assert (out, err.startswith("Error: no camera;")) == ("", True)
    else:
        assert out.splitlines()[0].startswith("camera 0")
        assert out.splitlines()[-1].startswith(f"  {advice}")


def test_cameras_are_listed_with_modes_and_the_measured_rate(camera: StandIn) -> None:
    code, out, err = run(camera, "-c", ONLY_CAMERA_0)
    assert (code, err) == (0, "")
    *told, works = out.splitlines()
    assert told == [
        "camera 0: Stand-in camera",
        "  YUYV 640x480 at 30, 15 fps",
        "  YUYV 1280x720 at 15 fps",
        "  MJPG 640x480 at 30, 15 fps",
        "  MJPG 1280x720 at 30, 15 fps",
    ]
    words = works.split()
    assert words[:2] == ["works:", "640x480,"]
    assert 1 < float(words[2]) < 40
    assert works.endswith("by V4L2")


def test_the_rate_measured_is_the_real_one(camera: StandIn) -> None:
    camera.say("dim")
    _, out, _ = run(camera, "-c", ONLY_CAMERA_0)
    assert 1 < float(out.splitlines()[-1].split()[2]) < 20  # and not 30, as it says itself


@pytest.mark.parametrize(
    ("system", "words"), [("darwin", "System Settings"), ("win32", "desktop apps")]
)
def test_each_system_has_its_settings(
    monkeypatch: pytest.MonkeyPatch, system: str, words: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert words in advice.why_closed("0")
    assert words in advice.where_to_look()
    assert advice.why_gone("0") is None


def test_wsl_and_containers_are_told_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(advice, "CONTAINERS", [tmp_path])
    assert "--device /dev/video3" in advice.where_to_look("/dev/video3")
    monkeypatch.setattr(advice, "CONTAINERS", [])
    assert "plug one in" in advice.where_to_look()
    monkeypatch.setattr("platform.release", lambda: "6.6.1-Microsoft-standard-WSL2")
    assert "usbipd" in advice.where_to_look()


def test_what_a_container_forbids_is_no_matter_of_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: object) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "open", forbid)
    assert "--device /dev/video2" in advice.why_closed("2")


def test_a_device_that_is_no_camera_is_told() -> None:
    assert advice.why_closed("/dev/zero") == "/dev/zero is no camera"
