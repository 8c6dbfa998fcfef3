"""The window's contents: what is shown of a frame, and what the user's keys and mouse do."""

import time
from collections.abc import Sequence
from dataclasses import replace

from camlive.annotate import annotate, head_up, panel
from camlive.capture.base import Source
from camlive.cards import with_card
from camlive.detection import Box, Digit, Frame, Image
from camlive.display import View, Window
from camlive.reading import group_numbers
from camlive.recognizer import Examination, Recognize, Recognizer
from camlive.view.coach import Coach
from camlive.view.debug import VIEWS, card_of, debug_view, words_for
from camlive.view.shown import labelled, pixel_at, plain
from camlive.view.snapshots import Snapshots
from camlive.view.status import PAUSED, figures, line

PAUSE_POLL_MS = 50  # how long a key pressed in a pause may wait
MIN_WAIT_S = 0.002  # less is not worth waiting
RATE_GAIN = 0.1  # weight of the newest frame in the frame rate shown
STEP = 0.05  # of the least confidence
KEYS = (
    "q, Esc  quit",
    "space  pause",
    "s  save the frame",
    "r  start or stop a recording",
    "m  mirror",
    "d  ink, candidates, tiles",
    "+ -  least confidence",
    "h  these keys",
    "mouse over a digit: what the network saw",
)


