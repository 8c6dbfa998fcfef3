"""`python -m camlive`."""

import os
import signal
import sys


def _run() -> None:
    from camlive.cli import main
    from camlive.exits import past_hanging_reads

    with past_hanging_reads():
        main(prog_name="python -m camlive")


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:  # not so under nohup
        # No file is to be finished yet: Ctrl-C ends it at once, without a traceback.
        signal.signal(signal.SIGINT, lambda number, _: os._exit(128 + number))
    try:
        _run()
    except ModuleNotFoundError as error:
        if (error.name or "camlive").startswith("camlive"):  # a bug
            raise
        remedy = "activate the environment, or pip install -r requirements.txt"
        print(f"Error: cannot import {error.name} ({error}); {remedy}", file=sys.stderr)
        sys.exit(2)
