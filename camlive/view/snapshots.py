"""Frames and recordings that the user saves from the window, by key."""

import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from camlive.capture.base import Source
from camlive.detection import Digit, Frame, Image
from camlive.errors import OutputError
from camlive.record.images import write_image
from camlive.record.output import stem_of
from camlive.record.video import VideoSink

NEWS_S = 3.0  # for so long the user is told what was saved


class Snapshots:
    """Saves frames and recordings into a folder; what cannot be saved is told, and no more.

    Attributes:
        failed: how many could not be saved.
    """

    def __init__(
        self,
        folder: Path,
        source: Source,
        fps: float,
        limit_s: float,
        on_saved: Callable[[Path], object],
    ) -> None:
        """Saves nothing yet.

        Args:
            folder: where, made when needed.
            source: what is shown; says, in a line, what cannot be saved.
            fps: frames per second of a recording.
            limit_s: seconds after which a recording of a source that never ends is finished.
            on_saved: told of each file that is whole.
        """
        self._folder, self._source, self._fps, self._limit_s = folder, source, fps, limit_s
        self._on_saved = on_saved
        self._newest: tuple[str, float] | None = None  # what happened, and when
        self._video: VideoSink | None = None
        self.failed = 0

    @property
    def records(self) -> bool:
        """Whether a recording goes on."""
        return self._video is not None

    @property
    def news(self) -> str:
        """What was saved just now, or why not, for the user; empty a while later."""
        if self._newest is None or time.monotonic() - self._newest[1] >= NEWS_S:
            return ""
        return self._newest[0]

    def save(self, frame: Frame, annotated: Image) -> None:
        """Saves the annotated frame."""
        with self._told():
            path = self._free_name(frame, f"-{frame.index:06d}", ".png")
            write_image(path, annotated)
            self._note(path)

    def toggle(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:
        """Begins a recording with this frame, or finishes the one that goes on."""
        if self._video:
            self.close()
            return
        with self._told():
            path = self._free_name(frame, "", ".mp4")
            say = self._source.say
            self._video = VideoSink(path, self._fps, limit_s=self._limit_s, say=say)
            self._video.begin(self._source.live, self._source.endless)
        self.write(frame, digits, annotated)

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:
        """Appends a frame to the recording, if one goes on."""
        if self._video:
            with self._told():
                try:
                    self._video.write(frame, digits, annotated)
                finally:
                    if self._video.finished:
                        self.close()

    def close(self) -> None:
        """Finishes a recording that goes on."""
        video, self._video = self._video, None
        if video:
            with self._told():
                video.close()
            if video.saved:
                self._note(video.saved)

    def _note(self, path: Path) -> None:
        self._newest = f"Saved: {path}", time.monotonic()
        self._on_saved(path)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OutputError as error:
            self.failed += 1
            self._newest = f"Not saved: {error}", time.monotonic()
            self._source.say(str(error))

    def _free_name(self, frame: Frame, number: str, suffix: str) -> Path:
        """A name in the folder that no file has, after the source and the frame's number."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"{self._folder}: no folder can be made ({error.strerror}); run elsewhere"
            ) from error
        stem = stem_of(frame.source)
        ends = (f"{'' if n == 1 else f'_{n}'}{suffix}" for n in itertools.count(1))
        names = (self._folder / f"{stem}{number}{end}" for end in ends)
        return next(name for name in names if not os.path.lexists(name))
