"""The window and its keys."""

import ctypes
import os
import sys
from dataclasses import dataclass

import cv2

from camlive.closing import Closing
from camlive.detection import Image
from camlive.errors import DisplayError
from camlive.signals import signals_held

MAX_SIZE_PX = (1280, 720)  # width, height of a new window: fits a small laptop's screen
SMALL_PX = 320  # short side, or about, to which smaller images are enlarged: words fit beside
COMMANDS = {
    27: "quit",  # Esc
    ord("q"): "quit",
    ord(" "): "pause",
    ord("s"): "save",
    ord("r"): "record",
    ord("m"): "mirror",
    ord("d"): "debug",
    ord("h"): "help",
    ord("+"): "more",
    ord("="): "more",  # + without shift
    ord("-"): "less",
}


def check_display() -> None:
    """Makes sure that a window can open; OpenCV ends the whole process where none can.

    Raises:
        DisplayError: no display can be reached.
    """
    if not sys.platform.startswith("linux"):
        return
    display = os.environ.get("DISPLAY", "")
    platform = os.environ.get("QT_QPA_PLATFORM", "xcb")
    if not display:
        raise DisplayError(
            "no display: DISPLAY is not set; use --no-window, or log in to a desktop"
        )
    if "xcb" not in platform:
        raise DisplayError(
            f"no display: QT_QPA_PLATFORM is {platform!r}; use --no-window, or unset the variable"
        )
    if not _x_server_answers(display):
        raise DisplayError(
            f"no display: X server {display!r} does not answer; use --no-window, or mend DISPLAY"
        )


def _x_server_answers(display: str) -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:  # the OpenCV wheel's window needs this library too
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)


@dataclass(slots=True)
class View:
    """How a user looks at the frames: what the keys chose stays from one source to the next.

    Attributes:
        mirror: whether they are shown as a mirror does.
        debug: 0 the annotated frame, else one of the debug views.
        help: whether the keys are listed.
        least: the least confidence of a digit; None as the recogniser came.
    """

    mirror: bool = False
    debug: int = 0
    help: bool = False
    least: float | None = None


class Window(Closing):
    """A window that shows images and answers with the user's commands; a context manager.

    Attributes:
        pointer: where the mouse was last seen, x and y in pixels of the image; None before.

    Args:
        title: the window's title, to which `entitle` adds; no two open windows may share one.

    Raises:
        DisplayError: no display can be reached.
    """

    pointer: tuple[int, int] | None = None

    def __init__(self, title: str) -> None:
        check_display()
        self._title = title
        self._size = self._shown = (0, 0)
        cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.setMouseCallback(title, self._point)

    def entitle(self, name: str) -> None:
        """Adds the name of what is shown to the window's title."""
        readable = name.encode(errors="replace").decode()
        cv2.setWindowTitle(self._title, f"{self._title} - {readable}")

    def show(self, image: Image, below_px: int = 0) -> str | None:
        """Shows an image, of another size than the last in a window of a new size.

        Args:
            image: (H, W, 3) uint8 BGR.
            below_px: how many of its rows stand below what it shows; the window keeps its size
                where only they are more or fewer.

        Returns:
            "quit" (q, Esc or the window closed), another of COMMANDS for its key, or None.
        """
        self._shown = width, height = image.shape[1], image.shape[0]
        if (width, height - below_px) != self._size:
            self._size = width, height - below_px
            cv2.resizeWindow(self._title, *_window_size(width, height))
        cv2.imshow(self._title, image)
        return self.wait(1)

    def scale(self, width: int, height: int) -> float:
        """How many pixels of the screen show one of an image of this size, without rows below."""
        if (width, height) != self._size:  # the window will get a size for it
            return scale_in_new_window(width, height)
        return max(1, cv2.getWindowImageRect(self._title)[2]) / self._shown[0]

    def wait(self, timeout_ms: int) -> str | None:
        """Waits for a key at most this long, and answers as `show` does."""
        with signals_held():  # OpenCV drops what is raised while it tells of the mouse
            key = cv2.waitKeyEx(max(1, timeout_ms))  # 0 would wait for ever
        # Asked before the next imshow, which would open a closed window again.
        return _command(key) if self._is_open() else "quit"

    def close(self) -> None:
        """Closes the window; does nothing where the user has done so."""
        if self._is_open():
            cv2.destroyWindow(self._title)

    def _point(self, event: int, x: int, y: int, flags: int, more: object) -> None:  # noqa: ARG002
        self.pointer = (x, y)

    def _is_open(self) -> bool:
        try:
            return cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) > 0
        except cv2.error:  # raised when the only window was closed
            return False


def _command(key: int) -> str | None:
    """The command of a key, whatever is held down or locked with it; an arrow is no letter."""
    code = key & 0xFFFF
    return COMMANDS.get(ord(chr(code).lower())) if code <= 0xFF else None


def enlargement(width: int, height: int) -> int:
    """How many times larger than it is a small image of this size is shown; 1 of others."""
    wanted = round(SMALL_PX / min(width, height))
    return max(1, min(wanted, MAX_SIZE_PX[0] // width, MAX_SIZE_PX[1] // height))


def scale_in_new_window(width: int, height: int) -> float:
    """The scale at which a new window shows an image of this size whole, 1 at most."""
    return min(1.0, MAX_SIZE_PX[0] / width, MAX_SIZE_PX[1] / height)


def _window_size(width: int, height: int) -> tuple[int, int]:
    """The image's size, scaled down to fit MAX_SIZE_PX, at least one pixel."""
    scale = scale_in_new_window(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))
