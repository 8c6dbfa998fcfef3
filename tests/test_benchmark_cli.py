import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from fixtures_mnist import TRAIN_OPTIONS

from benchmark import __main__ as command
from benchmark.losses import CELL_PX
from benchmark.truth import Label
from camlive.detection import Box, Digit, Image
from camlive.recognizer import Recognizer

ZERO = Box(24, 60, 52, 80)


def stub(image: Image) -> list[Digit]:
    """Reads a 0 where one is drawn, and on every picture a false 4."""
    zero = [Digit(ZERO, 0, 0.9)] if image[64, 50, 0] < 100 else []
    return [*zero, Digit(Box(100, 100, 20, 20), 4, 0.6)]


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Puts the stub in the recogniser's place; gives the options it was loaded with."""
    calls: list[dict[str, Any]] = []

    def load(**options: Any) -> Any:
        calls.append(options)
        return stub

    monkeypatch.setattr(command, "load", load)
    return calls


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Pictures: a 0, nothing, nothing but called print, and a 0 of which the text is known."""
    paper = np.full((200, 200, 3), 230, np.uint8)
    zero = cv2.ellipse(paper.copy(), (50, 100), (22, 36), 0, 0, 360, (20, 20, 20), 8)
    for name, image in (("zero", zero), ("empty", paper), ("print", paper), ("text", zero)):
        cv2.imwrite(str(tmp_path / f"{name}.png"), image)
    box = [ZERO.x, ZERO.y, ZERO.width, ZERO.height]
    lines: list[dict[str, Any]] = [
        {"file": "zero.png", "digits": [{"box": box, "digit": 0}]},
        {"file": "empty.png", "digits": []},
        {"file": "print.png", "digits": [], "printed_text": True},
        {"file": "text.png", "text": "0"},
    ]
    (tmp_path / "truth.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return tmp_path


def run(*arguments: str | Path | int) -> Result:
    return CliRunner().invoke(command.main, [str(a) for a in arguments])


def cells(output: str, *start: str) -> Sequence[str]:
    """The cells of the table row that begins so."""
    rows = [[c.strip() for c in x.strip("| ").split("|")] for x in output.splitlines() if "|" in x]
    return next(row for row in rows if row[: len(start)] == list(start))


def test_accuracy_prints_a_row_for_each_reader(root: Path, loaded: list[dict[str, Any]]) -> None:
    result = run("accuracy", root)
    assert result.exit_code == 0, result.output
    # One digit, three pictures with a known answer: 1 right of 4 read.
    overall = ["camlive", "3", "1", "0.250", "1.000", "0.400", "1.000", "1.000"]
    assert cells(result.stdout, "camlive") == overall
    overall = ["baseline", "3", "1", "1.000", "1.000", "1.000", "1.000", "1.000"]
    assert cells(result.stdout, "baseline") == overall
    assert cells(result.stdout, "camlive", "without print")[2:] == ["1", "1", "1.00"]
    assert cells(result.stdout, "camlive", "with print")[2:] == ["1", "1", "1.00"]
    assert cells(result.stdout, "baseline", "without print")[2:] == ["1", "0", "0.00"]
    assert cells(result.stdout, "camlive", "1") == ["camlive", "1", "0.000"]  # read as 04
    assert cells(result.stdout, "baseline", "1") == ["baseline", "1", "1.000"]
    sure = ["camlive", "4", "0.475", "0.250", "1.000", "1.000"]  # 0.9 and right, 0.6 and wrong
    assert cells(result.stdout, "camlive", "4") == sure
    assert "OpenCV" in result.stdout
    assert loaded == [{}]  # the library's own defaults


def test_accuracy_passes_options_on(root: Path, loaded: list[dict[str, Any]]) -> None:
    result = run("accuracy", root, root / "truth.jsonl", "--min-confidence", "0.5")
    assert result.exit_code == 0, result.output
    assert loaded == [{"min_confidence": 0.5}]


def test_accuracy_tells_and_draws_what_was_lost(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fours = Recognizer(lambda batch: np.eye(11, dtype=np.float32)[np.full(len(batch), 4)])
    monkeypatch.setattr(command, "load", lambda: fours)
    sheet = tmp_path / "lost.png"
    result = run("accuracy", root, "--losses", "--contact-sheet", sheet)
    assert result.exit_code == 0, result.output
    assert cells(result.stdout, "misread") == ["misread", "1"]
    assert cells(result.stdout, "zero.png") == ["zero.png", "0", "0 as 4", "24,60", "misread"]
    drawn = cv2.imread(str(sheet))
    assert drawn[:CELL_PX, :CELL_PX].min() < 60  # the digit
    assert drawn[CELL_PX:, :CELL_PX].min() < 60  # its caption
    assert drawn[:, CELL_PX:].min() == 255  # nothing else was lost


def test_accuracy_films_each_picture_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fours = Recognizer(lambda batch: np.eye(11, dtype=np.float32)[np.full(len(batch), 4)])
    monkeypatch.setattr(command, "load", lambda: fours)
    result = run("accuracy", root, "--refilm", 3, "--losses")
    assert result.exit_code == 0, result.output
    assert cells(result.stdout, "camlive", "9")[2] == "3"  # pictures, digits
    assert cells(result.stdout, "misread") == ["misread", "3"]


@pytest.mark.parametrize(
    ("name", "drawn"), [("touching", "touching_numbers"), ("pages", "drawn_pages")]
)
def test_what_is_drawn_has_a_row_for_each_kind(
    name: str, drawn: str, loaded: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = [Label(f"{k}", 0, (Digit(ZERO, 0, 1),), "", f"kind {k}", False) for k in range(3)]
    image = np.full((160, 100, 3), 255, np.uint8)
    monkeypatch.setattr(command, drawn, lambda _: [(label, image) for label in labels])
    result = run(name, *TRAIN_OPTIONS, "--engine", "keras")
    assert result.exit_code == 0, result.output
    assert loaded == [{"engine": "keras"}]
    assert cells(result.stdout, "camlive", "3")[2:5] == ["3", "0.000", "0.000"]
    assert [cells(result.stdout, f"kind {k}")[1] for k in range(3)] == ["1", "1", "1"]


@pytest.mark.usefixtures("loaded")
def test_accuracy_writes_the_same_figures_as_json(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    assert run("accuracy", root, "--json", out).exit_code == 0
    figures = json.loads(out.read_text())
    assert figures["camlive"]["overall"]["f1"] == pytest.approx(0.4)
    assert figures["camlive"]["false_digits"] == {"digits": 1, "pictures": 1}
    assert figures["camlive"]["false_digits_printed"] == {"digits": 1, "pictures": 1}
    assert figures["camlive"]["calibration_error"] == pytest.approx(0.475)
    assert figures["baseline"]["string_accuracy"] == 1
    assert [f["file"] for f in figures["baseline"]["files"]] == [
        "empty.png",
        "print.png",
        "text.png",
        "zero.png",
    ]
    assert figures["machine"]["opencv"] == cv2.__version__


@pytest.mark.parametrize("name", ["accuracy", "speed"])
def test_bad_input_gets_one_line_and_status_2(name: str, tmp_path: Path) -> None:
    result = run(name, tmp_path / "none")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "none" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("command", "option"), [("accuracy .", "--contact-sheet"), ("speed", "--curves")]
)
def test_a_picture_that_cannot_be_written_is_told_before(command: str, option: str) -> None:
    result = run(*command.split(), option, "a.txt")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("Error: a.txt: name the picture .png")


@pytest.mark.parametrize("option", ["--min-confidence", "--turn"])
def test_what_is_no_number_is_refused_in_a_line(option: str, root: Path) -> None:
    result = run("accuracy", root, option, "nan")
    assert result.exit_code == 2
    assert "nan" in result.stderr.splitlines()[-1]


def test_training_the_baseline_checks_its_data_and_folder_first(tmp_path: Path) -> None:
    data = tmp_path / "none.npz"
    result = run("train-baseline", "--data", data, "--out", tmp_path / "b.tflite")
    assert result.exit_code == 2
    assert f"cannot read MNIST from {data}" in result.stderr
    result = run("train-baseline", "--data", data, "--out", tmp_path / "none" / "b.tflite")
    assert result.exit_code == 2
    assert "make its folder first" in result.stderr
