"""The outbox in a queue of Amazon SQS, with a dead-letter queue; shared by a site's kiosks.

Work that needs pictures is not for it: those are in one kiosk only. SQS may deliver a message
twice, and a queue that is not FIFO in another order: each kind of work may be done again.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from kiosk.aws.faults import AwsFault, FaultKind
from kiosk.aws.wire import AwsAnswer
from kiosk.cloud.metadata.dynamodb import AsksService
from kiosk.cloud.outbox.port import LEASE_SECONDS, CloudWork, QueuedWork
from kiosk.domain.errors import CloudRefused, CloudUnavailable

READ_SECONDS = 5.0
MOST_AT_ONCE = 10
LONGEST_WAIT_SECONDS = 12 * 3600
_FIFO = ".fifo"
_LOOKS = 20
"""Receipts for one look through the dead letters, of at most ten each."""
_SHOWN_SECONDS = 30
"""How long a dead letter is hidden from others while they are looked through."""
_PROBLEM = "problem"
_MOST_PROBLEM = 240
_GONE: Final = frozenset({"QueueDoesNotExist", "NonExistentQueue", "QueueDeletedRecently"})
_NEVER: Final = frozenset({FaultKind.CREDENTIALS, FaultKind.REQUEST, FaultKind.CERTIFICATE})


class SqsOutbox:
    """The outbox in a queue; see `Outbox`.

    Args:
        wire: to SQS.
        queue: its URL.
        dead_letters: URL of the dead-letter queue.
    """

    def __init__(self, wire: AsksService, queue: str, dead_letters: str) -> None:
        self._wire, self._queue, self._dead_queue = wire, queue, dead_letters

    def add(self, work: CloudWork) -> None:
        """Put work in."""
        self._send(self._queue, work)

    def take(self, most: int) -> Sequence[QueuedWork]:
        """Work whose time has come, as far as the queue shows it now."""
        found = self._receive(self._queue, min(most, MOST_AT_ONCE), int(LEASE_SECONDS))
        taken = [_queued(message) for message in found]
        # One that makes no sense stays hidden, until the queue itself makes it a dead letter.
        return [each for each in taken if each.work is not None]

    def done(self, queued: QueuedWork) -> None:
        """Remove work that is done."""
        self._delete(self._queue, queued.ident)

    def later(self, queued: QueuedWork, problem: str, seconds: float) -> None:
        """Have work tried again after so long; the queue counts the attempts."""
        del problem
        hidden = min(int(seconds) + 1, LONGEST_WAIT_SECONDS)
        self._hide(self._queue, queued.ident, hidden)

    def bury(self, queued: QueuedWork, problem: str) -> None:
        """Move work to the dead letters; a crash in between leaves it in both, never in none."""
        if queued.work is not None:
            self._send(self._dead_queue, queued.work, problem)
        self._delete(self._queue, queued.ident)

    def waiting(self) -> int:
        """How much work waits or is being done, about."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        names.append("ApproximateNumberOfMessagesDelayed")
        answer = self._asked("GetQueueAttributes", self._queue, AttributeNames=names)
        return sum(int(answer.get("Attributes", {}).get(name, 0)) for name in names)

    def troubled(self) -> Sequence[QueuedWork]:
        """Nothing: a queue shows no work without giving it out."""
        return ()

    def dead(self) -> Sequence[QueuedWork]:
        """The dead letters, in no certain order."""
        found = {name: _queued(message) for name, message in self._dead_messages().items()}
        return [replace(each, ident=name) for name, each in found.items()]

    def retry(self, ident: str) -> bool:
        """Have a dead letter tried again."""
        message = self._dead_messages().get(ident)
        if message is None:
            return False
        work = _queued(message).work
        if work is not None:
            self._send(self._queue, work)
        self._delete(self._dead_queue, message["ReceiptHandle"])
        return work is not None

    def discard(self, ident: str) -> bool:
        """Drop a dead letter."""
        message = self._dead_messages().get(ident)
        if message is None:
            return False
        self._delete(self._dead_queue, message["ReceiptHandle"])
        return True

    # -- the wire --------------------------------------------------------------------------------

    def _send(self, queue: str, work: CloudWork, problem: str = "") -> None:
        details: dict[str, object] = {"MessageBody": work.encode()}
        if problem:
            said = {"DataType": "String", "StringValue": problem[:_MOST_PROBLEM]}
            details["MessageAttributes"] = {_PROBLEM: said}
        if queue.endswith(_FIFO):
            details["MessageGroupId"] = work.person
            details["MessageDeduplicationId"] = secrets.token_hex(16)
        self._asked("SendMessage", queue, **details)

    def _receive(self, queue: str, most: int, hidden: int) -> Sequence[dict[str, Any]]:
        answer = self._asked(
            "ReceiveMessage",
            queue,
            MaxNumberOfMessages=most,
            VisibilityTimeout=hidden,
            AttributeNames=["ApproximateReceiveCount"],
            MessageAttributeNames=[_PROBLEM],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def _delete(self, queue: str, handle: str) -> None:
        self._asked("DeleteMessage", queue, ReceiptHandle=handle)

    def _dead_messages(self) -> dict[str, dict[str, Any]]:
        """The dead letters by a short name of each, which is the same at every look."""
        found: dict[str, dict[str, Any]] = {}
        for _ in range(_LOOKS):
            messages = self._receive(self._dead_queue, MOST_AT_ONCE, _SHOWN_SECONDS)
            if not messages:
                break
            found |= {_short(each["MessageId"]): each for each in messages}
        for each in found.values():
            self._hide(self._dead_queue, each["ReceiptHandle"], 0)
        return found

    def _hide(self, queue: str, handle: str, seconds: int) -> None:
        self._asked(
            "ChangeMessageVisibility", queue, ReceiptHandle=handle, VisibilityTimeout=seconds
        )

    def _asked(self, operation: str, queue: str, **details: object) -> Mapping[str, Any]:
        answer = self._wire.ask(operation, {"QueueUrl": queue, **details}, READ_SECONDS)
        if isinstance(answer, AwsAnswer):
            return answer.content
        raise _error(answer)


def _queued(message: dict[str, Any]) -> QueuedWork:
    attempts = int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1)) - 1
    problem = message.get("MessageAttributes", {}).get(_PROBLEM, {}).get("StringValue", "")
    try:
        work = CloudWork.decode(message["Body"])
    except (KeyError, TypeError, ValueError):
        work = None
    return QueuedWork(message["ReceiptHandle"], work, attempts, problem=problem)


def _short(ident: str) -> str:
    return hashlib.sha256(ident.encode()).hexdigest()[:12]


def _error(fault: AwsFault) -> CloudUnavailable | CloudRefused:
    said = f"{fault.status} {fault.code}".strip() if fault.status else fault.kind.name.lower()
    if any(name in fault.code for name in _GONE):
        return CloudRefused("A queue of the settings does not exist.", "Make it, or name another.")
    passes = fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR or "Throttl" in fault.code
    if fault.kind in _NEVER or (fault.kind is FaultKind.ANSWERED and not passes):
        return CloudRefused(
            f"SQS refuses a request: {said}.",
            "Check the credentials, what they may do, the region, and this machine's clock.",
        )
    return CloudUnavailable(f"SQS cannot be used now: {said}.", "It is tried again.")
