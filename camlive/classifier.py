"""The trained model, its engines, and the calibrated confidence."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt

from camlive.detection import NOT_A_DIGIT, Batch, Probabilities
from camlive.errors import ModelError
from camlive.signals import signals_held

_WITHIN = Path(__file__).parent / "models"  # where it is installed; in a checkout it lies beside
_MODELS = _WITHIN if _WITHIN.is_dir() else Path(__file__).parent.parent / "models"
DEFAULT_MODEL = _MODELS / "digits.keras"
ENGINES = ("litert", "keras")
THREADS = 2  # of the compiled form: an ordinary computer has two cores, and a batch is small

ENOUGH = 0.8  # probability from which one reading of a tile is enough
SHIFTS = ((1, 1), (-1, -1))  # rows and columns by which others are read again

Logits = npt.NDArray[np.float32]  # (N, 11)
Classify = Callable[[Batch], Probabilities]
ReadLogits = Callable[[Batch], Logits]


def load_classifier(model: Path = DEFAULT_MODEL, engine: str = "litert") -> Classify:
    """Loads a model that `train.py` made.

    Args:
        model: the .keras file. The engine "litert" runs its compiled form, the .tflite file
            beside it, and needs no TensorFlow; "keras" runs the .keras file itself. Both must
            be the ones whose SHA-256 the .json file beside them tells.
        engine: one of `ENGINES`.

    Returns:
        A function from a batch (N, 28, 28, 1) float32, 0 to 1, to probabilities (N, 11), which
        several threads may call.

    Raises:
        ModelError: a file is missing, damaged, of another kind, of another shape, or does not
            belong to the others of its training.
    """
    if engine not in ENGINES:
        raise ModelError(f"no engine {engine!r}; choose {' or '.join(ENGINES)}")
    if model.suffix != ".keras":
        raise ModelError(f"{model} is no .keras file; build one with: python train.py")
    _check_files(model)
    file = model if engine == "keras" else model.with_suffix(".tflite")
    try:
        with signals_held():  # an engine may take one for a library that is missing
            logits_of = _keras_engine(file) if engine == "keras" else _litert_engine(file)
            probe = logits_of(np.zeros((2, 28, 28, 1), np.float32))
    except ImportError as error:
        raise ModelError(
            f"engine {engine!r} is not installed ({error}); pip install -r requirements.txt"
        ) from error
    except Exception as error:  # what a damaged file raises is the engine's own affair
        reason = str(error).strip().splitlines()[0][:160] if str(error).strip() else repr(error)
        raise ModelError(
            f"cannot use the model {file}: {reason}; build it anew with: python train.py"
        ) from error
    if probe.shape != (2, NOT_A_DIGIT + 1) or not np.isfinite(probe).all():
        raise ModelError(
            f"{file} is not a digit model: it gives {probe.shape} for two tiles, or no finite "
            "numbers; build it anew with: python train.py"
        )
    return augmented(logits_of)


def augmented(logits_of: ReadLogits) -> Classify:
    """What reads tiles by a network's logits, those that it is unsure of three times.

    Test-time augmentation: tiles whose likeliest class has less than 0.8 are read again a pixel
    further down and right, and up and left; the mean of the logits counts (docs/decisions/0012).

    Args:
        logits_of: batch (N, 28, 28, 1), N >= 1 -> logits (N, 11).

    Returns:
        A function from a batch (N, 28, 28, 1) to probabilities (N, 11).
    """

    def classify(batch: Batch) -> Probabilities:
        if not len(batch):
            return _NONE
        logits = logits_of(batch)
        unsure = softmax(logits).max(axis=1) < ENOUGH
        if unsure.any():
            framed = np.pad(batch[unsure], ((0, 0), (1, 1), (1, 1), (0, 0)))
            moved = [framed[:, 1 - y : 29 - y, 1 - x : 29 - x] for y, x in SHIFTS]
            again = logits_of(np.concatenate(moved)).reshape(len(SHIFTS), -1, logits.shape[1])
            logits = logits.copy()
            logits[unsure] = (logits[unsure] + again.sum(axis=0)) / (1 + len(SHIFTS))
        return softmax(logits)

    return classify


def _check_files(model: Path) -> None:
    """Makes sure that a model's two forms are the ones that its training wrote.

    Raises:
        ModelError: one is missing, damaged, or of another training.
    """
    metrics = model.with_suffix(".json")
    forms = {suffix: model.with_suffix(suffix) for suffix in (".keras", ".tflite")}
    for file in (*forms.values(), metrics):
        if not file.is_file():
            raise ModelError(f"no model file {file}; build it with: python train.py --out {model}")
    try:
        sums = json.loads(metrics.read_bytes())["sha256"]
        strange = [f for s, f in forms.items() if sha256(f.read_bytes()).hexdigest() != sums[s]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"cannot use {metrics}: {error!r}; build it anew with: python train.py --out {model}"
        ) from error
    if strange:
        raise ModelError(
            f"{strange[0]} is damaged, or of another training than {metrics} tells of; "
            f"build it anew with: python train.py --out {model}"
        )


_NONE = np.zeros((0, NOT_A_DIGIT + 1), np.float32)


def softmax(logits: Logits, temperature: float = 1) -> Probabilities:
    """(N, 11) logits -> (N, 11) float32 probabilities."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def _litert_engine(file: Path) -> ReadLogits:
    from ai_edge_litert.interpreter import Interpreter

    with _native_stderr_closed():  # LiteRT announces its own start there
        network = Interpreter(str(file), num_threads=THREADS)
        network.allocate_tensors()
    tiles, logits = (
        details[0]["index"]
        for details in (network.get_input_details(), network.get_output_details())
    )
    alone = Lock()  # the interpreter holds its input and its layers' outputs

    def logits_of(batch: Batch) -> Logits:
        with alone:
            network.resize_tensor_input(tiles, batch.shape)
            network.allocate_tensors()
            network.set_tensor(tiles, batch)
            network.invoke()
            return np.asarray(network.get_tensor(logits))

    return logits_of


@contextmanager
def _native_stderr_closed() -> Iterator[None]:
    """Drops what native code writes to standard error meanwhile."""
    try:
        kept = os.dup(2)
    except OSError:  # it is closed already
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _keras_engine(file: Path) -> ReadLogits:
    import keras
    import tensorflow as tf

    network = keras.models.load_model(file, compile=False, safe_mode=True)
    signature = [tf.TensorSpec((None, 28, 28, 1), tf.float32)]
    compiled = tf.function(lambda batch: network(batch, training=False), signature)
    return lambda batch: np.asarray(compiled(batch))
