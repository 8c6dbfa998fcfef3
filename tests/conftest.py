"""Fixtures that all tests share."""

import ctypes
import functools
import http.server
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from stand_in import FRAMES, SAMPLE, StandIn, build, film
from viewing import SHEET

from camlive.detection import Image
from camlive.recognizer import Recognizer, load


class XServer(NamedTuple):
    """An Xvfb and the name of its display."""

    process: subprocess.Popen[bytes]
    display: str


@pytest.fixture
def x_server() -> Iterator[XServer]:
    """Runs an Xvfb of the test's own, as a key may stay down in a shared one."""
    read, write = os.pipe()
    screen = ["-screen", "0", "1600x1000x24", "-noreset"]
    command = ["Xvfb", "-displayfd", str(write), *screen]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as numbers:
        number = numbers.readline().strip()
    assert number, "Xvfb did not start"
    yield XServer(server, f":{number}")
    server.terminate()
    server.wait()


@pytest.fixture
def display(x_server: XServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Sets DISPLAY to an X server of the test's own.

    A window manager runs there as on every desktop: without one Qt leaves about one window in
    twenty unpainted. Open windows in a child process only: a process that holds one ends with its
    server.
    """
    monkeypatch.setenv("DISPLAY", x_server.display)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    manager = subprocess.Popen(["openbox"], stderr=subprocess.DEVNULL)
    while not subprocess.run(["xdotool", "get_num_desktops"], capture_output=True).stdout.strip():
        assert manager.poll() is None, "openbox did not start"
        time.sleep(0.02)
    yield x_server.display
    manager.terminate()
    manager.wait()


def close_window(window: int) -> None:
    """Asks a window to close, as the X in its title bar does."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    server = ctypes.c_void_p(x11.XOpenDisplay(None))
    protocols, delete = (
        x11.XInternAtom(server, name, False) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")
    )
    # XClientMessageEvent: type 33, serial, sent, display, window, message, format, data, padding
    event = (ctypes.c_long * 24)(33, 0, 1, server.value, window, protocols, 32, delete)
    assert x11.XSendEvent(server, ctypes.c_ulong(window), False, ctypes.c_long(0), event)
    x11.XCloseDisplay(server)


class WebFolder(NamedTuple):
    """A folder and the address under which its files are served."""

    folder: Path
    url: str


class _QuietFiles(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def http_server(tmp_path: Path) -> Iterator[WebFolder]:
    """Serves a folder on 127.0.0.1; the address ends without a slash."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(_QuietFiles, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield WebFolder(folder, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


Recording = Callable[..., Path]


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    """Writes images, or N grey ones of known brightness, as a real video."""

    def write(name: str = "clip.mp4", images: Sequence[Image] | int = 5, fps: float = 25.0) -> Path:
        if isinstance(images, int):
            images = [np.full((48, 64, 3), 20 + 10 * i, np.uint8) for i in range(images)]
        codec = {".mp4": "mp4v", ".avi": "MJPG", ".mkv": "FFV1"}[Path(name).suffix]
        path = tmp_path / name
        size = (images[0].shape[1], images[0].shape[0])
        fourcc = cv2.VideoWriter.fourcc(*codec)
        writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, fourcc, fps, size)
        for image in images:
            assert writer.write(image)
        writer.release()
        return path

    return write


def brightness(image: Image) -> int:
    """The number of a grey image of `recording`."""
    return round((float(image.mean()) - 20) / 10)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small light picture."""
    path = tmp_path / "sheet.png"
    cv2.imwrite(str(path), np.full((48, 64, 3), 200, np.uint8))
    return path


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A picture of a row of the ten digits."""
    path = tmp_path / "sheet.png"
    cv2.imwrite(str(path), SHEET.image)
    return path


@pytest.fixture
def one_and_seven() -> Image:
    """A plain sheet with a 1 and a 7, written with a thick pen."""
    image = np.full((240, 320, 3), 225, np.uint8)
    cv2.line(image, (80, 80), (74, 160), (40, 40, 40), 7, cv2.LINE_AA)
    strokes = np.array([(190, 84), (240, 80), (210, 165)])
    cv2.polylines(image, [strokes], False, (40, 40, 40), 7, cv2.LINE_AA)
    return cv2.GaussianBlur(image, (3, 3), 0).astype(np.uint8)


@pytest.fixture
def clip(recording: Recording, one_and_seven: Image) -> Path:
    """A recording of that sheet, which moves by a pixel a frame."""
    return recording("clip.mp4", [np.roll(one_and_seven, k, axis=1) for k in range(12)])


_skipped: list[str] = []


def pytest_sessionstart() -> None:
    """Lets Ctrl-C through to what the tests start: a shell's background job ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped:
        _skipped.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In continuous integration a skipped test is a failure: nobody would see it."""
    if os.environ.get("CI") and _skipped:
        print(f"\nSkipped, which fails here: {', '.join(_skipped)}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="session")
def modes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All modes, filming the sample, at the larger size with a border on the right."""
    folder = tmp_path_factory.mktemp("modes")
    capture = cv2.VideoCapture(str(SAMPLE))
    images = [capture.read()[1] for _ in range(FRAMES)]
    large = [cv2.resize(image, (960, 720), interpolation=cv2.INTER_CUBIC) for image in images]
    large = [cv2.copyMakeBorder(i, 0, 0, 0, 320, cv2.BORDER_REPLICATE) for i in large]
    for code in ("MJPG", "YUYV"):
        film(folder, code, images)
        film(folder, code, large)
    return folder


@pytest.fixture
def camera(library: Path, modes: Path, tmp_path: Path) -> StandIn:
    folder = tmp_path / "camera"
    folder.mkdir()
    return StandIn(library, folder, modes.iterdir())


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    """With the shipped model."""
    return load()


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that learned nothing, exported as `train.py` exports."""
    import keras  # takes seconds, and most tests need none

    from camlive.training.build import export
    from camlive.training.network import build_network, calibrated

    keras.utils.set_random_seed(3)
    path = tmp_path_factory.mktemp("model") / "digits.keras"
    export(calibrated(build_network(), 1.0), path, {})
    return path
