"""A window on no display, for tests that press its keys."""

import time

from camlive.detection import Image
from camlive.display import Window


class Keys(Window):
    """A window on no display: keeps what it shows, and presses keys and moves the mouse in turn."""

    def __init__(self, *keys: str | tuple[int, int] | None) -> None:
        self.keys = list(keys)
        self.shown: list[Image] = []
        self.titles: list[str] = []

    def entitle(self, name: str) -> None:
        self.titles.append(name)

    def scale(self, width: int, height: int) -> float:  # noqa: ARG002
        return 1.0

    def show(self, image: Image, below_px: int = 0) -> str | None:  # noqa: ARG002
        self.shown.append(image)
        key = self.keys.pop(0) if self.keys else None
        if isinstance(key, tuple):
            self.pointer, key = key, None
        return key

    def wait(self, timeout_ms: int) -> str | None:  # noqa: ARG002
        return None

    def close(self) -> None:
        pass


class Paced(Keys):
    """Waits as long as it is asked to."""

    def wait(self, timeout_ms: int) -> str | None:
        time.sleep(timeout_ms / 1000)
        return None
