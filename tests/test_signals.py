"""Signals as exceptions, and where they wait."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from commands import environment

from camlive.exits import past_hanging_reads
from camlive.signals import SIGNALS, Signalled, signals_held, signals_raised


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_raised(number):
    outer = signal.signal(number, signal.SIG_DFL)  # under nohup one is ignored, and stays so
    try:
        with pytest.raises(Signalled) as raised, signals_raised():
            signal.raise_signal(number)
        assert raised.value.number == number
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, outer)


def test_more_signals_are_ignored_while_files_are_finished():
    finished = []

    def work():
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            for number in SIGNALS:
                signal.raise_signal(number)
            finished.append("all files")

    with pytest.raises(Signalled) as raised, signals_raised():
        work()
    assert finished == ["all files"]
    assert raised.value.number == signal.SIGINT


def test_a_hanging_read_does_not_change_the_status_where_the_streams_are_closed(monkeypatch):
    ended, done = threading.Event(), []
    hanging = threading.Thread(target=ended.wait, args=(5,), daemon=True)
    hanging.start()
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(os, "_exit", done.append)
    with pytest.raises(SystemExit), past_hanging_reads():
        raise SystemExit(130)
    ended.set()
    hanging.join()
    assert done == [130]


def test_a_signal_waits_where_it_is_held():
    done = []

    def work():
        with signals_held():
            signal.raise_signal(signal.SIGINT)
            done.append("the block")
        done.append("what comes after it")

    with pytest.raises(Signalled), signals_raised():
        work()
    assert done == ["the block"]


def test_a_signal_is_not_forgotten_where_it_was_held_and_an_error_came():
    def work():
        with signals_held():
            signal.raise_signal(signal.SIGINT)
            raise OSError

    with pytest.raises(Signalled), signals_raised():
        work()


def test_another_thread_holds_no_signal():
    held, ended, seen = threading.Event(), threading.Event(), []

    def hold():
        with signals_held():
            held.set()
            ended.wait(5)
        seen.append("no exception")

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    with pytest.raises(Signalled), signals_raised():
        signal.raise_signal(signal.SIGINT)
    ended.set()
    thread.join()
    assert seen == ["no exception"]


def test_a_signal_that_python_drops_is_not_the_last(monkeypatch):
    dropped = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: dropped.append(told.exc_type))

    class Finalized:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    def work():
        Finalized()
        signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Signalled) as raised, signals_raised():
        work()
    assert dropped == [Signalled]
    assert raised.value.number == signal.SIGTERM


def test_a_block_within_another_lets_no_signal_out_of_that():
    done = []

    def work():
        with signals_held():
            signal.raise_signal(signal.SIGINT)
            with signals_held():
                signal.raise_signal(signal.SIGTERM)
            done.append("the block")
        done.append("what comes after it")

    with pytest.raises(Signalled) as raised, signals_raised():
        work()
    assert done == ["the block"]
    assert raised.value.number == signal.SIGINT


INTERRUPTED = """
import runpy, signal, sys

library = sys.argv.pop(1)

class Interrupted:
    def find_spec(self, name, *_):
        if name == library:
            sys.meta_path.remove(self)
            try:
                signal.raise_signal(signal.SIGINT)
            except BaseException as error:  # as an extension module does that is interrupted
                raise ImportError(name) from error

sys.meta_path.insert(0, Interrupted())
runpy.run_module("camlive", run_name="__main__", alter_sys=True)
"""


def interrupted(library, *args):
    """Runs a command that is interrupted as it imports a library; gives its status and stderr."""
    command = [sys.executable, "-c", INTERRUPTED, library, *args]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("library", ["cv2", "av", "ai_edge_litert"])
def test_a_signal_waits_until_a_library_is_imported(library, clip, tmp_path):
    args = ["run", str(clip), "--no-window", "--save-video", str(tmp_path / "out.mp4")]
    status, said = interrupted(library, *args)
    assert status == 130
    assert said in ("", "Stopped.\n")


def test_a_signal_before_the_command_begins_leaves_no_traceback():
    assert interrupted("click", "cameras") == (130, "")
