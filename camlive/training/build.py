"""From data to the files in models/: fit, calibrate, measure, export, report."""

import hashlib
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np

from camlive.classifier import augmented
from camlive.detection import NOT_A_DIGIT, Batch, Image, Probabilities
from camlive.errors import OutputError
from camlive.preprocess import to_batch, to_tile
from camlive.training.calibrate import expected_calibration_error, fit_temperature
from camlive.training.fit import FitOptions, History, as_output_error, fit, logits_of
from camlive.training.mnist import Labels, Mnist
from camlive.training.network import calibrated, weighted
from camlive.training.readings import Readings, read_sheets
from camlive.training.report import write_report
from camlive.training.sheets import sheet_tiles

HELD_OUT_SHEETS = 120  # camera-like sheets written with MNIST's test digits
READ_SHEETS = 2  # times as many are read the whole way
HELD_OUT_SEED = 1_000_003  # apart from all seeds of training


def build(
    mnist: Mnist,
    options: FitOptions,
    out: Path,
    progress: Callable[[int, dict[str, float]], None],
    held_out_sheets: int = HELD_OUT_SHEETS,
) -> dict[str, object]:
    """Trains, and writes the model, its compiled form, its metrics and the report.

    Args:
        mnist: the data.
        options: how to fit.
        out: the .keras file; the others stand beside it: .tflite, .json and .report.png.
        progress: called after each epoch, see `fit`.
        held_out_sheets: sheets to measure and to calibrate on, half each; others are read.

    Returns:
        The metrics as written.

    Raises:
        OutputError: something cannot be written.
    """
    began = time.monotonic()
    unseen = Mnist(mnist.x_test, mnist.y_test, mnist.x_test, mnist.y_test)
    fitting, measuring = (_held_out(unseen, held_out_sheets // 2, part) for part in (0, 1))
    network, history = fit(mnist, measuring, options, progress)
    temperature = fit_temperature(logits_of(network, fitting[0]), fitting[1])
    model = weighted(calibrated(network, temperature))
    classify = augmented(lambda batch: logits_of(model, batch))
    clean = np.stack([to_tile(image) for image in mnist.x_test])
    on_test, on_camera = classify(to_batch(clean)), classify(measuring[0])
    once = logits_of(model, to_batch(clean)).argmax(1)
    read = read_sheets(
        classify,
        unseen,
        READ_SHEETS * held_out_sheets,
        np.random.default_rng([HELD_OUT_SEED, 2]),
    )
    metrics: dict[str, object] = {
        **_figures(on_test, mnist.y_test, on_camera, measuring[1]),
        "mnist_test_accuracy_of_one_reading": float((once == mnist.y_test).mean()),
        "sheet_digits": read.digits,
        "sheet_calibration_error": expected_calibration_error(read.confidence, read.right),
        "temperature": temperature,
        "parameters": model.count_params(),
        "epochs": len(history),
        "seed": options.seed,
        "epoch_size": asdict(options.size),
        "data_sha256": mnist.sha256(),
        "minutes_training": round(sum(row["seconds"] for row in history) / 60, 1),
        "minutes_this_run": round((time.monotonic() - began) / 60, 1),
        "processors": os.cpu_count(),
        "versions": _versions(),
    }
    metrics = export(model, out, metrics)
    _report(out, history, (clean, mnist.y_test, on_test), (measuring[1], on_camera), read, metrics)
    return metrics


def check_folder(folder: Path) -> None:
    """Makes the folder of the outcome, before hours are spent on it.

    Raises:
        OutputError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OutputError(
            f"{folder}: cannot be written ({error.strerror}); choose another --out"
        ) from error


def _held_out(unseen: Mnist, sheets: int, part: int) -> tuple[Batch, Labels]:
    """Camera-like tiles and labels."""
    rng = np.random.default_rng([HELD_OUT_SEED, part])
    parts = [sheet_tiles(unseen, rng) for _ in range(sheets)]
    tiles, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return to_batch(tiles), labels


def _figures(
    on_test: Probabilities, test: Labels, on_camera: Probabilities, camera: Labels
) -> dict[str, object]:
    digits, read = camera != NOT_A_DIGIT, on_camera.argmax(1)
    return {
        "mnist_test_accuracy": float((on_test.argmax(1) == test).mean()),
        "mnist_test_called_not_a_digit": int((on_test.argmax(1) == NOT_A_DIGIT).sum()),
        "camera_like_digits_right": float((read == camera)[digits].mean()),
        "camera_like_others_accepted": float((read != NOT_A_DIGIT)[~digits].mean()),
        "camera_like_tiles": len(camera),
    }


def export(model: keras.Model, out: Path, metrics: dict[str, object]) -> dict[str, object]:
    """Writes the model, its compiled form and its metrics, each whole or not at all.

    The compiled form has weights of 8 bits: less than half the time (docs/decisions/0001).

    Args:
        model: takes (N, 28, 28, 1) and gives (N, 11) logits.
        out: the .keras file; .tflite and .json stand beside it.
        metrics: what is to be known of the model.

    Returns:
        The metrics as written: with the SHA-256 of the two forms, by which they are known to
        belong together.

    Raises:
        OutputError: they cannot be written.
    """
    import tensorflow as tf

    sums: dict[str, str] = {}
    faults = (OSError, tf.errors.OpError)
    with as_output_error(out.parent, faults), _fresh_folder(out) as folder:
        for suffix in (".keras", ".tflite"):
            fresh = folder / f"model{suffix}"
            if suffix == ".keras":
                model.save(fresh)
            else:
                smaller = [tf.lite.Optimize.DEFAULT]
                model.export(fresh, format="litert", verbose=False, optimizations=smaller)
            sums[suffix] = hashlib.sha256(fresh.read_bytes()).hexdigest()
            fresh.replace(out.with_suffix(suffix))
        metrics = {**metrics, "sha256": sums}
        fresh = folder / "metrics"
        fresh.write_text(json.dumps(metrics, indent=2) + "\n")
        fresh.replace(out.with_suffix(".json"))
    return metrics


def _report(
    out: Path,
    history: History,
    test: tuple[Image, Labels, Probabilities],
    camera: tuple[Labels, Probabilities],
    sheets: Readings,
    metrics: dict[str, object],
) -> None:
    title = (
        f"MNIST test {metrics['mnist_test_accuracy']:.2%}, camera-like digits "
        f"{metrics['camera_like_digits_right']:.2%}, non-digits accepted "
        f"{metrics['camera_like_others_accepted']:.2%}, {metrics['epochs']} epochs, "
        f"seed {metrics['seed']}"
    )
    with as_output_error(out.parent), _fresh_folder(out) as folder:
        fresh = folder / "report.png"
        write_report(fresh, history, test, camera, sheets, title)
        fresh.replace(out.with_suffix(".report.png"))


@contextmanager
def _fresh_folder(out: Path) -> Iterator[Path]:
    """A folder beside the outcome, for files until they are whole."""
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        yield Path(folder)


def _versions() -> dict[str, str]:
    packages = ("tensorflow", "keras", "opencv-contrib-python", "numpy", "matplotlib")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
