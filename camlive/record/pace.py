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
    """Frames with a digit that the last one saved did not show, once all such are steady.

    Those of a picture, which are not followed, are at once. A frame is taken to stand as long as
    the one before it did, so that those of a time lapse count, too.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forgets what was saved: tracks are counted anew."""
        self._saved: Shown = set()
        self._since_s: dict[tuple[int | None, int], float] = {}  # when each of those shown came
        self._before_s = inf  # when the frame before did

    def __call__(self, frame: Frame, digits: Sequence[Digit]) -> bool:
        """Whether it shows something new, and has for so long that it is no passing sight."""
        shown = {(digit.track, digit.digit) for digit in digits}
        self._since_s = {each: self._since_s.get(each, frame.time_s) for each in shown}
        ends_s = frame.time_s + max(0.0, frame.time_s - self._before_s)
        self._before_s = frame.time_s
        new = shown - self._saved
        passing = (
            track is not None and ends_s - self._since_s[track, digit] < STEADY_S
            for track, digit in new
        )
        if not new or any(passing):
            return False
        self._saved = shown
        return True
