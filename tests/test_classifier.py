import json
import pickle
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import keras
import numpy as np
import pytest
from drawn import draw_sheet
from segmented import find_regions

from camlive.classifier import DEFAULT_MODEL, ENGINES, augmented, load_classifier, softmax
from camlive.errors import ModelError
from camlive.preprocess import to_batch, to_tile
from camlive.training.build import export
from camlive.training.network import build_network, calibrated

ROOT = Path(__file__).parent.parent
FORMS = (".keras", ".tflite")
FILES = (*FORMS, ".json")
ROUNDED = 0.05  # of a probability: the compiled form's weights have 8 bits


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A model that learned nothing, exported as `train.py` exports."""
    keras.utils.set_random_seed(3)
    path = tmp_path_factory.mktemp("model") / "digits.keras"
    export(calibrated(build_network(), 1.0), path, {})
    return path


def tiles(count, seed=0):
    return np.random.default_rng(seed).random((count, 28, 28, 1), np.float32)


def refused(model, engine="litert"):
    with pytest.raises(ModelError) as caught:
        load_classifier(model, engine)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert "train.py" in message
    return message


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


@pytest.mark.parametrize("engine", ENGINES)
def test_a_missing_file(tmp_path, engine):
    model = tmp_path / "none.keras"
    assert str(model.with_suffix("")) in refused(model, engine)


def test_a_model_of_another_kind(tmp_path):
    other = tmp_path / "model.h5"
    other.write_bytes(b"x")
    assert "model.h5" in refused(other)


def copied(fresh, folder):
    """A model's files, copied."""
    for suffix in FILES:
        shutil.copy(fresh.with_suffix(suffix), folder / f"digits{suffix}")
    return folder / "digits.keras"


def sign(model):
    """Makes the metrics tell the sums of what now lies beside them."""
    sums = {s: sha256(model.with_suffix(s).read_bytes()).hexdigest() for s in FORMS}
    model.with_suffix(".json").write_text(json.dumps({"sha256": sums}))


class Poison:
    """A pickle of it makes a file when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("damage", ["text", "empty", "half", "pickle"])
def test_a_damaged_file_even_where_its_sum_is_told(fresh, tmp_path, engine, damage):
    model = copied(fresh, tmp_path)
    for suffix in FORMS:
        data = fresh.with_suffix(suffix).read_bytes()
        spoilt = {"text": b"not a model\n" * 50, "empty": b"", "half": data[: len(data) // 2]}
        spoilt["pickle"] = pickle.dumps(Poison(tmp_path / "poisoned"))
        model.with_suffix(suffix).write_bytes(spoilt[damage])
    assert "damaged" in refused(model, engine)
    sign(model)
    assert "cannot use the model" in refused(model, engine)
    assert not (tmp_path / "poisoned").exists()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("suffix", FILES)
def test_a_file_that_is_missing_or_of_another_training(fresh, tmp_path, engine, suffix):
    model = copied(fresh, tmp_path)
    other = DEFAULT_MODEL.with_suffix(suffix)
    shutil.copy(other, model.with_suffix(suffix))
    assert "of another training" in refused(model, engine)
    model.with_suffix(suffix).unlink()
    assert f"no model file {model.with_suffix(suffix)}" in refused(model, engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sha256": 3}', '{"sha256": {".keras": ""}}'])
def test_metrics_that_tell_no_sums(fresh, tmp_path, engine, text):
    model = copied(fresh, tmp_path)
    model.with_suffix(".json").write_text(text)
    assert "digits.json" in refused(model, engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("suffix", FORMS)
def test_flipped_bits_and_lost_bytes(fresh, tmp_path, engine, suffix):
    model, rng = copied(fresh, tmp_path), np.random.default_rng(4)
    whole = fresh.with_suffix(suffix).read_bytes()
    for _ in range(100):
        data, at = bytearray(whole), int(rng.integers(len(whole)))
        if rng.random() < 0.5:
            data[at] ^= 1 << rng.integers(8)
        else:
            del data[at : at + int(rng.integers(1, 50))]
        model.with_suffix(suffix).write_bytes(data)
        refused(model, engine)


def test_no_code_that_a_model_brings_is_run(tmp_path):
    inputs = keras.Input((28, 28, 1))
    x = keras.layers.Lambda(lambda tiles: tiles * 2)(inputs)
    x = keras.layers.Conv2D(11, 28)(x)
    odd = exported(keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x)), tmp_path)
    assert "lambda" in refused(odd, "keras").lower()


def exported(network, folder):
    path = folder / "odd.keras"
    export(network, path, {})
    return path


def test_a_model_of_another_shape(tmp_path):
    inputs = keras.Input((28, 28, 1))
    x = keras.layers.Conv2D(10, 28)(inputs)
    odd = exported(keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x)), tmp_path)
    for engine in ENGINES:
        assert "(2, 10)" in refused(odd, engine)


def test_a_model_that_takes_other_tiles(tmp_path):
    inputs = keras.Input((32, 32, 1))
    x = keras.layers.Conv2D(11, 32)(inputs)
    odd = exported(keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x)), tmp_path)
    refused(odd, "keras")


def test_a_model_that_learned_nonsense(tmp_path):
    network = build_network()
    network.set_weights([np.full_like(w, np.nan) for w in network.get_weights()])
    odd = exported(network, tmp_path)
    for engine in ENGINES:
        assert "finite" in refused(odd, engine)


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
