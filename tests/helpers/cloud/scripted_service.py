"""A server on the loopback that answers every request of a service as it is told."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


class ScriptedService(ThreadingHTTPServer):
    """The server; what it heard are the requests' operations, and their bodies."""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.body = 200, b"{}"
        self.headers: dict[str, str] = {}
        self.heard: list[str] = []
        self.bodies: list[bytes] = []
        self._scheme = "http"
        if tls is not None:
            self._scheme = "https"
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    @property
    def endpoint(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up; that is all right."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _any(self) -> None:
        service = cast("ScriptedService", self.server)
        service.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        service.heard.append(self.headers.get("X-Amz-Target", self.path))
        self.send_response(service.status)
        for name, value in service.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(service.body)))
        self.end_headers()
        self.wfile.write(service.body)

    do_GET = do_POST = do_PUT = do_CONNECT = _any  # noqa: N815 - as http.server has it


@contextmanager
def scripted_service(tls: ssl.SSLContext | None = None) -> Iterator[ScriptedService]:
    """A server that is there meanwhile."""
    with ScriptedService(tls) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
