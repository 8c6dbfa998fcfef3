import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
from drawn import draw_sheet

from camlive.ahead import Helper, read_ahead
from camlive.detection import Frame
from camlive.errors import SourceError
from camlive.recognizer import load

READERS = 2
ROOT = Path(__file__).parent.parent


def frames(count, last=None):
    """Frames whose brightness is their number; then perhaps an error."""
    for index in range(count):
        yield Frame(np.full((4, 4, 3), index, np.uint8), index, index / 10, "clip")
    if last:
        raise last


def brightness(image):
    """Reads what it is given, the even frames slowly."""
    time.sleep(0.02 if image[0, 0, 0] % 2 == 0 else 0)
    return [int(image[0, 0, 0])]


def test_frames_that_are_read_at_once_come_in_their_order():
    read = [(frame.index, digits) for frame, digits in read_ahead(frames(9), brightness)]
    assert read == [(k, [k]) for k in range(9)]


def test_two_frames_are_read_at_once():
    both = threading.Barrier(READERS, timeout=10)  # breaks unless as many wait together
    assert len(list(read_ahead(frames(2 * READERS), lambda _: [both.wait()]))) == 2 * READERS


def test_few_frames_are_held_however_slowly_they_are_taken():
    taken = []
    source = (taken.append(frame.index) or frame for frame in frames(50))
    for k, _ in enumerate(read_ahead(source, brightness)):
        assert len(taken) <= k + READERS + 1


def test_the_frames_before_a_failure_are_given():
    reading = read_ahead(frames(5, SourceError("gone")), brightness)
    assert [next(reading)[0].index for _ in range(5)] == list(range(5))
    with pytest.raises(SourceError, match="gone"):
        next(reading)


def test_a_fault_of_the_reader_is_raised_and_leaving_early_ends_the_threads():
    def fails(_):
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        list(read_ahead(frames(3), fails))
    reading = read_ahead(frames(30), brightness)
    next(reading)
    reading.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("read")]


@pytest.fixture(scope="module")
def helper():
    with closing(Helper({"min_confidence": 0.7})) as helper:
        helper.wait()
        yield helper


@pytest.mark.parametrize("scale", [0.75, 3], ids=["whole", "reduced"])
def test_a_helper_reads_as_a_recogniser_does(helper, scale):
    image = draw_sheet(seed=1, scale=scale).image
    assert helper(image) == load(min_confidence=0.7)(image) != []


def test_a_helper_reads_along_once_it_is_ready():
    image = draw_sheet(rows=1).image
    expected = load()(image)
    here = []

    def recognize(_):
        here.append(1)
        time.sleep(0.01)
        return expected

    with closing(Helper({})) as helper:
        for _ in range(2):  # it serves one recording after another
            helper.wait()
            here.clear()
            sheets = (Frame(image, k, k / 10, "clip") for k in range(60))
            read = list(read_ahead(sheets, recognize, helper))
            assert [frame.index for frame, _ in read] == list(range(60))
            assert [digits for _, digits in read] == list(repeat(expected, 60))
            assert 0 < len(here) < 60


def test_a_recording_is_read_to_its_end_before_its_helper_is_ready():
    class Late(Helper):
        def __init__(self):
            self.ready = threading.Event()

        def wait(self):
            self.ready.wait(20)

    late, began_s = Late(), time.monotonic()
    assert len(list(read_ahead(frames(5), brightness, late))) == 5
    assert time.monotonic() - began_s < 5
    late.ready.set()


def test_a_helper_refuses_what_a_recogniser_refuses_and_goes_on(helper):
    with pytest.raises(ValueError, match="expected"):
        helper(np.zeros((4, 4), np.uint8))
    assert helper(np.zeros((4, 4, 3), np.uint8)) == []


@pytest.mark.parametrize("after", [0, 100], ids=["while it begins", "while it reads"])
def test_without_a_helper_that_was_killed_all_is_read(after):
    with closing(Helper({})) as helper:
        if after:
            helper.wait()
        here = []
        reading = read_ahead(frames(250), lambda i: here.append(1) or brightness(i), helper)
        read = [next(reading) for _ in range(after)]
        assert len(here) < max(1, after)
        os.kill(helper.pid, signal.SIGKILL)
        read += reading
    assert [frame.index for frame, _ in read] == list(range(250))
    assert [digits for _, digits in read[-50:]] == [[k] for k in range(200, 250)]


def test_a_helper_ends_when_it_is_closed():
    helper = Helper({})
    helper.close()
    assert not Path(f"/proc/{helper.pid}").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_no_helper_outlives_the_one_it_helps(number):
    code = (
        "from camlive.ahead import Helper; h = Helper({}); h.wait(); print(h.pid, flush=True); "
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