class Viewer:
    """Shows frames in the window at the source's pace and obeys the keys.

    Attributes:
        snapshots: save frames and videos by key.
        idle_s: seconds spent waiting for the user or for the next frame to be due.
        quit: whether the user asked for the end.
    """

    def __init__(
        self,
        source: Source,
        window: Window,
        recognize: Recognize,
        snapshots: Snapshots,
        pace_s: float,
        view: View,
    ) -> None:
        """Prepares the view of a source.

        Args:
            source: what is shown, open.
            window: where, open.
            recognize: what reads it; with a `Recognizer` its workings can be looked at.
            snapshots: save frames and videos by key; closed with the viewer.
            pace_s: seconds from frame to frame, 0 as fast as they come.
            view: how frames are looked at; changed by the keys.
        """
        self._source, self._window, self._recognize = source, window, recognize
        self._period_s, self._view = pace_s, view
        self.snapshots = snapshots
        window.entitle(source.name)
        self._shown_s = time.perf_counter()
        self._rate = 0.0
        self._paused = False  # by a key while no frame came
        self._last: tuple[Frame, Sequence[Digit], Image] | None = None
        self._examination: tuple[tuple[Frame, Recognizer], Examination] | None = None
        self._coach = Coach(at_once=source.is_still)
        self.idle_s = 0.0
        self.quit = False

    @property
    def min_confidence(self) -> float:
        """The least confidence of a digit, as the user chose it; 0 where that is unknown."""
        how = self._reader
        return how.min_confidence if isinstance(how, Recognizer) else 0.0

    @property
    def _reader(self) -> Recognize:
        least, how = self._view.least, self._recognize
        if least is None or not isinstance(how, Recognizer):
            return how
        return replace(how, min_confidence=least)

    def recognize(self, image: Image) -> list[Digit]:
        """Reads an image with the least confidence that the user chose."""
        return self._reader(image)

    def show(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> bool:
        """Shows a frame, a picture until a key; returns whether to go on."""
        self.snapshots.write(frame, digits, annotated)
        self._coach.watch(frame.image, bool(digits))
        self._last = frame, digits, annotated
        says = figures(self._source, self._rate, frame, len(digits))
        keys = "" if self._coach.advice else "h: keys"
        command = self._show(frame, digits, annotated, says, keys) or self._wait_until_due()
        stopped, self._paused = self._source.is_still or self._paused, False
        while command != "quit":
            if command == "pause":
                stopped = not stopped
            elif command:
                self._obey(command, frame, digits, annotated)
                if stopped and command in ("more", "less"):
                    digits = self.recognize(frame.image)
                    annotated = annotate(frame.image, digits, group_numbers(digits))
                    self._coach.watch(frame.image, bool(digits))
            if not stopped:
                self._count()
                return True
            started_s = time.perf_counter()
            says = "" if self._source.is_still else "paused"
            command = self._show(frame, digits, annotated, says, PAUSED)
            command = command or self._window.wait(PAUSE_POLL_MS)
            self.idle_s += time.perf_counter() - started_s
        self.quit = True
        return False

    def wait(self, reason: str) -> bool:
        """Obeys the keys while no frame comes; returns whether to go on.

        Args:
            reason: why the source is lost; empty while it is not.
        """
        command = None
        if reason and self._last:
            frame = self._last[0]
            view = plain(frame.image, self._view.mirror)  # no labels that may be true no more
            command = self._show_view(view, line(f"{reason}; reconnecting", *self._news()))
        command = command or self._window.wait(1)
        if command == "pause":
            self._paused = not self._paused
        elif command and command != "quit" and self._last:
            self._obey(command, *self._last)
        self.quit = command == "quit"
        return not self.quit

    def close(self) -> None:
        """Finishes a recording that goes on."""
        self.snapshots.close()

    def _obey(self, command: str, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:
        if command == "save":
            self.snapshots.save(frame, annotated)
        elif command == "record":
            self.snapshots.toggle(frame, digits, annotated)
        elif command == "mirror":
            self._view.mirror = not self._view.mirror
        elif command == "help":
            self._view.help = not self._view.help
        elif isinstance(self._recognize, Recognizer):
            if command == "debug":
                self._view.debug = (self._view.debug + 1) % (len(VIEWS) + 1)
            else:
                step = STEP if command == "more" else -STEP
                self._view.least = min(1.0, max(0.0, round(self.min_confidence + step, 2)))

    def _show(
        self, frame: Frame, digits: Sequence[Digit], annotated: Image, says: str, keys: str
    ) -> str | None:
        """Shows the chosen view of a frame; its name and what is to be told stand below it."""
        view, name = self._seen(frame, digits, annotated)
        told = self._chosen(), *self._news(), self._coach.advice
        return self._show_view(view, line(name, says, *told, keys))

    def _show_view(self, view: Image, below: str) -> str | None:
        """Shows a view of a frame, the keys over it and a line below, and gives the command."""
        rows, columns = view.shape[:2]
        scale = self._window.scale(columns, rows)
        if self._view.help:
            view = panel(view, KEYS, scale)
        view = head_up(view, below, scale)
        return self._window.show(view, view.shape[0] - rows)

    def _seen(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> tuple[Image, str]:
        """The chosen view, with the card under the mouse, and its name unless it is the usual."""
        name, pixel = "", self._pixel(frame)
        digit = next((d for d in digits if pixel and d.box.intersection(pixel)), None)
        seen = self._examined(frame) if self._view.debug or digit else None
        if self._view.debug and seen:
            kind = VIEWS[self._view.debug - 1]
            view = debug_view(kind, frame.image, seen)
            name = words_for(kind, frame.image, seen, pixel)
        else:
            view = labelled(frame.image, digits, annotated, self._view.mirror)
        if digit and seen:
            card = card_of(digit, seen)
            view = with_card(view, card, self._window.pointer) if card is not None else view
        return view, name

    def _examined(self, frame: Frame) -> Examination | None:
        """How the frame is read, looked at once however long it is shown."""
        reader = self._reader
        if not isinstance(reader, Recognizer):
            return None
        how = frame, reader
        if self._examination is None or self._examination[0] != how:
            self._examination = how, reader.examine(frame.image)
        return self._examination[1]

    def _chosen(self) -> str:
        """The least confidence where the user changed it; else empty."""
        return "" if self._reader == self._recognize else f"from {self.min_confidence:.0%} sure"

    def _news(self) -> tuple[str, str]:
        """That a recording goes on, and what was just saved; empty where not."""
        return "recording" if self.snapshots.records else "", self.snapshots.news

    def _pixel(self, frame: Frame) -> Box | None:
        """The pixel of the frame under the mouse."""
        mirror = self._view.mirror and not self._view.debug
        point = self._window.pointer
        return pixel_at(point, frame.image, mirror) if point else None

    def _wait_until_due(self) -> str | None:
        """Waits for the rest of the frame's time in a recording."""
        rest_s = self._period_s - (time.perf_counter() - self._shown_s)
        if self._source.is_still or rest_s < MIN_WAIT_S:
            return None
        started_s = time.perf_counter()
        command = self._window.wait(round(1000 * rest_s))
        self.idle_s += time.perf_counter() - started_s
        return command

    def _count(self) -> None:
        """Takes note of the time for the pace and the frame rate."""
        now_s = time.perf_counter()
        rate = 1 / max(now_s - self._shown_s, MIN_WAIT_S)
        self._rate += (RATE_GAIN if self._rate else 1) * (rate - self._rate)
        self._shown_s = now_s
