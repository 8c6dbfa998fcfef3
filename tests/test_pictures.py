"""Pictures as sources."""

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from camlive.capture.base import DEFAULT_FPS
from camlive.capture.opening import open_source
from camlive.capture.sources import expand
from camlive.errors import SourceError


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tiff", ".PNG", ".avif"])
def test_a_picture_is_one_frame(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"ä{suffix}"
    path.write_bytes(cv2.imencode(suffix, np.full((30, 40, 3), 50, np.uint8))[1].tobytes())
    with open_source(str(path)) as source:
        (frame,) = source
    assert (source.size, source.frame_count, source.live) == ((40, 30), 1, False)
    assert (frame.index, frame.time_s, frame.source) == (0, 0.0, str(path))
    assert round(frame.image.mean()) == 50


@pytest.mark.parametrize("suffix", [".heic", ".HEIF"])
def test_a_phones_heic_is_told_and_a_folder_that_holds_one_too(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"IMG_0001{suffix}"
    path.write_bytes(b"\0\0\0\x18ftypheic")
    (named,) = expand([str(tmp_path)])
    with pytest.raises(SourceError, match="save it as JPEG"):
        open_source(named)
    path.write_bytes(cv2.imencode(".jpg", np.zeros((30, 40, 3), np.uint8))[1].tobytes())
    assert open_source(named).size == (40, 30)


def test_grey_and_transparent_pictures_become_bgr(tmp_path: Path) -> None:
    for channels in (1, 4):
        cv2.imwrite(str(tmp_path / "a.png"), np.full((9, 8, channels), 255, np.uint8))
        (frame,) = open_source(str(tmp_path / "a.png"))
        assert (frame.image.shape, frame.image.dtype) == ((9, 8, 3), np.uint8)


def exif_of(orientation: int) -> bytes:
    begin = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"
    return begin + bytes([orientation]) + bytes(7)


def test_exif_turns_a_picture_upright(tmp_path: Path) -> None:
    jpeg = cv2.imencode(".jpg", np.zeros((20, 40, 3), np.uint8))[1].tobytes()
    exif = b"Exif\0\0" + exif_of(6)
    block = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg[:2] + block + jpeg[2:])
    assert open_source(str(path)).size == (20, 40)


def test_a_jpeg_cut_short_is_refused_but_not_one_with_a_trailer(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    jpeg = cv2.imencode(".jpg", noise)[1].tobytes()
    thumbnail = b"\xff\xe1\x00\x06\xff\xd8\xff\xd9"
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg[:2] + thumbnail + jpeg[2 : len(jpeg) // 2])
    with pytest.raises(SourceError, match="cut short"):
        open_source(str(path))
    path.write_bytes(jpeg[:2] + thumbnail + jpeg[2:] + b"a phone's trailer")
    assert open_source(str(path)).size == (80, 60)
    path.write_bytes(jpeg[:2] + b"\xff\xff" + thumbnail + b"\xff" + jpeg[2:])  # T.81, B.1.1.2
    assert open_source(str(path)).size == (80, 60)


def test_a_png_cut_short_is_refused_in_one_line(tmp_path: Path, capfd) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    path = tmp_path / "a.png"
    path.write_bytes(cv2.imencode(".png", noise)[1].tobytes()[:-2000])
    with pytest.raises(SourceError, match="cut short"):
        open_source(str(path))
    assert capfd.readouterr() == ("", "")  # libpng would have a say


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tiff"])
@pytest.mark.parametrize(("ink", "ground"), [(0, 255), (200, 0)])
def test_what_is_transparent_shows_its_ink(
    tmp_path: Path, suffix: str, ink: int, ground: int
) -> None:
    image = np.full((40, 60, 4), (ink, ink, ink, 0), np.uint8)
    image[10:20, 20:40, 3] = 255
    path = str(tmp_path / f"a{suffix}")
    cv2.imwrite(path, image, [cv2.IMWRITE_WEBP_QUALITY, 101])
    seen = next(iter(open_source(path))).image
    assert seen.shape == (40, 60, 3)
    assert (seen[12:18, 22:38] == ink).all()
    assert (seen[:8] == ground).all()


def test_what_is_transparent_in_16_bits_shows_its_ink(tmp_path: Path) -> None:
    image = np.full((40, 60, 4), (100 * 257, 100 * 257, 100 * 257, 0), np.uint16)
    image[10:20, 20:40, 3] = 65535
    cv2.imwrite(str(tmp_path / "a.png"), image)
    seen = next(iter(open_source(str(tmp_path / "a.png")))).image
    assert (seen[10:20, 20:40] == 100).all()
    assert (seen[:10] == 255).all()


@pytest.mark.parametrize(("suffix", "kind"), [(".png", "u1"), (".png", "u2"), (".webp", "u1")])
@pytest.mark.parametrize(("orientation", "quarters"), [(1, 0), (8, 1), (3, 2), (6, 3)])
def test_exif_turns_what_is_transparent_too(
    tmp_path: Path, suffix: str, kind: str, orientation: int, quarters: int
) -> None:
    image = np.zeros((40, 60, 4), kind)
    image[10:20, 30:50, 3] = np.iinfo(kind).max
    exif = np.frombuffer(exif_of(orientation), np.uint8)
    options = [cv2.IMWRITE_WEBP_QUALITY, 101]
    path = str(tmp_path / f"a{suffix}")
    cv2.imwriteWithMetadata(path, image, [cv2.IMAGE_METADATA_EXIF], [exif], options)
    seen = next(iter(open_source(path))).image
    assert np.array_equal(np.rot90(image[..., 3] > 0, quarters), (seen == 0).all(2))
    assert seen.max() == 255


@pytest.mark.parametrize("pages", [1, 3])
def test_pages_that_are_not_read_are_told(tmp_path: Path, pages: int) -> None:
    path = tmp_path / "scan.tiff"
    cv2.imwritemulti(str(path), [np.full((40, 60, 3), 9 * k, np.uint8) for k in range(pages)])
    source, said = open_source(str(path)), []
    source.say = said.append
    assert [frame.image.max() for frame in source] == [0]
    told = f"{path}: its first page is read, of {pages}; save each by itself"
    assert said == ([told] if pages > 1 else [])


@pytest.mark.parametrize("content", [b"", b"words", b"\x89PNG\r\n\x1a\nIEND"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(SourceError, match=r"a\.png: is no picture"):
        open_source(str(tmp_path / "a.png"))


def test_a_picture_whose_name_opencv_cannot_open_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows OpenCV opens no file whose name has other letters than the system's."""
    monkeypatch.setattr(cv2, "haveImageReader", lambda _: False)
    monkeypatch.setattr(cv2, "imcount", lambda _: 0)
    cv2.imwrite(str(tmp_path / "a.png"), np.full((4, 6, 3), 7, np.uint8))
    with open_source(str(tmp_path / "a.png")) as source:
        assert (source.frame_count, source.size) == (1, (6, 4))


def test_a_file_larger_than_any_picture_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCV_IO_MAX_IMAGE_PIXELS", "100")
    (tmp_path / "a.png").write_bytes(bytes(801))
    with pytest.raises(SourceError, match="million pixels; make it smaller"):
        open_source(str(tmp_path / "a.png"))


def test_what_is_drawn_on_a_frame_of_a_looped_picture_is_not_on_the_next(picture: Path) -> None:
    first, second = islice(open_source(str(picture), loop=True), 2)
    first.image[:] = 0
    assert (second.image == 200).all()


def test_every_so_many_th_frame_of_a_looped_picture_is_taken(picture: Path) -> None:
    frames = islice(open_source(str(picture), loop=True).frames(3), 3)
    assert [frame.index for frame in frames] == [0, 3, 6]


def test_a_picture_loops(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((4, 4, 3), np.uint8))
    frames = zip(open_source(str(tmp_path / "a.png"), loop=True), range(3), strict=False)
    assert [frame.time_s for frame, _ in frames] == [i / DEFAULT_FPS for i in range(3)]
