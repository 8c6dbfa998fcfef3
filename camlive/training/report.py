"""The training report: one page of figures, and the predictions with the mistakes first."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from camlive.detection import NOT_A_DIGIT, Image, Probabilities
from camlive.recognizer import MIN_CONFIDENCE
from camlive.training.calibrate import (
    expected_calibration_error,
    operating_curve,
    reliability,
)
from camlive.training.fit import History
from camlive.training.mnist import Labels
from camlive.training.readings import Readings

EXAMPLES = 40


def write_report(
    path: Path,
    history: History,
    test: tuple[Image, Labels, Probabilities],
    camera: tuple[Labels, Probabilities],
    sheets: Readings,
    title: str,
) -> None:
    """Draws the report.

    Args:
        path: the PNG to write.
        history: figures of each epoch, as `fit` returns them.
        test: MNIST's test pictures (N, 28, 28), labels (N,) and probabilities (N, 11).
        camera: labels and probabilities of held-out camera-like tiles.
        sheets: what was read on held-out sheets.
        title: one line above all.
    """
    figure = plt.figure(figsize=(15, 11), layout="constrained")
    figure.suptitle(title)
    axes = figure.subplot_mosaic("ABCD;EEFF;GGGG", height_ratios=(1, 1.6, 0.55))
    _curves(axes["A"], history, "accuracy")
    _curves(axes["B"], history, "loss")
    _curve_of_reliability(axes["C"], sheets)
    _curve_of_least_confidence(axes["D"], sheets)
    _confusion(axes["E"], test[1], test[2], "MNIST test")
    _confusion(axes["F"], *camera, "held-out camera-like tiles")
    _examples(axes["G"], *test)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _curves(axes: Axes, history: History, name: str) -> None:
    epochs = range(1, len(history) + 1)
    axes.plot(epochs, [row[name] for row in history], label="training")
    axes.plot(epochs, [row[f"held_out_{name}"] for row in history], label="held out")
    axes.set(title=f"{name} over the epochs", xlabel="epoch", ylabel=name)
    axes.grid(alpha=0.3)
    axes.legend()


def _curve_of_reliability(axes: Axes, sheets: Readings) -> None:
    confidence, right, count = reliability(sheets.confidence, sheets.right)
    error = expected_calibration_error(sheets.confidence, sheets.right)
    axes.plot([0, 1], [0, 1], "k:", label="ideal")
    axes.plot(confidence[count > 0], right[count > 0], "o-", label="measured")
    axes.set(
        title=f"Held-out sheets: confidence, error {error:.3f}",
        xlabel="confidence",
        ylabel="share right",
    )
    axes.grid(alpha=0.3)
    axes.legend()


def _curve_of_least_confidence(axes: Axes, sheets: Readings) -> None:
    least, precision, recall = operating_curve(sheets.confidence, sheets.right, sheets.digits)
    axes.plot(least, precision, label="precision")
    axes.plot(least, recall, label="recall")
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    axes.plot(least, f1, label="F1")
    axes.axvline(MIN_CONFIDENCE, color="k", ls=":", label="the default")
    axes.set(title="Held-out sheets, the whole way", xlabel="least confidence", ylabel="share")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")  # below all curves


def _confusion(axes: Axes, labels: Labels, probabilities: Probabilities, title: str) -> None:
    counts = np.zeros((NOT_A_DIGIT + 1,) * 2, int)
    np.add.at(counts, (labels, probabilities.argmax(1)), 1)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    axes.imshow(shares**0.3, cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.3 else "black"
            axes.text(column, row, str(count), ha="center", va="center", size=7, color=colour)
    names = [*map(str, range(NOT_A_DIGIT)), "none"]
    axes.set_xticks(range(NOT_A_DIGIT + 1), names)
    axes.set_yticks(range(NOT_A_DIGIT + 1), names)
    axes.set(title=f"Confusion, {title}", xlabel="read as", ylabel="is")


def _examples(axes: Axes, images: Image, labels: Labels, probabilities: Probabilities) -> None:
    """Pictures in order of how unlikely the right answer was thought: mistakes come first."""
    order = np.argsort(probabilities[np.arange(len(labels)), labels])[:EXAMPLES]
    columns, cell = EXAMPLES // 2, 42
    canvas = np.full((2 * cell, columns * cell), 255, np.uint8)
    for place, index in enumerate(order):
        y, x = place // columns * cell, place % columns * cell
        canvas[y : y + 28, x : x + 28] = 255 - images[index]
        read, sure = int(probabilities[index].argmax()), float(probabilities[index].max())
        name = "none" if read == NOT_A_DIGIT else str(read)
        colour = "tab:green" if read == labels[index] else "tab:red"
        text = f"{labels[index]}: {name} {sure:.0%}"
        axes.text(x + 14, y + 34, text, ha="center", va="center", size=7, color=colour)
    axes.imshow(canvas, cmap="gray")
    axes.set_axis_off()
    axes.set_title("MNIST test: what it is, what was read and how surely; mistakes first")
