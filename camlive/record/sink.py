"""What all places that frames are written to have in common."""

from collections.abc import Sequence
from pathlib import Path

from camlive.closing import Closing
from camlive.detection import Digit, Frame, Image


class Sink(Closing):
    """A place that frames and their digits are written to; a context manager.

    Attributes:
        saved: the file or folder that something was written to; None until then.
        needs_images: whether anything but the digits is written: a recording is read faster where
            nobody needs the images of all its frames, and most of these are black then.
        needs_plain: whether it looks at frames as decoded: where nobody does, they are drawn on.
        needs_drawn: whether, where it needs images, it looks at the labels drawn: else none are.
    """

    saved: Path | None = None
    needs_images: bool = True
    needs_plain: bool = True
    needs_drawn: bool = True

    def begin(self, live: bool, endless: bool) -> None:
        """Takes notice of a source before the first of its frames comes.

        Args:
            live: whether it is a camera or stream, whose frames may come late.
            endless: whether it never ends by itself: such, or what begins again at its end.
        """

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:
        """Keeps one frame.

        Args:
            frame: the frame as decoded, but for its image where `needs_plain` is false.
            digits: what was read on it.
            annotated: (H, W, 3) uint8 BGR, the frame with its labels drawn, if `needs_drawn`.

        Raises:
            OutputError: it cannot be written.
        """
        raise NotImplementedError

    def end(self) -> None:
        """Takes notice that a source has ended.

        Raises:
            OutputError: what is still to be written of it cannot be.
        """

    def close(self) -> None:
        """Finishes what was written; may be called again."""
