"""Which frames are worth a picture: all, one every so often, or those that show something new."""

from collections.abc import Sequence
from math import inf

from camlive.detection import Digit, Frame
from camlive.record.events import STEADY_S

ROUNDING_S = 1e-6  # by which the time of a frame may be off

Shown = set[tuple[int | None, int]]  # tracks and digits


class Due:
    """Tells which frames are saved: all."""

    def begin(self) -> None:
        """Takes notice of a source before the first of its frames comes."""

    def __call__(self, frame: Frame, digits: Sequence[Digit]) -> bool:  # noqa: ARG002
        """Whether a frame is saved, asked of each in order."""
        return True


class Every(Due):
    """The first frame of each source, and then one in so many seconds."""

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._due_s: float | None = None

    def begin(self) -> None:
        """Begins anew."""
        self._due_s = None

    def __call__(self, frame: Frame, digits: Sequence[Digit]) -> bool:  # noqa: ARG002
        """Whether a period is over."""
        due_s = frame.time_s if self._due_s is None else self._due_s
        late_s = frame.time_s - due_s + ROUNDING_S
        if late_s < 0:
            return False
        # Not from this frame on: delays would add up.
        self._due_s = due_s + self._period_s * (1 + late_s // self._period_s)
        return True


class OnChange(Due):
    """Frames with a digit that the last one saved did not show, once all are steady on them.

    Those of a picture, which are not followed, are at once. A frame is taken to stand as long as
    the one before it did, so that those of a time lapse count, too.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forgets what was saved: tracks are counted anew."""
        self._shown: Shown = set()
        self._saved: Shown = set()
        self._since_s = 0.0  # when those shown came
        self._before_s = inf  # when the frame before did

    def __call__(self, frame: Frame, digits: Sequence[Digit]) -> bool:
        """Whether it shows something new, and has for so long that it is no passing sight."""
        shown = {(digit.track, digit.digit) for digit in digits}
        if shown != self._shown:
            self._shown, self._since_s = shown, frame.time_s
        ends_s = frame.time_s + max(0.0, frame.time_s - self._before_s)
        self._before_s = frame.time_s
        is_steady = ends_s - self._since_s >= STEADY_S or any(d.track is None for d in digits)
        if shown <= self._saved or not is_steady:
            return False
        self._saved = shown
        return True
