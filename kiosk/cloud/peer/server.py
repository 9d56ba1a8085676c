"""The peer as a server on 127.0.0.1."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from kiosk.cloud.peer.account import PeerAccount
from kiosk.cloud.peer.answering import Answering, PeerAnswer
from kiosk.cloud.peer.faults import PeerFault, PeerFaults
from kiosk.cloud.peer.quotas import PeerQuotas
from kiosk.cloud.peer.recording import Recording
from kiosk.cloud.peer.signature import PeerKey, new_key
from kiosk.domain.cloud.faces import MOST_IMAGE_BYTES
from kiosk.domain.errors import BadInput

HOST = "127.0.0.1"
MOST_BODY_BYTES = 4 * MOST_IMAGE_BYTES
"""Two pictures in base64, with room to refuse a larger one by AWS's own error."""
IDLE_SECONDS = 30.0


class RekognitionPeer:
    """The loopback peer. A context manager: the server's thread ends with it.

    Args:
        account: what it keeps and sees.
        port: 0 for a free one.
        tps: quotas, calls a second by operation; `*` for all others.
        keep_pictures: keep the pictures of every request in memory, for tests.
        tls: its certificate; None for plain HTTP.

    Attributes:
        account: what it keeps and sees.
        key: an access key that may do everything.
        faults, quotas, recording: what tests switch and read.

    Raises:
        BadInput: the port is taken.
    """

    def __init__(
        self,
        account: PeerAccount,
        *,
        port: int = 0,
        tps: Mapping[str, float] | None = None,
        keep_pictures: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.account = account
        self.key = new_key()
        self.faults = PeerFaults()
        self.quotas = PeerQuotas(tps or {}, time.monotonic)
        self.recording = Recording(keep_pictures=keep_pictures)
        self._keys = {self.key.access_key: self.key}
        self.answering = Answering(
            account,
            self._keys,
            self.quotas,
            self.faults,
            self.recording,
            secure=tls is not None,
            utc=account.utc,
        )
        answer, failed = self.answering.answer, self.recording.violate
        try:
            self._server = _Server(port, answer, failed, account.now, tls)
        except OSError as error:
            raise BadInput(
                f"Port {port} of {HOST} cannot be used: {error.strerror}.", "Choose another port."
            ) from error
        self._thread: threading.Thread | None = None

    @property
    def endpoint(self) -> str:
        """The URL for `cloud.endpoint`."""
        scheme = "http" if self._server.tls is None else "https"
        return f"{scheme}://{HOST}:{self._server.server_port}"

    @property
    def region(self) -> str:
        """The region that requests are signed for."""
        return self.account.region

    def add_key(self, key: PeerKey) -> PeerKey:
        """Let another access key in, or change one."""
        self._keys[key.access_key] = key
        return key

    def remove_key(self, key: PeerKey) -> None:
        """Know an access key no longer."""
        self._keys.pop(key.access_key, None)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def serve(self) -> None:
        """Answer until `stop` is called, by any thread or a signal's handler."""
        with self:
            self._server.closing.wait()

    def stop(self) -> None:
        """Let `serve` return."""
        self._server.closing.set()

    def close(self) -> None:
        """Answer nobody any more, and close every connection and the account; may be repeated."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.end()
        self.account.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(
        self,
        port: int,
        answer: Callable[[Mapping[str, str], bytes], PeerAnswer],
        failed: Callable[[str], None],
        now: Callable[[], float],
        tls: ssl.SSLContext | None,
    ) -> None:
        self.answer, self.failed, self.now, self.tls = answer, failed, now, tls
        self.closing = threading.Event()
        self.sent = threading.Condition()
        self.answers_sent = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, port), _Handler)

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Serve one connection; it is known, so that the end of the server closes it."""
        assert isinstance(request, socket.socket)  # noqa: S101 - TCP's
        with self._lock:
            self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.discard(request)

    def finish_request(self, request: object, client_address: object) -> None:
        """The TLS handshake happens in the connection's own thread."""
        assert isinstance(request, socket.socket)  # noqa: S101 - TCP's
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(IDLE_SECONDS)
        with self.tls.wrap_socket(request, server_side=True) as secure:
            super().finish_request(secure, client_address)

    def handle_error(self, *_: object) -> None:
        """Clients hang up, which is all right; any other error is the peer's own."""
        if not isinstance(sys.exception(), OSError):
            self.failed(traceback.format_exc())

    def was_sent(self) -> None:
        """Let answers go that wait for a later one."""
        with self.sent:
            self.answers_sent += 1
            self.sent.notify_all()

    def end(self) -> None:
        """Close the port and every connection."""
        self.closing.set()
        self.server_close()
        with self._lock:
            for each in self._open:
                _shut(each)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True  # head and body are written one after the other
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The header `Date`, by the clock that signatures are judged by."""
        return super().date_time_string(self.server.now() if timestamp is None else timestamp)

    def do_POST(self) -> None:
        """Answer one request."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MOST_BODY_BYTES:
            self.close_connection = True
            self._send(413, b'{"__type":"RequestEntityTooLargeException"}', 0)
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        before = self.server.answers_sent
        answer = self.server.answer(headers, body)
        self._held(answer, before)
        if {PeerFault.BLACK_HOLE, PeerFault.LOST} & set(answer.faults):
            self.server.closing.wait()
            self.close_connection = True
            return
        self._send_as(answer)
        self.server.was_sent()

    def _held(self, answer: PeerAnswer, before: int) -> None:
        """Wait as long as the answer is held back."""
        if answer.seconds:
            self.server.closing.wait(answer.seconds)
        if (rule := answer.faults.get(PeerFault.AFTER_NEXT)) is not None:
            with self.server.sent:
                self.server.sent.wait_for(
                    lambda: self.server.answers_sent > before, timeout=rule.value
                )

    def _send_as(self, answer: PeerAnswer) -> None:
        """Send an answer, with the faults that it is sent with."""
        body = answer.body
        if PeerFault.NO_JSON in answer.faults:
            body = b"<html>It works!</html>"
        if PeerFault.CLOSED in answer.faults:
            self._send(answer.status, body, len(body), body[: len(body) // 2])
            self.close_connection = True
        elif PeerFault.SHORT in answer.faults:
            self._send(answer.status, body, len(body) + 7)
            self.close_connection = True
        else:
            self._send(answer.status, body, len(body))

    def _send(self, status: int, body: bytes, announced: int, sent: bytes | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        self.send_header("Content-Length", str(announced or len(body)))
        self.end_headers()
        self.wfile.write(body if sent is None else sent)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
