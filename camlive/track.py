"""The same digit through time: ids, and labels that stay steady."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from camlive.detection import Digit
from camlive.flow import Glance, moved
from camlive.motion import Vector, paired, place_of

KEEP_S = 0.4  # a digit unseen for so long is gone; its id is not used again
COAST_S = 0.15  # a digit unseen for so long is still reported, where it should be
STILL_READ = 0.25  # of several digits: where fewer are read on, all moved, nobody knows where to
TURNED = 3  # digits that read as others at once, and more than read as before: another page
HITS_TO_SHOW = 2  # what is seen once may be noise
SAME_PLACE = 0.3  # IoU of the boxes of two digits of which one is in the other's place
MEMORY_S = 0.7  # time in which old readings fade to 1/e
MARGIN = 7.0  # log-evidence by which a new label must beat the one shown: one sure reading
MAX_CONFIDENCE = 0.999  # one reading alone never decides a label for ever


@dataclass(slots=True)
class _Track:
    """One digit followed; `place` is its centre and size, in pixels."""

    number: int
    seen: Digit
    seen_s: float
    place: Vector
    evidence: Vector = field(default_factory=lambda: np.zeros(10))  # sum of log-probabilities
    weight: float = 0.0
    hits: int = 0
    label: int = 0
    lost: bool = False  # whether its ink was not found again, since it was last seen

    def read(self, digit: Digit, time_s: float) -> None:
        """Takes one more reading of the digit."""
        elapsed_s = time_s - self.seen_s
        fade = np.exp(-elapsed_s / MEMORY_S)
        place = place_of(digit.box)
        self.evidence = fade * self.evidence + _log_probabilities(digit)
        self.weight = fade * self.weight + 1
        best = int(self.evidence.argmax())
        margin = MARGIN if self.hits >= HITS_TO_SHOW else 0
        if self.evidence[best] > self.evidence[self.label] + margin:
            self.label = best
        self.seen, self.seen_s, self.place, self.hits = digit, time_s, place, self.hits + 1
        self.lost = False

    def digit(self) -> Digit:
        """The digit with its steady label; the confidence is that of its average reading."""
        odds = np.exp(self.evidence / self.weight)
        confidence = float(odds[self.label] / odds.sum())
        x, y = np.rint(self.place[:2] - place_of(self.seen.box)[:2]).astype(int).tolist()
        box = replace(self.seen.box, x=self.seen.box.x + x, y=self.seen.box.y + y)
        return replace(
            self.seen, box=box, digit=self.label, confidence=confidence, track=self.number
        )


class Tracker:
    """Follows the digits of one recording or camera."""

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._shown: list[_Track] = []
        self._next = 0
        self._time_s = -math.inf

    def update(self, digits: Sequence[Digit], time_s: float) -> list[Digit]:
        """Takes the digits that were read on a later frame than the last.

        Args:
            digits: what was read on the frame.
            time_s: the frame's time in seconds, never less than the last one's.

        Returns:
            The digits with their tracks and steady labels: those read on at least two frames,
            and for a moment those that went unread while others did not, at the place they
            should have moved to, which may lie outside the frame. On the first frame, that of
            another page, and where frames come too seldom to follow a digit, those read once.
        """
        elapsed_s, self._time_s = time_s - self._time_s, time_s
        matches = _match(self._tracks, digits)
        if _is_another_page(matches, digits):
            self._tracks, matches, elapsed_s = [], {}, math.inf  # as on the first frame
        shift = _common_shift(matches, digits)
        for track in self._tracks:
            if track.number in matches:
                track.read(digits[matches[track.number][1]], time_s)
            else:
                track.place[:2] += shift
        seen = {index for _, index in matches.values()}
        for index in range(len(digits)):
            if index not in seen:
                self._begin(digits[index], time_s)
        self._tracks = [t for t in self._tracks if time_s - t.seen_s <= max(KEEP_S, elapsed_s)]
        self._end_replaced(time_s)
        hits = HITS_TO_SHOW if elapsed_s <= KEEP_S else 1
        known = [t for t in self._tracks if t.hits >= hits and not t.lost]
        self._shown = [t for t in known if time_s - t.seen_s <= COAST_S]
        read = [t for t in self._shown if t.seen_s == time_s]
        if len(self._shown) > 1 and len(read) < STILL_READ * len(self._shown):
            self._shown = read
        return [track.digit() for track in self._shown]

    def _end_replaced(self, time_s: float) -> None:
        """Ends what was never shown, or was lost, where a digit that is shown is read now."""
        read = [t for t in self._tracks if t.seen_s == time_s and t.hits >= HITS_TO_SHOW]
        boxes = [track.digit().box for track in read]
        self._tracks = [
            t
            for t in self._tracks
            if t.seen_s == time_s
            or not (t.lost or t.hits < HITS_TO_SHOW)
            or all(t.digit().box.iou(box) < SAME_PLACE for box in boxes)
        ]

    def follow(self, before: Glance, after: Glance) -> list[Digit]:
        """Takes all digits along from one frame to another by their ink, see `flow.moved`.

        Args:
            before: the frame where they are.
            after: the other.

        Returns:
            Those that were shown last, where they are now; none where their ink is not found.
        """
        places, there = moved(np.array([t.place for t in self._tracks]), before, after)
        for track, place, is_there in zip(self._tracks, places, there, strict=True):
            track.place = place
            track.lost |= not is_there
        self._shown = [track for track in self._shown if not track.lost]
        return [track.digit() for track in self._shown]

    def _begin(self, digit: Digit, time_s: float) -> None:
        track = _Track(self._next, digit, time_s, place_of(digit.box))
        track.read(digit, time_s)
        self._tracks.append(track)
        self._next += 1


def _match(tracks: Sequence[_Track], digits: Sequence[Digit]) -> dict[int, tuple[_Track, int]]:
    """Pairs tracks and digits, the likeliest first: track number -> (track, digit's index).

    Where the ink of a track was lost another digit at its place is another digit.
    """
    if not tracks or not digits:
        return {}
    before = np.array([t.place for t in tracks])
    after = np.array([place_of(d.box) for d in digits])
    same = np.equal.outer([t.label for t in tracks], [d.digit for d in digits])
    is_there = np.array([not t.lost for t in tracks])
    pairs = paired(before, after, same, same | is_there[:, None])
    return {tracks[row].number: (tracks[row], column) for row, column in pairs}


def _is_another_page(matches: dict[int, tuple[_Track, int]], digits: Sequence[Digit]) -> bool:
    """Whether the digits stand where others stood, as after a cut or where a page was turned."""
    others = sum(digits[index].digit != track.label for track, index in matches.values())
    return others >= TURNED and others > len(matches) / 2


def _common_shift(matches: dict[int, tuple[_Track, int]], digits: Sequence[Digit]) -> Vector:
    """The median motion of the matched tracks in pixels: unread ones moved with the camera too."""
    moves = [place_of(digits[index].box)[:2] - track.place[:2] for track, index in matches.values()]
    shift: Vector = np.median(moves or np.zeros((1, 2)), axis=0)
    return shift


def _log_probabilities(digit: Digit) -> Vector:
    """Log-probability of each digit, what is left of the confidence shared among the others."""
    sure = min(max(digit.confidence, 0.1), MAX_CONFIDENCE)
    logs = np.full(10, math.log((1 - sure) / 9))
    logs[digit.digit] = math.log(sure)
    return logs
