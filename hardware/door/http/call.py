"""One call of the port over HTTP: it ends in time, and an abandoned call delivers nothing later.

httpx limits each wait for bytes, not the whole call: a device that sends a byte now and then, or a
name that does not resolve, could delay it indefinitely. So each call runs in a thread of its own,
and the caller stops waiting in time. An abandoned call sends nothing more: its connection is reset,
including data still in the kernel, and right before the bytes of a request go out the call checks
that it is still allowed.

Every request uses a new connection. On a kept connection, a duplicate answer would be taken for the
answer to the next request, and the first release after a quiet hour would go to a relay that had
closed its end.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Unfinished
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from kiosk.domain.errors import DoorTimeout, DoorUnusable
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Instant

MOST_BYTES = 65536
"""Maximum size of an answer."""
MOST_STRAGGLERS = 8
"""Limit of abandoned calls that have not ended; only a name lookup can take that long."""
_RESET = struct.pack("ii", 1, 0)
_SOCKET_OPTIONS = [(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)]
_ABOUT_TO_SEND = "http11.send_request_headers.started"

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # at lower levels they log headers

Result = TypeVar("Result")
May = Callable[[], None]
"""Called right before the bytes of a request go out; raises a `DoorError` to stop them."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request.

    Attributes:
        url: the address; ``setting`` is the name of the setting that holds it.
        body: the POST body; None for GET.
        headers: in addition to the default ones.
        auth: answers the device's challenge.
        may: called right before its bytes go out.
    """

    url: str
    setting: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: httpx.Auth | None = None
    may: May | None = None

    @property
    def device(self) -> str:
        """The device's name for a message; without the path, which may contain a secret."""
        return f"The device {httpx.URL(self.url).netloc.decode()} of {self.setting}"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer: a status and a body."""

    status: int
    body: bytes


class Web:
    """Makes calls.

    Args:
        tls: the TLS context for devices.
        clock: measures a call.
        answer_seconds: time limit of a call, all its requests together.
        setting: identifies the device in a message.
    """

    def __init__(
        self, tls: ssl.SSLContext, clock: Clock, answer_seconds: float, setting: str
    ) -> None:
        limits = httpx.Limits(max_keepalive_connections=0)
        transport = _Modest(
            verify=tls, trust_env=False, limits=limits, socket_options=_SOCKET_OPTIONS
        )
        self._client = httpx.Client(transport=transport, trust_env=False, follow_redirects=False)
        self._clock = clock
        self._answer_seconds = answer_seconds
        self._setting = setting
        self._running: list[threading.Thread] = []
        self._counting = threading.Lock()

    def call(self, work: Callable[[Call], Result]) -> Result:
        """Run work in a thread and return its result in time.

        Raises:
            DoorTimeout: it did not finish in time.
            DoorError: as the work raised it.
        """
        call = Call(self._client, self._clock, self._answer_seconds)
        done: Future[Result] = Future()
        thread = threading.Thread(target=_work, args=(done, work, call), daemon=True)
        with self._counting:
            self._running = [other for other in self._running if other.is_alive()]
            if len(self._running) >= MOST_STRAGGLERS:
                raise self._too_late()
            self._running.append(thread)
            thread.start()
        try:
            return done.result(call.seconds_left())
        except Unfinished:
            call.give_up()
            raise self._too_late() from None

    def _too_late(self) -> DoorTimeout:
        return DoorTimeout(
            f"The device of {self._setting} did not answer within {self._answer_seconds:g} s.",
            f"Check its power, its network, and {self._setting}.",
        )


class Call:
    """One call, as its own thread sees it."""

    def __init__(self, client: httpx.Client, clock: Clock, answer_seconds: float) -> None:
        self._client = client
        self._clock = clock
        self._until = Instant(clock.monotonic() + answer_seconds)
        self._given_up = False
        self._line: socket.socket | None = None

    def seconds_left(self) -> float:
        """Seconds until the deadline; 0 if it has passed."""
        return max(0.0, self._until - self._clock.monotonic())

    def give_up(self) -> None:
        """Abandon the call, from any thread: nothing more is sent or delivered."""
        self._given_up = True
        line = self._line
        if line is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)  # beneath TLS, which may be in use

    @contextlib.contextmanager
    def alone(self, lock: threading.Lock) -> Iterator[None]:
        """Hold a lock, waiting for it no longer than the call may take.

        Raises:
            DoorTimeout: another call held it for too long.
        """
        if not lock.acquire(timeout=self.seconds_left()):
            raise _silent("An earlier order to the door's relay", "door.http")
        try:
            yield
        finally:
            lock.release()

    def ask(self, ask: Ask) -> HttpAnswer:
        """Send one request and return its answer.

        Raises:
            DoorTimeout: no answer came in time, or it was not HTTP.
            DoorUnusable: the certificate is not trusted.
            DoorError: as the request's own ``may`` raised it.
        """
        request = self._client.build_request(
            "GET" if ask.body is None else "POST",
            ask.url,
            content=ask.body,
            headers={"Accept-Encoding": "identity", "Connection": "close", **ask.headers},
            timeout=self.seconds_left(),
            extensions={"trace": self._watch(ask)},
        )
        try:
            response = self._client.send(request, auth=ask.auth)
        except (httpx.HTTPError, OSError, ValueError) as error:
            raise _translated(error, ask) from error
        return HttpAnswer(response.status_code, response.content)

    def _watch(self, ask: Ask) -> Callable[[str, Mapping[str, Any]], None]:
        """An httpx trace callback that records the socket and checks right before sending."""

        def watch(event: str, info: Mapping[str, Any]) -> None:
            if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
                self._line = info["return_value"].get_extra_info("socket")
            elif event == _ABOUT_TO_SEND:
                self._check(ask)

        return watch

    def _check(self, ask: Ask) -> None:
        if self._given_up or not self.seconds_left():
            raise _silent(ask.device, ask.setting)
        if ask.may is not None:
            ask.may()


class _Modest(httpx.HTTPTransport):
    """An HTTP transport that limits the answer's size and does not decompress it."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        response.headers.pop("Content-Encoding", None)
        assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - what HTTPTransport gives
        response.stream = _Short(response.stream)
        return response


class _Short(httpx.SyncByteStream):
    """A body stream that raises if it grows too long."""

    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        taken = 0
        for chunk in self._stream:
            taken += len(chunk)
            if taken > MOST_BYTES:
                raise httpx.RemoteProtocolError("the answer is too long")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _work(done: Future[Result], work: Callable[[Call], Result], call: Call) -> None:
    try:
        done.set_result(work(call))
    except BaseException as error:  # noqa: BLE001 - raised again in the waiting caller
        done.set_exception(error)


def _translated(error: Exception, ask: Ask) -> DoorTimeout | DoorUnusable:
    if _is_untrusted(error):
        return DoorUnusable(
            f"{ask.device} shows a certificate that door.http.ca_file does not vouch for.",
            "Check that it is the right device, and put its authority's certificate there.",
        )
    return _silent(ask.device, ask.setting)


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _silent(device: str, setting: str) -> DoorTimeout:
    return DoorTimeout(f"{device} did not answer.", f"Check its power, its network, and {setting}.")
