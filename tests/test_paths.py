"""Names and folders that the system refuses: one line each."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from commands import ROOT, SAMPLE, camlive, run_command
from recorded import frame, grey

from camlive.capture.base import Source
from camlive.capture.opening import open_source
from camlive.capture.sources import expand
from camlive.errors import OutputError, SourceError
from camlive.record.images import FrameSink
from camlive.record.output import check_output
from camlive.record.video import VideoSink
from camlive.view.snapshots import Snapshots

LONG = "n" * 300


@pytest.mark.parametrize(
    "command",
    [
        ["run", LONG],
        ["explain", f"{LONG}.png"],
        ["simulate", f"{LONG}.mp4"],
        ["run", SAMPLE, "--no-window", "--jsonl", LONG],
        ["run", SAMPLE, "--no-window", "--save-frames", LONG],
        ["run", SAMPLE, "--no-window", "--save-video", f"{LONG}.mp4"],
    ],
    ids=["source", "picture", "simulated", "lines", "folder", "video"],
)
def test_a_name_too_long_is_told_in_one_line(tmp_path: Path, command: list[str]) -> None:
    whole = [sys.executable, "-m", "camlive", *map(str, command)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        whole, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stem", ["v" * 251, "7" + 125 * "\u00e9"])
def test_a_name_as_long_as_may_be_is_saved_and_saved_after(tmp_path: Path, stem: str) -> None:
    video, source, folder = tmp_path / f"{stem}.mp4", f"in/{stem}.mp4", tmp_path / "saved"
    with VideoSink(video, 25) as sink, FrameSink(folder) as frames:
        for each in (sink, frames):
            each.write(frame(grey(9), source=source), [], grey(9))
    saved: list[Path] = []
    named = Source(source, grey(9), 25, None)
    named.say = pytest.fail
    by_key = Snapshots(folder, named, 25, 60, saved.append)
    for _ in range(2):
        by_key.toggle(frame(grey(9), source=source), [], grey(9))
        by_key.save(frame(grey(9), source=source), grey(9))
        by_key.close()
    assert video.is_file()
    assert len(set(saved)) == 4
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 5
    assert all(name.startswith(stem[:100]) and len(name.encode()) < 230 for name in names)


@pytest.fixture
def forbidden(tmp_path: Path) -> Iterator[Path]:
    """A folder with a picture, which this user may not look into."""
    folder = tmp_path / "forbidden"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), np.zeros((9, 9, 3), np.uint8))
    shutil.copy(SAMPLE, tmp_path / "locked.mp4")
    (tmp_path / "locked.mp4").chmod(0)
    tmp_path.chmod(0o755)
    folder.chmod(0)
    user = os.geteuid()
    if user == 0:  # whom nothing is forbidden
        for parent in (tmp_path, *tmp_path.parents[:2]):
            parent.chmod(0o755)
        os.seteuid(65534)
    yield folder
    os.seteuid(user)
    folder.chmod(0o755)


def test_what_may_not_be_looked_into_is_told(forbidden: Path) -> None:
    told = "(forbidden|locked).*: Permission denied; check who may read it"
    for source in (forbidden, forbidden / "a.png"):
        with pytest.raises(SourceError, match=told):
            expand([str(source)])
    for source in (forbidden / "a.png", forbidden.parent / "locked.mp4"):
        with pytest.raises(SourceError, match=told):
            open_source(str(source))
    with pytest.raises(OutputError, match="forbidden"):
        check_output(forbidden / "a.jsonl")
    for folder in (forbidden, forbidden / "frames"):
        with pytest.raises(OutputError, match="forbidden"):
            FrameSink(folder)


def test_a_name_that_is_no_utf8_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    folder, bad = tmp_path / "in", os.fsdecode(b"caf\xe9")
    folder.mkdir()
    for name in ("a.png", f"{bad}.png", "z.png"):
        (folder / name).write_bytes(cv2.imencode(".png", np.zeros((9, 9, 3), np.uint8))[1])
    (folder / f"{bad}.mp4").write_bytes(SAMPLE.read_bytes())
    done = camlive(folder, "--jsonl", "-")
    assert [Path(json.loads(line)["source"]).name for line in done.stdout.splitlines()] == [
        "a.png",
        "z.png",
    ]
    assert (done.returncode, done.stderr.count("no UTF-8; rename")) == (2, 2)
    folder.rename(tmp_path / bad)
    (tmp_path / bad / f"{bad}.png").unlink()
    for command in ("run", "explain"):
        done = run_command(command, tmp_path / bad / "a.png")
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "no UTF-8; rename" in done.stderr
