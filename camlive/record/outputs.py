"""What a user asks to be saved -> the sinks that save it."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from camlive.errors import OutputError
from camlive.record.events import EventSink
from camlive.record.images import CropSink, FrameSink
from camlive.record.jsonlines import JsonLinesSink
from camlive.record.pace import Due, Every, OnChange
from camlive.record.sink import Sink
from camlive.record.video import VIDEO_LIMIT_S, VideoSink


@dataclass(frozen=True, slots=True)
class Outputs:
    """What to save, where None saves nothing.

    Attributes:
        save_video: the annotated video.
        save_frames: the folder of annotated frames.
        save_crops: the folder of the digits' pictures.
        jsonl: the file of all readings, "-" for the standard output.
        events: the file of the numbers that became steady, or "-".
        every_s: seconds between the frames that are saved as pictures.
        on_change: whether only frames that show something new are.
        limit_s: seconds after which the video of a source that never ends is finished.
        force: whether what exists may be replaced.
    """

    save_video: Path | None = None
    save_frames: Path | None = None
    save_crops: Path | None = None
    jsonl: str | None = None
    events: str | None = None
    every_s: float | None = None
    on_change: bool = False
    limit_s: float = VIDEO_LIMIT_S
    force: bool = False
    _sinks: list[Sink] = field(default_factory=list, init=False)

    def sinks(
        self, inputs: Sequence[str], fps: float, say: Callable[[str], None]
    ) -> Iterator[Sink]:
        """Opens each output.

        Args:
            inputs: what is read, never overwritten.
            fps: frames per second of the video.
            say: told, in a line, when the video is finished before the run is, or lacks frames.

        Raises:
            OutputError: an output cannot be written or must not be, or two are the same.
        """
        self._check()
        for sink in self._opened(inputs, fps, say):
            self._sinks.append(sink)
            yield sink

    def _opened(
        self, inputs: Sequence[str], fps: float, say: Callable[[str], None]
    ) -> Iterator[Sink]:
        if self.save_video is not None:
            yield VideoSink(self.save_video, fps, self.force, inputs, self.limit_s, say)
        if self.save_frames is not None:
            yield FrameSink(self.save_frames, self.force, inputs, self._due())
        if self.save_crops is not None:
            yield CropSink(self.save_crops, self.force, inputs, self._due())
        if self.jsonl is not None:
            yield JsonLinesSink(self.jsonl, self.force, inputs)
        if self.events is not None:
            yield EventSink(self.events, self.force, inputs)

    def _check(self) -> None:
        named = (self.save_video, self.save_frames, self.save_crops, self.jsonl, self.events)
        places = [place for place in named if place is not None]
        if len({os.path.realpath(place) for place in places}) < len(places):
            raise OutputError("two outputs go to the same place; give each its own name")
        if self.every_s is not None and self.on_change:
            raise OutputError("--every and --on-change exclude each other; give one of them")
        if (self.every_s or self.on_change) and not (self.save_frames or self.save_crops):
            raise OutputError(
                "--every and --on-change choose pictures; give --save-frames or --save-crops, too"
            )

    def saved(self) -> list[str]:
        """The names of what was written."""
        return [str(sink.saved) for sink in self._sinks if sink.saved]

    def _due(self) -> Due:
        if self.every_s is not None:
            return Every(self.every_s)
        return OnChange() if self.on_change else Due()
