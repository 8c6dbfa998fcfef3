"""MNIST for the tests: the file that CAMLIVE_MNIST names, else Keras' own download."""

import functools
import os
import subprocess
import sys
from pathlib import Path

from commands import ROOT

from camlive.training.epochs import EpochSize
from camlive.training.mnist import Mnist, load_mnist

FILE = os.environ.get("CAMLIVE_MNIST")
TRAIN_OPTIONS = ["--data", FILE] if FILE else []  # for train.py
TINY = EpochSize(digits=2000, signs=300, sheets=20)  # an epoch of it is soon made


@functools.cache
def mnist() -> Mnist:
    return load_mnist(Path(FILE) if FILE else None)


def command(*options: object) -> list[str]:
    """The command line of a training."""
    return [sys.executable, "train.py", *map(str, options)]


def run(*options: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Trains to the end."""
    kept = os.environ | environment
    return subprocess.run(command(*options), cwd=ROOT, env=kept, capture_output=True, text=True)
