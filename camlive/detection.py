"""The values that pass between the stages."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]  # (H, W, 3) BGR, or (H, W) grey or mask
Batch = npt.NDArray[np.float32]  # (N, 28, 28, 1), ink = 1 on 0
Probabilities = npt.NDArray[np.float32]  # (N, 11), the last class "not a digit"

NOT_A_DIGIT = 10  # index of the eleventh class


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in whole pixels of the frame, origin top left."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.y + self.height

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom."""
        return self.x, self.y, self.right, self.bottom

    @property
    def middle(self) -> tuple[float, float]:
        """Column and row of its centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> int:
        """Area in square pixels."""
        return self.width * self.height

    def intersection(self, other: "Box") -> int:
        """Area shared with another box, in square pixels."""
        width = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        if width <= 0:  # mostly, and this is asked of every two boxes of a frame
            return 0
        return width * max(0, min(self.bottom, other.bottom) - max(self.y, other.y))

    def surrounds(self, other: "Box") -> bool:
        """Whether another box lies in it, off its edges."""
        is_across = self.x < other.x and other.right < self.right
        return is_across and self.y < other.y and other.bottom < self.bottom

    def iou(self, other: "Box") -> float:
        """Intersection over union with another box, 0 to 1."""
        shared = self.intersection(other)
        return shared / (self.area + other.area - shared) if shared else 0.0

    def union(self, other: "Box") -> "Box":
        """The smallest box that holds both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)


@dataclass(frozen=True, slots=True)
class Digit:
    """A digit that was read.

    Attributes:
        box: around its ink.
        digit: 0 to 9.
        confidence: how sure that is, 0 to 1.
        track: its number if it is followed.
        tilt: by how many degrees it is turned clockwise, about, where its page is held at a slant.
        after_sign: whether a sign stands between it and the digit before, as in 3 + 4.
    """

    box: Box
    digit: int
    confidence: float
    track: int | None = None
    tilt: int = 0
    after_sign: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        image: (H, W, 3) uint8 BGR; black where nobody needs it. The loop alone writes into it: it
            draws on it where nobody looks at it plain.
        index: number within its source, from 0.
        time_s: seconds from the start, the source's own timestamp.
        source: name of the source.
        is_followed: whether ink is followed on it, where it is one of a recording; else it comes so
            soon after one of these that its digits lie on the straight way to those of the next.
    """

    image: Image
    index: int
    time_s: float
    source: str
    is_followed: bool = True


def black_like(image: Image) -> Image:
    """A black image of the same shape, which takes no memory and cannot be written into."""
    return np.broadcast_to(np.uint8(0), image.shape)
