"""What all sources have in common."""

from collections.abc import Callable, Iterator

from camlive.closing import Closing
from camlive.detection import Frame, Image

DEFAULT_FPS = 25.0  # where a file or camera does not say
MAX_FPS = 240.0  # more is a time base, not a frame rate


class Source(Closing):
    """Yields frames; a context manager.

    Attributes:
        name: the source as given, without a password.
        live: whether it is a camera or a stream, of which only the newest frame is shown.
        endless: whether it never ends by itself: such, or what begins again at its end.
        size: width and height in pixels of the first frame.
        fps: frames per second.
        frame_count: how many frames it has, None where that is not known.
        dropped: frames of a live source that came and were never yielded.
        say: told, in a line, what happens on the way, such as that a live source is lost.
        while_silent: called again and again while no frame of a live source comes, with the reason
            once it is lost, before that with nothing; answers whether to go on waiting.
    """

    live = endless = False

    def __init__(self, name: str, first: Image, fps: float, frame_count: int | None) -> None:
        self.name = name
        self.size = (first.shape[1], first.shape[0])
        self.fps = fps if 0.1 <= fps <= MAX_FPS else DEFAULT_FPS
        self.frame_count = frame_count
        self.dropped = 0
        self.say: Callable[[str], object] = lambda _: None
        self.while_silent: Callable[[str], bool] = lambda _: True

    def __iter__(self) -> Iterator[Frame]:
        """Yields the frames.

        Raises:
            SourceError: a download broke off.
        """
        raise NotImplementedError

    def frames(self, stride: int = 1, keep_images: bool = True) -> Iterator[Frame]:  # noqa: ARG002
        """Yields every so many-th frame.

        Args:
            stride: of how many frames the first is taken.
            keep_images: whether all of these need their images; else those of a recording whose
                ink is not followed are black, which saves a third of the time of decoding.

        Raises:
            SourceError: a download broke off.
        """
        return (frame for frame in self if frame.index % stride == 0)

    @property
    def is_still(self) -> bool:
        """Whether it is one picture: that is read as closely as can be, and stays in the window."""
        return self.frame_count == 1

    def age_s(self, frame: Frame) -> float:  # noqa: ARG002
        """Seconds since a frame of a live source came; 0 of what is recorded."""
        return 0.0

    def close(self) -> None:
        """Releases the camera, file or connection; may be called again."""
