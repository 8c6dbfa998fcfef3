"""The loop: frame -> recognise -> track -> annotate -> sinks and window."""

import itertools
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from functools import partial
from operator import methodcaller
from pathlib import Path

from camlive.ahead import read_ahead
from camlive.annotate import annotate
from camlive.beside import read_beside
from camlive.capture.base import Source
from camlive.detection import Digit, Frame, Image
from camlive.display import View, Window
from camlive.errors import OutputError, SourceError
from camlive.memory import keep_freed
from camlive.reading import group_numbers
from camlive.recognizer import Reading, Recognize, Recognizer
from camlive.record.sink import Sink
from camlive.record.video import VIDEO_LIMIT_S
from camlive.track import Tracker
from camlive.view.snapshots import Snapshots
from camlive.view.viewer import Viewer


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """How to run.

    Attributes:
        stride: every how many frames one is taken.
        max_frames: how many frames of each source are taken at most.
        view: how the window shows the frames at first, and then as its user chooses.
        snapshots: the folder for frames and videos saved by key.
        limit_s: seconds after which a video saved by key, of a source that never ends, is finished.
        on_frame: told of each frame that is done with, and may have been drawn on.
        on_saved: told of each frame or video that was saved by key, also on the way out.
    """

    stride: int = 1
    max_frames: int | None = None
    view: View = field(default_factory=View)
    snapshots: Path = Path("recordings")
    limit_s: float = VIDEO_LIMIT_S
    on_frame: Callable[[Frame], None] = lambda _: None
    on_saved: Callable[[Path], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did.

    Attributes:
        frames: how many frames were taken.
        digits: how many digits were reported, all frames together.
        seconds: how long it took, without waiting for the user or for a recording's pace.
        dropped: frames of a live source that were never shown.
        quit: whether the user asked for the end.
        failed: how many sources could not be read, or outputs written, to the end.
    """

    frames: int = 0
    digits: int = 0
    seconds: float = 0.0
    dropped: int = 0
    quit: bool = False
    failed: int = 0

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.frames / self.seconds if self.seconds else 0.0

    def __add__(self, other: "Summary") -> "Summary":
        """The two runs together."""
        return Summary(
            self.frames + other.frames,
            self.digits + other.digits,
            self.seconds + other.seconds,
            self.dropped + other.dropped,
            self.quit or other.quit,
            self.failed + other.failed,
        )


class BrokenOffError(SourceError):
    """A source that failed on the way.

    Attributes:
        done: what was done until there.
    """

    def __init__(self, message: str, done: Summary) -> None:
        super().__init__(message)
        self.done = done


def run(
    source: Source,
    recognize: Recognize,
    sinks: list[Sink] | None = None,
    window: Window | None = None,
    options: LiveOptions | None = None,
) -> Summary:
    """Reads the digits of a source, frame by frame, until its end or the user's.

    Args:
        source: what to read, open.
        recognize: finds the digits on an image, (H, W, 3) uint8 BGR.
        sinks: where frames and digits are written, open; one that fails is told and taken out,
            as long as something else is done with the frames.
        window: where they are shown, open; None shows nothing.
        options: how to run.

    Raises:
        BrokenOffError: the source failed on the way.
        OutputError: a sink could not be written, and it was the only one, or what it wrote to
            was closed, and nobody watches.
    """
    keep_freed()
    sinks = [] if sinks is None else sinks
    options = options or LiveOptions()
    if isinstance(recognize, Recognizer) and not source.is_still:
        recognize = recognize.for_film()
    viewer = None
    if window:
        viewer = _viewer(source, recognize, window, options)
        recognize, source.while_silent = viewer.recognize, viewer.wait
    drawn = viewer or any(sink.needs_drawn and sink.needs_images for sink in sinks)
    is_looked_at = source.live or viewer or any(sink.needs_plain for sink in sinks)
    keep_images = bool(viewer) or any(sink.needs_images for sink in sinks)
    tell = partial(_each, sinks, source, bool(viewer))
    tell(methodcaller("begin", source.live, source.endless))
    frames, digits_seen, intended = 0, 0, len(sinks)
    breaks: list[SourceError] = []
    started_s = time.perf_counter()
    with (
        closing(viewer) if viewer else nullcontext(),
        closing(_read(source, recognize, options, keep_images, breaks.append)) as read,
    ):
        # Find and read the digits, and follow them from frame to frame.
        for frame, digits in read:
            if not source.is_still:
                digits = _shown(digits, frame.image, _least_confidence(viewer or recognize))
            # Draw them, if anybody looks.
            annotated = frame.image
            if drawn:
                annotated = annotate(frame.image, digits, group_numbers(digits), not is_looked_at)
            # Keep and show them.
            tell(methodcaller("write", frame, digits, annotated))
            frames, digits_seen = frames + 1, digits_seen + len(digits)
            goes_on = viewer is None or viewer.show(frame, digits, annotated)
            options.on_frame(frame)
            if not goes_on:
                break
    tell(methodcaller("end"))
    seconds = time.perf_counter() - started_s - (viewer.idle_s if viewer else 0)
    done = Summary(frames, digits_seen, seconds, source.dropped, failed=intended - len(sinks))
    if viewer:
        done += Summary(quit=viewer.quit, failed=viewer.snapshots.failed)
    if breaks:
        raise BrokenOffError(str(breaks[0]), done) from breaks[0]
    return done


def _viewer(source: Source, recognize: Recognize, window: Window, how: LiveOptions) -> Viewer:
    """What shows the frames, at a recording's pace, and saves some when told to."""
    rate = source.fps / how.stride
    by_key = Snapshots(how.snapshots, source, rate, how.limit_s, how.on_saved)
    return Viewer(source, window, recognize, by_key, 0.0 if source.live else 1 / rate, how.view)


def _least_confidence(reader: Viewer | Recognize) -> float:
    """Below it a digit stays unlabelled, also where only the mean of its readings is so unsure."""
    return reader.min_confidence if isinstance(reader, Viewer | Recognizer) else 0.0


def _each(sinks: list[Sink], source: Source, is_shown: bool, act: Callable[[Sink], None]) -> None:
    """Does something with each sink; takes out those that cannot, unless nothing else is done.

    Of what never ends by itself, whoever has read enough ends the others, too.
    """
    for sink in tuple(sinks):
        try:
            act(sink)
        except OutputError as error:
            if not is_shown and (len(sinks) == 1 or (source.endless and _is_closed(error))):
                raise
            source.say(f"{error}; the rest goes on")
            sinks.remove(sink)


def _is_closed(error: OutputError) -> bool:
    """Whether somebody who read what was written has enough."""
    return isinstance(error.__cause__, BrokenPipeError)


def _read(
    source: Source,
    recognize: Recognize,
    options: LiveOptions,
    keep_images: bool,
    breaks_off: Callable[[SourceError], None],
) -> Generator[Reading, None, None]:
    """The frames with their digits: a camera's read beside, a recording's ahead, and followed."""
    frames = itertools.islice(source.frames(options.stride, keep_images), options.max_frames)
    try:
        if source.is_still:
            yield from ((frame, recognize(frame.image)) for frame in frames)
        elif source.live:
            yield from read_beside(frames, recognize, Tracker())
        else:
            yield from read_ahead(frames, recognize, Tracker(), keep_images)
    except SourceError as error:
        breaks_off(error)


def _shown(digits: Sequence[Digit], image: Image, least: float) -> list[Digit]:
    """Those sure enough, and wholly in the image: a digit that moved out of it cannot be read."""
    rows, columns = image.shape[:2]
    sure = ((digit, digit.box) for digit in digits if digit.confidence >= least)
    return [d for d, b in sure if b.x >= 0 and b.y >= 0 and b.right <= columns and b.bottom <= rows]
