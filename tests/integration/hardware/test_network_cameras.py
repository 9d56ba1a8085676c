"""Network cameras over TLS and without: who is believed, and to whom the kiosk speaks."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import pytest
from certificates import BAD, Shown, bad, good
from chosen import few_first
from mjpeg_camera import picture
from rtsp_camera import RtspCamera, film, filming, reply

from hardware.camera.opening import open_camera
from hardware.camera.request import CameraRequest
from hardware.camera.source import parse
from kiosk.domain.errors import CameraLost, SettingsError
from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Frame

PATIENCE = 20.0
SECONDS = 8


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("film") / "film.ts", SECONDS)


class Web(ThreadingHTTPServer):
    """An HTTP camera that sends Motion JPEG, or what it is told."""

    daemon_threads = True

    def __init__(
        self, tls: Shown | None = None, head: bytes | None = None, body: bytes = b""
    ) -> None:
        self.head = head
        self.body = body
        self.shown = tls
        self.heard: list[str] = []
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), _Answer)
        if tls is not None:
            self.socket = tls.context().wrap_socket(self.socket, server_side=True)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http{'s' if self.shown else ''}://127.0.0.1:{self.server_address[1]}/cam"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what is tested."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Answer(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self.server.heard.append(f"{self.path} {self.headers.get('Authorization', '')}")
        if self.server.head is not None:
            self.wfile.write(self.server.head + self.server.body)
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        number = 0
        while not self.server.over.wait(0.05):
            data = picture(number % 20)
            self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\n")
            self.wfile.write(f"Content-Length: {len(data)}\r\n\r\n".encode() + data + b"\r\n")
            number += 1

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def bait() -> Iterator[tuple[str, list[bytes]]]:
    """Another address on this machine; whatever reaches it is written down."""
    reached: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                reached.append(b"connected")
                line.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", reached
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def first(url: str, **wanted: object) -> Frame:
    """The first frame of a camera, which is let go."""
    camera = open_camera(parse(url), CameraRequest(warmup_frames=0, **wanted))  # type: ignore[arg-type]
    try:
        return camera.read(PATIENCE)
    finally:
        camera.close()


def why(url: str, **wanted: object) -> CameraLost:
    with pytest.raises(CameraLost) as caught:
        first(url, **wanted)
    return caught.value


# -- TLS -------------------------------------------------------------------------------------------


def test_a_camera_that_is_vouched_for_over_https(tmp_path: Path) -> None:
    shown = good(tmp_path)
    with Web(shown) as web:
        assert first(web.url, ca_file=shown.ca_file).height == 120


def test_a_camera_that_is_vouched_for_over_rtsps(tmp_path: Path, filmed: bytes) -> None:
    shown = good(tmp_path)
    with filming(RtspCamera(filmed, SECONDS, tls=shown.context())) as camera:
        frame = first(camera.url, ca_file=shown.ca_file)
    assert (frame.width, frame.height) == (320, 240)


@pytest.mark.parametrize("kind", BAD)
def test_a_camera_over_https_that_is_not_believed(tmp_path: Path, kind: str) -> None:
    shown = bad(tmp_path, kind)
    with Web(shown) as web:
        lost = why(web.url.replace("//", "//ann:hunter2@"), ca_file=shown.ca_file)
        assert web.heard == []
    assert "not accepted" in lost.problem
    assert "camera.ca_file" in lost.remedy
    assert "hunter2" not in str(lost)


@pytest.mark.parametrize("kind", BAD)
def test_a_camera_over_rtsps_that_is_not_believed(tmp_path: Path, filmed: bytes, kind: str) -> None:
    shown = bad(tmp_path, kind)
    with filming(RtspCamera(filmed, SECONDS, tls=shown.context())) as camera:
        lost = why(camera.url, ca_file=shown.ca_file)
        assert camera.heard == []
    assert "not accepted" in lost.problem


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "OPENCV_FFMPEG_CAPTURE_OPTIONS"])
@pytest.mark.parametrize("scheme", ["https", "rtsps"])
def test_the_environment_makes_nobody_believed(
    tmp_path: Path, filmed: bytes, monkeypatch: pytest.MonkeyPatch, variable: str, scheme: str
) -> None:
    shown = good(tmp_path)
    value = str(shown.ca_file) if variable == "SSL_CERT_FILE" else "tls_verify;0|verify;0"
    monkeypatch.setenv(variable, value)
    if scheme == "https":
        with Web(shown) as web:
            assert "not accepted" in why(web.url).problem
        return
    with filming(RtspCamera(filmed, SECONDS, tls=shown.context())) as camera:
        assert "not accepted" in why(camera.url).problem


def test_a_proxy_of_the_environment_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, bait: tuple[str, list[bytes]], filmed: bytes
) -> None:
    place, reached = bait
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{place}")
    with Web() as web:
        first(web.url)
    with filming(RtspCamera(filmed, SECONDS)) as camera:
        first(camera.url)
    assert reached == []


def test_an_authority_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("no certificate")
    with pytest.raises(SettingsError, match=r"camera\.ca_file"):
        first("https://127.0.0.1:9/", ca_file=path)


# -- nobody else is spoken to ----------------------------------------------------------------------


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 T", "308 P"])
def test_a_redirection_over_http_is_not_followed(
    bait: tuple[str, list[bytes]], status: str
) -> None:
    place, reached = bait
    head = f"HTTP/1.1 {status}\r\nLocation: http://{place}/\r\nContent-Length: 0\r\n\r\n"
    with Web(head=head.encode()) as web:
        assert "points to another address" in why(web.url).problem
    assert reached == []


@pytest.mark.parametrize("method", ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"])
def test_a_redirection_over_rtsp_is_not_followed(
    filmed: bytes, bait: tuple[str, list[bytes]], method: str
) -> None:
    place, reached = bait

    def away(asked: str, headers: dict[str, str]) -> bytes | None:
        found = f"Location: rtsp://{place}/x"
        return reply("302 Found", headers, found) if asked == method else None

    with filming(RtspCamera(filmed, SECONDS, answer=away)) as camera:
        assert "points to another address" in why(camera.url).problem
    assert reached == []


PLAYLISTS = {
    "hls": b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://PLACE/1.ts\n#EXT-X-ENDLIST\n",
    "concat": b"ffconcat version 1.0\nfile http://PLACE/1.ts\n",
    "sdp": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 PLACE\r\nt=0 0\r\n"
    b"m=video 5004 RTP/AVP 26\r\n",
    "dash": b'<?xml version="1.0"?><MPD><BaseURL>http://PLACE/</BaseURL></MPD>',
    "smil": b'<smil><body><video src="http://PLACE/1.mp4"/></body></smil>',
}


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_leads_nowhere(bait: tuple[str, list[bytes]], kind: str) -> None:
    place, reached = bait
    body = PLAYLISTS[kind].replace(b"PLACE", place.encode())
    with Web(head=b"HTTP/1.1 200 OK\r\n\r\n", body=body) as web:
        assert "no video" in why(web.url).problem
    assert reached == []


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_in_a_file_leads_nowhere(
    tmp_path: Path, bait: tuple[str, list[bytes]], kind: str
) -> None:
    from kiosk.domain.errors import SourceError  # noqa: PLC0415 - of this test alone

    place, reached = bait
    path = tmp_path / "film.m3u8"
    path.write_bytes(PLAYLISTS[kind].replace(b"PLACE", place.encode()))
    with pytest.raises(SourceError):
        open_camera(parse(f"file:{path}"))
    assert reached == []


# -- who we are there ------------------------------------------------------------------------------


def test_user_and_password_from_a_file_over_rtsp(tmp_path: Path, filmed: bytes) -> None:
    path = tmp_path / "camera"
    path.write_text("ann:hun/ter:2#@ü\n", encoding="utf-8")
    path.chmod(0o600)
    with filming(RtspCamera(filmed, SECONDS, login=("ann", "hun/ter:2#@ü"))) as camera:
        assert first(camera.url, credentials_file=path).width == 320
        assert not any("hun" in line for line in camera.heard)


@pytest.mark.parametrize("login", ["", "ann:wrong@"])
def test_a_login_that_an_rtsp_camera_does_not_know(filmed: bytes, login: str) -> None:
    with filming(RtspCamera(filmed, SECONDS, login=("ann", "hunter2"))) as camera:
        lost = why(camera.url.replace("//", f"//{login}"))
    assert "refuses the login" in lost.problem
    assert "camera.credentials_file" in lost.remedy
    assert "wrong" not in str(lost)


@pytest.mark.parametrize(
    "challenge",
    [
        'Digest realm="cam", qop="auth", nonce="1", algorithm=SHA-256',
        'Digest realm="cam", nonce="1"',
        'Basic realm="cam"',
    ],
)
def test_a_login_that_an_http_camera_does_not_know(challenge: str) -> None:
    head = f"HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n"
    with Web(head=head.encode()) as web:
        lost = why(web.url.replace("//", "//ann:hunter2@"))
        assert [line.split()[1:2] for line in web.heard] == [[], [challenge.split(maxsplit=1)[0]]]
    assert "refuses the login" in lost.problem
    assert "hunter2" not in str(lost)


def test_a_challenge_that_never_ends_is_not_read() -> None:
    endless = b"x" * 50_000_000
    head = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n'
    with Web(head=head, body=endless) as web:
        assert "refuses the login" in why(web.url.replace("//", "//ann:hunter2@")).problem


def test_the_port_of_an_rtsp_line_takes_nobody_else(
    filmed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hardware.camera.network import rtsp  # noqa: PLC0415 - of this test alone

    monkeypatch.setattr(rtsp, "_is_ours", lambda _peer: False)
    with filming(RtspCamera(filmed, SECONDS)) as camera:
        assert "cannot be opened" in why(camera.url).problem
        assert camera.heard == []


# -- a still scene, and a stuck camera -------------------------------------------------------------


def frames_for(camera: Camera, seconds: float) -> list[Frame]:
    frames = [camera.read(PATIENCE)]
    while frames[-1].captured_at - frames[0].captured_at < seconds:
        frames.append(camera.read(PATIENCE))
    return frames


def read_on(camera: Camera) -> None:
    """Read what is still on its way; ends by the camera's own error."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        camera.read(1.0)


