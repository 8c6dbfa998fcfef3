"""Files as people have them: turned, many-coloured, changing, oddly named."""

import json
import struct
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
from commands import SAMPLE, camlive, ffmpeg

from camlive.capture.opening import open_source
from camlive.errors import SourceError


def test_a_recording_of_a_turned_phone_is_upright(tmp_path: Path) -> None:
    data = bytearray(SAMPLE.read_bytes())
    matrix = data.rindex(b"tkhd") + 44  # of the track's head: how a player is to turn it
    assert struct.unpack_from(">9i", data, matrix) == (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    struct.pack_into(">9i", data, matrix, 0, 1 << 16, 0, -1 << 16, 0, 0, 480 << 16, 0, 1 << 30)
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(data)
    with open_source(str(SAMPLE)) as plain, open_source(str(turned)) as source:
        image, upright = next(iter(plain)).image, next(iter(source)).image
    assert (upright == cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE)).all()


@pytest.mark.parametrize("kind", ["16 bits", "16 bits, grey", "CMYK"])
def test_pictures_of_other_colours_are_read_as_bgr(tmp_path: Path, kind: str) -> None:
    path = tmp_path / ("a.jpg" if kind == "CMYK" else "a.png")
    if kind == "CMYK":
        colour = ["-size", "60x40", "xc:rgb(200,120,40)", "-colorspace", "CMYK"]
        subprocess.run(["convert", *colour, str(path)], check=True)
    else:
        shape = (40, 60) if "grey" in kind else (40, 60, 3)
        value = 120 if "grey" in kind else (40, 120, 200)
        cv2.imwrite(str(path), np.full(shape, np.multiply(value, 257), np.uint16))
    with open_source(str(path)) as source:
        image = next(iter(source)).image
    assert (image.shape, image.dtype) == ((40, 60, 3), np.uint8)
    expected = (120, 120, 120) if "grey" in kind else (40, 120, 200)
    np.testing.assert_allclose(image[20, 30], expected, atol=4)


@pytest.mark.parametrize("name", ["moving.webp", "moving.mp4"])
def test_a_moving_webp_is_read_or_its_codec_named(tmp_path: Path, name: str) -> None:
    moving = tmp_path / "moving.webp"
    ffmpeg("-i", SAMPLE, "-t", 0.4, moving)
    moving = moving.rename(tmp_path / name)
    try:
        with open_source(str(moving)) as source:
            images = [frame.image for frame in source]
    except SourceError as error:
        assert "codec" in str(error)  # noqa: PT017
    else:
        assert images[0].shape == (480, 640, 3)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", ["-c:v", "libx264", "-x264opts", "tff=1"]),
        ("a.mpg", ["-c:v", "mpeg2video", "-flags", "+ilme+ildct"]),
        ("a.dv", ["-s", "720x576", "-r", "25", "-target", "pal-dv"]),
    ],
)
def test_an_interlaced_recording_is_read(tmp_path: Path, name: str, codec: list[str]) -> None:
    """OpenCV 5.0 gave black frames."""
    ffmpeg("-i", SAMPLE, "-t", 0.4, "-an", "-vf", "setfield=tff", *codec, tmp_path / name)
    done = camlive(tmp_path / name, "--jsonl", "-")
    assert done.returncode == 0, done.stderr
    assert all(len(json.loads(line)["digits"]) > 5 for line in done.stdout.splitlines())


def test_a_recording_that_begins_in_the_dark_is_read(tmp_path: Path) -> None:
    dark = "tpad=start_duration=0.5:color=black"
    ffmpeg("-i", SAMPLE, "-t", 1, "-vf", dark, tmp_path / "a.mp4")
    done = camlive(tmp_path / "a.mp4", "--max-frames", 40, "--jsonl", "-")
    assert done.returncode == 0, done.stderr
    digits = [len(json.loads(line)["digits"]) for line in done.stdout.splitlines()]
    assert digits[0] == 0 < digits[-1]


def test_the_cover_of_a_song_is_not_called_damaged(tmp_path: Path) -> None:
    cover, song, said = tmp_path / "cover.png", tmp_path / "song.mp3", list[str]()
    cv2.imwrite(str(cover), np.full((60, 80, 3), 200, np.uint8))
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-i", cover, "-map", 0, "-map", 1, song)
    with open_source(str(song)) as source:
        source.say = said.append
        assert len(list(source)) == 1
    assert said == []


def test_a_recording_whose_frames_change_their_size_is_read_whole(tmp_path: Path) -> None:
    parts = [tmp_path / "small.ts", tmp_path / "large.ts"]
    for part, size in zip(parts, ("320x240", "640x360"), strict=True):
        ffmpeg("-i", SAMPLE, "-t", 0.4, "-s", size, "-c:v", "libx264", part)
    both, out = tmp_path / "both.ts", tmp_path / "out.mp4"
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    done = camlive(both, "--save-video", out, "--jsonl", "-")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["frame"] for line in done.stdout.splitlines()] == list(range(20))
    with open_source(str(out)) as source:
        assert len([frame for frame in source if frame.image.shape == (240, 320, 3)]) == 20


def test_a_strange_name_is_printed_safely_and_stays_one_line(tmp_path: Path) -> None:
    name = 'a "b"\n\x1b[31m\u202e c.png'
    missing = camlive(tmp_path / name)
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    cv2.imwrite(str(tmp_path / "a.png"), np.full((40, 40, 3), 200, np.uint8))
    (tmp_path / "a.png").rename(tmp_path / name)
    out = tmp_path / f"{name}.jsonl"
    done = camlive(tmp_path / name, "--jsonl", out)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    for text in (missing.stderr, done.stderr):
        assert text.rstrip("\n").isprintable()
    (line,) = out.read_text().splitlines()
    assert json.loads(line)["source"] == str(tmp_path / name)
