"""A device behind HTTP, in a process of its own that can really be killed.

What its relay does stands in memory that both processes share, so that a test sees the lock
whatever became of the wire; the clock of both is the machine's monotonic one. A killed device has
no power: its relay falls back.
"""

from __future__ import annotations

import mmap
import os
import socket
import ssl
import struct
import subprocess
import sys
import time
from enum import IntEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

OUTPUTS = 2
_WORDS = {"releases": "Q", "manner": "Q", "leaf_open": "Q", "button": "Q", "pushes": "Q"}
_PLACES = {name: 8 * index for index, name in enumerate(_WORDS)}
_UNTIL = 8 * len(_WORDS)
_SIZE = _UNTIL + 8 * OUTPUTS


class Manner(IntEnum):
    """How a device behaves."""

    HONEST = 0
    OTHER_SECRET = 1
    NO_PASSWORD = 2
    WEAK_DIGEST = 3
    NO_TIMER = 4
    LYING = 5
    AUTO_ON = 6
    REDIRECTING = 7
    TRICKLING = 8
    ENDLESS = 9
    FOREIGN_ID = 10
    FORGETFUL = 11
    FAILING = 12


class Memory:
    """What device and test both see."""

    def __init__(self, descriptor: int) -> None:
        self._map = mmap.mmap(descriptor, _SIZE)

    def get(self, name: str) -> int:
        """One of the counters and flags."""
        return int(struct.unpack_from("Q", self._map, _PLACES[name])[0])

    def put(self, name: str, value: int) -> None:
        """Set one of the counters and flags."""
        struct.pack_into("Q", self._map, _PLACES[name], value)

    def until(self, output: int) -> float:
        """Until when an output is on, by the monotonic clock."""
        return float(struct.unpack_from("d", self._map, _UNTIL + 8 * output)[0])

    def switch(self, output: int, until: float) -> None:
        """Switch an output on until then; 0 for off."""
        struct.pack_into("d", self._map, _UNTIL + 8 * output, until)

    def is_on(self, output: int = 0) -> bool:
        """Whether an output is on now."""
        return self.until(output) > time.monotonic()

    def close(self) -> None:
        """Let it go."""
        self._map.close()


class HttpPeer:
    """The test's end of a device.

    Args:
        script: the device's program.
        secret: its password or key, in hex.
        certificate: a PEM file; it then speaks TLS.
    """

    def __init__(self, script: str, secret: bytes, certificate: Path | None = None) -> None:
        self._command = [
            str(Path(__file__).with_name(script)),
            secret.hex(),
            str(certificate or ""),
        ]
        self._descriptor = os.memfd_create("relay")
        os.truncate(self._descriptor, _SIZE)
        self.memory = Memory(self._descriptor)
        self.process = self._start()

    def kill(self) -> None:
        """Take its power away, in the middle of whatever it does; may be done twice."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        for output in range(OUTPUTS):
            self.memory.switch(output, 0.0)

    def revive(self) -> None:
        """Give it power, if it has none; it listens on another port then."""
        if self.process.poll() is not None:
            self.process = self._start()

    def close(self) -> None:
        """End it for good."""
        self.kill()
        self.memory.close()
        os.close(self._descriptor)

    def _start(self) -> subprocess.Popen[str]:
        started = subprocess.Popen(
            [sys.executable, "-S", *self._command, str(self._descriptor)],
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=[self._descriptor],
            env={},
        )
        assert started.stdout is not None
        self.port = int(started.stdout.readline())
        return started


class Device(ThreadingHTTPServer):
    """The device's own end, in its process."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        _, secret, certificate, descriptor = sys.argv
        self.secret = bytes.fromhex(secret)
        self.memory = Memory(int(descriptor))
        super().__init__(("127.0.0.1", 0), handler)
        self._tls: ssl.SSLContext | None = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)

    def finish_request(self, request: object, client_address: object) -> None:
        """The handshake happens in the request's own thread."""
        plain = cast("socket.socket", request)
        if self._tls is None:
            super().finish_request(plain, client_address)
            return
        with self._tls.wrap_socket(plain, server_side=True) as secure:
            super().finish_request(secure, client_address)

    @property
    def manner(self) -> Manner:
        return Manner(self.memory.get("manner"))

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up; that is all right."""

    def run(self) -> None:
        """Say the port, and serve until killed."""
        sys.stdout.write(f"{self.server_port}\n")
        sys.stdout.flush()
        self.serve_forever()


class Handler(BaseHTTPRequestHandler):
    """One connection to a device."""

    protocol_version = "HTTP/1.1"
    server: Device

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def heard(self) -> bytes:
        """The body of the request."""
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """In one go, as small devices do; or as the manner has it."""
        manner = self.server.manner
        if manner is Manner.REDIRECTING:
            status, headers = 307, {"Location": f"http://127.0.0.1:{self.server.server_port}/other"}
        if manner is Manner.FAILING:
            status = 503
        length = 1 << 40 if manner is Manner.ENDLESS else len(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{name}: {value}" for name, value in (named | {"Content-Length": length}).items()]
        head = "\r\n".join([f"HTTP/1.1 {status} As it is", *lines, "", ""]).encode()
        self._send(head + body, manner)

    def _send(self, text: bytes, manner: Manner) -> None:
        if manner is Manner.TRICKLING:
            for byte in text:
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)
        self.wfile.write(text)
        while manner is Manner.ENDLESS:
            self.wfile.write(bytes(65536))
