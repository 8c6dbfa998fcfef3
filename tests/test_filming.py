import json

import cv2
import pytest

from camlive.errors import OutputError
from camlive.filming import simulate
from camlive.simulate.recording import film
from camlive.simulate.scene import SceneOptions

SHORT = SceneOptions(width=320, height=240, fps=10, duration_s=3, seed=4)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return path, simulate(path, SHORT)


def test_the_recording_decodes_to_a_frame_for_each_line_of_the_truth(recording):
    path, truth = recording
    assert truth == path.with_name("clip.truth.jsonl")
    capture = cv2.VideoCapture(str(path))
    frames = []
    while True:
        decoded, frame = capture.read()
        if not decoded:
            break
        frames.append(frame)
    found = lines(truth)
    assert len(frames) == len(found) == 30
    assert [line["frame"] for line in found] == list(range(30))
    assert {line["file"] for line in found} == {"clip.mp4"}
    assert frames[0].shape == (240, 320, 3)
    filmed = [image for image, _ in film(SHORT, 30)]
    assert max(cv2.absdiff(a, b).mean() for a, b in zip(frames, filmed, strict=True)) < 6


def test_digits_come_and_go_and_keep_their_track(recording):
    found = lines(recording[1])
    counts = [len(line["digits"]) for line in found]
    assert counts[0] > 0
    assert counts[-1] > 0
    assert max(len(run) for run in "".join("x" if c else "." for c in counts).split("x")) >= 5
    names = {}
    for line in found:
        for digit in line["digits"]:
            assert names.setdefault(digit["track"], digit["digit"]) == digit["digit"]
            x, y, width, height = digit["box"]
            assert min(x, y) >= 0
            assert min(width, height) > 0
            assert x + width <= 320
            assert y + height <= 240


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_picture_has_one_line_without_a_frame_number(tmp_path, suffix):
    path = tmp_path / f"still{suffix}"
    (line,) = lines(simulate(path, SceneOptions(320, 240, seed=2, digits="407")))
    assert "frame" not in line
    assert line["file"] == path.name
    assert [digit["digit"] for digit in line["digits"]] == [4, 0, 7]
    assert cv2.imread(str(path)).shape == (240, 320, 3)


def test_the_sides_of_a_recording_are_even(tmp_path):
    truth = simulate(tmp_path / "odd.mp4", SceneOptions(321, 241, fps=10, duration_s=0.2, seed=4))
    _, frame = cv2.VideoCapture(str(tmp_path / "odd.mp4")).read()
    assert frame.shape == (240, 320, 3)
    for line in lines(truth):
        for x, y, width, height in (digit["box"] for digit in line["digits"]):
            assert x + width <= 320
            assert y + height <= 240


def test_a_clip_without_digits(tmp_path):
    options = SceneOptions(320, 240, fps=10, duration_s=0.5, digits="")
    found = lines(simulate(tmp_path / "none.mp4", options))
    assert len(found) == 5
    assert all(line["digits"] == [] for line in found)


@pytest.mark.parametrize("name", ["clip.txt", "clip", "nowhere/clip.mp4", "nowhere/clip.png"])
def test_a_file_that_cannot_be_written_is_an_output_error(tmp_path, name):
    with pytest.raises(OutputError, match="clip"):
        simulate(tmp_path / name, SHORT)


def test_the_truth_of_another_file_is_kept(tmp_path):
    picture = SceneOptions(320, 240, seed=2)
    truth = simulate(tmp_path / "a.png", picture)
    before = truth.read_text()
    with pytest.raises(OutputError, match=r"a\.truth\.jsonl: it is the truth of a\.png"):
        simulate(tmp_path / "a.jpg", picture)
    assert {file.name for file in tmp_path.iterdir()} == {"a.png", "a.truth.jsonl"}
    assert truth.read_text() == before


@pytest.mark.parametrize("content", ["", "no truth", "[]", "7"])
def test_what_is_no_truth_is_replaced(tmp_path, content):
    (tmp_path / "a.truth.jsonl").write_text(content)
    (line,) = lines(simulate(tmp_path / "a.png", SceneOptions(320, 240, seed=2)))
    assert line["file"] == "a.png"


def test_a_folder_in_the_way_is_an_output_error(tmp_path):
    for name in ("clip.mp4", "clip.png"):
        (tmp_path / name).mkdir()
        with pytest.raises(OutputError, match="cannot write"):
            simulate(tmp_path / name, SHORT)