def test_h264_frames_are_fresh_and_motion_jpeg_frames_are_not(filmed: bytes) -> None:
    with filming(RtspCamera(filmed, SECONDS)) as network:
        camera = open_camera(parse(network.url), CameraRequest(warmup_frames=1))
        assert all(frame.fresh for frame in frames_for(camera, 0.5))
        camera.close()
    with Web() as web:
        assert not first(web.url).fresh


def test_an_rtsp_camera_that_sends_nothing_any_more_is_lost(filmed: bytes) -> None:
    with filming(RtspCamera(filmed, SECONDS)) as network:
        camera = open_camera(parse(network.url))
        camera.read(PATIENCE)
        network.stuck.set()
        with pytest.raises(CameraLost, match=r"delivers no frames|stopped"):
            read_on(camera)
        began = time.monotonic()
        camera.close()
        assert time.monotonic() - began < PATIENCE


# -- sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "codec", few_first([["mjpeg", "-f", "mpjpeg"], ["libx264", "-f", "mpegts"]], 1)
)
def test_huge_pictures_are_refused_before_they_take_memory(
    tmp_path: Path, codec: list[str]
) -> None:
    import resource  # noqa: PLC0415 - of this test alone
    import subprocess  # noqa: PLC0415 - same

    path = tmp_path / "huge"
    drawn = ["-f", "lavfi", "-i", "color=gray:s=8000x8000:r=15", "-frames:v", "3"]
    command = ["ffmpeg", "-v", "error", *drawn, "-preset", "ultrafast", "-c:v", *codec, str(path)]
    subprocess.run(command, check=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Web(head=b"HTTP/1.1 200 OK\r\n\r\n", body=path.read_bytes()) as web:
        assert "16,777,216 pixels" in why(web.url).problem
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000
