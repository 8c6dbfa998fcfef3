"""Models that are refused: missing, damaged, of another training or shape, or with code in them."""

import json
import pickle
import shutil
import sys
from hashlib import sha256
from pathlib import Path

import keras
import numpy as np
import pytest

from camlive.classifier import DEFAULT_MODEL, ENGINES, load_classifier
from camlive.errors import ModelError
from camlive.training.build import export
from camlive.training.network import build_network

FORMS = (".keras", ".tflite")
FILES = (*FORMS, ".json")


def refused(model, engine="litert"):
    with pytest.raises(ModelError) as caught:
        load_classifier(model, engine)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert "train.py" in message
    return message


@pytest.mark.parametrize(("engine", "needs"), [("litert", "ai_edge_litert"), ("keras", "keras")])
def test_an_engine_that_is_not_installed(monkeypatch, engine, needs):
    for name in [n for n in sys.modules if n.split(".")[0] == needs]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, needs, None)
    with pytest.raises(ModelError, match=f"{engine}.* is not installed.*pip install"):
        load_classifier(DEFAULT_MODEL, engine)


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
