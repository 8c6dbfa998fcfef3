import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from conftest import close_window

from camlive.display import Window, check_display
from camlive.errors import DisplayError

VIEWER = """
import sys, time
import numpy as np
from camlive.display import Window
image = np.full((1200, 1600, 3), (40, 180, 90), np.uint8)
with Window("viewer") as window:
    assert window.show(image) is None
    print("ready", flush=True)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        command = window.show(image)
        if command == "help":
            command = "help at " + str(window.pointer)
        if command:
            print(command, flush=True)
        if command == "quit":
            break
        if command == "pause":
            while (again := window.wait(30)) is None:
                pass
            print("after pause", again, flush=True)
            if again == "quit":
                break
print("done", flush=True)
"""


class Viewer:
    """A child process with a window."""

    def __init__(self, code: str = VIEWER) -> None:
        command = [sys.executable, "-c", "from camlive.signals import signals_raised\n" + code]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.window = ""

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def numbers(self) -> list[float]:
        return [float(word) for word in self.line().split()]

    def enter(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def hear(self) -> None:
        """Presses a key until it is heard: one may be lost though the window has the focus."""
        for _ in range(5):
            subprocess.run(["xdotool", "key", "h"], check=True)
            if select.select([self.process.stdout], [], [], 2)[0]:
                break
        assert self.line().startswith("help")

    def press(self, key: str) -> str:
        """Presses a key and gives the line that is printed for it."""
        subprocess.run(["xdotool", "key", key], check=True)
        return self.line()


@pytest.fixture
def viewer(display: str) -> Iterator[Viewer]:  # noqa: ARG001
    viewer = Viewer()
    assert viewer.line() == "ready"
    viewer.window = run_until_done("xdotool", "search", "--onlyvisible", "--name", "^viewer$")
    focus(viewer.window)
    viewer.hear()
    yield viewer
    viewer.process.kill()
    viewer.process.communicate()


def run_until_done(*command: str) -> str:
    """Runs a command again until it succeeds and prints something; gives its last word."""
    for _ in range(100):
        ran = subprocess.run(command, capture_output=True, text=True)
        if ran.returncode == 0 and ran.stdout.strip():
            return ran.stdout.split()[-1]
        time.sleep(0.1)
    raise AssertionError(f"{command}: {ran.stderr}")


def focus(window: str) -> None:
    """Gives a window the keys; a key that is pressed before it has them is lost."""
    for _ in range(100):
        if run_until_done("xdotool", "windowfocus", window, "getwindowfocus") == window:
            return
        time.sleep(0.1)
    raise AssertionError(f"{window} is not given the focus")


def test_keys_are_commands(viewer: Viewer) -> None:
    assert viewer.press("s") == "save"
    for other in ("x", "Left", "Up", "Right", "Down", "F1"):  # no commands
        subprocess.run(["xdotool", "key", other], check=True)
    assert viewer.press("space") == "pause"
    assert viewer.press("S") == "after pause save"  # as where Caps Lock is on
    named = {"r": "record", "m": "mirror", "d": "debug", "plus": "more", "equal": "more"}
    for key, command in {**named, "minus": "less"}.items():
        assert viewer.press(key) == command
    assert viewer.press("Escape") == "quit"
    assert viewer.line() == "done"
    assert viewer.process.wait(20) == 0


def test_the_pointer_is_told_in_pixels_of_the_image(viewer: Viewer) -> None:
    """The image is 1600 wide, the window 960."""
    for place in ((300, 200), (480, 360)):  # the second is sure to be a move
        move = ("xdotool", "mousemove", "--window", viewer.window, *map(str, place))
        subprocess.run(move, check=True)
        time.sleep(0.5)
    x, y = map(int, viewer.press("h").removeprefix("help at (").rstrip(")").split(","))
    assert (x, y) == (pytest.approx(800, abs=25), pytest.approx(600, abs=25))


@pytest.mark.usefixtures("display")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_window_over_which_the_mouse_moves(number: signal.Signals) -> None:
    child = Viewer("with signals_raised():\n" + textwrap.indent(VIEWER, "    "))
    assert child.line() == "ready"
    window = run_until_done("xdotool", "search", "--onlyvisible", "--name", "^viewer$")
    focus(window)
    assert child.press("space") == "pause"  # it waits in OpenCV, which tells it of the mouse
    there = f"xdotool mousemove --window {window}"
    move = f"while :; do {there} 100 99; {there} 300 99; {there} 500 99; done"
    with subprocess.Popen(["bash", "-c", move]) as mouse:
        try:
            time.sleep(1)
            child.process.send_signal(number)
            assert child.process.wait(10) != 0
        finally:
            mouse.kill()
            child.process.kill()


RESIZED = """
import time
import numpy as np
from camlive.display import Window
def shown(rows, columns, below):
    for _ in range(20):
        window.show(np.zeros((rows + below, columns, 3), np.uint8), below)
        window.wait(20)
    return window.scale(columns, rows)
with Window("viewer") as window:
    window.entitle("clip\\udcff.mp4")
    print(window.scale(720, 1280), shown(1280, 720, 0), flush=True)
    input()
    print(shown(1280, 720, 0), shown(1280, 720, 80), shown(480, 640, 20), flush=True)
"""


@pytest.mark.usefixtures("display")
def test_a_window_has_a_title_and_the_scale_that_its_user_gave_it() -> None:
    """The window is resized anew for another image, but not for more rows below it."""
    child = Viewer(RESIZED)
    assert child.numbers() == pytest.approx([720 / 1280, 720 / 1280], rel=0.01)
    window = run_until_done(
        "xdotool", "search", "--onlyvisible", "--name", "^viewer - clip\\?.mp4$"
    )
    subprocess.run(["xdotool", "windowsize", "--sync", window, "300", "320"], check=True)
    child.enter()
    assert child.numbers() == pytest.approx([320 / 1280, 320 / 1360, 1], rel=0.01)
    assert child.process.wait(20) == 0


def test_q_quits_a_pause(viewer: Viewer) -> None:
    assert viewer.press("space") == "pause"
    assert viewer.press("q") == "after pause quit"
    assert viewer.line() == "done"


@pytest.mark.parametrize("paused", [False, True])
def test_closing_the_window_quits(viewer: Viewer, paused: bool) -> None:
    if paused:
        assert viewer.press("space") == "pause"
    close_window(int(viewer.window))
    assert viewer.line() == ("after pause quit" if paused else "quit")
    assert viewer.line() == "done"
    assert viewer.process.wait(20) == 0


@pytest.mark.usefixtures("viewer")
def test_the_window_shows_the_image_within_1280x720(tmp_path: Path) -> None:
    path = tmp_path / "screen.png"
    for _ in range(30):
        subprocess.run(["import", "-window", "root", str(path)], check=True)
        shown = (cv2.imread(str(path)) == (40, 180, 90)).all(axis=2)
        if shown.sum() > 900 * 700:
            break
        time.sleep(0.1)
    assert shown.sum() == pytest.approx(960 * 720, rel=0.03)  # 1600x1200 scaled down


@pytest.mark.usefixtures("display")
def test_a_reachable_display_passes() -> None:
    check_display()


@pytest.mark.usefixtures("display")
@pytest.mark.parametrize(
    ("name", "value"), [("DISPLAY", ""), ("DISPLAY", ":987"), ("QT_QPA_PLATFORM", "offscreen")]
)
def test_no_display_is_one_line_that_names_the_way_out(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(DisplayError, match="--no-window") as caught:
        Window("never")
    assert "\n" not in str(caught.value)
    assert os.environ[name] == value
