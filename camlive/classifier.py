"""The trained model, its engines, and the calibrated confidence."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import NOT_A_DIGIT, Batch, Probabilities
from camlive.errors import ModelError

DEFAULT_MODEL = Path(__file__).parent.parent / "models" / "digits.keras"
ENGINES = ("opencv", "keras")

Classify = Callable[[Batch], Probabilities]
Logits = npt.NDArray[np.float32]  # (N, 11)


def load_classifier(model: Path = DEFAULT_MODEL, engine: str = "opencv") -> Classify:
    """Loads a model that `train.py` made.

    Args:
        model: the .keras file. The engine "opencv" runs its compiled form, the .tflite file
            beside it, and needs no TensorFlow; "keras" runs the .keras file itself.
        engine: one of `ENGINES`.

    Returns:
        A function from a batch (N, 28, 28, 1) float32, 0 to 1, to probabilities (N, 11).

    Raises:
        ModelError: the file is missing, damaged, of another kind or of another shape.
    """
    if engine not in ENGINES:
        raise ModelError(f"no engine {engine!r}; choose {' or '.join(ENGINES)}")
    if model.suffix != ".keras":
        raise ModelError(f"{model} is no .keras file; build one with: python train.py")
    file = model if engine == "keras" else model.with_suffix(".tflite")
    if not file.is_file():
        raise ModelError(f"no model file {file}; build it with: python train.py --out {model}")
    try:
        logits_of = _keras_engine(file) if engine == "keras" else _opencv_engine(file)
        probe = logits_of(np.zeros((2, 28, 28, 1), np.float32))
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
    return lambda batch: softmax(logits_of(batch)) if len(batch) else _NONE


_NONE = np.zeros((0, NOT_A_DIGIT + 1), np.float32)


def softmax(logits: Logits, temperature: float = 1) -> Probabilities:
    """(N, 11) logits -> (N, 11) float32 probabilities."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def _opencv_engine(file: Path) -> Callable[[Batch], Logits]:
    net = cv2.dnn.readNetFromTFLite(str(file))

    def logits_of(batch: Batch) -> Logits:
        net.setInput(batch.reshape(-1, 1, 28, 28))  # one channel: the same bytes as NHWC
        return np.asarray(net.forward(), np.float32).reshape(len(batch), -1)

    return logits_of


def _keras_engine(file: Path) -> Callable[[Batch], Logits]:
    import keras
    import tensorflow as tf

    network = keras.models.load_model(file, compile=False, safe_mode=True)
    signature = [tf.TensorSpec((None, 28, 28, 1), tf.float32)]
    compiled = tf.function(lambda batch: network(batch, training=False), signature)
    return lambda batch: np.asarray(compiled(batch))
