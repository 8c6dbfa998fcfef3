"""Signals as exceptions, and where they wait."""

import os
import signal
import sys
import threading

import pytest

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
