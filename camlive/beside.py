"""A camera's frames: each is shown, some are read beside, and what was read is taken along."""

from collections.abc import Generator, Iterable
from contextlib import closing
from itertools import pairwise

from camlive.detection import Frame
from camlive.flow import Followed, glance
from camlive.reader import Reader
from camlive.recognizer import Reading, Recognize
from camlive.track import Tracker

MOST_SINCE = 8  # glances kept while a frame is read, however long that takes


def read_beside(
    frames: Iterable[Frame], recognize: Recognize, tracker: Tracker
) -> Generator[Reading, None, None]:
    """Gives each frame of a live source at once, with the digits of the newest reading.

    A thread reads one frame at a time, the newest when it is done with the last. The digits that
    it read are where the optical flow took them since. Only the first frame waits until it is read.

    Args:
        frames: of the source, as they come.
        recognize: reads a frame, (H, W, 3) uint8 BGR.
        tracker: follows what is read.
    """
    newest = iter(frames)
    first = next(newest, None)
    if first is None:
        return
    digits = tracker.update(recognize(first.image), first.time_s)
    yield first, digits
    followed = Followed(digits)
    since = [glance(first.image)]  # of the frame that is being read, and those after
    with closing(Reader(recognize)) as reader:
        for frame in newest:
            since.append(glance(frame.image))
            if answer := reader.answer():
                read_frame, read = answer
                tracker.update(read, read_frame.time_s)
            if reader.waiting:
                digits = followed.step(*since[-2:])
                if len(since) > MOST_SINCE:
                    del since[1:-1:2]
            else:
                reader.ask(frame)
                for before, after in pairwise(since):
                    digits = tracker.follow(before, after)
                followed = Followed(digits)
                since = since[-1:]
            yield frame, digits
        reader.answer(wait=reader.waiting > 0)  # of no use any more, but an error is told
