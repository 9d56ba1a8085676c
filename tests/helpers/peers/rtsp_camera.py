"""A real RTSP server on the loopback: H.264 in RTP over one connection, with TLS or without."""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

TS_BYTES = 188
A_PACKET = 7 * TS_BYTES
NONCE = "8f3a"
REALM = "camera"
Heard = dict[str, str]
Answer = Callable[[str, Heard], bytes | None]


def film(path: Path, seconds: int = 8, drawn: str = "testsrc=s=320x240:r=15") -> bytes:
    """H.264 in MPEG-TS, made by ffmpeg; a key frame each second."""
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", drawn, "-t", str(seconds)]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-g", "15", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, "-f", "mpegts", str(path)], check=True)
    return path.read_bytes()


class RtspCamera:
    """Answers as a camera does, until a test gives it another answer.

    Args:
        filmed: MPEG-TS.
        seconds: how long it lasts.
        tls: for rtsps.
        login: user and password that are asked for by digest.
        answer: stands in for the usual answer to a request where it gives one.
    """

    def __init__(
        self,
        filmed: bytes,
        seconds: int,
        *,
        tls: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
        answer: Answer = lambda _method, _headers: None,
    ) -> None:
        self._filmed = filmed
        self._pace = seconds / (len(filmed) / A_PACKET)
        self._tls = tls
        self._login = login
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self._stop = threading.Event()
        self.stuck = threading.Event()
        """While set, nothing is sent."""
        self.heard: list[str] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        scheme = "rtsps" if self._tls else "rtsp"
        return f"{scheme}://127.0.0.1:{self._server.getsockname()[1]}/live/1"

    def close(self) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(line,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(5)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(plain)
            line = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            stack.enter_context(line)
            reader = stack.enter_context(line.makefile("rb"))
            while not self._stop.is_set():
                head = list(iter(lambda: reader.readline().strip().decode(), ""))
                if not head:
                    return
                method = head[0].split()[0]
                self.heard.append(head[0])
                line.sendall(self._reply(method, head))
                if method == "PLAY":
                    self._play(line)
                    return

    def _reply(self, method: str, head: list[str]) -> bytes:
        headers = {k.lower(): v for k, _, v in (each.partition(": ") for each in head[1:])}
        own = self._answer(method, headers)
        if own is not None:
            return own
        if self._login is not None and not self._knows(method, headers):
            asked = f'WWW-Authenticate: Digest realm="{REALM}", nonce="{NONCE}"'
            return reply("401 Unauthorized", headers, asked)
        if method == "DESCRIBE":
            sdp = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\n"
            return reply("200 OK", headers, "Content-Type: application/sdp", body=sdp)
        if method == "SETUP":
            session = "Session: 7\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1"
            return reply("200 OK", headers, session)
        return reply("200 OK", headers, "Public: OPTIONS, DESCRIBE, SETUP, PLAY")

    def _knows(self, method: str, headers: Heard) -> bool:
        assert self._login is not None
        said = dict(re.findall(r'(\w+)="([^"]*)"', headers.get("authorization", "")))
        user, password = self._login
        first = _md5(f"{user}:{REALM}:{password}")
        second = _md5(f"{method}:{said.get('uri', '')}")
        wanted = _md5(f"{first}:{NONCE}:{second}")
        return said.get("username") == user and said.get("response") == wanted

    def _play(self, line: socket.socket) -> None:
        for number, start in enumerate(range(0, len(self._filmed), A_PACKET)):
            if self._stop.wait(self._pace):
                return
            while self.stuck.is_set():
                if self._stop.wait(0.02):
                    return
            data = self._filmed[start : start + A_PACKET]
            clock = int(time.monotonic() * 90000) & 0xFFFFFFFF
            rtp = struct.pack(">BBHII", 0x80, 33, number & 0xFFFF, clock, 1) + data
            line.sendall(struct.pack(">cBH", b"$", 0, len(rtp)) + rtp)


def reply(status: str, headers: Heard, *fields: str, body: str = "") -> bytes:
    """An answer with the number of its request."""
    lines = [f"RTSP/1.0 {status}", f"CSeq: {headers.get('cseq', '0')}", *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@contextlib.contextmanager
def filming(camera: RtspCamera) -> Iterator[RtspCamera]:
    """The camera, closed at the end."""
    try:
        yield camera
    finally:
        camera.close()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
