"""Which frames are worth a picture: all, one every so often, or those that show something new."""

from collections.abc import Callable, Sequence

from camlive.detection import Digit, Frame

Due = Callable[[Frame, Sequence[Digit]], bool]  # whether a frame is to be saved


def always(frame: Frame, digits: Sequence[Digit]) -> bool:  # noqa: ARG001
    """Every frame."""
    return True


def every(period_s: float) -> Due:
    """The first frame of each source, and then one in so many seconds."""
    saved: list[Frame] = []

    def due(frame: Frame, digits: Sequence[Digit]) -> bool:  # noqa: ARG001
        is_next = saved and saved[0].source == frame.source
        if is_next and 0 <= frame.time_s - saved[0].time_s < period_s:
            return False
        saved[:] = [frame]
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
