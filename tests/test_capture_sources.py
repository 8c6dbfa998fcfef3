"""What names a source; one that is not there is refused, be it a file or a camera."""

import time
from pathlib import Path

import pytest

from camlive.capture.opening import open_source
from camlive.capture.sources import expand
from camlive.errors import SourceError


class TestExpand:
    def test_nothing_is_the_first_camera(self) -> None:
        assert expand([]) == ["0"]

    def test_cameras_devices_and_addresses_pass(self) -> None:
        sources = ["2", "/dev/video7", "rtsp://a/b", "https://a/b?c=*", "HTTP://a/b"]
        assert expand(sources) == sources

    def test_folders_and_globs_become_their_files_in_natural_order(self, tmp_path: Path) -> None:
        for name in ("b10.png", "b9.png", "B11.JPG", "clip.mp4", "notes.txt", "._b9.png"):
            (tmp_path / name).touch()
        (tmp_path / "folder.png").mkdir()
        names = [str(tmp_path / name) for name in ("b9.png", "b10.png", "B11.JPG", "clip.mp4")]
        assert expand([str(tmp_path)]) == names
        assert expand([str(tmp_path / "b*.png"), names[2]]) == names[:3]

    def test_two_stars_are_all_folders_below(self, tmp_path: Path) -> None:
        path = tmp_path / "2024" / "may" / "a.png"
        path.parent.mkdir(parents=True)
        path.touch()
        assert expand([str(tmp_path / "**" / "*.png")]) == [str(path)]

    def test_a_file_whose_name_looks_like_a_glob_is_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a[1].png"
        path.touch()
        assert expand([str(path)]) == [str(path)]

    @pytest.mark.parametrize("number", ["-1", "-3"])
    def test_negative_cameras_are_refused(self, number: str) -> None:
        with pytest.raises(SourceError, match="0 or more"):
            expand([number])

    @pytest.mark.parametrize("number", ["2147483648", "99999999999", "9" * 5000])
    def test_no_camera_has_a_number_so_large(self, number: str) -> None:
        with pytest.raises(SourceError, match=f"camera {number}: "):
            open_source(number)

    def test_where_a_folder_is_named_like_a_camera_its_path_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("2021").mkdir()
        with pytest.raises(SourceError, match=r"camera 2021: .* give \./2021$"):
            open_source("2021")

    def test_an_empty_name_is_no_folder(self) -> None:
        with pytest.raises(SourceError, match="without a name"):
            expand([""])

    @pytest.mark.parametrize("address", ["ftp://a/b.mp4", "file:///a.png"])
    def test_another_kind_of_address_is_no_missing_file(self, address: str) -> None:
        with pytest.raises(SourceError, match="no such kind of address"):
            expand([address])

    @pytest.mark.parametrize("name", ["missing.mp4", "empty", "*.png"])
    def test_nothing_there_is_refused_by_name(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(SourceError, match=r"check") as caught:
            expand([str(tmp_path / name)])
        assert str(caught.value).startswith(str(tmp_path / name))


@pytest.mark.parametrize("spec", ["93", "/dev/video93", "/dev/zero"])
def test_an_absent_camera_is_told_and_nothing_hangs(spec: str) -> None:
    begin = time.monotonic()
    with pytest.raises(SourceError, match=f"camera {spec}.*another number"):
        open_source(spec, camera_size=(640, 480), camera_fps=30)
    assert time.monotonic() - begin < 60
