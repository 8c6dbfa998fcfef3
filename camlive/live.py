"""The loop: frame -> recognise -> track -> annotate -> sinks and window."""

import itertools
import operator
import re
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from camlive.annotate import annotate, head_up
from camlive.capture.base import Source
from camlive.detection import Digit, Frame, Image
from camlive.display import NoWindow, Window
from camlive.errors import OutputError
from camlive.reading import group_numbers
from camlive.recognizer import Reading, Recognize, read_ahead
from camlive.record.images import FrameSink, write_image
from camlive.record.sink import Sink
from camlive.record.video import VideoSink
from camlive.track import Tracker

PAUSE_POLL_MS = 50  # how long a key pressed in a pause may wait
MIN_WAIT_S = 0.002  # less is not worth waiting
KEYS = "space: go on   s: save   q: quit"
RATE_GAIN = 0.1  # weight of the newest frame in the frame rate shown


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """How to run.

    Attributes:
        stride: every how many frames one is read.
        max_frames: how many frames of each source are read at most.
        mirror: whether the window shows the picture as a mirror does.
        snapshots: the folder for frames saved by key.
        on_frame: told of each frame that is done with.
    """

    stride: int = 1
    max_frames: int | None = None
    mirror: bool = False
    snapshots: Path = Path("recordings")
    on_frame: Callable[[Frame], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did.

    Attributes:
        frames: how many frames were read.
        digits: how many digits were reported, all frames together.
        seconds: how long it took, without waiting for the user or for a recording's pace.
        dropped: frames of a live source that were never looked at.
        saved: frames saved by key.
        quit: whether the user asked for the end.
    """

    frames: int = 0
    digits: int = 0
    seconds: float = 0.0
    dropped: int = 0
    saved: tuple[Path, ...] = ()
    quit: bool = False

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.frames / self.seconds if self.seconds else 0.0

    def __add__(self, other: "Summary") -> "Summary":
        """The two runs together."""
        return Summary(*map(operator.add, astuple(self), astuple(other)))


def run(
    source: Source,
    recognize: Recognize,
    sinks: Sequence[Sink] = (),
    window: NoWindow | None = None,
    options: LiveOptions | None = None,
) -> Summary:
    """Reads the digits of a source, frame by frame, until its end or the user's.

    Args:
        source: what to read, open.
        recognize: finds the digits on an image, (H, W, 3) uint8 BGR.
        sinks: where frames and digits are written, open.
        window: where they are shown, open; None or a `NoWindow` shows nothing.
        options: how to run.

    Raises:
        SourceError: the source failed on the way.
        OutputError: a sink or a snapshot could not be written.
    """
    options = options or LiveOptions()
    tracker = None if _is_picture(source) else Tracker()
    viewer = _Viewer(source, window, options) if isinstance(window, Window) else None
    drawn = viewer or any(isinstance(sink, VideoSink | FrameSink) for sink in sinks)
    frames = digits_seen = 0
    go_on = True
    started_s = time.perf_counter()
    with closing(_read(source, recognize, options)) as read:
        # Find and read the digits, each frame for itself.
        for frame, digits in read:
            # Follow them from frame to frame; a picture has only one.
            if tracker:
                digits = _inside(tracker.update(digits, frame.time_s), frame.image)
            # Draw them, if anybody looks.
            annotated = frame.image
            if drawn:
                annotated = annotate(frame.image, digits, group_numbers(digits))
            # Keep and show them.
            for sink in sinks:
                sink.write(frame, digits, annotated)
            frames, digits_seen = frames + 1, digits_seen + len(digits)
            options.on_frame(frame)
            go_on = viewer is None or viewer.show(frame, digits, annotated)
            if not go_on:
                break
    idle_s, saved = (viewer.idle_s, tuple(viewer.saved)) if viewer else (0.0, ())
    seconds = time.perf_counter() - started_s - idle_s
    return Summary(frames, digits_seen, seconds, source.dropped, saved, not go_on)


def _is_picture(source: Source) -> bool:
    return source.frame_count == 1 and not source.live


def _read(
    source: Source, recognize: Recognize, options: LiveOptions
) -> Generator[Reading, None, None]:
    """The frames and what is read on each: of a camera the newest, of a recording two at once."""
    chosen = (frame for frame in source if frame.index % options.stride == 0)
    frames = itertools.islice(chosen, options.max_frames)
    if source.live:
        yield from ((frame, recognize(frame.image)) for frame in frames)
    else:
        yield from read_ahead(frames, recognize)


def _inside(digits: Sequence[Digit], image: Image) -> list[Digit]:
    """Those wholly in the image: a digit that moved out of it cannot be read."""
    rows, columns = image.shape[:2]
    boxes = ((digit, digit.box) for digit in digits)
    return [
        d for d, b in boxes if b.x >= 0 and b.y >= 0 and b.right <= columns and b.bottom <= rows
    ]


class _Viewer:
    """Shows frames in the window at the source's pace and obeys the keys.

    Attributes:
        idle_s: seconds spent waiting for the user or for the next frame to be due.
        saved: frames saved by key.
    """

    def __init__(self, source: Source, window: Window, options: LiveOptions) -> None:
        self._window = window
        self._options = options
        self._stays = _is_picture(source)
        self._period_s = 0.0 if source.live else options.stride / source.fps
        self._shown_s = time.perf_counter()
        self._rate = 0.0
        self.idle_s = 0.0
        self.saved: list[Path] = []

    def show(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> bool:
        """Shows a frame, a picture until a key; returns whether to go on."""
        view = self._mirrored(frame, digits) if self._options.mirror else annotated
        status = f"{self._rate:.0f} fps   {len(digits)} digits"
        command = self._window.show(head_up(view, status)) or self._wait_until_due()
        stopped = self._stays
        while command != "quit":
            if command == "save":
                self.saved.append(_save(self._options.snapshots, frame, annotated))
            if command == "pause":
                stopped = not stopped
            if not stopped:
                self._count()
                return True
            started_s = time.perf_counter()
            command = self._window.show(head_up(view, KEYS)) or self._window.wait(PAUSE_POLL_MS)
            self.idle_s += time.perf_counter() - started_s
        return False

    def _mirrored(self, frame: Frame, digits: Sequence[Digit]) -> Image:
        """Draws on the mirrored image, so that labels stay readable."""
        columns = frame.image.shape[1]
        mirrored = [replace(d, box=replace(d.box, x=columns - d.box.right)) for d in digits]
        return annotate(frame.image[:, ::-1], mirrored, group_numbers(digits))

    def _wait_until_due(self) -> str | None:
        """Waits for the rest of the frame's time in a recording."""
        rest_s = self._period_s - (time.perf_counter() - self._shown_s)
        if self._stays or rest_s < MIN_WAIT_S:
            return None
        command = self._window.wait(round(1000 * rest_s))
        self.idle_s += rest_s
        return command

    def _count(self) -> None:
        """Takes note of the time for the pace and the frame rate."""
        now_s = time.perf_counter()
        rate = 1 / max(now_s - self._shown_s, MIN_WAIT_S)
        self._rate += (RATE_GAIN if self._rate else 1) * (rate - self._rate)
        self._shown_s = now_s


def _save(folder: Path, frame: Frame, annotated: Image) -> Path:
    """Writes a snapshot under a name of its own."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: {error.strerror}; run where a folder can be made") from error
    stem = re.sub(r"[^\w.-]+", "-", Path(frame.source).stem).strip("-.") or "frame"
    names = (f"{stem}-{frame.index:06d}{'' if n == 1 else f'_{n}'}.png" for n in itertools.count(1))
    path = next(folder / name for name in names if not (folder / name).exists())
    write_image(path, annotated)
    return path
