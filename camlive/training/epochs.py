"""The training data of each epoch, made anew by worker processes from a seed."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process

import cv2
import numpy as np

from camlive.detection import NOT_A_DIGIT, Batch
from camlive.preprocess import to_batch
from camlive.training.mnist import Labels, Mnist
from camlive.training.sheets import Tiles, mnist_tiles, sheet_tiles, sign_tiles

WORKERS = max(2, os.cpu_count() or 2)  # processes; what they make does not depend on it
PARTS = 20  # jobs that an epoch is cut into
REUSED = 3  # epochs that a sheet serves: it costs as much to make as to learn from three times

_mnist: Mnist  # in a worker process, set once as it starts


@dataclass(frozen=True, slots=True)
class EpochSize:
    """What is made for an epoch: MNIST pictures and signs, warped, and sheets, used in three."""

    digits: int = 40_000
    signs: int = 6_000
    sheets: int = 120


class EpochMaker:
    """Makes the data of epochs beforehand; the same seed and epoch give the same data."""

    def __init__(self, pool: ProcessPoolExecutor, size: EpochSize, seed: int):
        """Takes a pool whose workers hold MNIST; see `epoch_maker`."""
        self._pool, self._size, self._seed = pool, size, seed
        self._tiles: dict[int, list[Future[Tiles]]] = {}
        self._sheets: dict[int, list[Future[Tiles]]] = {}

    def begin(self, epoch: int) -> None:
        """Starts to make an epoch in the background."""
        self._tiles[epoch] = [
            *self._submit(_digits, epoch, self._size.digits),
            *self._submit(_signs, epoch, self._size.signs),
        ]
        for made in _served_by(epoch):
            if made not in self._sheets:
                self._sheets[made] = self._submit(_sheets, made, self._size.sheets)

    def take(self, epoch: int) -> tuple[Batch, Labels]:
        """The data of an epoch: (N, 28, 28, 1) float32 and (N,) uint8, shuffled."""
        if epoch not in self._tiles:
            self.begin(epoch)
        sheets = [future for made in _served_by(epoch) for future in self._sheets[made]]
        parts = [future.result() for future in [*self._tiles.pop(epoch), *sheets]]
        self._sheets = {
            made: s for made, s in self._sheets.items() if made in _served_by(epoch + 1)
        }
        tiles, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        order = np.random.default_rng([self._seed, epoch, PARTS]).permutation(len(labels))
        return to_batch(tiles[order]), labels[order]

    def _submit(
        self, make: Callable[[list[int], int], Tiles], epoch: int, count: int
    ) -> list[Future[Tiles]]:
        share = max(1, count // PARTS)
        seeds = ([self._seed, epoch, part] for part in range(PARTS))
        return [self._pool.submit(make, seed, share) for seed in seeds]


def _served_by(epoch: int) -> range:
    """The epochs whose sheets an epoch is given: its own and those just before."""
    return range(max(0, epoch - REUSED + 1), epoch + 1)


@contextmanager
def epoch_maker(mnist: Mnist, size: EpochSize, seed: int) -> Iterator[EpochMaker]:
    """Opens the worker processes and yields the maker of epochs."""
    pool = ProcessPoolExecutor(WORKERS, get_context("spawn"), _keep, (mnist,))
    try:
        yield EpochMaker(pool, size, seed)
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


def _digits(seed: list[int], count: int) -> Tiles:
    """(N, 28, 28) uint8 and (N,) uint8: pictures of MNIST, warped."""
    rng = np.random.default_rng([*seed, 0])
    index = rng.integers(len(_mnist.x_train), size=count)
    labels = _mnist.y_train[index]
    return mnist_tiles(_mnist.x_train[index], labels, rng), labels


def _signs(seed: list[int], count: int) -> Tiles:
    """(N, 28, 28) uint8 and (N,) uint8: letters and other signs that are no digits."""
    tiles = sign_tiles(count, np.random.default_rng([*seed, 2]))
    return tiles, np.full(count, NOT_A_DIGIT, np.uint8)


def _sheets(seed: list[int], count: int) -> Tiles:
    """(N, 28, 28) uint8 and (N,) uint8: what the live way cuts from sheets."""
    rng = np.random.default_rng([*seed, 1])
    tiles, labels = zip(*(sheet_tiles(_mnist, rng) for _ in range(count)), strict=True)
    return np.concatenate(tiles), np.concatenate(labels)
