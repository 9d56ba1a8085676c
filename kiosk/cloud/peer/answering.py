"""What happens to a request: signature, shape, policy, quota, operation, shape, record; faults."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from kiosk.cloud.peer.account import PeerAccount, PeerRequest
from kiosk.cloud.peer.faults import FaultRule, PeerFault, PeerFaults
from kiosk.cloud.peer.operations.table import OPERATIONS
from kiosk.cloud.peer.policies import allowed, asked_for
from kiosk.cloud.peer.quotas import PeerQuotas
from kiosk.cloud.peer.recording import RecordedCall, Recording, pictures_of, without_pictures
from kiosk.cloud.peer.refusals import PeerRefusal, internal
from kiosk.cloud.peer.shapes import (
    TARGET,
    as_wire,
    operation_model,
    parsed,
    status_of,
    violations,
)
from kiosk.cloud.peer.signature import PeerKey, signer


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """What is sent back.

    Attributes:
        status: HTTP's.
        body: JSON.
        faults: that happen while it is sent.
        seconds: that it is held back.
    """

    status: HTTPStatus
    body: bytes
    faults: Mapping[PeerFault, FaultRule] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(slots=True)
class _Progress:
    """What is known of a request so far, for the record."""

    at: datetime
    clock: float
    operation: str = ""
    key: PeerKey | None = None
    asked: PeerRequest | None = None
    faults: Mapping[PeerFault, FaultRule] = field(default_factory=dict)


class Answering:
    """Answers requests. Used by any thread.

    Args:
        account: what the operations work on.
        keys: access keys by name; may be changed while it answers.
        quotas, faults, recording: of the peer.
        secure: whether requests come over TLS.
        utc: the wall clock, by which signatures are judged.
        clock: monotonic seconds.

    Attributes:
        throttled_as: the error of a quota that is used up.
    """

    def __init__(
        self,
        account: PeerAccount,
        keys: Mapping[str, PeerKey],
        quotas: PeerQuotas,
        faults: PeerFaults,
        recording: Recording,
        *,
        secure: bool = False,
        utc: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._account, self._keys, self._quotas = account, keys, quotas
        self._faults, self._recording = faults, recording
        self._secure, self._utc, self._clock = secure, utc, clock
        self.throttled_as = "ProvisionedThroughputExceededException"

    def answer(self, headers: Mapping[str, str], body: bytes) -> PeerAnswer:
        """Answer one request.

        Args:
            headers: by lower-case names.
            body: as it came.
        """
        progress = _Progress(self._utc(), self._clock())
        code = None
        try:
            answer = self._done(progress, headers, body)
            said = PeerAnswer(HTTPStatus.OK, as_wire(answer), progress.faults)
        except PeerRefusal as refusal:
            code = refusal.code
            said = PeerAnswer(_status(refusal), _said(refusal), progress.faults)
        except Exception:  # noqa: BLE001 - a fault of the peer is answered as AWS answers one of its own
            self._recording.violate(traceback.format_exc())
            code = internal().code
            said = PeerAnswer(internal().status, _said(internal()), progress.faults)
        self._record(progress, code)
        latency = self._faults.latency(progress.operation)
        spent = self._clock() - progress.clock
        return PeerAnswer(said.status, said.body, said.faults, max(0.0, latency - spent))

    def _done(
        self, progress: _Progress, headers: Mapping[str, str], body: bytes
    ) -> Mapping[str, Any]:
        target = headers.get("x-amz-target", "")
        operation = target.removeprefix(TARGET)
        if not target.startswith(TARGET) or operation not in OPERATIONS:
            raise PeerRefusal("UnknownOperationException", "There is no such operation")
        progress.operation = operation
        progress.faults = self._faults.drawn(operation)
        utc = self._utc()
        progress.key = signer(self._keys, headers, body, self._account.region, utc)
        model = operation_model(operation)
        asked = PeerRequest(operation, parsed(body, model.input_shape), progress.faults)
        progress.asked = asked
        self._refuse_unwelcome(progress.key, asked)
        answer = OPERATIONS[operation](self._account, asked)
        if wrong := violations(answer, model.output_shape):
            self._recording.violate(f"{operation}: {'; '.join(wrong)}")
            raise internal()
        if (rule := progress.faults.get(PeerFault.FAILED)) is not None:
            raise _fault(rule)
        if (rule := progress.faults.get(PeerFault.WITHOUT)) is not None:
            return without(answer, rule.name)
        return answer

    def _refuse_unwelcome(self, key: PeerKey, asked: PeerRequest) -> None:
        """Refuse what the policy, the quota, or a fault of now does not let through."""
        if PeerFault.BLACK_HOLE in asked.faults:
            raise internal()  # it is never sent
        if (rule := asked.faults.get(PeerFault.REFUSED)) is not None:
            raise _fault(rule)
        wanted = asked_for(asked.operation, asked.given, self._account.region, secure=self._secure)
        if key.policies is not None and not allowed(wanted, key.policies):
            raise PeerRefusal(
                "AccessDeniedException",
                f"User: {key.user} is not authorized to perform: rekognition:{asked.operation} "
                f"on resource: {wanted.resource}",
            )
        if not self._quotas.take(asked.operation):
            raise PeerRefusal(self.throttled_as, "Provisioned rate exceeded")

    def _record(self, progress: _Progress, code: str | None) -> None:
        given = progress.asked.given if progress.asked is not None else {}
        sizes = progress.asked.sizes if progress.asked is not None else {}
        self._recording.add(
            RecordedCall(
                progress.operation,
                without_pictures(given),
                pictures_of(given, sizes, keep=self._recording.keep_pictures),
                progress.key.access_key if progress.key is not None else None,
                progress.at,
                progress.clock,
                code,
            )
        )


def without(answer: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An answer without a member, wherever in it that is."""
    return {key: _lacking(value, name) for key, value in answer.items() if key != name}


def _lacking(value: Any, name: str) -> Any:  # noqa: ANN401 - part of an answer
    if isinstance(value, Mapping):
        return without(value, name)
    if isinstance(value, list):
        return [_lacking(each, name) for each in value]
    return value


def _fault(rule: FaultRule) -> PeerRefusal:
    return PeerRefusal(
        rule.name, "A fault that was switched on", _KNOWN.get(rule.name, status_of(rule.name))
    )


_KNOWN = {
    "InternalFailure": HTTPStatus.INTERNAL_SERVER_ERROR,
    "ServiceUnavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "ServiceUnavailableException": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Errors of every service of AWS, which no service describes."""


def _status(refusal: PeerRefusal) -> HTTPStatus:
    return (
        refusal.status if refusal.status is not HTTPStatus.BAD_REQUEST else status_of(refusal.code)
    )


def _said(refusal: PeerRefusal) -> bytes:
    return as_wire({"__type": refusal.code, "Code": refusal.code, "Message": refusal.message})
