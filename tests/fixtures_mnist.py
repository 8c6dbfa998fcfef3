"""MNIST for the tests: the file that CAMLIVE_MNIST names, else Keras' own download."""

import functools
import os
from pathlib import Path

from camlive.training.mnist import Mnist, load_mnist

FILE = os.environ.get("CAMLIVE_MNIST")
TRAIN_OPTIONS = ["--data", FILE] if FILE else []  # for train.py


@functools.cache
def mnist() -> Mnist:
    return load_mnist(Path(FILE) if FILE else None)
