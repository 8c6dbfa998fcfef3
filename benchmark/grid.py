"""Speed against the size of the frame and the digits in view: a table and its curves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib

matplotlib.use("Agg")
import cv2
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmark import crowded
from benchmark.report import markdown_table
from benchmark.speed import Options, measure_ways
from benchmark.timing import Timing
from camlive.filming import simulate
from camlive.record.images import write_image
from camlive.simulate.scene import SceneOptions

SIZES = {"480p": (854, 480), "720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160)}
COUNTS = (1, 10, 50, 200)
SIZE, COUNT = "1080p", 10  # what stays where the other changes
DURATION_S = 1.0
NUMBER = 5  # digits that stand together


@dataclass(frozen=True, slots=True)
class Cell:
    """One recording: the name of its size, what it shows, and each way's times.

    `shown` is the number of digits on its sheet, or a kind of `crowded`.
    """

    size: str
    shown: int | str
    ways: Mapping[str, Timing]


def measure_grid(options: Options, report: Callable[[str], None]) -> list[Cell]:
    """Simulates and measures a recording of each size, each number of digits, each crowded kind.

    Args:
        options: what camlive's recogniser is loaded with.
        report: told what is measured next.
    """
    cases: list[tuple[str, int | str]] = [(size, COUNT) for size in SIZES]
    cases += [(SIZE, count) for count in COUNTS if count != COUNT]
    cases += [(SIZE, kind) for kind in crowded.KINDS]
    cells = []
    for size, shown in cases:
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"{size}-{shown}.mp4"
            report(f"simulating {file.stem}")
            width, height = SIZES[size]
            if isinstance(shown, str):
                crowded.film(file, shown, (width, height))
            else:
                numbers = _numbers(shown)
                simulate(file, SceneOptions(width, height, 25, DURATION_S, shown, numbers))
            cells.append(Cell(size, shown, measure_ways(file, options, report)))
    return cells


def _numbers(count: int) -> str:
    """So many digits as numbers."""
    digits = "".join(map(str, np.random.default_rng(count).integers(0, 10, count)))
    return " ".join(digits[start : start + NUMBER] for start in range(0, count, NUMBER))


def to_markdown(cells: Sequence[Cell]) -> str:
    """The table for people."""
    ways = list(cells[0].ways)
    rows = [
        [cell.size, str(cell.shown), *(cell.ways[way].stages["whole"].text() for way in ways)]
        for cell in cells
    ]
    caption = (
        "Milliseconds a frame, p50 / p95: decoded, read and tracked, one frame after the other, as"
        f" of a camera. Simulated recordings of {DURATION_S:g} s; the middle of those with digits"
        " shows none."
    )
    return f"{caption}\n\n{markdown_table(('frame', 'digits', *ways), rows)}"


def draw_curves(path: Path, cells: Sequence[Cell]) -> None:
    """Draws the medians against the size of the frame and against the digits.

    Args:
        path: the picture, see `write_image`.
        cells: as `measure_grid` gives them.

    Raises:
        OutputError: the file cannot be written.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained", sharey=True)
    sizes = [cell for cell in cells if cell.shown == COUNT]
    counted = [(c.shown, c) for c in cells if c.size == SIZE and isinstance(c.shown, int)]
    counts = sorted(counted, key=lambda pair: pair[0])
    megapixels = [np.prod(SIZES[cell.size]) / 1e6 for cell in sizes]
    _curves(axes[0], megapixels, sizes, f"megapixels a frame, {COUNT} digits")
    numbers, cells_of_numbers = zip(*counts, strict=True)
    _curves(axes[1], numbers, cells_of_numbers, f"digits on the sheet, {SIZE}")
    axes[0].set_ylabel("milliseconds a frame (median)")
    axes[0].set_ylim(bottom=0)
    axes[0].legend()
    drawn = BytesIO()
    figure.savefig(drawn, dpi=90)
    plt.close(figure)
    image = cv2.imdecode(np.frombuffer(drawn.getvalue(), np.uint8), cv2.IMREAD_COLOR)
    write_image(path, np.asarray(image, np.uint8))


def _curves(axes: Axes, places: Sequence[float], cells: Sequence[Cell], label: str) -> None:
    for way in cells[0].ways:
        axes.plot(places, [c.ways[way].stages["whole"].p50_ms for c in cells], "o-", label=way)
    axes.set_xlabel(label)
    axes.grid(alpha=0.3)
