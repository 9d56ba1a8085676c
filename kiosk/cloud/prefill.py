"""Reads a document for a form: by Rekognition's DetectText, or by Textract's AnalyzeID.

The picture is in memory, and dropped with the answer. Neither it nor a line of it is logged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, Protocol

from kiosk.aws.faults import AwsFault, FaultKind
from kiosk.aws.wire import AwsAnswer
from kiosk.cloud.client.attempts import TimedAttempts, TooManyAtOnce
from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.faces import MOST_IMAGE_BYTES, ReadText
from kiosk.domain.cloud.prefill import Prefill, proposed
from kiosk.domain.errors import BadInput, CloudRefused, CloudUnavailable

_NAME_FIELDS: Final = ("FIRST_NAME", "MIDDLE_NAME")
_AT_ONCE: Final = 4
"""Documents read at once, those included that nobody waits for any more."""
_LEAST_SECONDS: Final = 0.02
_NEVER: Final = frozenset({FaultKind.CREDENTIALS, FaultKind.REQUEST, FaultKind.CERTIFICATE})


class ReadsDocuments(Protocol):
    """Reads what may be names from the picture of a document."""

    def read(self, picture: bytes, *, seconds: float) -> Prefill:
        """What is proposed.

        Args:
            picture: JPEG of the document.
            seconds: the most that it may take.

        Raises:
            BadInput: the picture is larger than 5 MB.
            CloudUnavailable, CloudRefused: it cannot be read.
        """
        ...


class AsksTextract(Protocol):
    """The wire to Textract; see `kiosk.aws.wire`."""

    def ask(
        self, operation: str, request: Mapping[str, object], read_seconds: float
    ) -> AwsAnswer | AwsFault:
        """Send one request."""
        ...


class TextDetection:
    """Reads every line of a document, by Rekognition; see `ReadsDocuments`.

    Args:
        service: Rekognition.
    """

    def __init__(self, service: FaceService) -> None:
        self._service = service

    def read(self, picture: bytes, *, seconds: float) -> Prefill:
        """The lines that may be a name."""
        _refuse_large(picture)
        return proposed(self._service.detect_text(picture, seconds=seconds))


class IdAnalysis:
    """Reads the fields of a document, by Textract, where it knows the kind; see `ReadsDocuments`.

    Args:
        wire: to Textract.
        count: counts a call that costs before it is sent, and waits so many seconds at most;
            raises CloudUnavailable where nothing more may be spent.
    """

    def __init__(self, wire: AsksTextract, count: Callable[[float], None]) -> None:
        self._wire, self._count = wire, count
        self._attempts = TimedAttempts(_AT_ONCE)

    def read(self, picture: bytes, *, seconds: float) -> Prefill:
        """The given names."""
        _refuse_large(picture)
        deadline = time.monotonic() + seconds
        self._count(seconds)
        answer = self._sent(picture, max(_LEAST_SECONDS, deadline - time.monotonic()))
        if isinstance(answer, AwsFault):
            raise _error(answer)
        try:
            return proposed(_fields(answer.content))
        except (KeyError, TypeError, ValueError) as error:
            raise CloudRefused(
                "Textract's answer makes no sense.", "Type the name instead."
            ) from error

    def _sent(self, picture: bytes, seconds: float) -> AwsAnswer | AwsFault:
        request = {"DocumentPages": [{"Bytes": picture}]}
        try:
            return self._attempts.make(
                lambda: self._wire.ask("AnalyzeID", request, seconds), seconds
            )
        except (TimeoutError, TooManyAtOnce):
            return AwsFault(FaultKind.TIMEOUT)


def _fields(answer: Mapping[str, Any]) -> list[ReadText]:
    return [
        ReadText(str(it["ValueDetection"]["Text"]), float(it["ValueDetection"]["Confidence"]))
        for document in answer["IdentityDocuments"]
        for it in document["IdentityDocumentFields"]
        if it["Type"]["Text"] in _NAME_FIELDS
    ]


def _error(fault: AwsFault) -> CloudUnavailable | CloudRefused:
    said = f"{fault.status} {fault.code}".strip() if fault.status else fault.kind.name.lower()
    passes = fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR or "Throughput" in fault.code
    if fault.kind in _NEVER or (fault.kind is FaultKind.ANSWERED and not passes):
        return CloudRefused(f"Textract refuses the picture: {said}.", "Type the name instead.")
    return CloudUnavailable(f"Textract cannot be used now: {said}.", "Type the name instead.")


def _refuse_large(picture: bytes) -> None:
    if len(picture) > MOST_IMAGE_BYTES:
        raise BadInput(
            "The picture of the document is larger than 5 MB.", "Take a smaller one of it."
        )
