import json

import cv2
import numpy as np
import pytest

from camlive.errors import OutputError
from camlive.simulate.recording import _views, film, see, simulate
from camlive.simulate.scene import DETAIL, SceneOptions, make_scene

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


def test_the_same_seed_gives_the_same_frames_and_another_seed_others():
    first, again = list(film(SHORT, 5)), list(film(SHORT, 5))
    for (image, seen), (image_again, seen_again) in zip(first, again, strict=True):
        np.testing.assert_array_equal(image, image_again)
        assert seen == seen_again
    other, _ = next(film(SceneOptions(320, 240, seed=5), 1))
    assert (other != first[0][0]).any()


@pytest.mark.parametrize("seed", range(5))
def test_boxes_are_tight_around_the_ink_as_the_camera_shows_it(seed):
    rng = np.random.default_rng(seed)
    options = SceneOptions(640, 480, seed=seed)
    scene = make_scene(options, rng)
    for view in _views(scene, options, 12, rng)[::4]:
        seen = see(scene, view, options)
        for item in seen:
            mask = np.zeros(scene.desk.shape[:2], np.uint8)
            hull = np.rint(scene.digits[item.track].hull).astype(np.int32)
            cv2.fillConvexPoly(mask, hull, 255)
            shown = cv2.warpPerspective(mask, view, (640, 480), flags=cv2.INTER_LINEAR)
            x, y, width, height = cv2.boundingRect((shown > 100).astype(np.uint8))
            edges = (item.box.x - x, item.box.y - y)
            ends = (item.box.right - x - width, item.box.bottom - y - height)
            assert np.abs([*edges, *ends]).max() <= 2


def test_ink_lies_inside_the_boxes_and_not_around_them():
    options = SceneOptions(640, 480, seed=1, digits="308")
    image, seen = next(film(options, 1))
    assert [item.digit for item in seen] == [3, 0, 8]
    grey = cv2.GaussianBlur(image.min(axis=2), (3, 3), 0).astype(float)
    for box in (item.box for item in seen):
        paper = np.median(grey[box.y - 6 : box.bottom + 6, box.x - 6 : box.right + 6])
        inside = grey[box.y : box.bottom, box.x : box.right]
        for line in (inside[:3], inside[-3:], inside[:, :3], inside[:, -3:]):
            assert np.abs(line - paper).max() > 25


def test_only_digits_fully_in_view_are_named():
    options = SceneOptions(320, 240, digits="12345")
    scene = make_scene(options, np.random.default_rng(0))
    x = scene.digits[2].hull[:, 0].mean()
    beside = np.array([[1 / DETAIL, 0, -x / DETAIL], [0, 1 / DETAIL, 0], [0, 0, 1]])
    digits = [item.digit for item in see(scene, beside, options)]
    assert 1 not in digits
    assert 2 not in digits
    assert 3 not in digits


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_picture_has_one_line_without_a_frame_number(tmp_path, suffix):
    path = tmp_path / f"still{suffix}"
    (line,) = lines(simulate(path, SceneOptions(320, 240, seed=2, digits="407")))
    assert "frame" not in line
    assert line["file"] == path.name
    assert [digit["digit"] for digit in line["digits"]] == [4, 0, 7]
    assert cv2.imread(str(path)).shape == (240, 320, 3)


def test_a_clip_without_digits(tmp_path):
    options = SceneOptions(320, 240, fps=10, duration_s=0.5, digits="")
    found = lines(simulate(tmp_path / "none.mp4", options))
    assert len(found) == 5
    assert all(line["digits"] == [] for line in found)


@pytest.mark.parametrize("name", ["clip.txt", "clip", "nowhere/clip.mp4", "nowhere/clip.png"])
def test_a_file_that_cannot_be_written_is_an_output_error(tmp_path, name):
    with pytest.raises(OutputError, match="clip"):
        simulate(tmp_path / name, SHORT)


def test_a_folder_in_the_way_is_an_output_error(tmp_path):
    for name in ("clip.mp4", "clip.png"):
        (tmp_path / name).mkdir()
        with pytest.raises(OutputError, match="cannot write"):
            simulate(tmp_path / name, SHORT)
