import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FAULTS = """
import resource
import numpy as np
from camlive.memory import keep_freed
if {keep}:
    keep_freed()

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def use():
    frames = [np.full(size, 7, np.uint8) for size in (6_000_000, 30_000_000)]

use()
before = faults()
for _ in range(20):
    use()
print(faults() - before)
"""


def faults(keep: bool) -> int:
    """Pages that the system must clear for twenty frames."""
    code = FAULTS.format(keep=keep)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    return int(done.stdout)


def test_the_memory_of_a_frame_is_used_for_the_next() -> None:
    assert faults(keep=True) < 200 < faults(keep=False)
