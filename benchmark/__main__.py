"""Command line: `python -m benchmark accuracy | touching | pages | speed | video | ...`."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from benchmark import accuracy as acc
from benchmark import baseline, grid, report
from benchmark import camera as cam
from benchmark import speed as spd
from benchmark import video as vid
from benchmark.losses import contact_sheet as draw
from benchmark.losses import find_losses, to_markdown
from benchmark.pages import PAGES, drawn_pages
from benchmark.refilmed import refilmed, turned
from benchmark.timing import Timing
from benchmark.touching import SHEETS, touching_numbers
from benchmark.train_baseline import train_baseline
from benchmark.truth import Label, load_images, read_truth
from camlive.detection import Image
from camlive.display import Window
from camlive.exits import Commands, Number
from camlive.recognizer import Recognizer, load
from camlive.record.images import check_picture, write_image
from camlive.record.output import check_output
from camlive.training.mnist import load_mnist

FILE = click.Path(path_type=Path, dir_okay=False)
DIRECTORY = click.Path(path_type=Path, file_okay=False)


def _reader_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that choose what camlive reads with."""
    for option in (
        click.option("--model", type=FILE, help="Model in place of the shipped one."),
        click.option("--engine", help="Engine in place of the default."),
        click.option("--min-confidence", type=Number(0, 1), help="Least confidence."),
        click.option("--json", "json_file", type=FILE, help="Write the figures there, too."),
    ):
        command = option(command)
    return command


def _given(**options: Any) -> dict[str, Any]:
    """The options that were given: the others keep the library's own defaults."""
    return {name: value for name, value in options.items() if value is not None}


def _check_outputs(json_file: Path | None, picture: Path | None = None) -> None:
    """Makes sure that what is measured can be written, before any time is spent on it."""
    if json_file:
        check_output(json_file, force=True)
    if picture:
        check_picture(picture, force=True)


def _progress(what: str) -> None:
    click.echo(what, err=True)


@click.group(cls=Commands)
def main() -> None:
    """Measures camlive beside the much-copied recipe."""


@main.command()
@click.argument("root", type=DIRECTORY)
@click.argument("truth", type=FILE, required=False)
@click.option("--losses", is_flag=True, help="Also tell what camlive lost, and why.")
@click.option("--contact-sheet", type=FILE, help="Draw what camlive lost there.")
@click.option("--refilm", type=click.IntRange(1), metavar="N", help="Film pictures with N cameras.")
@click.option("--turn", type=Number(-360, 360), metavar="DEGREES", help="Turn pictures clockwise.")
@_reader_options
def accuracy(
    root: Path,
    truth: Path | None,
    losses: bool,
    contact_sheet: Path | None,
    refilm: int | None,
    turn: float | None,
    json_file: Path | None,
    **reading: Any,
) -> None:
    """Precision, recall and F1 on the labelled files of ROOT; TRUTH is ROOT/truth.jsonl."""
    _check_outputs(json_file, contact_sheet)
    labels = read_truth(truth or root / "truth.jsonl")
    reader = load(**_given(**reading))

    def pictures() -> Iterator[tuple[Label, Image]]:
        taken = turned(load_images(root, labels), turn) if turn else load_images(root, labels)
        return refilmed(taken, refilm) if refilm else taken

    _compare(pictures(), len(labels) * (refilm or 1), json_file, reader)
    if losses or contact_sheet:
        lost = find_losses(pictures(), reader)
        if losses:
            click.echo("\n" + to_markdown(lost))
        if contact_sheet:
            write_image(contact_sheet, draw(lost))


@main.command()
@click.option("--data", type=FILE, help="mnist.npz; else Keras downloads it.")
@_reader_options
def touching(data: Path | None, json_file: Path | None, **reading: Any) -> None:
    """The same on numbers of MNIST's test digits, apart and touching."""
    _check_outputs(json_file)
    reader = load(**_given(**reading))
    _compare(touching_numbers(load_mnist(data)), SHEETS, json_file, reader)


@main.command()
@click.option("--data", type=FILE, help="mnist.npz; else Keras downloads it.")
@_reader_options
def pages(data: Path | None, json_file: Path | None, **reading: Any) -> None:
    """The same on drawn pages: tables, squared paper, edges of shadows, words beside digits."""
    _check_outputs(json_file)
    reader = load(**_given(**reading))
    _compare(drawn_pages(load_mnist(data)), PAGES, json_file, reader)


