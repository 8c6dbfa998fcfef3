"""The annotated frames as a video."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from camlive.detection import Digit, Frame, Image
from camlive.errors import OutputError
from camlive.record.encoder import FORMATS, Encoder
from camlive.record.output import FULL, check_output, part_of, target_of
from camlive.record.sink import Sink

VIDEO_LIMIT_S = 3600.0  # of a source that may never end, unless the user says otherwise
LONGEST_STILL_S = 2.0  # a frame of a live source stands no longer than this where it paused


class VideoSink(Sink):
    """Writes the annotated frames to a video of the first frame's size, in the source's time.

    Args:
        path: the video; its suffix chooses how it is written (`FORMATS`).
        fps: frames per second, as far as the source keeps to them.
        force: whether an existing file may be replaced.
        inputs: what is being read, never overwritten.
        limit_s: of a source that never ends: the seconds after which the video is finished,
            whatever comes.
        say: told, in a line, when the limit is reached, and how many frames an .avi, whose frames
            come evenly, has no place for.

    Attributes:
        path: the video.
        finished: whether it takes no more frames: its limit was reached, or one failed.

    Raises:
        OutputError: the path cannot be written or must not be.
    """

    needs_plain = False

    def __init__(
        self,
        path: Path,
        fps: float,
        force: bool = False,
        inputs: Sequence[str] = (),
        limit_s: float = VIDEO_LIMIT_S,
        say: Callable[[str], object] = lambda _: None,
    ) -> None:
        if path.suffix.lower() not in FORMATS:
            raise OutputError(f"{path}: name the video {', '.join(FORMATS)}, not {path.suffix!r}")
        check_output(path, force, inputs)
        self.path = path
        self._part = part_of(path)
        self._fps = fps
        self._limit_s = limit_s
        self._say = say
        self._encoder: Encoder | None = None
        self._time_s = 0.0  # of the last frame in the video
        self._before: Frame | None = None  # of the same source
        self._begun_s = 0.0  # when this source began
        self._live = self._endless = False
        self.finished = False

    def begin(self, live: bool, endless: bool) -> None:
        """Appends what comes to the video, by what kind of source it is."""
        self._live, self._endless, self._before = live, endless, None
        self._begun_s = self._time_s

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:  # noqa: ARG002
        """Appends the annotated frame, letterboxed where its size is not the first one's."""
        if self.finished:
            return
        self._time_s += self._since_before_s(frame)
        try:
            if self._encoder is None:
                height, width = annotated.shape[:2]
                self._encoder = Encoder(self._part, (width, height), self._fps)
            self._encoder.write(annotated, self._time_s)
        except OSError as error:
            with suppress(OutputError):
                self.close()  # what was written can be played
            self.finished = True
            raise OutputError(
                f"{self.path}: a frame could not be written ({error.strerror}); "
                + (
                    "is the disk full?"
                    if error.errno in FULL
                    else "name it .avi, or make it smaller"
                )
            ) from error
        length_s = self._time_s - self._begun_s + 1.5 / self._fps
        if self._endless and length_s > self._limit_s:
            self.finished = True
            self.close()
            self._say(
                f"{self.path}: finished at its limit of {self._limit_s:g} s; see --video-limit"
            )

    def _since_before_s(self, frame: Frame) -> float:
        """How long the frame before this one stands."""
        before, self._before = self._before, frame
        if self._encoder is None:
            return 0.0
        since_s = frame.time_s - before.time_s if before else 0.0
        if since_s <= 0:
            return 1 / self._fps
        return min(since_s, LONGEST_STILL_S) if self._live else since_s

    def close(self) -> None:
        """Finishes the video and gives it its name.

        Raises:
            OutputError: it cannot be finished or named.
        """
        encoder, self._encoder = self._encoder, None
        if encoder is None:
            return
        try:
            try:
                encoder.close()
            finally:
                if self._part.exists() and not self._part.stat().st_size:
                    self._part.unlink()
                elif encoder.begun:
                    os.replace(self._part, target_of(self.path))
                    self.saved = self.path
        except OSError as error:
            kept = (file for file in (self._part, self.saved) if file and os.path.exists(file))
            left = next(kept, None)
            raise OutputError(
                f"{self.path}: {error.strerror}; "
                + (f"what was written is in {left}" if left else "nothing of it could be written")
            ) from error
        if encoder.lost:
            remedy = "; name it .mkv" if self.path.suffix.lower() == ".avi" else ""
            self._say(
                f"{self.path}: frames that came faster than it can show are left out: "
                f"{encoder.lost}{remedy}"
            )
