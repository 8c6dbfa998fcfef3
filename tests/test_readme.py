"""What the README and the repository promise is there."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

import cv2
import pytest

from camlive.filming import simulate
from camlive.simulate.scene import SceneOptions

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.+?)```", README, re.DOTALL)


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", README))
def test_links_lead_somewhere(target):
    assert (ROOT / target).exists()


def test_ci_runs_the_commands_of_the_readme():
    commands = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    asked = re.findall(r"\$\(readme_command '?([^')]+)'?\)", (ROOT / ".ci" / "run").read_text())
    run = [[line for line in commands if words in line] for words in asked]
    assert sorted(run) == sorted([line] for line in commands)
    assert {"pytest", "camlive run"} == set(asked)


def test_the_python_example_reads_a_picture(tmp_path, monkeypatch, capsys):
    example = EXAMPLES[0]
    simulate(tmp_path / "page.png", SceneOptions(seed=9, digits="2021"))
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("page.jpg", cv2.imread("page.png"))
    exec(example, {})
    assert sorted(line[0] for line in capsys.readouterr().out.splitlines()) == list("0122")


def test_the_python_example_reads_a_film(tmp_path, monkeypatch, capsys):
    scene = SceneOptions(seed=9, digits="2021", width=320, height=240, duration_s=1)
    simulate(tmp_path / "clip.mp4", scene)
    monkeypatch.chdir(tmp_path)
    exec(EXAMPLES[1], {})
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [str(k) for k in range(25)]
    assert re.search(r"\(\d+, 2\)", lines[-1])


def test_the_sample_and_its_truth_have_the_same_frames():
    capture = cv2.VideoCapture(str(ROOT / "recordings" / "sample.mp4"))
    frames = 0
    while capture.read()[0]:
        frames += 1
    lines = (ROOT / "recordings" / "sample.truth.jsonl").read_text().splitlines()
    assert [json.loads(line)["frame"] for line in lines] == list(range(frames))
    assert frames > 50


def test_nothing_that_is_committed_is_large():
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    large = [n for n in names if n and (ROOT / n).stat().st_size > 3_000_000]
    assert names
    assert not large


def test_the_metrics_belong_to_the_model_and_stand_in_the_readme():
    metrics = json.loads((ROOT / "models" / "digits.json").read_text())
    assert f"{metrics['mnist_test_accuracy']:.2%}".replace("%", " %") in README
    assert metrics["seed"] == 8
    assert f"{metrics['sheet_digits']:,}" in README
    assert f"{metrics['sheet_calibration_error']:.3f}" in README
    assert re.fullmatch(r"[0-9a-f]{64}", metrics["data_sha256"])
    for suffix, digest in metrics["sha256"].items():
        file = (ROOT / "models" / "digits.keras").with_suffix(suffix)
        assert hashlib.sha256(file.read_bytes()).hexdigest() == digest
    assert set(metrics["sha256"]) == {".keras", ".tflite"}
