"""Imports go down the layers only, and each side effect has one home."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from camlive.classifier import DEFAULT_MODEL

ROOT = Path(__file__).parent.parent
LAYERS = {
    "errors": 0,
    "detection": 0,
    "signals": 0,
    "memory": 0,
    "closing": 0,
    "capture": 1,
    "segment": 1,
    "preprocess": 1,
    "classifier": 1,
    "confidence": 1,
    "motion": 1,
    "track": 3,
    "reading": 1,
    "text": 1,
    "layout": 2,
    "annotate": 3,
    "display": 1,
    "record": 2,
    "simulate": 1,
    "filming": 3,
    "turning": 2,
    "tilt": 3,
    "judge": 2,
    "pieces": 3,
    "recognizer": 4,
    "reader": 5,
    "ahead": 6,
    "flow": 2,
    "leap": 3,
    "beside": 6,
    "cards": 5,
    "explain": 6,
    "view": 7,
    "live": 8,
    "exits": 8,
    "running": 9,
    "cli": 10,
    "__main__": 11,
}
# Their modules may import one another.
PACKAGES = {"capture", "judge", "record", "segment", "simulate", "training", "view"}
TRAINING_MAY = {
    *("errors", "detection", "classifier", "segment", "preprocess", "simulate", "recognizer")
}
HOMES = {  # a package -> the modules that may import it
    "tensorflow": {"camlive.classifier", "camlive.training", "benchmark"},
    "keras": {"camlive.classifier", "camlive.training", "benchmark"},
    "matplotlib": {"camlive.training", "benchmark.grid"},
    "av": {"camlive.record.encoder", "camlive.capture.probe"},
    "click": {"camlive.cli", "camlive.exits", "camlive.running", "train", "benchmark"},
}
WINDOWS = (
    *("imshow", "namedWindow", "resizeWindow", "destroyWindow", "destroyAllWindows"),
    *("setMouseCallback", "waitKey", "waitKeyEx", "setWindowTitle", "getWindowImageRect"),
)
CALLS = {  # a function of cv2 -> the modules that may call it
    "VideoCapture": {"camlive.capture.decoder"},
    "VideoWriter": set(),  # videos are written by PyAV
    **{name: {"camlive.display"} for name in WINDOWS},
}
FILES = [*ROOT.glob("camlive/**/*.py"), *ROOT.glob("benchmark/**/*.py"), ROOT / "train.py"]
MODULES = {".".join(f.relative_to(ROOT).with_suffix("").parts): f for f in sorted(FILES)}


def imported(node: ast.AST, module: str) -> Iterator[str]:
    """The dotted names that an import statement of a module brings in."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        parts = module.split(".")
        base = ".".join([*parts[: len(parts) - node.level], node.module or ""]).strip(".")
        base = base if node.level else node.module or ""
        whole = base in ("camlive", "benchmark")
        yield from (f"{base}.{alias.name}" for alias in node.names) if whole else (base,)


def within(module: str, homes: set[str]) -> bool:
    return any(module == home or module.startswith(home + ".") for home in homes)


def allowed(module: str, name: str) -> bool:
    """Whether a module of the project may import a dotted name."""
    package = name.split(".")[0]
    if package in HOMES:
        return within(module, HOMES[package])
    if package in ("benchmark", "train"):
        return module.split(".")[0] == "benchmark" == package
    if package != "camlive":
        return True
    if name == "camlive.__version__":
        return module in ("camlive.cli", "benchmark.__main__")
    target = name.partition(".")[2].partition(".")[0]
    if module == "train":
        return target in ("errors", "exits", "training")
    if module.startswith("benchmark"):
        # The baseline learns from the same data, and confidence is measured the same way.
        if within(name, {"camlive.training.mnist", "camlive.training.calibrate"}):
            return True
        return target in LAYERS and LAYERS[target] < LAYERS["cli"]
    own = module.split(".")[1]
    if target == own:
        return own in PACKAGES and name.count(".") >= 2
    if own == "training":
        return target in TRAINING_MAY
    return target in LAYERS and own in LAYERS and LAYERS[target] < LAYERS[own]


def _renamed(alias: ast.alias) -> tuple[str, bool]:
    return alias.name, alias.asname is not None


