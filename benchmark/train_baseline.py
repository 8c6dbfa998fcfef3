"""Trains the recipe's network as its tutorials do: plain MNIST, no augmentation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from camlive.errors import OutputError
from camlive.training.mnist import load_mnist

BATCH = 128


def train_baseline(
    data: Path | None, out: Path, epochs: int, seed: int, report: Callable[[str], None]
) -> float:
    """Trains the small network on MNIST's 60,000 training pictures and exports it.

    Args:
        data: MNIST as an npz of Keras' layout; None downloads it.
        out: the TensorFlow Lite file to write.
        epochs: passes over the training pictures.
        seed: of the weights and the order of the pictures.
        report: told after each epoch.

    Returns:
        The accuracy on MNIST's test pictures, 0 to 1.

    Raises:
        DataError: the data cannot be read.
        OutputError: the folder of the file does not exist.
    """
    if not out.parent.is_dir():
        raise OutputError(f"cannot write {out}: make its folder first")
    mnist = load_mnist(data)
    import keras

    keras.utils.set_random_seed(seed)
    model = build_network()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    progress = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: report(
            f"epoch {epoch + 1} of {epochs}: training accuracy {logs['accuracy']:.4f}"
        )
    )
    model.fit(_scaled(mnist.x_train), mnist.y_train, BATCH, epochs, verbose=0, callbacks=[progress])
    model.export(out, format="litert", verbose=False)
    test = model.evaluate(_scaled(mnist.x_test), mnist.y_test, batch_size=BATCH, verbose=0)
    return float(test[1])


def build_network() -> Any:
    """The convnet of Keras' MNIST example, 32 and 64 filters, with its usual dense layer of 128.

    It yields logits. The dense layers are written as convolutions over the whole map, which compute
    the same: OpenCV refuses a Flatten with a free batch, and from its second pass on it takes the
    softmax after such a network over the wrong axis.
    """
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(128, 5, activation="relu"),
            layers.Dropout(0.5),
            layers.Conv2D(10, 1),
            layers.GlobalAveragePooling2D(),
        ]
    )


def _scaled(pictures: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return pictures[..., None].astype(np.float32) / 255
