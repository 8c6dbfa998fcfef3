"""What a recording says of its length."""

from typing import NamedTuple

from camlive.signals import signals_held

PROTOCOLS = "file"  # a playlist must not reach the network


class Length(NamedTuple):
    """What a file says of its video; 0 where it says nothing.

    Attributes:
        seconds: from its first frame to the end of its last.
        frames: how many there are.
        exact: whether it counts them; else they follow from its seconds and its rate.
    """

    seconds: float
    frames: int
    exact: bool


def length_of(path: str) -> Length:
    """Reads the length that a recording's head promises, or its index."""
    with signals_held():
        import av  # not before OpenCV, see docs/decisions/0004

    try:
        with av.open(path, options={"protocol_whitelist": PROTOCOLS}) as file:
            video = file.streams.video[0]
            tick = float(video.time_base or 0)
            seconds = (video.duration or 0) * tick
            tag = video.metadata.get("DURATION")  # of Matroska, its end: hours:minutes:seconds
            if not seconds and tag:
                parts = enumerate(reversed(tag.split(":")))
                end = sum(float(part) * 60**k for k, part in parts)
                seconds = end - (video.start_time or 0) * tick
            seconds = seconds or (file.duration or 0) / av.time_base
            frames = round(seconds * (video.average_rate or 0))
            # A file that was trimmed may hold more frames than are shown.
            return Length(seconds, frames, exact=0 < frames == video.frames)
    except (av.FFmpegError, IndexError, ValueError):
        return Length(0.0, 0, False)
