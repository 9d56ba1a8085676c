"""Requests to one service of AWS, each one attempt, with an answer or a fault as a value."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore import xform_name
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.exceptions import IncompleteReadError
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

from kiosk.aws.access import AwsAccess, client
from kiosk.aws.faults import FAULTS, AwsFault, FaultKind, ahead_of, fault_of, request_id_of
from kiosk.domain.errors import LintelError

_STALE: Final = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "UnrecognizedClientException",
}
"""Refusals of credentials, which may have been renewed meanwhile."""
_UNREAD: Final = (AttributeError, LookupError, RecursionError, TypeError)
"""What botocore's parsers raise, besides their own, at an answer of another shape."""


@dataclass(frozen=True, slots=True)
class AwsAnswer:
    """What a service answers.

    Attributes:
        content: as botocore reads it; not checked.
        request_id: AWS's id of the request.
        ahead: seconds by which this machine's clock is ahead of the service's, if it told its time.
    """

    content: Mapping[str, Any]
    request_id: str | None
    ahead: float | None = None

    def __repr__(self) -> str:
        return f"AwsAnswer(<hidden>, {self.request_id!r})"


class AwsWire:
    """Asks one service; any thread may use it.

    The client is made with the first request, and made anew where its credentials were refused or
    missing.

    Args:
        service: its name.
        access: how it is reached.
        made: makes the client.
    """

    def __init__(
        self,
        service: str,
        access: AwsAccess,
        made: Callable[[str, AwsAccess], BaseClient] = client,
    ) -> None:
        self._service, self._access, self._made = service, access, made
        self._lock = threading.Lock()
        self._client: BaseClient | None = None
        self._this = threading.local()

    def ask(
        self, operation: str, request: Mapping[str, object], read_seconds: float
    ) -> AwsAnswer | AwsFault:
        """Send one request.

        Args:
            operation: AWS's name of it.
            request: its parameters.
            read_seconds: how long each part of the answer may take.
        """
        self._this.read_seconds = read_seconds
        used: BaseClient | None = None
        try:
            used = self._ready()
            content = dict(getattr(used, xform_name(operation))(**request))
        except (*FAULTS, *_UNREAD, LintelError) as error:
            fault = fault_of(error)
            if fault.kind is FaultKind.CREDENTIALS or fault.code in _STALE:
                self._drop(used)
            return fault
        return AwsAnswer(content, request_id_of(content), ahead_of(content))

    def close(self) -> None:
        """Let the connections go."""
        self._drop(self._client)

    def _ready(self) -> BaseClient:
        with self._lock:
            if self._client is None:
                made = self._made(self._service, self._access)
                made.meta.events.register(f"before-send.{self._service}", self._limited)
                made.meta.events.register(f"after-call.{self._service}", _refuse_unread)
                self._client = made
            return self._client

    def _drop(self, used: BaseClient | None) -> None:
        if used is None:
            return
        with self._lock:
            current = used is self._client
            if current:
                self._client = None
                used.close()

    def _limited(self, request: AWSPreparedRequest, **_: object) -> None:
        request.context["read_timeout"] = self._this.read_seconds


def _refuse_unread(http_response: AWSResponse, model: OperationModel, **_: object) -> None:
    """Refuse an answer that botocore would read like an empty one.

    Raises:
        IncompleteReadError: it is shorter than announced.
        ResponseParserError: it is no JSON although its service speaks JSON.
    """
    content = http_response.content
    announced = http_response.headers.get("Content-Length")
    if announced is not None and int(announced) != len(content):
        raise IncompleteReadError(actual_bytes=len(content), expected_bytes=int(announced))
    if content and model.service_model.metadata.get("protocol") == "json":
        try:
            read = json.loads(content)
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise ResponseParserError
