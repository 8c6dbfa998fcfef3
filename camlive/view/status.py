"""What the line below the frame says."""

from camlive.capture.base import Source
from camlive.detection import Frame

PAUSED = "space: go on   s: save   q: quit   h: keys"


def line(*parts: str) -> str:
    """The parts side by side, without those that are empty."""
    return "   ".join(filter(None, parts))


def figures(source: Source, rate: float, frame: Frame, digits: int) -> str:
    """How fast and how late frames are shown, and how many digits are on this one."""
    parts = [f"{rate:.0f} fps"]
    if source.live:
        late_ms = 1000 * source.age_s(frame)
        parts += [f"{late_ms:.0f} ms late", f"{source.dropped} dropped"]
    return line(*parts, f"{digits} digit{'' if digits == 1 else 's'}")