def _compare(
    pictures: Iterator[tuple[Label, Image]],
    count: int,
    json_file: Path | None,
    reader: Recognizer,
) -> None:
    """Reads so many pictures with camlive and with the baseline, and tells the figures."""
    with click.progressbar(pictures, count, "Reading", file=sys.stderr) as progress:
        results = acc.evaluate(reader, progress)
    _tell(results, json_file)


def _tell(results: acc.Results, json_file: Path | None) -> None:
    click.echo(acc.to_markdown(results))
    click.echo(f"\nThe baseline reads pictures at its best size, {baseline.WIDTH_PX} pixels wide.")
    click.echo(f"Measured on {report.machine_line()}.")
    if json_file:
        report.write_json(json_file, acc.to_json(results))


@main.command()
@click.argument("file", type=FILE, required=False)
@click.option("--curves", type=FILE, help="Without FILE: draw the times there.")
@_reader_options
def speed(
    file: Path | None,
    curves: Path | None,
    json_file: Path | None,
    **reading: Any,
) -> None:
    """Start-up, frame rate, stage times and memory on the recording FILE.

    Without FILE: the time of a frame by its size and by the digits in view.
    """
    if file and curves:
        raise click.UsageError("--curves needs many recordings: leave FILE out")
    _check_outputs(json_file, curves)
    options = _given(**reading)
    if file:
        figures = spd.measure(file, options, _progress)
        click.echo(spd.to_markdown(file, figures))
        figures = {**figures, "ways": _plain(figures["ways"])}
    else:
        cells = grid.measure_grid(options, _progress)
        click.echo(grid.to_markdown(cells))
        if curves:
            grid.draw_curves(curves, cells)
        figures = {f"{cell.size}, {cell.shown}": _plain(cell.ways) for cell in cells}
    click.echo(f"\nMeasured on {report.machine_line()}.")
    if json_file:
        report.write_json(json_file, figures)


def _plain(ways: Mapping[str, Timing]) -> dict[str, Any]:
    return {name: asdict(timing) for name, timing in ways.items()}


@main.command()
@click.argument("file", type=FILE)
@click.argument("truth", type=FILE)
@_reader_options
def video(file: Path, truth: Path, json_file: Path | None, **reading: Any) -> None:
    """How steady the labels are along the recording FILE, by its TRUTH."""
    _check_outputs(json_file)
    reader = load(**_given(**reading))
    figures = vid.measure(file, read_truth(truth), reader)
    click.echo(f"{file.name}:\n\n{vid.to_markdown(figures)}")
    if json_file:
        report.write_json(json_file, vid.to_json(figures))


@main.command()
@click.argument("file", type=FILE)
@click.argument("truth", type=FILE)
@click.option("--window", is_flag=True, help="Show the frames, and count the time of that.")
@_reader_options
def camera(
    file: Path,
    truth: Path,
    window: bool,
    json_file: Path | None,
    **reading: Any,
) -> None:
    """How late frames are shown, and how steady their labels, if a camera films FILE."""
    _check_outputs(json_file)
    labels, reader = read_truth(truth), load(**_given(**reading))
    with Window("benchmark") if window else nullcontext() as view:
        figures = cam.measure(file, labels, reader, view)
    click.echo(f"{file.name}:\n\n{cam.to_markdown(figures)}")
    click.echo(f"\nMeasured on {report.machine_line()}.")
    if json_file:
        report.write_json(json_file, cam.to_json(figures))


@main.command("train-baseline")
@click.option("--data", type=FILE, help="mnist.npz; else Keras downloads it.")
@click.option("--out", type=FILE, default=baseline.MODEL, show_default=True)
@click.option("--epochs", type=click.IntRange(1), default=4, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def train(data: Path | None, out: Path, epochs: int, seed: int) -> None:
    """Trains the recipe's network on plain MNIST and exports it."""
    score = train_baseline(data, out, epochs, seed, _progress)
    click.echo(f"{out}: MNIST test accuracy {score:.4f} after {epochs} epochs, seed {seed}")


if __name__ == "__main__":
    main()
