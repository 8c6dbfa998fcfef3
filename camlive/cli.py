"""The command line: options to objects, errors to one line, signals to an orderly end.

Whatever is slow to import is imported by the command that needs it, so that `--help` answers at
once; a signal waits until that is done.
"""

import re
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from camlive import __version__
from camlive.errors import CamliveError, SourceError
from camlive.exits import Commands, Number, say
from camlive.signals import Signalled, signals_held

if TYPE_CHECKING:
    from camlive.record.outputs import Outputs

PATH = click.Path(path_type=Path)
VIDEO_LIMIT = "Longest video of a camera, a stream or --loop; 1h by default."
UNITS_S = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0}


def _size(value: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d{0,4})[xX]([1-9]\d{0,4})", value)
    if not found:
        raise click.BadParameter(f"{value!r} is no size in pixels such as 1280x720")
    return int(found[1]), int(found[2])


def _seconds(value: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)\s*(ms|s|m|h|)", value)
    if not found or not float(found[1]):
        raise click.BadParameter(f"{value!r} is no time such as 500ms, 2s, 10m or 1h")
    return float(found[1]) * UNITS_S[found[2]]


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="camlive")
def main() -> None:
    """Read handwritten digits that are held up to a camera."""


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--model", type=PATH, metavar="FILE", help="A .keras to read with; default: the one shipped."
)
@click.option(
    "--engine", type=click.Choice(["litert", "keras"]), help="What runs it; default: litert."
)
@click.option("--min-confidence", type=Number(0, 1), help="Ignore less sure digits; default: 0.5.")
@click.option("--window/--no-window", default=None, help="Default: where there is a display.")
@click.option("--save-video", type=PATH, metavar="FILE", help="Write the annotated video.")
@click.option("--save-frames", type=PATH, metavar="DIR", help="Write the annotated frames.")
@click.option("--save-crops", type=PATH, metavar="DIR", help="Write a picture of each digit.")
@click.option("--jsonl", metavar="FILE|-", help="Write a line of JSON for each frame.")
@click.option("--events", metavar="FILE|-", help="Write a line for each number, once steady.")
@click.option("--every", "every_s", metavar="TIME", type=_seconds, help="One picture so often.")
@click.option("--on-change", is_flag=True, help="Pictures that show something new only.")
@click.option("--video-limit", "limit_s", metavar="TIME", type=_seconds, help=VIDEO_LIMIT)
@click.option("--mirror", is_flag=True, help="Show the window as a mirror.")
@click.option("--camera-size", metavar="WxH", type=_size, help="Ask the camera for this size.")
@click.option("--camera-fps", type=Number(min=1), help="Ask the camera for this rate.")
@click.option("--stride", type=click.IntRange(min=1), default=1, help="Take every Nth frame.")
@click.option("--max-frames", type=click.IntRange(1, 10**9), help="Read so many frames a source.")
@click.option("--loop", is_flag=True, help="Begin again at the end.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
def run(sources: tuple[str, ...], **options: Any) -> None:
    """Read SOURCEs: camera numbers (default 0), devices, recordings, pictures, folders, URLs."""
    with signals_held():
        from camlive.display import View
        from camlive.live import LiveOptions
        from camlive.record.outputs import Outputs
        from camlive.running import read_sources

    outputs = Outputs(**_chosen(options, *(field.name for field in fields(Outputs) if field.init)))
    opening = _chosen(options, "camera_size", "camera_fps", "loop")
    reading = _chosen(options, "model", "engine", "min_confidence")
    by_key: list[Path] = []
    how = LiveOptions(
        on_saved=by_key.append,
        view=View(mirror=options["mirror"]),
        **_chosen(options, "stride", "max_frames", "limit_s"),
    )
    try:
        summary = read_sources(sources, outputs, opening, reading, how, options["window"])
    except Signalled:
        say(f"Stopped.{_saved(outputs, by_key)}")
        raise
    dropped = f", {summary.dropped} dropped" if summary.dropped else ""
    say(
        f"{_count(summary.frames, 'frame')}{dropped}, {_count(summary.digits, 'digit')}, "
        f"{summary.fps:.1f} fps."
        f"{_saved(outputs, by_key)}"
    )
    if summary.failed:
        raise CamliveError("not all could be read and written; see above")


@main.command()
@click.argument("out", type=PATH)
@click.option("--width", type=click.IntRange(min=64), help="Of a frame, in pixels.")
@click.option("--height", type=click.IntRange(min=64), help="Of a frame, in pixels.")
@click.option("--fps", type=Number(1, 1000), help="Frames a second.")
@click.option("--seconds", "duration_s", type=Number(min=0, min_open=True))
@click.option("--seed", type=click.IntRange(min=0), help="Another seed, another scene.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
def simulate(out: Path, force: bool, **options: Any) -> None:
    """Write a recording, or picture, of digits before a camera to OUT, and its truth beside it."""
    with signals_held():
        from camlive.filming import check_simulated, truth_of
        from camlive.filming import simulate as film
        from camlive.record.output import check_output
        from camlive.simulate.scene import SceneOptions

    check_output(out, force)
    check_simulated(out)
    check_output(truth_of(out), force)
    truth = film(out, SceneOptions(**_chosen(options, *options)))
    say(f"Saved: {out}, {truth}")


@main.command()
@click.argument("picture")
@click.option("--out", type=PATH, metavar="FILE", help="Default: PICTURE-explained.png, here.")
@click.option(
    "--model", type=PATH, metavar="FILE", help="A .keras to read with; default: the one shipped."
)
@click.option("--min-confidence", type=Number(0, 1), help="Ignore less sure digits; default: 0.5.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
def explain(picture: str, out: Path | None, force: bool, **reading: Any) -> None:
    """Draw how PICTURE, or the first frame of a recording, is read.

    Ink, candidates with reasons, tiles, the likeliest classes.
    """
    with signals_held():
        from camlive import recognizer
        from camlive.capture.opening import open_source
        from camlive.explain import explain as draw
        from camlive.record.images import check_picture, write_image

    out = out or Path(f"{Path(picture).stem}-explained.png")
    with open_source(picture) as source:
        source.say = say
        check_picture(out, force, [picture])
        frame = next(iter(source))
        reader = recognizer.load(**_chosen(reading, *reading))
        seen = (reader if source.is_still else reader.for_film()).examine(frame.image)
    write_image(out, draw(frame.image, seen))
    say(f"Saved: {out}")


@main.command()
def cameras() -> None:
    """List the cameras: name, modes, the rate measured, or what to do where one does not open."""
    with signals_held():
        from camlive.capture.advice import where_to_look
        from camlive.capture.cameras import find_cameras

    troubles = []
    for camera in find_cameras():
        click.echo(camera)
        troubles.append(camera.trouble)
    if not troubles:
        raise SourceError(f"no camera; {where_to_look()}")
    if all(troubles):
        raise SourceError("no camera works; do what is said of one above")


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _saved(outputs: "Outputs", by_key: Sequence[Path]) -> str:
    """Where things were saved, as the end of a line."""
    names = [*outputs.saved(), *(str(path) for path in by_key)]
    return f" Saved: {', '.join(names)}" if names else ""


def _chosen(options: dict[str, Any], *names: str) -> dict[str, Any]:
    """Of some options those that the user gave; the library knows the defaults of the others."""
    return {name: options[name] for name in names if options[name] is not None}
