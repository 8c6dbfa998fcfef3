"""`python -m camlive`."""

import os
import signal

if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:  # not so under nohup
        # No file is to be finished yet: Ctrl-C ends it at once, without a traceback.
        signal.signal(signal.SIGINT, lambda number, _: os._exit(128 + number))

    from camlive.cli import main
    from camlive.exits import past_hanging_reads

    with past_hanging_reads():
        main(prog_name="python -m camlive")
