"""The command `run`: sources, sinks and the window opened, and read to their end."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from itertools import chain
from typing import Any

import click

from camlive.capture.base import Source
from camlive.capture.opening import open_source, other_mode
from camlive.capture.sources import expand, is_camera
from camlive.detection import Frame
from camlive.display import Window
from camlive.errors import DisplayError, SourceError, printable
from camlive.exits import say
from camlive.live import BrokenOffError, LiveOptions, Summary, run
from camlive.recognizer import load
from camlive.record.events import NumberSink
from camlive.record.outputs import Outputs


def read_sources(
    specs: Sequence[str],
    outputs: Outputs,
    opening: dict[str, Any],
    reading: dict[str, Any],
    how: LiveOptions,
    window: bool | None,
) -> Summary:
    """Opens everything, what is quick to check first, and reads one source after another.

    Of several sources one that cannot be read is told and left out.

    Args:
        specs: as the user named the sources.
        outputs: what is saved.
        opening: options of `open_source`.
        reading: options of `recognizer.load`.
        how: how each source is read.
        window: whether one is shown; None where one can be.

    Raises:
        CamliveError: the only source, an output, the model or the window fails, or a source
            would never be read.
    """
    specs = expand(specs)
    if how.max_frames is None:
        _check_ends(specs, opening.get("loop", False))
    failures: list[SourceError] = []
    total = Summary()
    with ExitStack() as stack:
        sources = _opened(specs, opening, failures)
        first = stack.enter_context(_first(sources, failures))
        fps = first.fps / how.stride
        sinks = [stack.enter_context(sink) for sink in outputs.sinks(specs, fps, say)]
        view = _window(window)
        prints = not (view or sinks)
        if view:
            stack.enter_context(view)
        if prints:
            sinks = [stack.enter_context(NumberSink("-"))]
        recognize = load(**reading)  # the model last: it takes longest
        for source in chain([first], sources):
            with closing(source), _progress(source, how, shown=not prints) as on_frame:
                options = replace(how, on_frame=on_frame)
                try:
                    total += run(source, recognize, sinks, view, options)
                except BrokenOffError as error:
                    total += error.done
                    failures.append(error)
                    source.say(str(error))
            if total.quit:
                break
    return replace(total, failed=total.failed + len(failures))


def _check_ends(specs: Sequence[str], loop: bool) -> None:
    """Makes sure that no source is given after one that never ends."""
    if loop and len(specs) > 1:
        raise SourceError("--loop never comes to a second source; give one source, or --max-frames")
    if camera := next(filter(is_camera, specs[:-1]), None):
        raise SourceError(
            f"camera {camera}: never ends, what follows it is never read; "
            "give it last, or --max-frames"
        )


def _opened(
    specs: Sequence[str], opening: dict[str, Any], failures: list[SourceError]
) -> Iterator[Source]:
    """Opens one source after another; the caller closes them."""
    for spec in specs:
        with _told(specs, failures):
            yield _open(spec, opening)


def _first(sources: Iterator[Source], failures: Sequence[SourceError]) -> Source:
    source = next(sources, None)
    if source is None:
        raise SourceError(f"none of the {len(failures)} sources can be read; check them")
    return source


@contextmanager
def _told(specs: Sequence[str], failures: list[SourceError]) -> Iterator[None]:
    """Tells what is wrong with one of several sources, and goes on to the next."""
    try:
        yield
    except SourceError as error:
        if len(specs) == 1:
            raise
        failures.append(error)
        say(str(error))


def _open(spec: str, opening: dict[str, Any]) -> Source:
    """Opens a source; says so where a camera does not film as it was asked to."""
    source = open_source(spec, **opening)
    source.say = say
    if told := other_mode(source, opening.get("camera_size"), opening.get("camera_fps")):
        say(told)
    return source


def _window(wanted: bool | None) -> Window | None:
    """The window; None where none is wanted or, unless asked for, none can open."""
    if wanted is False:
        return None
    try:
        return Window("camlive")
    except DisplayError as error:
        if wanted:
            raise
        say(f"Without a window: {error}")
        return None


@contextmanager
def _progress(source: Source, how: LiveOptions, shown: bool) -> Iterator[Callable[[Frame], None]]:
    """A bar on the terminal for a recording whose end is known; gives what moves it.

    None is shown where numbers are printed: they would stand in its line.
    """
    count = source.frame_count or 0
    on_terminal = sys.stderr is not None and sys.stderr.isatty()  # None where it is closed
    if not (shown and on_terminal) or count < 2:
        yield lambda _: None
        return
    count = min(count, how.stride * (how.max_frames or count))
    started_s = time.perf_counter()

    def rate(frame: Frame | None) -> str:
        read = frame.index // how.stride + 1 if frame else 0
        return f"{read / (time.perf_counter() - started_s):.0f} fps"

    def say_below(line: str) -> None:
        say("")  # ends the line of the bar, which goes on in another
        say(line)

    source.say = say_below
    with click.progressbar(
        length=count, label=printable(source.name), file=sys.stderr, item_show_func=rate
    ) as bar:
        yield lambda frame: bar.update(min(count, frame.index + how.stride) - bar.pos, frame)
