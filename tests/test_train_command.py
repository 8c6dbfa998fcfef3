"""The command line of train.py: what is refused, and how that is told."""

import numpy as np
import pytest
from click.testing import CliRunner
from fixtures_mnist import TRAIN_OPTIONS, run

import train
from camlive.errors import DataError
from camlive.training.mnist import load_mnist


@pytest.mark.parametrize("begun", [True, False])
def test_an_interrupted_training_names_resume_where_an_epoch_is_done(tmp_path, monkeypatch, begun):
    if begun:
        (tmp_path / "checkpoints").mkdir()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "_train", interrupted)
    done = CliRunner().invoke(train.main, ["--out", str(tmp_path / "digits.keras")])
    assert done.exit_code == 130
    assert ("--resume" in done.stderr) is begun
    assert "Interrupted" in done.stderr


def test_an_outcome_that_cannot_be_written_is_told_before_training():
    done = run(*TRAIN_OPTIONS, "--limit", 100, "--out", "/proc/nowhere/digits.keras")
    assert done.returncode == 2
    assert "/proc/nowhere" in done.stderr.splitlines()[-1]
    assert "epoch" not in done.stderr


@pytest.mark.parametrize("options", [["--limit", 99], ["--bogus"], ["--out", "digits.h5"]])
def test_bad_use_gives_one_line_and_status_2(options):
    done = run(*options)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "content", [None, b"", b"this is no archive\n" * 90, "other arrays", "other shapes"]
)
def test_bad_data_gives_one_line_and_status_2(tmp_path, content):
    data = tmp_path / "mnist.npz"
    if content == "other arrays":
        np.savez(data, a=np.zeros(3))
    elif content == "other shapes":
        image, label = np.zeros((9, 28, 28), np.uint8), np.zeros(9, np.uint8)
        np.savez(data, x_train=image, y_train=label, x_test=image, y_test=label)
    elif content is not None:
        data.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_mnist(data)
    assert str(data) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_the_command_says_bad_data_in_one_line(tmp_path):
    done = run("--data", tmp_path / "none.npz", "--out", tmp_path / "digits.keras")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: cannot read MNIST")
    assert "none.npz" in line
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_npz_is_told_as_one(tmp_path):
    data = tmp_path / "notes.txt"
    data.write_text("no MNIST")
    with pytest.raises(DataError, match=r"it is no \.npz file; give the mnist\.npz"):
        load_mnist(data)


def test_a_refused_download_is_one_line(tmp_path):
    refused = {"https_proxy": "http://127.0.0.1:9", "KERAS_HOME": str(tmp_path / "keras")}
    done = run("--out", tmp_path / "out" / "digits.keras", **refused)
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if "Error" in line or "Traceback" in line]
    (line,) = [line for line in lines if "cannot download MNIST" in line]
    assert "--data" in line
    assert not any("Traceback" in line for line in lines)
    assert not (tmp_path / "out").exists()
