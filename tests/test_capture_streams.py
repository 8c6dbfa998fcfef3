"""Addresses as sources: endless streams, which may stop or hang, and recordings on a server."""

import itertools
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest
from commands import convert
from conftest import Recording, WebFolder, brightness

from camlive.capture.base import Source
from camlive.capture.opening import open_source
from camlive.errors import SourceError


def seen(source: Source) -> list[int]:
    """The numbers of the `recording` fixture's frames, told by their brightness."""
    with source:
        return [brightness(frame.image) for frame in source]


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
    def test_a_recording_that_a_plain_server_cannot_give_is_to_be_downloaded(
        self, recording: Recording, http_server: WebFolder
    ) -> None:
        """Its index is at the end, and a server without ranges begins at the beginning."""
        images = list(np.random.default_rng(0).integers(0, 255, (40, 480, 640, 3), dtype=np.uint8))
        path = recording("noise.mp4", images)
        path.rename(http_server.folder / "noise.mp4")
        with pytest.raises(SourceError, match=r"noise\.mp4: no frame.*; download it"):
            open_source(f"{http_server.url}/noise.mp4")

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
        assert source.endless
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
            return sum(thread.name == "capture" for thread in threading.enumerate())

        with open_source(f"http://{stream[1]}") as source:
            assert readers() == 1
        assert readers() == 0
        assert list(source) == []

    def test_a_recording_on_a_server_is_read_whole(self, recording, http_server) -> None:
        fast = ["-c", "copy", "-movflags", "faststart"]
        convert(recording(images=20), http_server.folder / "clip.mp4", *fast)
        for address in (http_server.url, http_server.url.replace("http", "HTTP")):
            source = open_source(f"{address}/clip.mp4")
            assert (source.live, source.frame_count) == (False, 20)
            assert seen(source) == list(range(20))

    def test_a_picture_on_a_server_is_to_be_downloaded(self, http_server: WebFolder) -> None:
        cv2.imwrite(str(http_server.folder / "page.PNG"), np.zeros((30, 40, 3), np.uint8))
        with pytest.raises(SourceError, match="is a picture; download it"):
            open_source(f"{http_server.url}/page.PNG?small=1")

    def test_a_stream_with_the_ending_of_a_picture_is_one(self, stream: tuple[Stream, str]) -> None:
        with open_source(f"http://{stream[1]}.jpg") as source:
            assert source.live

    @pytest.mark.parametrize("address", ["rtsp://a:p[w@127.0.0.1:9/live", "http://[::1/x"])
    def test_an_address_with_brackets_that_leads_nowhere_is_told(self, address: str) -> None:
        with pytest.raises(SourceError, match="cannot be opened"):
            open_source(address)

    def test_a_missing_page_is_told(self, http_server) -> None:
        with pytest.raises(SourceError, match="check the address"):
            open_source(f"{http_server.url}/none.mp4")
