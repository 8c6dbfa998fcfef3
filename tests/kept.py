"""A reader that sees a 7 on each frame, and a sink that keeps what it is given."""

from collections.abc import Sequence

from camlive.detection import Box, Digit, Frame, Image
from camlive.record.sink import Sink

BOX = Box(10, 20, 12, 16)


def seven(_: Image) -> list[Digit]:
    return [Digit(BOX, 7, 0.9)]


class Kept(Sink):
    """Keeps what it is given; as it needs the images, or the drawn ones, or not."""

    def __init__(self, needs_images: bool = True, needs_drawn: bool = True) -> None:
        self.needs_images, self.needs_drawn = needs_images, needs_drawn
        self.lines: list[tuple[Frame, list[Digit], Image]] = []

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:
        self.lines.append((frame, list(digits), annotated))
