"""The frames of a stand-in for a camera, read by OpenCV's own V4L2 code: mode, rate, the newest."""

import json
from pathlib import Path

import numpy as np
import pytest
from stand_in import FRAMES, RUN, SAMPLE, StandIn, film, run

MODES = ["YUYV-640x480", "YUYV-1280x720", "MJPG-640x480", "MJPG-1280x720"]


@pytest.fixture
def counting(library: Path, tmp_path: Path) -> StandIn:
    """A camera whose k-th picture is as bright as 2 k + 10, from 0 to 119."""
    folder = tmp_path / "camera"
    folder.mkdir()
    film(folder, "MJPG", [np.full((480, 640, 3), 10 + 2 * k, np.uint8) for k in range(120)])
    return StandIn(library, folder, [])


def filmed_digits() -> list[tuple[int, np.ndarray]]:
    """The digits of the middle of what is filmed, and their centres in pixels of the sample."""
    line = SAMPLE.with_suffix(".truth.jsonl").read_text().splitlines()[FRAMES // 2]
    return [(d["digit"], centre(d["box"])) for d in json.loads(line)["digits"]]


def centre(box: list[int]) -> np.ndarray:
    return np.array([box[0] + box[2] / 2, box[1] + box[3] / 2])


@pytest.mark.parametrize("mode", MODES)
def test_digits_are_read_in_each_mode(camera: StandIn, mode: str) -> None:
    camera.offer_only(f"{mode[:4]}-*")
    size = mode.partition("-")[2]
    asked = ["--camera-size", size] if size == "1280x720" else []
    code, out, err = run(camera, *RUN, "--max-frames", 6, "--jsonl", "-", *asked)
    assert (code, err.count("\n")) == (0, 1)
    lines = [json.loads(line) for line in out.splitlines()]
    assert len(lines) == 6
    scale = int(size.partition("x")[2]) / 480
    seen = [(d["digit"], centre(d["box"]) / scale) for d in lines[-1]["digits"]]
    truth = filmed_digits()
    assert len(truth) >= 10
    found = [
        any(digit == other and np.abs(at - near).max() < 20 for other, near in seen)
        for digit, at in truth
    ]
    assert sum(found) >= 0.8 * len(truth)


def test_the_rate_asked_for_is_given(camera: StandIn) -> None:
    camera.offer_only("MJPG-*")
    code = (
        "from camlive.capture.opening import open_source\n"
        "with open_source('0', camera_size=(1280, 720), camera_fps=15) as source:\n"
        "    times = [frame.time_s for frame, _ in zip(source, range(12))]\n"
        "print(source.size, source.fps, (times[-1] - times[1]) / 10)"
    )
    status, out, err = run(camera, "-c", code)
    assert (status, err) == (0, "")
    assert out.startswith("(1280, 720) 15.0 ")
    assert float(out.split()[-1]) > 0.05  # and not 1 / 30


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (["--camera-size", "1280x720"], None),
        (["--camera-fps", "29.97"], None),
        (["--camera-size", "1920x1080"], "1920x1080 asked for, 1280x720 at 30 fps given"),
        (["--camera-fps", "60"], "60 fps asked for, 640x480 at 30 fps given"),
        (
            ["--camera-size", "1280x720", "--camera-fps", "90"],
            "1280x720 at 90 fps asked for, 1280x720 at 30 fps given",
        ),
    ],
)
def test_another_mode_than_asked_for_is_told(
    camera: StandIn, asked: list[str], line: str | None
) -> None:
    code, _, err = run(camera, *RUN, "--jsonl", "-", "--max-frames", 1, *asked)
    told = err.splitlines()
    assert code == 0
    assert told[:-1] == ([f"camera 0: {line}"] if line else [])


@pytest.mark.parametrize("slow", ["read", "shown"])
def test_a_slow_program_gets_the_newest_frame(counting: StandIn, slow: str) -> None:
    """Slow to read: all frames are shown. Slow to show: those between are dropped."""
    code = (
        "import json, time\n"
        "from camlive import live\n"
        "from camlive.capture.opening import open_source\n"
        "seen = []\n"
        "def slow(image):\n"
        "    seen.append((time.monotonic(), round((float(image.mean()) - 10) / 2)))\n"
        "    time.sleep(1)\n"
        "    return []\n"
        "with open_source('0') as source:\n"
        "    if SHOWN:\n"
        "        how = live.LiveOptions(max_frames=6, on_frame=lambda frame: slow(frame.image))\n"
        "        done = live.run(source, lambda image: [], options=how)\n"
        "    else:\n"
        "        done = live.run(source, slow, options=live.LiveOptions(max_frames=120))\n"
        "print(json.dumps([seen, done.frames, done.dropped]))"
    ).replace("SHOWN", str(slow == "shown"))
    status, out, err = run(counting, "-c", code)
    assert (status, err) == (0, "")
    seen, frames, dropped = json.loads(out)
    (begin_s, first), *later = seen
    behind = [(30 * (at_s - begin_s) - (number - first)) % 120 for at_s, number in later]
    behind = [min(frames, 120 - frames) for frames in behind]
    assert np.median(behind) < 15  # in frames of 1 / 30 s; what comes in a second are 30
    if slow == "shown":
        assert frames == 6
        assert dropped > 60
    else:
        assert frames == 120
        assert len(seen) < 12
        assert dropped < 60  # 30 while the first frame is read
