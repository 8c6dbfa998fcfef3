"""MNIST: loaded, checked, and warped as other hands would have written it."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Image
from camlive.errors import DataError

_SHAPES = {
    "x_train": (60000, 28, 28),
    "y_train": (60000,),
    "x_test": (10000, 28, 28),
    "y_test": (10000,),
}

TAILED = (4, 7, 9)  # digits with a stem that some people draw out
TAILS = 0.25  # share of them that are drawn out
LONGEST_TAIL = 3.5  # times

Labels = npt.NDArray[np.uint8]  # (N,)


@dataclass(frozen=True, slots=True, eq=False)
class Mnist:
    """The four arrays: pictures (N, 28, 28) uint8 white on black, labels (N,) uint8 0 to 9."""

    x_train: Image
    y_train: Labels
    x_test: Image
    y_test: Labels

    def sha256(self) -> str:
        """Hash of the four arrays' bytes, in the order of the fields."""
        digest = hashlib.sha256()
        for name in _SHAPES:
            digest.update(np.ascontiguousarray(getattr(self, name)).tobytes())
        return digest.hexdigest()

    def first(self, count: int) -> "Mnist":
        """The first pictures of training, and a sixth as many of the test."""
        test = max(100, count // 6)
        return Mnist(
            self.x_train[:count], self.y_train[:count], self.x_test[:test], self.y_test[:test]
        )


def load_mnist(path: Path | None = None) -> Mnist:
    """Loads MNIST from a file of Keras' layout, or by Keras' own download.

    Args:
        path: an .npz with x_train, y_train, x_test, y_test; None downloads (and caches) it.

    Raises:
        DataError: the file is missing, damaged or of another layout, or the download failed.
    """
    if path is None:
        return _download()
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in _SHAPES}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        # NumPy takes what is no .npz for a pickle, and says how to load one all the same.
        reason = "it is no .npz file" if isinstance(error, ValueError) else error
        raise DataError(
            f"cannot read MNIST from {path}: {reason}; give the mnist.npz that Keras downloads, "
            "or leave --data out to download it"
        ) from error
    for name, shape in _SHAPES.items():
        if found[name].shape != shape or found[name].dtype != np.uint8:
            raise DataError(
                f"{path} is not MNIST: {name} is {found[name].dtype} {found[name].shape}, "
                f"expected uint8 {shape}; give the mnist.npz that Keras downloads"
            )
    return Mnist(**found)


def _download() -> Mnist:
    import keras

    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as error:  # Keras raises a bare Exception when a download fails
        raise DataError(
            f"cannot download MNIST: {error}; fetch mnist.npz by hand and give it with --data"
        ) from error
    return Mnist(x_train, y_train, x_test, y_test)


def tail_of(label: int, rng: np.random.Generator) -> float:
    """How many times as long the lower half of a digit is as usual: of some fours, sevens, nines.

    MNIST hardly has the long thin ones that many people write.
    """
    return rng.uniform(1, LONGEST_TAIL) if label in TAILED and rng.random() < TAILS else 1.0


def warped(
    digit: Image,
    height_px: int,
    rng: np.random.Generator,
    strength: float = 1,
    tail: float = 1,
) -> Image:
    """A digit as another hand might have written it: turned, slanted, stretched, elastic.

    Args:
        digit: (28, 28) uint8, white on black.
        height_px: height of MNIST's 20-pixel ink box in the outcome.
        rng: source of the variation.
        strength: 0 leaves the form alone, 1 is the strongest that a person still reads.
        tail: how many times as long its lower half is; the digit is then narrower, not higher.

    Returns:
        (H, W) uint8 coverage by ink, with some margin around it.
    """
    side = round(height_px * 1.7)
    angle, slant = rng.normal(0, [0.12 * strength, 0.17 * strength])
    aspect = np.exp(rng.normal(0, 0.13 * strength))
    length = (1 + tail) / 2
    scale = 20 / height_px * length
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shape = turn @ np.array([[scale * aspect, slant * scale], [0, scale]])
    bend = rng.normal(0, rng.uniform(0.1, 0.75) * strength, (5, 5, 2)).astype(np.float32)
    field = cv2.resize(bend, (side, side), interpolation=cv2.INTER_CUBIC)
    axis = np.arange(side, dtype=np.float32) - (side - 1) / 2
    map_x = shape[0, 0] * axis + (shape[0, 1] * axis)[:, None] + field[..., 0] + 13.5
    map_y = shape[1, 0] * axis + (shape[1, 1] * axis)[:, None] + field[..., 1] + 13.5
    if tail > 1:
        below = map_y - (18.5 - 5 * tail)  # where the halves of the lengthened digit meet
        map_y = 13.5 + np.where(below > 0, below / tail, below)
    maps = map_x.astype(np.float32), map_y.astype(np.float32)
    return np.asarray(cv2.remap(digit, *maps, cv2.INTER_CUBIC), np.uint8)


def penned(coverage: Image, rng: np.random.Generator) -> Image:
    """Redraws enlarged soft strokes with a pen of random width and sharp edges."""
    level = rng.uniform(60, 190)
    sharp = rng.uniform(2, 5)
    paper = np.full(4, level - 128 / sharp)  # OpenCV takes it for a scalar
    return np.asarray(cv2.convertScaleAbs(cv2.subtract(coverage, paper), alpha=sharp), np.uint8)


def broken(coverage: Image, rng: np.random.Generator) -> Image:
    """Ink that did not reach the paper everywhere: strokes with gaps, or speckled ones."""
    height, width = coverage.shape
    if rng.random() < 0.5:
        grain = rng.random((height // 2 + 1, width // 2 + 1)).astype(np.float32)
        lost = cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR)
        kept = np.asarray(lost > rng.uniform(0.2, 0.45), np.uint8)
        return np.asarray(coverage * kept, np.uint8)
    torn = coverage.copy()
    ys, xs = np.nonzero(coverage > 128)
    for _ in range(int(rng.integers(1, 4)) if len(ys) else 0):
        place = int(rng.integers(len(ys)))
        radius = max(1, round(max(height, width) * rng.uniform(0.03, 0.07)))
        cv2.circle(torn, (int(xs[place]), int(ys[place])), radius, 0, -1, cv2.LINE_AA)
    return torn
