"""A line for each number, once, when it has become steady."""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from functools import reduce
from math import inf

from camlive.detection import Box, Digit, Frame, Image
from camlive.errors import printable
from camlive.reading import numbers_of
from camlive.record.jsonlines import LinesSink

STEADY_S = 0.5  # a number that reads the same for so long is told: longer than it takes to slide in
REMEMBERED = 1000  # numbers told that are not told again while they stay in view

Key = tuple[tuple[int | None, ...], str]  # tracks, text
Numbers = list[tuple[Key, list[Digit]]]  # of a picture some may have the same key


class EventSink(LinesSink):
    """Writes a line of JSON for each number that has become steady; arguments as `LinesSink`.

    A digit that stands alone is a number, too. What was told is not told again while it stays in
    view and reads the same, nor a part of it where some of its digits are hidden for a while. The
    numbers of a picture are told at once. A frame of a recording stands until the next one, its
    last as long as the one before; that of a live source may have come before a stall.
    """

    def __init__(self, target: str, force: bool = False, inputs: Sequence[str] = ()) -> None:
        super().__init__(target, force, inputs)
        self._live = False
        self._since: dict[Key, float] = {}
        self._told: deque[Key] = deque(maxlen=REMEMBERED)
        self._before: tuple[Frame, Numbers] | None = None
        self._stood_s = 0.0  # how long the frame before that one did

    def begin(self, live: bool, endless: bool) -> None:  # noqa: ARG002
        """Forgets the source before: tracks are counted anew."""
        self._live, self._before, self._stood_s = live, None, 0.0
        self._told.clear()
        self._since.clear()

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:  # noqa: ARG002
        """Writes the lines of the numbers that have become steady by this frame, if any."""
        now = [(_key(number), number) for number in self._numbers(digits)]
        here = {key for key, _ in now}
        lines: list[str] = []
        before, self._before = self._before, None  # what cannot be written is not tried again
        if before and not self._live:  # it stood until now
            gone = [(key, number) for key, number in before[1] if key not in here]
            lines += self._news(before[0], gone, frame.time_s)
            self._stood_s = frame.time_s - before[0].time_s
        self._since = {key: self._since.get(key, _first_s(key, frame)) for key in here}
        self._put(lines + self._news(frame, now, frame.time_s))
        self._before = frame, now

    def end(self) -> None:
        """Writes the lines of what is steady as the last frame of a source ends.

        Raises:
            OutputError: they cannot be written.
        """
        before, self._before = self._before, None
        if before and (lines := self._news(*before, before[0].time_s + self._stood_s)):
            self._put(lines)

    def _news(self, frame: Frame, numbers: Numbers, time_s: float) -> list[str]:
        """The lines of the numbers of a frame that are steady by then, and were not told yet."""
        steady = [(key, n) for key, n in numbers if time_s - self._since[key] >= STEADY_S]
        news = [(key, number) for key, number in steady if not self._was_told(key)]
        for key, _ in news:
            self._tell(key)
        # Asked once only: in view for ever, and never steady again.
        self._since |= {key: inf for key, _ in steady}
        return [self._line(frame, key[1], number) for key, number in news]

    def _line(self, frame: Frame, text: str, number: Sequence[Digit]) -> str:
        box = reduce(Box.union, (digit.box for digit in number))
        return json.dumps(
            {
                "source": frame.source,
                "frame": frame.index,
                "time_s": round(frame.time_s, 4),
                "number": text,
                "box": [box.x, box.y, box.width, box.height],
                "confidence": round(min(digit.confidence for digit in number), 4),
            }
        )

    def _numbers(self, digits: Sequence[Digit]) -> Iterator[list[Digit]]:
        """The digits of each number, which may be a single one."""
        return ([digits[i] for i in number] for number in numbers_of(digits))

    def _tell(self, key: Key) -> None:
        """Remembers a number in place of what its digits read as before."""
        for told in tuple(self._told):
            if not set(key[0]).isdisjoint(told[0]):
                self._told.remove(told)
        self._told.append(key)

    def _was_told(self, key: Key) -> bool:
        """Whether this, or a number that it is a part of, was told already."""
        digits = [*zip(*key, strict=True)]
        return None not in key[0] and any(
            _is_part(digits, zip(*told, strict=True)) for told in self._told
        )


class NumberSink(EventSink):
    """Writes the same for people: source, time unless it is a picture, and number."""

    def _line(self, frame: Frame, text: str, number: Sequence[Digit]) -> str:
        is_picture = any(digit.track is None for digit in number)
        time = "" if is_picture else f" {frame.time_s:.1f} s"
        return printable(f"{frame.source}{time}: {text}")


def _is_part(digits: Sequence[object], number: Iterator[object]) -> bool:
    """Whether some digits, in their order, are among those of a number."""
    return all(digit in number for digit in digits)  # each is looked for beyond the last


def _first_s(key: Key, frame: Frame) -> float:
    """Since when a number reads the same that is new on a frame: on a picture, always."""
    return -inf if None in key[0] else frame.time_s


def _key(number: Sequence[Digit]) -> Key:
    return tuple(d.track for d in number), "".join(str(d.digit) for d in number)
