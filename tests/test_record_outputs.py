"""What is asked to be saved, and the sinks that save it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from recorded import number

from camlive.detection import Frame
from camlive.errors import OutputError
from camlive.record.outputs import Outputs

IMAGE = np.full((120, 320, 3), 200, np.uint8)
FPS = 10


def opened(outputs: Outputs, said: list[str]) -> list[Any]:
    return list(outputs.sinks([], FPS, said.append))


@pytest.mark.parametrize("endless", [True, False])
@pytest.mark.parametrize("live", [True, False])
def test_the_video_of_a_source_that_never_ends_has_its_limit(
    live: bool, endless: bool, tmp_path: Path
) -> None:
    path, said = tmp_path / "out.avi", []
    (video,) = opened(Outputs(save_video=path, limit_s=1.2), said)
    with video:
        video.begin(live=live, endless=endless)
        for k in range(30):
            video.write(Frame(IMAGE, k, k / FPS, "0"), [], IMAGE)
            assert path.exists() == (endless and k >= 11)
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT) == (12 if endless else 30)
    assert len(said) == endless
    assert all("out.avi: finished at its limit of 1.2 s; see --video-limit" in s for s in said)


def test_what_came_before_a_source_that_never_ends_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "out.avi"
    (video,) = opened(Outputs(save_video=path, limit_s=1.2), [])
    with video:
        for endless in (False, True):
            video.begin(live=False, endless=endless)
            for k in range(30):
                video.write(Frame(IMAGE, k, k / FPS, "0"), [], IMAGE)
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT) == 41


@pytest.mark.parametrize(
    ("pace", "indices"),
    [({}, range(20)), ({"every_s": 0.8}, (0, 8, 16)), ({"on_change": True}, (4, 13))],
)
def test_pictures_are_saved_at_the_pace_asked_for(
    pace: dict[str, Any], indices: Sequence[int], tmp_path: Path
) -> None:
    folders = {"save_frames": tmp_path / "frames", "save_crops": tmp_path / "crops"}
    for sink in opened(Outputs(**folders, **pace), []):
        sink.begin(live=False, endless=False)
        for k in range(20):
            digits = number("7", first=k // 9)
            sink.write(Frame(IMAGE, k, k / FPS, "a.mp4"), digits, IMAGE)
    for folder in folders.values():
        saved = sorted(int(path.stem.split("-")[1]) for path in folder.iterdir())
        assert saved == [*indices]


@pytest.mark.parametrize("name", ["save_video", "jsonl", "events"])
def test_no_output_replaces_a_source(name: str, tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    source.write_bytes(b"precious")
    place = source if name == "save_video" else str(source)
    with pytest.raises(OutputError, match="source being read"):
        list(Outputs(**{name: place}, force=True).sinks([str(source)], FPS, pytest.fail))


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        ({"jsonl": "-", "events": "-"}, "same place"),
        ({"jsonl": "a.jsonl", "events": "./a.jsonl"}, "same place"),
        ({"save_frames": Path("f"), "every_s": 1.0, "on_change": True}, "exclude"),
        ({"on_change": True}, "--save-frames"),
        ({"every_s": 2.0, "jsonl": "-"}, "--save-frames"),
    ],
)
def test_outputs_that_make_no_sense_together(wanted: dict[str, Any], word: str) -> None:
    with pytest.raises(OutputError, match=word):
        opened(Outputs(**wanted), [])


def test_only_what_was_written_is_named_as_saved(tmp_path: Path) -> None:
    old = tmp_path / "old.jsonl"
    old.write_text("of another run")
    outputs = Outputs(save_frames=tmp_path / "frames", jsonl=str(old), force=True)
    pictures, lines = opened(outputs, [])
    assert outputs.saved() == []
    lines.write(Frame(IMAGE, 0, 0.0, "a.mp4"), [], IMAGE)
    assert outputs.saved() == [str(old)]
    pictures.write(Frame(IMAGE, 0, 0.0, "a.mp4"), [], IMAGE)
    assert outputs.saved() == [str(tmp_path / "frames"), str(old)]
