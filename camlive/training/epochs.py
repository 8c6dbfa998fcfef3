"""The training data of each epoch, made anew by worker processes from a seed."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process

import cv2
import numpy as np

from camlive.detection import Batch
from camlive.preprocess import to_batch
from camlive.training.mnist import Labels, Mnist
from camlive.training.sheets import Tiles, mnist_tiles, sheet_tiles

WORKERS = 2
PARTS = 20  # jobs that an epoch is cut into

_mnist: Mnist  # in a worker process, set once as it starts


@dataclass(frozen=True, slots=True)
class EpochSize:
    """How much an epoch holds: MNIST pictures warped, and camera-like sheets."""

    digits: int = 28_000
    sheets: int = 340


class EpochMaker:
    """Makes the data of epochs beforehand; the same seed and epoch give the same data."""

    def __init__(self, pool: ProcessPoolExecutor, mnist: Mnist, size: EpochSize, seed: int):
        """Takes a pool whose workers hold MNIST; see `epoch_maker`."""
        self._pool, self._size, self._seed = pool, size, seed
        self._count = len(mnist.x_train)
        self._ahead: dict[int, list[Future[Tiles]]] = {}

    def begin(self, epoch: int) -> None:
        """Starts to make an epoch in the background."""
        jobs = [(self._seed, epoch, part, self._size) for part in range(PARTS)]
        self._ahead[epoch] = [self._pool.submit(_part, *job) for job in jobs]

    def take(self, epoch: int) -> tuple[Batch, Labels]:
        """The data of an epoch: (N, 28, 28, 1) float32 and (N,) uint8, shuffled."""
        if epoch not in self._ahead:
            self.begin(epoch)
        parts = [future.result() for future in self._ahead.pop(epoch)]
        tiles, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        order = np.random.default_rng([self._seed, epoch, PARTS]).permutation(len(labels))
        return to_batch(tiles[order]), labels[order]


@contextmanager
def epoch_maker(mnist: Mnist, size: EpochSize, seed: int) -> Iterator[EpochMaker]:
    """Opens the worker processes and yields the maker of epochs."""
    pool = ProcessPoolExecutor(WORKERS, get_context("spawn"), _keep, (mnist,))
    try:
        yield EpochMaker(pool, mnist, size, seed)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _keep(mnist: Mnist) -> None:
    global _mnist
    _mnist = mnist
    cv2.setNumThreads(1)  # the workers are the threads
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Ends a worker whose parent was killed and could not end it."""
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _part(seed: int, epoch: int, part: int, size: EpochSize) -> Tiles:
    """A part of an epoch: (N, 28, 28) uint8 and (N,) uint8."""
    rng = np.random.default_rng([seed, epoch, part])
    index = rng.integers(len(_mnist.x_train), size=max(1, size.digits // PARTS))
    sheets = [sheet_tiles(_mnist, rng) for _ in range(max(1, size.sheets // PARTS))]
    tiles = [mnist_tiles(_mnist.x_train[index], rng), *(t for t, _ in sheets)]
    labels = [_mnist.y_train[index], *(labels for _, labels in sheets)]
    return np.concatenate(tiles), np.concatenate(labels)
