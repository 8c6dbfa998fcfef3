"""Ctrl-C, SIGTERM and a closed terminal as an exception: files are finished on the way out."""

import signal
import threading
import weakref
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
    """How many blocks, one in another, hold signals, and the first one that waits."""

    blocks = 0
    number: int | None = None


_held = _Held()


@contextmanager
def signals_held() -> Iterator[None]:
    """Lets a signal wait until the end of the block, in the main thread: it is raised there alone.

    OpenCV's binding crashes if an exception is raised while it finds out that the arguments do not
    fit the first of several overloads of a function; an import may drop one, or take it for a
    module that is missing; and a picture that is being written must be whole.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _held.blocks += 1
    try:
        yield
    finally:
        _held.blocks -= 1
        if not _held.blocks and _held.number is not None:
            number, _held.number = _held.number, None
            signal.raise_signal(number)


@contextmanager
def signals_raised() -> Iterator[None]:
    """Turns a signal into an exception, and ignores more while files are finished.

    They are as long as the exception is on its way. Where Python dropped it, as it does in a
    finalizer, the next signal is raised.
    """
    on_its_way: weakref.ref[Signalled] | None = None

    def first(number: int) -> Signalled:  # no local variable of `end`, whose frame it then holds
        nonlocal on_its_way
        signalled = Signalled(number)
        on_its_way = weakref.ref(signalled)
        return signalled

    def end(number: int, _: FrameType | None) -> None:
        if on_its_way and on_its_way():
            return
        if _held.blocks:
            _held.number = _held.number or number
        else:
            raise first(number)

    before = {each: signal.getsignal(each) for each in SIGNALS}
    for each in SIGNALS:
        if before[each] != signal.SIG_IGN:  # as under nohup
            signal.signal(each, end)
    try:
        yield
    finally:
        for each in SIGNALS:
            signal.signal(each, before[each])
