"""What the engines make of tiles: the same probabilities, whatever the batch."""

import subprocess
import sys

import numpy as np
import pytest
from commands import ROOT
from drawn import draw_sheet
from segmented import find_regions

from camlive.classifier import DEFAULT_MODEL, ENGINES, augmented, load_classifier, softmax
from camlive.preprocess import to_batch, to_tile

ROUNDED = 0.05  # of a probability: the compiled form's weights have 8 bits


def tiles(count, seed=0):
    return np.random.default_rng(seed).random((count, 28, 28, 1), np.float32)


@pytest.mark.parametrize("count", [1, 2, 37, 256])
def test_the_engines_agree(fresh, count):
    compiled, network = (load_classifier(fresh, engine)(tiles(count)) for engine in ENGINES)
    np.testing.assert_allclose(compiled, network, atol=ROUNDED)
    assert compiled.std(axis=0).max() > 0 or count == 1


def test_the_engines_agree_on_the_shipped_model():
    sheet = draw_sheet(31)
    batch = to_batch(
        [to_tile(region.ink) for region in find_regions(sheet.image) if not region.refused]
    )
    assert len(batch) >= 30
    compiled, network = (load_classifier(engine=engine)(batch) for engine in ENGINES)
    np.testing.assert_allclose(compiled, network, atol=ROUNDED)
    clear = np.diff(np.sort(network, axis=1)[:, -2:]).ravel() > 2 * ROUNDED
    assert clear.mean() > 0.9
    np.testing.assert_array_equal(compiled.argmax(1)[clear], network.argmax(1)[clear])


def test_only_tiles_read_unsurely_are_read_again_a_pixel_aside():
    """Here the logits are how bright three pixels are, along the way of the shifts."""
    batches = []

    def logits_of(batch):
        batches.append(batch)
        logits = np.zeros((len(batch), 11), np.float32)
        logits[:, :3] = batch[:, (13, 14, 15), (13, 14, 15), 0]
        return logits

    batch = np.zeros((3, 28, 28, 1), np.float32)
    batch[0, 14, 14], batch[1, 14, 14], batch[2, 13, 13] = 9, 2, 1
    read = augmented(logits_of)(batch)
    assert [len(b) for b in batches] == [3, 4]  # the first is sure
    places = np.argwhere(batches[1])[:, 1:3].tolist()
    assert places == [[15, 15], [14, 14], [13, 13], [12, 12]]
    logits = np.zeros((3, 11))
    logits[0, 1], logits[1, :3], logits[2, :2] = 9, 2 / 3, 1 / 3
    np.testing.assert_allclose(read, softmax(logits), atol=1e-6)


def test_a_mark_at_the_edge_of_its_tile_does_not_come_in_at_the_other_side():
    seen = []

    def logits_of(batch):
        seen.append(batch)
        return np.zeros((len(batch), 11), np.float32)

    batch = np.zeros((1, 28, 28, 1), np.float32)
    batch[0, :, 27] = batch[0, 0, :] = 1
    augmented(logits_of)(batch)
    below, above = seen[1][..., 0]
    assert not below[0].any()
    assert not below[:, 0].any()
    assert not above[:, 27].any()
    assert not above[27].any()


def test_the_shipped_model_is_small():
    assert DEFAULT_MODEL.stat().st_size < 3e6
    assert DEFAULT_MODEL.with_suffix(".tflite").stat().st_size < 3e6


@pytest.mark.parametrize("engine", ENGINES)
def test_probabilities_sum_to_one_and_a_tile_does_not_depend_on_its_batch(fresh, engine):
    classify = load_classifier(fresh, engine)
    batch = tiles(20)
    together = classify(batch)
    assert together.shape == (20, 11)
    assert together.dtype == np.float32
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-5)
    alone = np.concatenate([classify(batch[i : i + 1]) for i in range(20)])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_batch_gives_no_probabilities(fresh, engine):
    assert load_classifier(fresh, engine)(tiles(0)).shape == (0, 11)


def test_a_model_is_loaded_where_standard_error_is_closed():
    code = "import os; os.close(2); from camlive.recognizer import load; load(); print('loaded')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    assert done.stdout == b"loaded\n"


def test_softmax_is_stable_and_a_high_temperature_makes_it_modest():
    logits = np.array([[1000, 0, -1000], [1, 2, 3]], np.float32)
    np.testing.assert_allclose(softmax(logits)[0], [1, 0, 0])
    np.testing.assert_allclose(softmax(logits).sum(axis=1), 1, rtol=1e-6)
    assert softmax(logits, 5)[1].max() < softmax(logits)[1].max() < softmax(logits, 0.2)[1].max()
