"""Fits the network: epochs, checkpoints, learning rate, resumption."""

import json
import math
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from camlive.detection import Batch
from camlive.errors import DataError, OutputError
from camlive.training.epochs import EpochSize, epoch_maker
from camlive.training.mnist import Labels, Mnist
from camlive.training.network import build_network

BATCH = 128
PEAK_RATE = 2e-3  # AdamW's learning rate after the first epoch, then falling as a cosine
WEIGHT_DECAY = 1e-2

History = list[dict[str, float]]
Run = dict[str, int | str]


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How to fit: epochs in all, the seed of everything random, an epoch's size, checkpoints."""

    epochs: int
    seed: int
    size: EpochSize
    checkpoints: Path
    resume: bool = False


def fit(
    mnist: Mnist,
    held_out: tuple[Batch, Labels],
    options: FitOptions,
    progress: Callable[[int, dict[str, float]], None],
) -> tuple[keras.Model, History]:
    """Fits the network and leaves a checkpoint after each epoch.

    Args:
        mnist: the data to train on.
        held_out: tiles (N, 28, 28, 1) and labels (N,) to measure on after each epoch.
        options: how.
        progress: called with the number of epochs done and the figures of the last.

    Returns:
        The fitted network, and for each epoch loss, accuracy, held_out_loss,
        held_out_accuracy, rate and seconds.

    Raises:
        DataError: a checkpoint to resume from is missing, damaged or of another training.
        OutputError: a checkpoint cannot be written.
    """
    run = _identity(mnist, options)
    keras.utils.set_random_seed(options.seed)
    model, history = _restore(options.checkpoints, run) if options.resume else (_compiled(), [])
    with epoch_maker(mnist, options.size, options.seed) as maker:
        for epoch in range(len(history), options.epochs):
            began = time.monotonic()
            tiles, labels = maker.take(epoch)
            if epoch + 1 < options.epochs:
                maker.begin(epoch + 1)
            rate = _rate(epoch, options.epochs)
            model.optimizer.learning_rate = rate
            keras.utils.set_random_seed(options.seed + epoch)
            row = _train(model, tiles, labels)
            loss, accuracy = model.evaluate(*held_out, batch_size=1000, verbose=0)
            row |= {"held_out_loss": loss, "held_out_accuracy": accuracy, "rate": rate}
            history.append(row | {"seconds": time.monotonic() - began})
            with as_output_error(options.checkpoints):
                _save(model, history, options.checkpoints, run)
            progress(epoch + 1, history[-1])
    return model, history


def _train(model: keras.Model, tiles: Batch, labels: Labels) -> dict[str, float]:
    """One pass over shuffled data; its mean loss and accuracy.

    Without `Model.fit`: after a minute's work its pipeline's thread sleeps for a minute at a time,
    and the end of the pass waits for it.
    """
    sums = np.zeros(2)
    for start in range(0, len(labels), BATCH):
        batch = labels[start : start + BATCH]
        figures = model.train_on_batch(tiles[start : start + BATCH], batch)
        sums += len(batch) * np.array(figures)
    loss, accuracy = (sums / len(labels)).tolist()
    return {"loss": loss, "accuracy": accuracy}


def _rate(epoch: int, epochs: int) -> float:
    """A slow first epoch, then half a cosine from the peak to near nothing."""
    if epoch == 0:
        return PEAK_RATE / 4
    return PEAK_RATE * (0.5 + 0.5 * math.cos(math.pi * epoch / epochs)) + 1e-6


def _compiled() -> keras.Model:
    model = build_network()
    model.compile(
        keras.optimizers.AdamW(PEAK_RATE, weight_decay=WEIGHT_DECAY),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=_by_xla(),
    )
    return model


def _by_xla() -> bool:
    """Whether XLA compiles the steps: TensorFlow is faster without on processors, JAX needs it."""
    return bool(keras.backend.backend() != "tensorflow")


def _save(model: keras.Model, history: History, folder: Path, run: Run) -> None:
    """Writes the network, then what tells of it, and removes the network of before."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save(_network_file(folder, history))
    state: dict[str, Any] = {"run": run, "history": history}
    text = folder / "next.json"
    text.write_text(json.dumps(state))
    text.replace(folder / "last.json")
    _network_file(folder, history[:-1]).unlink(missing_ok=True)


def _network_file(folder: Path, history: History) -> Path:
    return folder / f"epoch-{len(history)}.keras"


def _identity(mnist: Mnist, options: FitOptions) -> Run:
    """What must not change between a training and its resumption."""
    return {
        "seed": options.seed,
        **asdict(options.size),
        "data_sha256": mnist.sha256(),
        "parameters": build_network().count_params(),
    }


def _restore(folder: Path, run: Run) -> tuple[keras.Model, History]:
    try:
        state = json.loads((folder / "last.json").read_text())
        other, history = state["run"], state["history"]
        model = keras.models.load_model(_network_file(folder, history), safe_mode=True)
        model.jit_compile = _by_xla()  # another machine, or backend, may have saved it
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(
            f"no checkpoint to resume from in {folder}: {error}; run without --resume to begin anew"
        ) from error
    if other != run:
        raise DataError(
            f"the checkpoint is of another training, {other}; "
            "resume with its --seed, --limit and --data, and the program of then"
        )
    return model, history


@contextmanager
def as_output_error(
    folder: Path, kinds: tuple[type[Exception], ...] = (OSError,)
) -> Iterator[None]:
    """What keeps files from being written, as a full disk does, as one line.

    Args:
        folder: where they are written.
        kinds: the errors that say so.

    Raises:
        OutputError: they cannot be written.
    """
    try:
        yield
    except kinds as error:
        reason = getattr(error, "strerror", None) or "not all could be written"
        raise OutputError(
            f"{folder}: {reason}; free some space there, and go on with --resume"
        ) from error


def logits_of(model: keras.Model, tiles: Batch) -> Any:
    """(N, 28, 28, 1) float32 -> (N, 11) float32 logits."""
    return np.asarray(model.predict(tiles, batch_size=1000, verbose=0))
