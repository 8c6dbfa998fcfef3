"""Which frames are worth a picture: all, one every so often, or those that show something new."""

from collections.abc import Callable, Sequence

from camlive.detection import Digit, Frame

ROUNDING_S = 1e-6  # by which the time of a frame may be off

Due = Callable[[Frame, Sequence[Digit]], bool]  # whether a frame is to be saved


def always(frame: Frame, digits: Sequence[Digit]) -> bool:  # noqa: ARG001
    """Every frame."""
    return True


def every(period_s: float) -> Due:
    """The first frame of each source, and then one in so many seconds."""
    saved: Frame | None = None
    due_s = 0.0

    def due(frame: Frame, digits: Sequence[Digit]) -> bool:  # noqa: ARG001
        nonlocal saved, due_s
        if not saved or saved.source != frame.source or frame.time_s < saved.time_s:
            due_s = frame.time_s
        late_s = frame.time_s - due_s + ROUNDING_S
        if late_s < 0:
            return False
        saved = frame
        due_s += period_s * (1 + late_s // period_s)  # not from this frame on: delays would add up
        return True

    return due


def on_change() -> Due:
    """Frames with a digit that the last one saved did not show, or showed with another label."""
    shown: set[tuple[str, int | None, int]] = set()

    def due(frame: Frame, digits: Sequence[Digit]) -> bool:
        now = {(frame.source, digit.track, digit.digit) for digit in digits}
        if now <= shown:
            return False
        shown.clear()
        shown.update(now)
        return True

    return due
