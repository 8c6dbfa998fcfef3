"""`python -m camlive`."""

from camlive.cli import main
from camlive.exits import past_hanging_reads

if __name__ == "__main__":
    with past_hanging_reads():
        main(prog_name="python -m camlive")
