"""What an epoch is made of, and that the loss falls over a few."""

import numpy as np
import pytest
from fixtures_mnist import TINY, mnist

from camlive.detection import NOT_A_DIGIT
from camlive.preprocess import to_batch
from camlive.training import epochs
from camlive.training.epochs import EpochSize, epoch_maker
from camlive.training.fit import FitOptions, fit


@pytest.fixture
def short_epochs(monkeypatch):
    """Has only the first parts of an epoch made."""
    monkeypatch.setattr(epochs, "PARTS", 3)


@pytest.mark.usefixtures("short_epochs")
def test_the_loss_falls_over_a_few_epochs(tmp_path):
    few = mnist().first(300)
    held_out = to_batch(few.x_test), few.y_test
    seen = []
    options = FitOptions(4, 3, TINY, tmp_path)
    _, rows = fit(few, held_out, options, lambda done, row: seen.append((done, row["loss"])))
    assert [done for done, _ in seen] == [1, 2, 3, 4]
    assert rows[-1]["loss"] < 0.8 * rows[0]["loss"]
    assert rows[-1]["accuracy"] > rows[0]["accuracy"]


@pytest.mark.usefixtures("short_epochs")
def test_an_epoch_depends_on_its_seed_and_number_only():
    few = mnist().first(200)
    with epoch_maker(few, TINY, 5) as maker:
        first, second = maker.take(0), maker.take(1)
    with epoch_maker(few, TINY, 5) as maker:
        maker.begin(1)
        again = maker.take(1)
    with epoch_maker(few, TINY, 6) as maker:
        other = maker.take(1)
    for mine, same in zip(second, again, strict=True):
        np.testing.assert_array_equal(mine, same)
    for different in (first, other):
        assert len(different[1]) != len(second[1]) or (different[0] != second[0]).any()
    assert second[0].shape[1:] == (28, 28, 1)
    assert set(second[1].tolist()) == set(range(11))


@pytest.mark.usefixtures("short_epochs")
def test_an_epoch_holds_so_many_signs_that_are_no_digits():
    def others(signs: int) -> int:
        with epoch_maker(mnist().first(200), EpochSize(3, signs, 3), 5) as maker:
            return int((maker.take(0)[1] == NOT_A_DIGIT).sum())

    assert others(33) - others(3) == 30


@pytest.mark.usefixtures("short_epochs")
def test_a_sheet_serves_three_epochs_and_a_picture_one():
    size = EpochSize(digits=3, signs=3, sheets=3)
    with epoch_maker(mnist().first(200), size, 5) as maker:
        taken = [{tile.tobytes() for tile in maker.take(epoch)[0]} for epoch in range(5)]
    shared = [len(taken[4] & earlier) for earlier in taken[:4]]
    assert shared[:2] == [0, 0]
    assert 0 < shared[2] < shared[3] < len(taken[4])
