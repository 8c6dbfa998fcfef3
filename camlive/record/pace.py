"""Which frames are worth a picture: all, one every so often, or those that show something new."""

from collections.abc import Sequence

from camlive.detection import Digit, Frame

ROUNDING_S = 1e-6  # by which the time of a frame may be off


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
    """Frames with a digit that the last one saved did not show, or showed with another label."""

    def __init__(self) -> None:
        self._saved: set[tuple[int | None, int]] = set()

    def begin(self) -> None:
        """Forgets what was saved: tracks are counted anew."""
        self._saved = set()

    def __call__(self, frame: Frame, digits: Sequence[Digit]) -> bool:  # noqa: ARG002
        """Whether it shows something new."""
        now = {(digit.track, digit.digit) for digit in digits}
        if now <= self._saved:
            return False
        self._saved = now
        return True
