"""The network: a small residual CNN, 28x28 grey tile to eleven classes."""

import math
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from camlive.detection import NOT_A_DIGIT

CLASSES = NOT_A_DIGIT + 1
WIDTHS = (40, 80)  # channels at 14x14 and at 7x7
DROPOUT = 0.3
NONE_WEIGHT = 0.4  # of "not a digit" against its share in training, see `weighted`
MOMENTUM = 0.95  # of batch normalisation's averages: settled within a hundred batches


def build_network() -> keras.Model:
    """Builds the untrained network.

    Convolutions with batch normalisation and residual blocks (He et al., CVPR 2016); a depthwise
    7x7 convolution gathers the last map instead of a flattening layer (Chen et al.,
    MobileFaceNets, 2018), which every engine runs with a free batch size.

    Returns:
        A model from (N, 28, 28, 1) float32, 0 to 1, to (N, 11) float32 logits.
    """
    inputs = keras.Input((28, 28, 1), name="tiles")
    narrow, wide = WIDTHS
    x = _block(inputs, narrow, 5, 2)
    x = _residual(x, narrow)
    x = _block(x, wide, 3, 2)
    x = _residual(x, wide)
    x = layers.DepthwiseConv2D(7, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=MOMENTUM)(x)
    x = layers.Dropout(DROPOUT)(x)
    x = layers.Conv2D(CLASSES, 1, name="logits")(x)
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(x), name="digits")


def calibrated(network: keras.Model, temperature: float) -> keras.Model:
    """A copy of a network with its logits over a temperature (Guo et al., ICML 2017).

    Args:
        network: of `build_network`.
        temperature: above 0; more than 1 makes the confidence more modest.

    Returns:
        A model from the same tiles to (N, 11) logits whose softmax is the confidence.
    """
    kernel, bias = network.get_layer("logits").get_weights()
    return _with_logits(network, kernel / temperature, bias / temperature)


def weighted(network: keras.Model) -> keras.Model:
    """A copy of a calibrated network that is slower to call a tile no digit: the one to ship.

    The prior of "not a digit" is shifted from its share in training (Saerens et al., Neural
    Computation 14, 2002): a digit that is left out costs more than one found where none is, since
    the recogniser still looks at the surroundings of each mark.
    """
    kernel, bias = network.get_layer("logits").get_weights()
    bias[NOT_A_DIGIT] += math.log(NONE_WEIGHT)
    return _with_logits(network, kernel, bias)


def _with_logits(
    network: keras.Model, kernel: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]
) -> keras.Model:
    """A copy of a network with other weights of its last layer."""
    copy = build_network()
    copy.set_weights(network.get_weights())
    copy.get_layer("logits").set_weights([kernel, bias])
    return copy


def _block(x: Any, width: int, size: int, stride: int) -> Any:
    x = layers.Conv2D(width, size, strides=stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))


def _residual(x: Any, width: int) -> Any:
    inner = _block(x, width, 3, 1)
    inner = layers.Conv2D(width, 3, padding="same", use_bias=False)(inner)
    return layers.ReLU()(layers.Add()([x, layers.BatchNormalization(momentum=MOMENTUM)(inner)]))
