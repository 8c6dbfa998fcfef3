"""Ctrl-C, SIGTERM and a closed terminal as an exception: files are finished on the way out."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = [signal.SIGINT, signal.SIGTERM]
if hasattr(signal, "SIGHUP"):  # not on Windows
    SIGNALS.append(signal.SIGHUP)


class Signalled(BaseException):
    """A signal that asks for the end."""

    def __init__(self, number: int) -> None:
        self.number = number


class _Held:
    """Whether a signal must wait, and the one that does."""

    now = False
    number: int | None = None


_held = _Held()


@contextmanager
def signals_held() -> Iterator[None]:
    """Lets a signal wait until the end of the block, in the main thread: it is raised there alone.

    OpenCV's binding crashes if an exception is raised while it finds out that the arguments do not
    fit the first of several overloads of a function; and a picture that is being written must be
    whole.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _held.now = True
    try:
        yield
    finally:
        _held.now = False
        number, _held.number = _held.number, None
        if number is not None:
            raise Signalled(number)


@contextmanager
def signals_raised() -> Iterator[None]:
    """Turns the first signal into an exception and ignores more, while files are finished."""

    def end(number: int, _: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        if _held.now:
            _held.number = number
        else:
            raise Signalled(number)

    before = {each: signal.getsignal(each) for each in SIGNALS}
    for each in SIGNALS:
        if before[each] != signal.SIG_IGN:  # as under nohup
            signal.signal(each, end)
    try:
        yield
    finally:
        for each in SIGNALS:
            signal.signal(each, before[each])
