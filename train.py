"""Builds the model from MNIST: `python train.py`."""

import sys
from pathlib import Path

import click

from camlive.errors import CamliveError
from camlive.exits import Command, Failure


@click.command(cls=Command)
@click.option("--data", type=click.Path(path_type=Path), help="mnist.npz; else Keras downloads it.")
@click.option("--epochs", default=44, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=8, show_default=True, type=click.IntRange(0))
@click.option("--limit", type=click.IntRange(100), help="MNIST pictures to use: a quick trial.")
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Default: models/digits.keras; with --limit trial/digits.keras.",
)
def main(
    data: Path | None, epochs: int, seed: int, limit: int | None, resume: bool, out: Path | None
) -> None:
    """Trains the digit classifier and writes it with its compiled form, metrics and report."""
    out = out or Path("trial/digits.keras" if limit else "models/digits.keras")
    if out.suffix != ".keras":
        raise click.BadParameter("must end in .keras", param_hint="--out")
    try:
        _train(data, epochs, seed, limit, resume, out)
    except CamliveError as error:
        raise Failure(str(error)) from error
    except KeyboardInterrupt:
        begun = _checkpoints(out).is_dir()
        click.echo(
            "\nInterrupted; " + ("go on with --resume." if begun else "no epoch is done yet."),
            err=True,
        )
        sys.exit(130)


def _checkpoints(out: Path) -> Path:
    """The folder that a training leaves its epochs in; it is made with the first."""
    return out.parent / "checkpoints"


def _train(
    data: Path | None, epochs: int, seed: int, limit: int | None, resume: bool, out: Path
) -> None:
    from camlive.training.mnist import load_mnist

    mnist = load_mnist(data)  # what is wrong with the file is told before TensorFlow loads
    from camlive.training.build import HELD_OUT_SHEETS, build, check_folder
    from camlive.training.epochs import EpochSize
    from camlive.training.fit import FitOptions

    check_folder(out.parent)
    size, sheets = EpochSize(), HELD_OUT_SHEETS
    if limit:
        mnist, sheets = mnist.first(limit), 20
        size = EpochSize(
            digits=min(limit, size.digits),
            signs=min(limit // 7, size.signs),
            sheets=min(limit // 20, size.sheets),
        )
    options = FitOptions(epochs, seed, size, _checkpoints(out), resume)
    with click.progressbar(length=epochs, label="Training", file=sys.stderr) as bar:

        def progress(done: int, row: dict[str, float]) -> None:
            bar.update(done - bar.pos)
            click.echo(
                f"  epoch {done}: loss {row['loss']:.4f}, held out "
                f"{row['held_out_accuracy']:.4f}, {row['seconds']:.0f} s",
                err=True,
            )

        metrics = build(mnist, options, out, progress, sheets)
    click.echo(f"{out}: MNIST test {metrics['mnist_test_accuracy']:.4f}")


if __name__ == "__main__":
    main()
