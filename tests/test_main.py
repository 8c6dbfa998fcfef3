"""`python -m camlive` where a module is missing."""

import subprocess
import sys

import pytest
from commands import environment

WITHOUT = """
import runpy, sys

sys.modules[sys.argv.pop(1)] = None
runpy.run_module("camlive", run_name="__main__", alter_sys=True)
"""


def without(module, *args):
    """Runs a command where a module cannot be imported; gives its status and stderr."""
    command = [sys.executable, "-c", WITHOUT, module, *map(str, args)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("library", ["click", "cv2", "numpy"])
def test_a_missing_library_gives_one_line(library, picture):
    status, said = without(library, "run", picture, "--no-window")
    assert status == 2
    assert said.startswith(f"Error: cannot import {library} (")
    assert said.count("\n") == 1
    assert "activate the environment" in said


def test_a_missing_module_of_its_own_is_a_bug_and_keeps_its_traceback(picture):
    status, said = without("camlive.live", "run", picture, "--no-window")
    assert status == 1
    assert said.startswith("Traceback")
