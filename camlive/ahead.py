"""Recordings read ahead: some frames are read, and between them digits follow their ink."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice, pairwise

from camlive.detection import Digit, Frame, black_like
from camlive.errors import CamliveError
from camlive.flow import glance
from camlive.leap import Held, apart_s, followed, is_there, mend, see_back
from camlive.motion import between
from camlive.reader import Reader
from camlive.recognizer import Reading, Recognize
from camlive.track import Tracker

STOP_S = 0.27  # from one frame that may be read to the next, at most, if any comes between
STOP_BYTES = 34 << 20  # of the frames from one to the next, at most, where all their images stay
SEEN_BACK = 2  # such stops, at most, through which a digit goes back: it is known once read twice
MOST_STOPS = 5  # held at once: those two, and a leap that is read while the next is decoded


def read_ahead(
    frames: Iterable[Frame], recognize: Recognize, tracker: Tracker, keep_images: bool = True
) -> Generator[Reading, None, None]:
    """Reads the frames of a recording on two cores, and gives them all in their order.

    Frames at most 0.54 seconds apart are read, by a thread, while the next are decoded; where the
    page changes between two of them the one in the middle, too. From each the digits follow the
    optical flow of their ink to the next that is read; those that the tracker first knows there go
    back to where they came into view. A frame comes out later than it would alone, so this is
    nothing for a camera.

    Args:
        frames: of the recording.
        recognize: reads a frame, (H, W, 3) uint8 BGR.
        tracker: follows what is read.
        keep_images: whether the frames are given with their images; else these turn black as soon
            as nothing is read from them any more.

    Raises:
        CamliveError: the source failed; the frames before were given.
    """
    failure: CamliveError | None = None
    source = iter(frames)
    with closing(Reader(recognize)) as reader:
        way = _Way(reader, tracker, keep_images)
        while True:
            try:
                frame = next(source)
            except StopIteration:
                break
            except CamliveError as error:  # what the source gave before still counts
                failure = error
                break
            way.take(frame)
            yield from way.give()
        yield from way.give_rest()
    if failure:
        raise failure


class _Way:
    """The frames on their way, some of them stops; a leap goes from one to the next but one."""

    def __init__(self, reader: Reader, tracker: Tracker, keep_images: bool) -> None:
        self._reader, self._tracker, self._keep_images = reader, tracker, keep_images
        self._held: deque[Held] = deque()
        self._asked: deque[Held] = deque()  # and not answered yet
        self._stop: Held | None = None  # the newest
        self._since: list[Held] = []  # the frames after it
        self._end: Held | None = None  # of the newest leap
        self._settled: Held | None = None  # the newest that is
        self._at: Held | None = None  # where the tracker has its tracks
        self._changed = False  # whether the page did in the last leap
        self._given: Held | None = None  # the last, of those whose ink is followed

    def take(self, frame: Frame) -> None:
        """Takes the next frame, and asks for what is to be read now."""
        newest = Held(frame, glance(frame.image) if frame.is_followed else None)
        self._held.append(newest)
        self._since.append(newest)
        if not newest.glance:
            return
        if self._stop is None:
            self._make_stop(newest)
            return
        before = next((item for item in reversed(self._since[:-1]) if item.glance), None)
        is_late = frame.time_s - self._stop.frame.time_s > STOP_S
        is_full = self._keep_images and len(self._since) * frame.image.nbytes >= STOP_BYTES
        if is_late and before:
            self._make_stop(before)
        elif is_late or is_full:
            self._make_stop(newest)
        if before and not before.is_stop:
            self._let_go(before)

    def _make_stop(self, item: Held) -> None:
        """Makes a frame a stop; asks for it at the end of a leap, or where stops are far apart."""
        begin = self._end
        is_middle = begin and begin is self._stop and apart_s(begin, item) <= STOP_S
        item.is_stop, self._stop = True, item
        self._since = self._since[self._since.index(item) + 1 :]
        if not is_middle:
            self._end = item
            self._ask(item)

    def _ask(self, item: Held) -> None:
        item.asked = True
        self._asked.append(item)
        self._reader.ask(item.frame)

    def _let_go(self, item: Held) -> None:
        """Lets go of an image that nobody needs any more."""
        if not self._keep_images:
            item.frame = replace(item.frame, image=black_like(item.frame.image))

    def give(self) -> Iterator[Reading]:
        """Gives a frame if no later reading adds to it; waits while too many are held.

        One at a time: the others keep the reader busy while that one is looked at.
        """
        wait = False
        while True:
            self._note(wait)
            is_ready = self._is_ready()
            if is_ready:
                yield self._next()
            if sum(item.is_stop for item in self._held) <= MOST_STOPS:
                return
            wait = not is_ready

    def give_rest(self) -> Iterator[Reading]:
        """Reads the last frame, and gives all that are left."""
        last = next((item for item in reversed(self._since) if item.glance), None)
        last = last or self._stop
        if last and not last.asked:
            last.is_stop = True
            self._ask(last)
        while self._asked:
            self._note(wait=True)
        while self._held:
            yield self._next()

    def _is_ready(self) -> bool:
        if not self._settled:
            return False
        known = islice(self._held, 1, self._held.index(self._settled) + 1)
        return sum(item.is_stop for item in known) >= SEEN_BACK

    def _next(self) -> Reading:
        """Takes the first frame out; one whose ink is not followed shows what those about it do."""
        item = self._held.popleft()
        if item.glance:
            self._given = item
        elif before := self._given:
            after = next((later for later in self._held if later.glance), before)
            share = apart_s(before, item) / (apart_s(before, after) or 1)
            item.digits = between(before.digits, after.digits, share)
        return item.frame, item.digits

    def _note(self, wait: bool) -> None:
        """Writes down what was read, and settles it; waits for one reading if told to."""
        while self._asked and (answer := self._reader.answer(wait)):
            self._asked.popleft().read = answer[1]
            self._settle()
            wait = False

    def _settle(self) -> None:
        """Settles what was read in the order of frames, with the middle of a leap if need be."""
        for item in [item for item in self._held if item.asked and not item.settled]:
            if item.read is None:
                return
            middle = self._unread_before(item)
            if middle and self._is_needed(middle, item):
                self._ask(middle)
                return
            self._settle_one(item)

    def _unread_before(self, end: Held) -> Held | None:
        """The stop in the middle of a leap, unless it was read."""
        if self._settled is None:
            return None
        return next((item for item in self._items(self._settled, end)[1:-1] if item.is_stop), None)

    def _is_needed(self, middle: Held, end: Held) -> bool:
        """Whether a leap, or the one before it, has more to it than its ends show."""
        begin = self._settled
        assert begin is not None
        changed = self._changed
        self._changed = _labels(begin.read) != _labels(end.read)
        if changed or self._changed or apart_s(begin, end) > 2 * STOP_S:
            return True
        self._follow_to(middle)
        return len(middle.digits) < len(begin.digits)

    def _follow_to(self, item: Held) -> None:
        """Takes the digits along to another frame."""
        if self._at is not None:
            for (_, here), (after, there) in pairwise(followed(self._items(self._at, item))):
                after.digits = self._tracker.follow(here, there)
        self._at = item

    def _settle_one(self, end: Held) -> None:
        """Tells the tracker what was read on a frame, and takes new digits back from there."""
        self._follow_to(end)
        carried, end.digits = end.digits, self._tracker.update(end.read or (), end.frame.time_s)
        end.digits += [digit for digit in carried if not is_there(digit, end.digits)]
        if self._settled:
            mend(self._items(self._settled, end), carried)
        end.settled, self._settled = True, end
        past = self._items(self._held[0], end)
        begin = [item for item in past if item.is_stop][-1 - SEEN_BACK :][0]
        see_back(self._items(begin, end))
        for item in past:
            if item.is_stop:
                self._let_go(item)

    def _items(self, one: Held, other: Held) -> list[Held]:
        """The frames from one to another."""
        return list(islice(self._held, self._held.index(one), self._held.index(other) + 1))


def _labels(digits: Sequence[Digit] | None) -> list[int]:
    return sorted(digit.digit for digit in digits or ())
