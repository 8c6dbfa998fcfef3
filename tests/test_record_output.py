"""Where outputs may lie: nothing is replaced unasked, and no source at all."""

import os
from pathlib import Path

import pytest
from recorded import SEVEN, frame, grey

from camlive.errors import OutputError
from camlive.record.images import CropSink, FrameSink
from camlive.record.jsonlines import JsonLinesSink
from camlive.record.output import check_output
from camlive.record.sink import Sink
from camlive.record.video import VideoSink


def open_video(path: Path, force: bool = False, inputs: tuple[str, ...] = ()) -> Sink:
    return VideoSink(path, 25.0, force, inputs)


def open_lines(path: Path, force: bool = False, inputs: tuple[str, ...] = ()) -> Sink:
    return JsonLinesSink(str(path), force, inputs)


@pytest.mark.parametrize("opener", [open_video, open_lines])
class TestChecksAtConstruction:
    def test_an_existing_file_needs_force(self, tmp_path: Path, opener) -> None:
        path = tmp_path / "out.mp4"
        path.write_bytes(b"old")
        with pytest.raises(OutputError, match="--force"):
            opener(path)
        with opener(path, force=True) as sink:
            sink.write(frame(grey(9)), [], grey(9))
        assert path.read_bytes() != b"old"

    def test_a_source_is_never_overwritten(self, tmp_path: Path, opener) -> None:
        source, link = tmp_path / "in.mp4", tmp_path / "link.mp4"
        source.write_bytes(b"precious")
        link.symlink_to(source)
        with pytest.raises(OutputError, match="source"):
            opener(link, force=True, inputs=("camera 0", str(source)))
        assert source.read_bytes() == b"precious"

    @pytest.mark.parametrize("is_there", [True, False])
    def test_a_link_stays_and_its_file_is_written(
        self, tmp_path: Path, opener, is_there: bool
    ) -> None:
        target, link = tmp_path / "elsewhere" / "file", tmp_path / "link.mp4"
        target.parent.mkdir()
        link.symlink_to(target)
        if is_there:
            target.write_bytes(b"old")
        with opener(link, force=is_there) as sink:
            sink.write(frame(grey(9)), [], grey(9))
        assert link.is_symlink()
        assert link.read_bytes() not in (b"", b"old")
        assert os.listdir(target.parent) == ["file"]

    def test_a_link_into_a_missing_folder_is_told(self, tmp_path: Path, opener) -> None:
        link = tmp_path / "link.mp4"
        link.symlink_to(tmp_path / "missing" / "file")
        with pytest.raises(OutputError, match=r"link\.mp4: there is no folder .*missing"):
            opener(link)

    def test_a_folder_is_no_file(self, tmp_path: Path, opener) -> None:
        (tmp_path / "out.mp4").mkdir()
        with pytest.raises(OutputError, match="folder"):
            opener(tmp_path / "out.mp4", force=True)

    def test_a_missing_folder_is_named(self, tmp_path: Path, opener) -> None:
        with pytest.raises(OutputError, match=r"no folder .*missing"):
            opener(tmp_path / "missing" / "out.mp4")

    def test_a_folder_that_takes_no_file_is_named(self, opener) -> None:
        with pytest.raises(OutputError, match="cannot be written"):
            opener(Path("/proc/out.mp4"))  # even for the superuser


def test_a_file_in_a_folder_that_takes_no_other_is_not_replaced() -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        check_output(Path("/proc/version"), force=True)


def test_a_pipe_in_a_folder_that_takes_no_file_may_be_written() -> None:
    for end in os.pipe():
        check_output(Path(f"/proc/self/fd/{end}"))
        os.close(end)


@pytest.mark.parametrize("kind", [FrameSink, CropSink])
class TestFolders:
    def test_a_filled_folder_needs_force(self, tmp_path: Path, kind) -> None:
        (tmp_path / "x").touch()
        with pytest.raises(OutputError, match="--force"):
            kind(tmp_path)
        kind(tmp_path, force=True).close()

    def test_a_folder_that_cannot_be_is_refused(self, tmp_path: Path, kind) -> None:
        (tmp_path / "file").touch()
        for folder in (tmp_path / "file", tmp_path / "file" / "in", Path("/proc/here")):
            with pytest.raises(OutputError, match=str(folder.parent)):
                kind(folder)
        with pytest.raises(OutputError, match="cannot be written"):
            kind(Path("/proc/self"), force=True)

    def test_sources_of_one_name_stay_apart(self, tmp_path: Path, kind) -> None:
        with kind(tmp_path / "out") as sink:
            for source in ("a/1.png", "b/1.png", "a/1.png", "a/1.png"):
                sink.begin(live=False, endless=False)
                for index in (5, 6):
                    sink.write(frame(grey(9), index, source), [SEVEN], grey(9))
        stems = [name.split("-")[0] for name in sorted(os.listdir(tmp_path / "out"))]
        assert stems == ["1", "1", "1_2", "1_2", "1_3", "1_3", "1_4", "1_4"]


@pytest.mark.parametrize("kind", [FrameSink, CropSink])
def test_a_folder_with_a_source_is_refused_even_with_force(tmp_path: Path, kind) -> None:
    source = tmp_path / "page.png"
    source.write_bytes(b"a picture")
    with pytest.raises(OutputError, match="source being read"):
        kind(tmp_path, force=True, inputs=[str(source)])
