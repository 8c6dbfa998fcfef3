"""MNIST for the tests: the file that CAMLIVE_MNIST names, else Keras' own download."""

import functools
import os
from pathlib import Path

from camlive.training.epochs import EpochSize
from camlive.training.mnist import Mnist, load_mnist

FILE = os.environ.get("CAMLIVE_MNIST")
TRAIN_OPTIONS = ["--data", FILE] if FILE else []  # for train.py
TINY = EpochSize(digits=2000, signs=300, sheets=20)  # an epoch of it is soon made


@functools.cache
def mnist() -> Mnist:
    return load_mnist(Path(FILE) if FILE else None)
