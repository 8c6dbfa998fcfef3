import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from drawn import draw_sheet

from camlive.cli import main
from camlive.helper import Helper
from camlive.recognizer import load
from camlive.running import LONG
from camlive.segment.working_copy import FRAME_PX

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def helper():
    with closing(Helper({"min_confidence": 0.7})) as helper:
        helper.wait()
        yield helper


@pytest.mark.parametrize("scale", [0.75, 3], ids=["whole", "reduced"])
def test_a_helper_reads_as_a_recogniser_does(helper, scale):
    image = draw_sheet(seed=1, scale=scale).image
    assert helper(image) == replace(load(min_confidence=0.7), side_px=FRAME_PX)(image) != []


def test_a_helper_refuses_what_a_recogniser_refuses_and_goes_on(helper):
    with pytest.raises(ValueError, match="expected"):
        helper(np.zeros((4, 4), np.uint8))
    assert helper(np.zeros((4, 4, 3), np.uint8)) == []


def test_a_helper_ends_when_it_is_closed():
    helper = Helper({})
    helper.close()
    assert not Path(f"/proc/{helper.pid}").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_no_helper_outlives_the_one_it_helps(number):
    code = (
        "from camlive.helper import Helper; h = Helper({}); h.wait(); print(h.pid, flush=True); "
        "import time; time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    pid = int(parent.stdout.readline())
    os.killpg(parent.pid, number)
    _, errors = parent.communicate(timeout=10)
    end_s = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end_s:
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()
    assert errors.count("Traceback") == (number == signal.SIGINT)  # the parent's own


@pytest.mark.parametrize(("frames", "begun"), [(LONG - 1, 0), (LONG, 1)])
def test_only_a_long_recording_gets_a_helper(recording, monkeypatch, frames, begun):
    helpers = []

    class Noted(Helper):
        def __init__(self, reading):
            super().__init__(reading)
            helpers.append(self.pid)

    monkeypatch.setattr("camlive.running.Helper", Noted)
    clip = recording("clip.mp4", [np.zeros((48, 64, 3), np.uint8)] * frames)
    done = CliRunner().invoke(main, ["run", str(clip), str(clip), "--no-window"])
    assert done.exit_code == 0, done.output
    assert len(helpers) == begun
