"""Downloads over https. An absent network costs seconds, never minutes.

A download that breaks off is continued with a Range request if the server supports it; otherwise it
starts over. The server need not be trusted: the pin decides.
"""

from __future__ import annotations

import http.client
import queue
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from kiosk.domain.errors import ModelError
from models.packs.atomic_file import CHUNK_BYTES, Partial


@dataclass(frozen=True, slots=True)
class NetworkTimeouts:
    """Network time limits.

    Attributes:
        answer_seconds: to resolve, connect and get the response headers.
        silence_seconds: for the next bytes.
        least_rate: bytes per second over the whole file, after `grace_seconds`.
        grace_seconds: before the rate counts.
        attempts: connections, including the first one, that may break off.
    """

    answer_seconds: float = 6.0
    silence_seconds: float = 15.0
    least_rate: float = 16_000.0
    grace_seconds: float = 30.0
    attempts: int = 4


def download(url: str, partial: Partial, patience: NetworkTimeouts = NetworkTimeouts()) -> None:
    """Fill ``partial`` from ``url``, continuing its existing bytes.

    Raises:
        ModelError: no answer, a refusal, another size, or it broke off too often.
        OSError: the bytes cannot be written to disk.
    """
    continued = partial.size > 0
    _fill(url, partial, patience)
    if continued:
        try:
            partial.check()
        except ModelError:  # the existing bytes were of another file
            partial.reset()
            _fill(url, partial, patience)


def _fill(url: str, partial: Partial, patience: NetworkTimeouts) -> None:
    allowed = patience.grace_seconds + partial.file.bytes / patience.least_rate
    deadline = time.monotonic() + allowed
    for _ in range(patience.attempts):
        if partial.size == partial.file.bytes:
            return
        with _ask(url, partial, patience) as answer:
            _begin(answer, partial)
            _take(answer, partial, deadline)
    if partial.size != partial.file.bytes:
        raise ModelError(f"it broke off {patience.attempts} times")


def _ask(url: str, partial: Partial, patience: NetworkTimeouts) -> http.client.HTTPResponse:
    headers = {"Accept-Encoding": "identity", "User-Agent": "lintel"}
    if partial.size:
        headers["Range"] = f"bytes={partial.size}-"
    answer = _answer(url, headers, patience)
    if isinstance(answer, http.client.HTTPResponse):
        return answer
    if isinstance(answer, urllib.error.HTTPError):
        answer.close()
        raise ModelError(f"the server answered {answer.code} {answer.reason}")
    raise ModelError(f"the network refused: {_reason(answer)}")


def _reason(error: object) -> str:
    """The system's error text, without its number."""
    cause = getattr(error, "reason", error)
    return str(getattr(cause, "strerror", None) or cause)


def _answer(
    url: str, headers: Mapping[str, str], patience: NetworkTimeouts
) -> http.client.HTTPResponse | Exception:
    """The response with its headers, or the error.

    The request runs in a thread: name resolution and the attempts over all addresses have no time
    limit of their own, so the wait is limited from outside and a late answer is dropped.
    """
    box: queue.SimpleQueue[http.client.HTTPResponse | Exception] = queue.SimpleQueue()
    given_up = threading.Event()

    def ask() -> None:
        try:
            answer = _open(url, headers, patience.silence_seconds)
        except (OSError, http.client.HTTPException) as error:
            box.put(error)
            return
        if given_up.is_set():
            answer.close()
        box.put(answer)

    threading.Thread(target=ask, name="https", daemon=True).start()
    try:
        return box.get(timeout=patience.answer_seconds)
    except queue.Empty:
        return TimeoutError(f"no answer within {patience.answer_seconds:g} s")
    finally:
        given_up.set()


def _open(url: str, headers: Mapping[str, str], timeout: float) -> http.client.HTTPResponse:
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - https by `HttpsSource`
    opener = urllib.request.build_opener(_StayOnHttps())
    answer: http.client.HTTPResponse = opener.open(request, timeout=timeout)
    return answer


class _StayOnHttps(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https only."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not newurl.startswith("https://"):
            fp.close()
            raise urllib.error.URLError("it redirects away from https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _begin(answer: http.client.HTTPResponse, partial: Partial) -> None:
    """Check that the response continues the existing bytes, and has the right size."""
    if answer.status == http.HTTPStatus.PARTIAL_CONTENT:
        content_range = answer.headers.get("Content-Range", "")
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", content_range)
        if not found or int(found[1]) != partial.size:
            raise ModelError("the server continued at another place than was asked for")
        return
    partial.reset()
    length = answer.headers.get("Content-Length")
    if length is not None and length != str(partial.file.bytes):
        raise ModelError(f"it has {length} bytes instead of {partial.file.bytes}")


def _take(answer: http.client.HTTPResponse, partial: Partial, deadline: float) -> None:
    """Append bytes until the response ends or breaks off."""
    while piece := _next(answer):
        partial.append(piece)
        if time.monotonic() > deadline and partial.size < partial.file.bytes:
            raise ModelError("it comes too slowly")


def _next(answer: http.client.HTTPResponse) -> bytes:
    """The next bytes; none at the end, and none if the connection broke."""
    try:
        return answer.read1(CHUNK_BYTES)
    except (OSError, http.client.HTTPException):
        return b""
