"""Trainings by train.py: their outcome, how they go on, and what is refused."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import replace

import cv2
import keras
import numpy as np
import pytest
from commands import ROOT
from fixtures_mnist import TINY, TRAIN_OPTIONS, command, mnist, run
from recorded import full_disk

from camlive.classifier import augmented, load_classifier
from camlive.errors import DataError, OutputError
from camlive.preprocess import to_batch
from camlive.training.build import export
from camlive.training.epochs import EpochSize
from camlive.training.fit import FitOptions, fit
from camlive.training.network import build_network


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    out = tmp_path_factory.mktemp("trained") / "digits.keras"
    done = run(*TRAIN_OPTIONS, "--epochs", 1, "--limit", 300, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "MNIST test" in done.stdout
    assert "epoch 1: loss" in done.stderr
    return out


def test_a_training_run_writes_a_model_that_both_engines_run_alike(trained):
    tiles = to_batch(mnist().x_test[:50])
    network = keras.models.load_model(trained)
    wanted = augmented(lambda batch: np.asarray(network(batch)))(tiles)
    for engine in ("litert", "keras"):
        np.testing.assert_allclose(load_classifier(trained, engine)(tiles), wanted, atol=0.05)


def test_a_training_run_writes_its_metrics(trained):
    metrics = json.loads(trained.with_suffix(".json").read_text())
    assert metrics["epochs"] == 1
    assert metrics["seed"] == 8
    assert metrics["data_sha256"] == mnist().first(300).sha256()
    assert metrics["parameters"] == keras.models.load_model(trained).count_params()
    assert metrics["temperature"] > 0
    assert {"python", "tensorflow", "keras", "numpy"} <= set(metrics["versions"])
    for name in ("mnist_test_accuracy", "camera_like_digits_right", "camera_like_others_accepted"):
        assert 0 <= metrics[name] <= 1
    assert metrics["camera_like_tiles"] > 50
    assert metrics["sheet_digits"] > 50
    assert 0 <= metrics["sheet_calibration_error"] <= 1


def test_a_training_run_draws_its_report(trained):
    report = cv2.imread(str(trained.with_suffix(".report.png")))
    assert min(report.shape[:2]) > 900
    height = report.shape[0]
    for part in np.array_split(report[: height // 30 * 30], 3):
        assert len(np.unique(part.reshape(-1, 3), axis=0)) > 50


def test_nothing_unfinished_is_left_beside_the_model(trained):
    names = {path.name for path in trained.parent.iterdir()}
    stems = {"digits.keras", "digits.tflite", "digits.json", "digits.report.png"}
    assert names == stems | {"checkpoints"}
    assert {path.name for path in (trained.parent / "checkpoints").iterdir()} == {
        "epoch-1.keras",
        "last.json",
    }


def run_of(folder):
    return json.loads((folder / "last.json").read_text())["run"]


def size_of(run):
    return EpochSize(digits=run["digits"], signs=run["signs"], sheets=run["sheets"])


def history(folder):
    return json.loads((folder / "checkpoints" / "last.json").read_text())["history"]


def test_a_killed_run_goes_on_where_it_was(tmp_path):
    out = tmp_path / "digits.keras"
    options = [*TRAIN_OPTIONS, "--limit", 100, "--out", out]
    child = subprocess.Popen(command(*options, "--epochs", 500), cwd=ROOT, start_new_session=True)
    try:
        while not (tmp_path / "checkpoints" / "last.json").exists():
            assert child.poll() is None
            time.sleep(0.05)
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    before = history(tmp_path)
    assert not out.exists()
    done = run(*options, "--epochs", len(before) + 1, "--resume")
    assert done.returncode == 0, done.stderr
    assert history(tmp_path)[:-1] == before
    assert re.findall(r"epoch (\d+):", done.stderr) == [str(len(before) + 1)]
    assert json.loads(out.with_suffix(".json").read_text())["epochs"] == len(before) + 1


def test_a_full_disk_ends_a_training_in_one_line(tmp_path):
    held_out = to_batch(mnist().x_test[:10]), mnist().y_test[:10]
    options = FitOptions(1, 7, TINY, tmp_path / "checkpoints")
    with full_disk(50_000), pytest.raises(OutputError, match="--resume") as caught:
        fit(mnist().first(100), held_out, options, lambda *_: None)
    assert str(caught.value).startswith(f"{tmp_path}/checkpoints: {os.strerror(errno.EFBIG)}; ")


@pytest.mark.parametrize("form", [".keras", ".tflite"])
def test_a_full_disk_ends_an_export_in_one_line(tmp_path, monkeypatch, form):
    if form == ".tflite":
        monkeypatch.setattr(keras.Model, "save", lambda _, path: path.touch())
    with full_disk(0), pytest.raises(OutputError, match="--resume") as caught:
        export(build_network(), tmp_path / "digits.keras", {})
    assert len(str(caught.value).splitlines()) == 1
    assert [*tmp_path.iterdir()] == ([tmp_path / "digits.keras"] if form == ".tflite" else [])


def test_a_run_does_not_go_on_from_another_training(trained):
    done = run(*TRAIN_OPTIONS, "--limit", 2000, "--out", trained, "--epochs", 9, "--resume")
    assert done.returncode == 2
    assert "another training" in done.stderr.splitlines()[-1]


def test_resuming_without_a_checkpoint_or_with_another_seed_is_refused(trained, tmp_path):
    held_out = to_batch(mnist().x_test[:10]), mnist().y_test[:10]
    for folder, seed, reason in (
        (tmp_path, 7, "no checkpoint"),
        (trained.parent / "checkpoints", 7, "'seed': 8"),
    ):
        options = FitOptions(2, seed, TINY, folder, resume=True)
        with pytest.raises(DataError, match=reason):
            fit(mnist().first(100), held_out, options, lambda *_: None)


def test_the_training_of_another_network_does_not_go_on(trained, tmp_path):
    folder = shutil.copytree(trained.parent / "checkpoints", tmp_path / "checkpoints")
    state = json.loads((folder / "last.json").read_text())
    size = size_of(state["run"])
    state["run"]["parameters"] += 1
    (folder / "last.json").write_text(json.dumps(state))
    held_out = to_batch(mnist().x_test[:10]), mnist().y_test[:10]
    with pytest.raises(DataError, match="another training"):
        fit(mnist().first(300), held_out, FitOptions(2, 7, size, folder, True), lambda *_: None)


@pytest.mark.parametrize(("state", "at"), [(b"[1]", 0), (b"null", 0), (b"{", 0), (None, -30)])
def test_a_damaged_checkpoint_is_told(trained, tmp_path, state, at):
    folder = trained.parent / "checkpoints"
    model = bytearray((folder / "epoch-1.keras").read_bytes())
    model[at] ^= 0xFF
    (tmp_path / "epoch-1.keras").write_bytes(model)
    (tmp_path / "last.json").write_bytes(state or (folder / "last.json").read_bytes())
    options = FitOptions(2, 7, TINY, tmp_path, resume=True)
    held_out = to_batch(mnist().x_test[:10]), mnist().y_test[:10]
    with pytest.raises(DataError, match="no checkpoint to resume from"):
        fit(mnist().first(100), held_out, options, lambda *_: None)


def test_a_training_with_more_signs_does_not_go_on(trained):
    folder = trained.parent / "checkpoints"
    size = size_of(run_of(folder))
    options = FitOptions(2, 7, replace(size, signs=size.signs + 20), folder, resume=True)
    held_out = to_batch(mnist().x_test[:10]), mnist().y_test[:10]
    with pytest.raises(DataError, match="another training"):
        fit(mnist().first(300), held_out, options, lambda *_: None)


def test_a_training_on_other_data_does_not_go_on(trained):
    """It was of other pictures."""
    folder = trained.parent / "checkpoints"
    size = size_of(run_of(folder))
    options = FitOptions(2, 7, size, folder, resume=True)
    held_out = to_batch(mnist().x_test[:10]), mnist().y_test[:10]
    with pytest.raises(DataError, match=r"another training.*--data"):
        fit(mnist().first(101), held_out, options, lambda *_: None)
