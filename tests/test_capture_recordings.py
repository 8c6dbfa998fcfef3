"""Recordings as sources: their frames and times, and what is no recording."""

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import nan
from pathlib import Path

import numpy as np
import pytest
from commands import convert
from conftest import brightness

from camlive.capture import decoder
from camlive.capture import recording as recording_module
from camlive.capture.base import Source
from camlive.capture.opening import open_source
from camlive.detection import black_like
from camlive.errors import SourceError


class TestRecordings:
    @pytest.mark.parametrize("name", ["clip.mp4", "clip.avi", "clip.mkv", "a %03d [x].mp4"])
    def test_every_frame_comes_in_order_with_its_time(
        self, recording: Callable[..., Path], name: str
    ) -> None:
        path = str(recording(name, 6, fps=10))
        with open_source(path) as source:
            frames = list(source)
        assert (source.live, source.size, source.fps, source.frame_count) == (
            False,
            (64, 48),
            10,
            6,
        )
        assert [brightness(frame.image) for frame in frames] == list(range(6))
        assert [frame.index for frame in frames] == list(range(6))
        assert [frame.time_s for frame in frames] == pytest.approx([i / 10 for i in range(6)])
        assert {frame.source for frame in frames} == {path}

    def test_it_can_be_read_again_from_its_begin(self, recording: Callable[..., Path]) -> None:
        said: list[str] = []
        with open_source(str(recording(images=6, fps=10))) as source:
            source.say = said.append
            next(iter(source))
            for _ in range(2):
                frames = list(source)
                assert [brightness(frame.image) for frame in frames] == list(range(6))
                assert [frame.index for frame in frames] == list(range(6))
                assert [f.time_s for f in frames] == pytest.approx([i / 10 for i in range(6)])
        assert said == []

    def test_a_frame_that_cannot_be_decoded_is_left_out_and_told(
        self, recording: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked, retrieve = itertools.count(), decoder.grabbed_image
        monkeypatch.setattr(
            recording_module,
            "grabbed_image",
            lambda capture: None if next(asked) == 2 else retrieve(capture),
        )
        said: list[str] = []
        with open_source(str(recording(images=6, fps=10))) as source:
            source.say = said.append
            assert [frame.index for frame in source] == [0, 1, 3, 4, 5]
            assert [frame.index for frame in source] == list(range(6))  # read again, it is whole
        (line,) = said
        assert "5 of 6 frames could be read" in line

    def test_what_begins_again_at_its_end_is_endless(self, recording: Callable[..., Path]) -> None:
        for loop in (True, False):
            with open_source(str(recording(images=2)), loop=loop) as source:
                assert (source.live, source.endless) == (False, loop)

    @pytest.mark.parametrize(
        ("fps", "stride", "followed"),
        [
            (30, 1, range(0, 12, 2)),
            (10, 1, range(12)),
            (60, 1, range(0, 12, 4)),
            (30, 3, (0, 3, 6, 9)),
        ],
    )
    def test_images_of_frames_that_soon_follow_another_can_be_left_out(
        self, recording: Callable[..., Path], fps: int, stride: int, followed: Iterable[int]
    ) -> None:
        with open_source(str(recording(images=12, fps=fps))) as source:
            few = list(source.frames(stride, keep_images=False))
        with open_source(str(recording(images=12, fps=fps))) as source:
            whole = list(source.frames(stride))
        for frames in few, whole:
            assert [frame.index for frame in frames] == list(range(0, 12, stride))
            assert [frame.index for frame in frames if frame.is_followed] == list(followed)
        for one, other in zip(few, whole, strict=True):
            assert one.time_s == other.time_s
            image = other.image if one.is_followed else black_like(other.image)
            np.testing.assert_array_equal(one.image, image)

    def test_times_are_the_files_own(self, recording: Callable[..., Path], tmp_path: Path) -> None:
        speed = ["-vf", "setpts=N*N/10/TB", "-vsync", "vfr", "-c:v", "ffv1"]
        path = convert(recording("clip.mkv", 5), tmp_path / "vfr.mkv", *speed)
        with open_source(str(path)) as source:
            times = [frame.time_s for frame in source]
        assert times == pytest.approx([0, 0.1, 0.4, 0.9, 1.6], abs=0.021)

    def test_times_rise_where_those_of_the_file_do_not(
        self, recording: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with open_source(str(recording(images=6, fps=10))) as source:
            monkeypatch.setattr(source, "_positions", lambda: iter((5.0, 5.1, 5.1, 5.0, 5.5, 5.6)))
            times = [frame.time_s for frame in source]
        assert times == pytest.approx([0, 0.1, 0.2, 0.3, 0.5, 0.6])

    def test_a_loop_begins_again_and_time_goes_on(self, recording: Callable[..., Path]) -> None:
        with open_source(str(recording(images=3, fps=10)), loop=True) as source:
            frames = [frame for frame, _ in zip(source, range(7), strict=False)]
        assert [brightness(frame.image) for frame in frames] == [0, 1, 2, 0, 1, 2, 0]
        assert [frame.index for frame in frames] == list(range(7))
        assert [frame.time_s for frame in frames] == pytest.approx([i / 10 for i in range(7)])
        assert source.frame_count is None

    @pytest.mark.parametrize("content", [b"", b"no video, only words\n" * 50, bytes(5000)])
    def test_what_is_no_video_is_refused_at_once(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "clip.mp4"
        path.write_bytes(content)
        with pytest.raises(SourceError, match=r"clip\.mp4: is no recording"):
            open_source(str(path))

    def test_a_video_without_its_index_is_refused(self, recording: Callable[..., Path]) -> None:
        path = recording()
        data = path.read_bytes()
        path.write_bytes(data[: data.index(b"moov") - 4])
        with pytest.raises(SourceError, match=r"clip\.mp4: is no recording"):
            open_source(str(path))

    def test_sound_alone_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "sound.mp4"
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=1", str(path)]
        subprocess.run(command, check=True)
        with pytest.raises(SourceError, match=r"sound\.mp4: is no recording"):
            open_source(str(path))

    def test_av1_is_read(self, recording: Callable[..., Path], tmp_path: Path) -> None:
        path = convert(recording(), tmp_path / "av1.mp4", "-c:v", "libaom-av1", "-cpu-used", "8")
        with open_source(str(path)) as source:
            assert len(list(source)) == 5

    def test_what_cannot_be_decoded_is_named(
        self, recording: Callable[..., Path], tmp_path: Path
    ) -> None:
        path = convert(recording(), tmp_path / "h264.mp4", "-c:v", "libx264")
        data = path.read_bytes()
        begin = data.index(b"mdat") + 4
        size = int.from_bytes(data[begin - 8 : begin - 4], "big") - 8
        path.write_bytes(data[:begin] + bytes(size) + data[begin + size :])
        with pytest.raises(SourceError, match=r"no frame.*h264"):
            open_source(str(path))

    def test_a_local_playlist_stays_off_the_network(self, tmp_path: Path, asked: list[str]) -> None:
        path = tmp_path / "list.m3u8"
        path.write_text(
            f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{asked[0]}/part.ts\n#EXT-X-ENDLIST\n"
        )
        with pytest.raises(SourceError):
            open_source(str(path))
        assert asked[1:] == []

    def test_a_pipe_is_refused_without_waiting_for_it(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.mp4")
        with pytest.raises(SourceError, match="regular"):
            open_source(str(tmp_path / "pipe.mp4"))

    def test_refusals_are_one_line_and_nothing_else_is_printed(self, tmp_path: Path) -> None:
        (tmp_path / "bad.mp4").write_bytes(bytes(5000))
        code = (
            "import sys\nfrom camlive.capture.opening import *\n"
            "for spec in sys.argv[1:]:\n"
            "    try: open_source(spec)\n"
            "    except SourceError as error: print(error)\n"
        )
        specs = [str(tmp_path / "bad.mp4"), "/dev/video99", "http://127.0.0.1:9/x"]
        command = [sys.executable, "-c", code, *specs]
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        assert len(ran.stdout.splitlines()) == 3
        assert ran.stderr == ""


@pytest.mark.parametrize(
    ("said", "taken"),
    [(0.1, 0.1), (29.97, 29.97), (240, 240), (0, 25), (0.01, 25), (90_000, 25), (nan, 25)],
)
def test_a_rate_that_is_none_is_not_taken(said: float, taken: float) -> None:
    assert Source("a.mp4", np.zeros((48, 64, 3), np.uint8), said, None).fps == taken


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """A web server's address, followed by the paths that it is asked for."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        paths.append(f"http://127.0.0.1:{server.server_port}")
        yield paths
        server.shutdown()