def faults(module: str, source: str) -> list[str]:
    """What a module's source does against the rules."""
    tree = ast.parse(source)
    return [
        *(
            f"imports {name}"
            for node in ast.walk(tree)
            for name in imported(node, module)
            if not allowed(module, name)
        ),
        *(
            f"calls {node.func.attr}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func.value) == "cv2"
            and not within(module, CALLS.get(node.func.attr, {module}))
        ),
        *(
            "calls of cv2 go by its name"
            for node in ast.walk(tree)
            if (isinstance(node, ast.ImportFrom) and node.module == "cv2")
            or (isinstance(node, ast.Import) and ("cv2", True) in map(_renamed, node.names))
        ),
        *(
            f"imports {name} as it is imported itself"
            for node in tree.body
            for name in imported(node, module)
            if name.split(".")[0] in ("keras", "tensorflow")
            and not module.startswith("camlive.training.")
        ),
    ]


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down_only(module):
    assert faults(module, MODULES[module].read_text()) == []


def test_every_module_of_the_package_has_a_layer():
    own = {module.split(".")[1] for module in MODULES if module.startswith("camlive.")}
    assert own - {"__init__", "training"} == set(LAYERS)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("camlive.segment.regions", "from camlive.preprocess import to_tile"),
        ("camlive.segment.regions", "from camlive import preprocess"),
        ("camlive.segment.regions", "from .. import preprocess"),
        ("camlive.segment.regions", "from ..preprocess import to_tile"),
        ("camlive.segment.regions", "import camlive.live"),
        ("camlive.segment.regions", "import camlive"),
        ("camlive.segment.regions", "from camlive.simulate.writer import draw_digit"),
        ("camlive.simulate.writer", "from camlive.segment.regions import marks_of"),
        ("camlive.capture.stream", "from camlive.record.output import check_output"),
        ("camlive.record.video", "from camlive.track import Tracker"),
        ("camlive.record.video", "from camlive.record import output"),
        ("camlive.recognizer", "def f():\n    from camlive.live import Summary"),
        ("camlive.recognizer", "def f():\n    import tensorflow as tf"),
        ("camlive.classifier", "import keras"),
        ("camlive.live", "from camlive import __version__"),
        ("camlive.live", "import click"),
        ("camlive.live", "from benchmark.metrics import match"),
        ("camlive.live", "from camlive.training.mnist import load_mnist"),
        ("camlive.training.fit", "from camlive.live import Summary"),
        ("camlive.training.fit", "from camlive import live"),
        ("benchmark.speed", "from camlive.cli import main"),
        ("benchmark.speed", "from train import main"),
        ("train", "from camlive.recognizer import load"),
        ("camlive.live", "import cv2\ncv2.imshow('a', b)"),
        ("camlive.live", "import cv2\ncv2.waitKeyEx(1)"),
        ("camlive.live", "import cv2\ncv2.destroyAllWindows()"),
        ("camlive.live", "from cv2 import VideoCapture\nVideoCapture(0)"),
        ("camlive.live", "import cv2 as c\nc.VideoCapture(0)"),
        ("camlive.cli", "import cv2\nc = cv2.VideoCapture(0)"),
        ("camlive.capture.decoder", "import cv2\nw = cv2.VideoWriter()"),
        ("camlive.capture.stream", "import cv2\nc = cv2.VideoCapture(0)"),
        ("camlive.record.images", "import cv2\nw = cv2.VideoWriter()"),
    ],
)
def test_a_fault_is_noticed(module, source):
    assert len(faults(module, source)) == 1


@pytest.mark.parametrize("module", ["camlive", "camlive.recognizer", "camlive.live", "camlive.cli"])
def test_importing_is_light(module):
    heavy = "{'tensorflow', 'keras', 'matplotlib', 'ai_edge_litert'}"
    code = f"import sys, {module}; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
    assert done.stderr == ""


def test_all_packages_and_the_model_are_installed() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    here = {".".join(f.parent.relative_to(ROOT).parts) for f in ROOT.glob("camlive/**/*.py")}
    assert set(told["packages"]) == here | {"camlive.models"}
    folder = ROOT / told["package-dir"]["camlive.models"]
    forms = {file.name for file in folder.glob("digits.*") if file.suffix != ".png"}
    assert set(told["package-data"]["camlive.models"]) == forms
    assert folder == DEFAULT_MODEL.parent
