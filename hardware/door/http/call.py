"""One call of the port over HTTP: it ends in time, and what it gave up on is never delivered.

httpx bounds each wait for bytes, not the whole: a device that sends a byte now and then, or a name
that does not resolve, would hold it up for as long as they like. So the work of a call is done by
a thread of its own, and whoever waits gives up in time. A call that was given up sends nothing any
more: its connection is reset, with whatever the kernel still holds of it, and right before the
bytes of a request go out it asks whether it may.

Every request has a connection of its own. On one that is kept, an answer that came twice would be
taken for the answer to the next question, and the first release after a quiet hour would go to a
relay that hung up long ago.
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
"""No answer is longer."""
MOST_STRAGGLERS = 8
"""Calls that were given up and have not ended; only looking up a name can take so long."""
_RESET = struct.pack("ii", 1, 0)
_SOCKET_OPTIONS = [(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)]
_ABOUT_TO_SEND = "http11.send_request_headers.started"

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that they write down headers

Result = TypeVar("Result")
May = Callable[[], None]
"""Asked right before the bytes of a request go out; raises a `DoorError` where they must not."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request.

    Attributes:
        url: where; ``setting`` is the name of the setting that holds it.
        body: what is posted; None to get.
        headers: besides the usual.
        auth: answers the device's challenge.
        may: asked right before its bytes go out.
    """

    url: str
    setting: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: httpx.Auth | None = None
    may: May | None = None

    @property
    def device(self) -> str:
        """The device's name for a message; no path, where a secret may stand."""
        return f"The device {httpx.URL(self.url).netloc.decode()} of {self.setting}"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back: a status and a body."""

    status: int
    body: bytes


class Web:
    """Makes calls.

    Args:
        tls: who vouches for devices.
        clock: measures a call.
        answer_seconds: how long a call may take, all its requests together.
        setting: names the device in a message.
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
        """Have work done in time.

        Raises:
            DoorTimeout: it was not done in time.
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
        """Until it must be over; 0 where it must be by now."""
        return max(0.0, self._until - self._clock.monotonic())

    def give_up(self) -> None:
        """From any thread: nothing more is sent, and what was not delivered will not be."""
        self._given_up = True
        line = self._line
        if line is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)  # beneath TLS, which may be in use

    @contextlib.contextmanager
    def alone(self, lock: threading.Lock) -> Iterator[None]:
        """Hold a lock, waiting for it no longer than the call may take.

        Raises:
            DoorTimeout: somebody held it for too long.
        """
        if not lock.acquire(timeout=self.seconds_left()):
            raise _silent("An earlier order to the door's relay", "door.http")
        try:
            yield
        finally:
            lock.release()

    def ask(self, ask: Ask) -> HttpAnswer:
        """Send one request and take its answer.

        Raises:
            DoorTimeout: no answer came in time, or none that is HTTP.
            DoorUnusable: somebody else's certificate was shown.
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
        """Follows a request through httpx: which line it is on, and when its bytes go out."""

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
    """Takes short answers only, and unpacks none."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        response.headers.pop("Content-Encoding", None)
        assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - what HTTPTransport gives
        response.stream = _Short(response.stream)
        return response


class _Short(httpx.SyncByteStream):
    """A body that ends in an error where it grows too long."""

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
    except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
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
