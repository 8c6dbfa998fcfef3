import json
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from benchmark import crowded, grid
from benchmark.__main__ import main
from camlive.detection import NOT_A_DIGIT, Batch, Probabilities
from camlive.recognizer import Recognizer
from camlive.segment.working_copy import FRAME_PX, FRAME_REGIONS


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "SIZES", {"480p": (320, 240), "1080p": (400, 300)})
    monkeypatch.setattr(grid, "COUNTS", (1, 4))
    monkeypatch.setattr(grid, "COUNT", 4)
    monkeypatch.setattr(grid, "DURATION_S", 0.2)


@pytest.mark.usefixtures("small")
def test_without_a_file_sizes_and_digits_are_measured(tmp_path: Path) -> None:
    curves, out = tmp_path / "curves.webp", tmp_path / "figures.json"
    result = CliRunner().invoke(main, ["speed", "--curves", str(curves), "--json", str(out)])
    assert result.exit_code == 0, result.output
    rows = [line.split(" | ") for line in result.stdout.splitlines() if "p |" in line]
    shown = [["| 480p", "4"], ["| 1080p", "4"], ["| 1080p", "1"]]
    assert [row[:2] for row in rows] == shown + [["| 1080p", kind] for kind in crowded.KINDS]
    figures = json.loads(out.read_text())
    for row, name in zip(rows, list(figures)[: len(rows)], strict=True):
        for cell, way in zip(row[2:], figures[name].values(), strict=True):
            whole = way["stages"]["whole"]
            assert cell.rstrip(" |") == f"{whole['p50_ms']:.1f} / {whole['p95_ms']:.1f}"
            assert 0 < whole["p50_ms"] <= whole["p95_ms"]
    assert min(cv2.imread(str(curves)).shape[:2]) > 200


def every_second(batch: Batch) -> Probabilities:
    """Reads one tile as a sure 1, the next as no digit, and so on."""
    chances = np.zeros((len(batch), NOT_A_DIGIT + 1), np.float32)
    chances[::2, 1] = chances[1::2, NOT_A_DIGIT] = 1
    return chances


@pytest.mark.parametrize("size", [(720, 1280), (2160, 3840)])
@pytest.mark.parametrize("kind", crowded.KINDS)
def test_however_full_a_frame_is_few_marks_are_classified(kind: str, size: tuple[int, int]) -> None:
    image = crowded.KINDS[kind](*size, np.random.default_rng(0))
    seen = Recognizer(every_second, side_px=FRAME_PX).examine(image)
    assert image.shape == (*size, 3)
    is_piece = Counter(bool(verdict.region.cut_from) for verdict in seen.verdicts)
    assert max(is_piece.values(), default=0) <= FRAME_REGIONS
    assert (kind == "noise") == (not seen.verdicts and not seen.refused)


def test_curves_of_one_recording_are_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["speed", "clip.mp4", "--curves", str(tmp_path / "a.png")])
    assert result.exit_code == 2
    assert "leave FILE out" in result.stderr


@pytest.mark.parametrize(("count", "numbers"), [(1, 1), (10, 2), (200, 40)])
def test_the_digits_are_as_many_as_asked_for(count: int, numbers: int) -> None:
    words = grid._numbers(count).split()
    assert len(words) == numbers
    assert sum(map(len, words)) == count
