import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from camlive.capture.base import Source
from camlive.capture.opening import open_source
from camlive.capture.sources import expand
from camlive.detection import Image
from camlive.errors import SourceError


def brightness(image: Image) -> int:
    return round((float(image.mean()) - 20) / 10)


def seen(source: Source) -> list[int]:
    """The numbers of the `recording` fixture's frames, told by their brightness."""
    with source:
        return [brightness(frame.image) for frame in source]


def convert(path: Path, target: Path, *options: str) -> Path:
    command = ["ffmpeg", "-v", "error", "-i", str(path), *options, str(target)]
    subprocess.run(command, check=True)
    return target


class TestExpand:
    def test_nothing_is_the_first_camera(self) -> None:
        assert expand([]) == ["0"]

    def test_cameras_devices_and_addresses_pass(self) -> None:
        sources = ["2", "/dev/video7", "rtsp://a/b", "https://a/b?c=*", "HTTP://a/b"]
        assert expand(sources) == sources

    def test_folders_and_globs_become_their_files_in_natural_order(self, tmp_path: Path) -> None:
        for name in ("b10.png", "b9.png", "B1.JPG", "clip.mp4", "notes.txt"):
            (tmp_path / name).touch()
        (tmp_path / "folder.png").mkdir()
        names = [str(tmp_path / name) for name in ("B1.JPG", "b9.png", "b10.png", "clip.mp4")]
        assert expand([str(tmp_path)]) == names
        assert expand([str(tmp_path / "b*.png"), names[0]]) == [*names[1:3], names[0]]

    def test_a_file_whose_name_looks_like_a_glob_is_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a[1].png"
        path.touch()
        assert expand([str(path)]) == [str(path)]

    @pytest.mark.parametrize("number", ["-1", "-3"])
    def test_negative_cameras_are_refused(self, number: str) -> None:
        with pytest.raises(SourceError, match="0 or more"):
            expand([number])

    @pytest.mark.parametrize("number", ["2147483648", "99999999999"])
    def test_no_camera_has_a_number_so_large(self, number: str) -> None:
        with pytest.raises(SourceError, match=f"camera {number}: "):
            open_source(number)

    def test_an_empty_name_is_no_folder(self) -> None:
        with pytest.raises(SourceError, match="without a name"):
            expand([""])

    @pytest.mark.parametrize("name", ["missing.mp4", "empty", "*.png"])
    def test_nothing_there_is_refused_by_name(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(SourceError, match=r"check") as caught:
            expand([str(tmp_path / name)])
        assert str(caught.value).startswith(str(tmp_path / name))


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

    def test_times_are_the_files_own(self, recording: Callable[..., Path], tmp_path: Path) -> None:
        speed = ["-vf", "setpts=N*N/10/TB", "-vsync", "vfr", "-c:v", "ffv1"]
        path = convert(recording("clip.mkv", 5), tmp_path / "vfr.mkv", *speed)
        with open_source(str(path)) as source:
            times = [frame.time_s for frame in source]
        assert times == pytest.approx([0, 0.1, 0.4, 0.9, 1.6], abs=0.021)

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


@pytest.mark.parametrize("spec", ["93", "/dev/video93", "/dev/zero"])
def test_an_absent_camera_is_told_and_nothing_hangs(spec: str) -> None:
    begin = time.monotonic()
    with pytest.raises(SourceError, match=f"camera {spec}.*another number"):
        open_source(spec, camera_size=(640, 480), camera_fps=30)
    assert time.monotonic() - begin < 60


class Stream:
    """An endless MJPEG stream whose frames are as bright as their number, until it is ended."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.sent = 0
        self.hangs = False

    def parts(self) -> Iterator[bytes]:
        while not self.ended.wait(0.02):
            image = np.full((48, 64, 3), min(250, 20 + 2 * self.sent), np.uint8)
            jpeg = cv2.imencode(".jpg", image)[1].tobytes()
            head = f"--part\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            yield head.encode() + jpeg + b"\r\n"
            self.sent += 1
        while self.hangs:
            time.sleep(0.05)


@pytest.fixture
def stream() -> Iterator[tuple[Stream, str]]:
    state = Stream()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=part")
            self.end_headers()
            try:
                for part in state.parts():
                    self.wfile.write(part)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield state, f"127.0.0.1:{server.server_port}/live"
        state.hangs = False
        state.ended.set()
        server.shutdown()


class TestStreams:
    def test_a_slow_user_gets_the_newest_frame(self, stream: tuple[Stream, str]) -> None:
        state, address = stream
        with open_source(f"http://me:p@ss@{address}") as source:
            frames = iter(source)
            early = next(frames)
            time.sleep(1)
            next(frames)
            sent = state.sent
            late = next(frames)
        assert source.live
        assert (source.name, source.frame_count) == (f"http://{address}", None)
        assert (early.index, late.index) == (0, 2)
        assert (late.image.mean() - 20) / 2 > sent - 10 > 10
        assert source.dropped > 10
        assert late.time_s > early.time_s + 0.9

    @pytest.mark.parametrize("hangs", [False, True])
    def test_a_stream_that_stops_is_told_and_read_again(
        self, stream: tuple[Stream, str], hangs: bool
    ) -> None:
        state, address = stream
        state.hangs = hangs
        told: list[tuple[float, str]] = []

        def wait(reason: str) -> bool:
            told.append((time.monotonic(), reason))
            if reason and time.monotonic() - began_s > 4:
                state.ended.clear()
                state.hangs = False
            return True

        with open_source(f"http://{address}") as source:
            source.while_silent = wait
            frames = iter(source)
            next(frames)
            state.ended.set()
            began_s = time.monotonic()
            *_, last = itertools.islice(frames, 200)
        reasons = [reason for _, reason in told]
        assert set(reasons) == {"", "no frame comes"}
        assert 1.5 < told[reasons.index("no frame comes")][0] - began_s < 3
        assert max(b - a for (a, _), (b, _) in itertools.pairwise(told)) < 1
        assert last.index == 200

    def test_who_does_not_wait_any_longer_ends_it(self, stream: tuple[Stream, str]) -> None:
        state, address = stream
        state.hangs = True
        with open_source(f"http://{address}") as source:
            source.while_silent = lambda reason: not reason
            frames = iter(source)
            next(frames)
            state.ended.set()
            assert len(list(frames)) < 10
            closing_s = time.monotonic()
        assert time.monotonic() - closing_s < 1

    def test_closing_ends_the_thread(self, stream: tuple[Stream, str]) -> None:
        def readers() -> int:
            return sum(thread.name == "reader" for thread in threading.enumerate())

        with open_source(f"http://{stream[1]}") as source:
            assert readers() == 1
        assert readers() == 0
        assert list(source) == []

    def test_a_recording_on_a_server_is_read_whole(self, recording, http_server) -> None:
        fast = ["-c", "copy", "-movflags", "faststart"]
        convert(recording(images=20), http_server.folder / "clip.mp4", *fast)
        source = open_source(f"{http_server.url}/clip.mp4")
        assert (source.live, source.frame_count) == (False, 20)
        assert seen(source) == list(range(20))

    def test_a_missing_page_is_told(self, http_server) -> None:
        with pytest.raises(SourceError, match="check the address"):
            open_source(f"{http_server.url}/none.mp4")
