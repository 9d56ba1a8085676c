"""A camera's images over HTTP. It connects to that one camera only.

Redirects are not followed, no proxy and no environment variable is used, and over https an
untrusted certificate ends the connection.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from hardware.camera.network.address import Address, Login
from hardware.camera.network.faults import no_answer, redirected, refused, unknown_login, unverified
from hardware.trust import untrusted
from kiosk.domain.errors import CameraLost

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # at lower levels they log addresses

MOST_BETWEEN_PICTURES = 32 * 1024 * 1024
"""Bytes without a complete image; after so many none is to be expected."""


class WebLine:
    """Bytes from a camera's address.

    Args:
        address: of the camera.
        tls: the TLS context; not used over http.
        answer_seconds: timeout of the answer.
        read_seconds: timeout of the next bytes.

    Raises:
        CameraLost: the reason why there are none.
    """

    def __init__(
        self, address: Address, tls: ssl.SSLContext, answer_seconds: float, read_seconds: float
    ) -> None:
        self._address = address
        self._socket: socket.socket | None = None
        self._client = httpx.Client(verify=tls, trust_env=False, follow_redirects=False)
        self._answer = self._ask(answer_seconds, read_seconds)
        self._bytes = self._answer.iter_raw()
        self._rest = memoryview(b"")
        self._since_picture = 0

    def read(self, size: int, /) -> bytes:
        """At least one byte and at most ``size``; none at the end.

        Raises:
            OSError: the connection broke, or delivered no image for too long.
        """
        try:
            while not self._rest:
                self._rest = memoryview(next(self._bytes, b""))
                if not self._rest:
                    return b""
        except httpx.HTTPError as error:
            raise OSError("the line broke") from error
        piece, self._rest = self._rest[:size], self._rest[size:]
        self._since_picture += len(piece)
        if self._since_picture > MOST_BETWEEN_PICTURES:
            raise OSError("no picture among so many bytes")
        return bytes(piece)

    @property
    def refusal(self) -> CameraLost | None:
        """None: over HTTP a refusal is known before any bytes come."""
        return None

    def took_picture(self) -> None:
        """Record that a complete image was decoded from the bytes."""
        self._since_picture = 0

    def interrupt(self) -> None:
        """End a waiting read, from any thread."""
        line = self._socket
        if line is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)  # beneath TLS, which is in use

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(httpx.HTTPError, OSError):
            self._answer.close()
        self._client.close()

    def _ask(self, answer_seconds: float, read_seconds: float) -> httpx.Response:
        request = self._client.build_request(
            "GET",
            self._address.plain,
            headers={"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "lintel"},
            timeout=httpx.Timeout(answer_seconds, read=read_seconds),
            extensions={"trace": self._watch},
        )
        try:
            answer = self._client.send(request, stream=True)
            if answer.status_code == httpx.codes.UNAUTHORIZED and self._address.login is not None:
                answer.close()  # its body is not read, it may be of any length
                request = _answering(request, answer, self._address.login)
                answer = self._client.send(request, stream=True)
        except (httpx.HTTPError, OSError, ValueError, LookupError) as error:
            self._client.close()
            why = untrusted(error)
            if why is not None:
                raise unverified(self._address, why) from None
            raise no_answer(self._address) from None
        if answer.status_code != httpx.codes.OK:
            answer.close()
            self._client.close()
            raise _refusal(self._address, answer)
        return answer

    def _watch(self, event: str, info: Mapping[str, Any]) -> None:
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._socket = info["return_value"].get_extra_info("socket")


def _refusal(address: Address, answer: httpx.Response) -> CameraLost:
    if answer.is_redirect:
        return redirected(address)
    if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return unknown_login(address)
    return refused(address, str(answer.status_code))


def _answering(request: httpx.Request, challenge: httpx.Response, login: Login) -> httpx.Request:
    """The request with the requested authentication: digest if offered, else basic."""
    offered = challenge.headers.get_list("www-authenticate")
    if any(each.lower().startswith("digest ") for each in offered):
        flow = httpx.DigestAuth(login.name, login.password).auth_flow(request)
        next(flow)
        return flow.send(challenge)
    return next(httpx.BasicAuth(login.name, login.password).auth_flow(request))
