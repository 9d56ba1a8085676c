"""A real HTTPS server on the loopback that misbehaves as it is told."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Behaviour = Callable[["Handler", bytes], None]


class Peer(ThreadingHTTPServer):
    """Serves `body` at every path; each request takes the next behaviour, the last one for ever."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, body: bytes, behaviours: list[Behaviour], certificate: Path) -> None:
        self.body = body
        self.behaviours = behaviours
        self.ranges: list[str | None] = []
        self.held = threading.Event()
        self.let_go = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)

    def finish_request(self, request: object, client_address: object) -> None:
        # The handshake happens in the request's own thread, so a bad client blocks nobody.
        with contextlib.suppress(OSError):
            plain = cast("ssl.SSLSocket", request)
            with self._context.wrap_socket(plain, server_side=True) as secure:
                super().finish_request(secure, cast("tuple[str, int]", client_address))

    def shutdown_request(self, request: object) -> None:
        with contextlib.suppress(OSError):
            super().shutdown_request(cast("ssl.SSLSocket", request))

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server_address[1]}/weights.bin"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        peer = self.peer
        peer.ranges.append(self.headers.get("Range"))
        behaviour = peer.behaviours.pop(0) if len(peer.behaviours) > 1 else peer.behaviours[0]
        behaviour(self, peer.body)

    @property
    def peer(self) -> Peer:
        return cast("Peer", self.server)

    def head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def start(self) -> int:
        """Where the request wants to begin."""
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(found[1]) if found else 0

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def whole(handler: Handler, body: bytes) -> None:
    """A server that can continue."""
    start = handler.start()
    if start:
        handler.head(
            206,
            {
                "Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}",
                "Content-Length": str(len(body) - start),
            },
        )
    else:
        handler.head(200, {"Content-Length": str(len(body))})
    handler.wfile.write(body[start:])


def without_ranges(handler: Handler, body: bytes) -> None:
    """A server that always begins at the beginning."""
    handler.head(200, {"Content-Length": str(len(body))})
    handler.wfile.write(body)


def without_length(handler: Handler, body: bytes) -> None:
    """A server that does not say how much will come."""
    handler.head(200, {})
    handler.wfile.write(body)


def breaking(after: int) -> Behaviour:
    """The connection is cut after so many bytes."""

    def behave(handler: Handler, body: bytes) -> None:
        start = handler.start()
        headers = {"Content-Length": str(len(body) - start)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        handler.head(206 if start else 200, headers)
        handler.wfile.write(body[start : start + after])

    return behave


def holding(after: int) -> Behaviour:
    """After so many bytes nothing comes until the test lets go."""

    def behave(handler: Handler, body: bytes) -> None:
        handler.head(200, {"Content-Length": str(len(body))})
        handler.wfile.write(body[:after])
        handler.wfile.flush()
        handler.peer.held.set()
        handler.peer.let_go.wait(60)

    return behave


def silent(handler: Handler, _: bytes) -> None:
    """No answer at all until the test lets go."""
    handler.peer.held.set()
    handler.peer.let_go.wait(60)


def answering(status: int, **headers: str) -> Behaviour:
    """Only a status and headers."""

    def behave(handler: Handler, _: bytes) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.head(status, named | {"Content-Length": "0"})

    return behave


def continuing_elsewhere(handler: Handler, body: bytes) -> None:
    """A server that continues at another place than was asked for."""
    handler.head(206, {"Content-Range": f"bytes 1-{len(body) - 1}/{len(body)}"})
    handler.wfile.write(body[1:])


@contextlib.contextmanager
def serving(body: bytes, folder: Path, *behaviours: Behaviour) -> Iterator[Peer]:
    """A running peer; its certificate lies in `folder` as `peer.pem`."""
    certificate = folder / "peer.pem"
    if not certificate.exists():
        certificate.write_bytes(_certificate())
    peer = Peer(body, list(behaviours), certificate)
    thread = threading.Thread(target=lambda: peer.serve_forever(poll_interval=0.02))
    thread.start()
    try:
        yield peer
    finally:
        peer.let_go.set()
        peer.shutdown()
        thread.join()
        peer.server_close()


def _certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
