"""The command line of train.py."""

import pytest
from click.testing import CliRunner

import train


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
