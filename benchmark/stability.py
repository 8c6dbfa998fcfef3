"""How steady labels are along a recording: pure functions of true and shown digits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmark.metrics import match, ratio
from camlive.detection import Digit

SETTLED_S = 0.5  # a digit in view for so long ought to have its label, for good

Digits = Sequence[Digit]


@dataclass(frozen=True, slots=True)
class Shown:
    """What was shown on one frame: its time in seconds, and the digits with their tracks."""

    time_s: float
    digits: Digits


@dataclass(frozen=True, slots=True)
class Stability:
    """How the labels of one recording did.

    Attributes:
        digit_frames: labelled frames of each true digit, from half a second after it came into
            view; of one without a track from half a second after the start.
        right: those of them on which it bore the right label.
        appearances: true digits with a track, counted anew each time they come into view.
        steady_s: of each appearance that got its right and final label, the seconds until then.
        ids: shown tracks on those appearances that got it, in all.
        track_s: seconds that shown tracks lasted, in all.
        changes: label changes of shown tracks.
        late_changes: those half a second after the track was first shown, or later.
    """

    digit_frames: int
    right: int
    appearances: int
    steady_s: tuple[float, ...]
    ids: int
    track_s: float
    changes: int
    late_changes: int

    @property
    def right_share(self) -> float | None:
        """Digit-frames labelled rightly; None without any."""
        return ratio(self.right, self.digit_frames)

    @property
    def ids_a_digit(self) -> float | None:
        """Shown tracks for each appearance with its right and final label; None without any."""
        return ratio(self.ids, len(self.steady_s))

    @property
    def changes_a_second(self) -> float | None:
        """Label changes for each second of a shown track; None without any."""
        return ratio(self.changes, self.track_s)


@dataclass(slots=True)
class _Appearance:
    """A true digit from when it comes into view until it goes: what was shown of it, and when."""

    digit: int
    seen: list[tuple[float, Digit | None]] = field(default_factory=list)

    def late(self) -> list[bool]:
        """Whether it was right, on each frame half a second after the first or later."""
        start_s = self.seen[0][0]
        return [self._is_right(d) for time_s, d in self.seen if time_s - start_s >= SETTLED_S]

    def steady_s(self) -> float | None:
        """Seconds until the right label that no wrong one follows; None if that never comes."""
        since_s = None
        for time_s, digit in self.seen:
            if self._is_right(digit):
                since_s = time_s if since_s is None else since_s
            elif digit:
                since_s = None
        return None if since_s is None else since_s - self.seen[0][0]

    def ids(self) -> int:
        """Shown tracks."""
        return len({digit.track for _, digit in self.seen if digit})

    def _is_right(self, digit: Digit | None) -> bool:
        return digit is not None and digit.digit == self.digit


def stability(shown: Mapping[int, Shown], truth: Mapping[int, Digits]) -> Stability:
    """Compares what was shown with the truth.

    Args:
        shown: every frame by its number.
        truth: the true digits of labelled frames by their number.
    """
    appearances, late = _appearances(shown, truth), _late_without_track(shown, truth)
    late += [right for appearance in appearances for right in appearance.late()]
    steady = [appearance.steady_s() for appearance in appearances]
    lasted, changes = _tracks(shown.values())
    return Stability(
        len(late),
        sum(late),
        len(appearances),
        tuple(s for s in steady if s is not None),
        sum(a.ids() for a, s in zip(appearances, steady, strict=True) if s is not None),
        sum(lasted),
        len(changes),
        sum(age_s >= SETTLED_S for age_s in changes),
    )


def _matched(shown: Digits, true: Digits) -> list[Digit | None]:
    """For each true digit the shown one at its place."""
    pairs = dict(match([t.box for t in true], [s.box for s in shown]))
    return [shown[pairs[i]] if i in pairs else None for i in range(len(true))]


def _appearances(shown: Mapping[int, Shown], truth: Mapping[int, Digits]) -> list[_Appearance]:
    """Of the digits with a track; a labelled frame without the digit ends an appearance."""
    ended: list[_Appearance] = []
    open_: dict[int | None, _Appearance] = {}
    for frame in sorted(truth):
        true = [digit for digit in truth[frame] if digit.track is not None]
        now = shown[frame]
        still: dict[int | None, _Appearance] = {}
        for digit, seen in zip(true, _matched(now.digits, true), strict=True):
            appearance = open_.pop(digit.track, None) or _Appearance(digit.digit)
            appearance.seen.append((now.time_s, seen))
            still[digit.track] = appearance
        ended += open_.values()
        open_ = still
    return [*ended, *open_.values()]


def _late_without_track(shown: Mapping[int, Shown], truth: Mapping[int, Digits]) -> list[bool]:
    """Whether each true digit without a track was right, half a second after the start or later."""
    late = []
    for frame, digits in truth.items():
        true = [digit for digit in digits if digit.track is None]
        if shown[frame].time_s >= SETTLED_S:
            seen = _matched(shown[frame].digits, true)
            late += [s is not None and s.digit == t.digit for t, s in zip(true, seen, strict=True)]
    return late


def _tracks(shown: Iterable[Shown]) -> tuple[list[float], list[float]]:
    """How long each shown track lasted, and its age at each change of its label, in seconds."""
    first: dict[int | None, float] = {}
    last: dict[int | None, tuple[float, int]] = {}
    changes = []
    for now in shown:
        for digit in now.digits:
            start_s = first.setdefault(digit.track, now.time_s)
            if digit.track in last and last[digit.track][1] != digit.digit:
                changes.append(now.time_s - start_s)
            last[digit.track] = now.time_s, digit.digit
    return [last[track][0] - start_s for track, start_s in first.items()], changes
