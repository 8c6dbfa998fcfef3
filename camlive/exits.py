"""How a command ends: errors to one line and status 2, signals to 130 and 143."""

import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import isfinite
from typing import Any

import click

from camlive.errors import CamliveError, printable
from camlive.signals import Signalled, signals_raised


class Number(click.FloatRange):
    """A finite number in a range."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number that a text says; refuses what is none, NaN and infinity too."""
        number = float(super().convert(value, param, ctx))
        if not isfinite(number):
            self.fail(f"{value!r} is no finite number", param, ctx)
        return number


class Command(click.Command):
    """Tells bad use in one line; click's own would be four."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Takes in what the user gave."""
        with _bad_use_in_one_line():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        with _bad_use_in_one_line():
            return super().invoke(ctx)


class Commands(Command, click.Group):
    """Turns whatever ends a command into its exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; a signal or an error of the user's ends it with its status."""
        try:
            with signals_raised():
                return super().invoke(ctx)
        except Signalled as signalled:
            ctx.exit(128 + signalled.number)
        except (CamliveError, BrokenPipeError) as error:
            if not isinstance(error.__cause__ or error, BrokenPipeError):
                raise Failure(str(error)) from error
            # Whoever read the lines has enough. Python would complain at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _bad_use_in_one_line() -> Iterator[None]:
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:  # whose message is the help
        raise
    except click.NoSuchOption as error:
        if re.fullmatch(r"-\d", error.option_name):
            raise Failure("a camera's number is 0 or more") from error
        if re.fullmatch(r"-[^-]", error.option_name):
            remedy = "options begin with --, and a file -NAME is given as ./-NAME"
            raise Failure(f"no such option {error.option_name}; {remedy}") from error
        raise Failure(error.format_message()) from error
    except click.UsageError as error:
        raise Failure(error.format_message()) from error


@contextmanager
def past_hanging_reads() -> Iterator[None]:
    """Ends the process at once, with its status, where a camera or stream still hangs in a read.

    Python would end such a thread as it comes back from OpenCV, and that aborts the process.
    """
    try:
        yield
    except SystemExit as ending:
        if any(thread.daemon for thread in threading.enumerate()):
            for stream in filter(None, (sys.stdout, sys.stderr)):  # None where it is closed
                stream.flush()
            os._exit(ending.code if isinstance(ending.code, int) else 1)
        raise


def say(line: str) -> None:
    """Tells the user a line on the standard error; a name in it cannot steer the terminal.

    Where nobody can be told, as on a full disk, the work goes on.
    """
    with suppress(OSError):
        click.echo(printable(line), err=True)


class Failure(click.ClickException):
    """Ends the command with one line and status 2."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(printable(" ".join(message.split())))
