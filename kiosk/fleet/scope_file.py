"""A scope's file: statements with their signatures, and the sealed records that they speak of.

Lines of JSON, so that a file is the sum of its parts: what admins and devices hand in has the same
form as what the publisher publishes. The publisher can neither read nor write a record.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from securesystemslib.dsse import Envelope

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.statement import Statement, read_statement

PAYLOAD_TYPE = "application/vnd.lintel.statement+json"

Verify = Callable[[Statement, Envelope], None]
"""Checks the signatures of a statement by its author; raises FleetRefused."""


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record that only holders of the scope's keys can open.

    Attributes:
        record: the hash of its plaintext.
        epoch: the epoch whose key seals it.
        sealed: nonce and ciphertext.
    """

    record: str
    epoch: int
    sealed: bytes


@dataclass(slots=True)
class ScopeFile:
    """The content of one file.

    Attributes:
        statements: in their order.
        records: by their hash.
    """

    statements: list[tuple[Statement, Envelope]] = field(default_factory=list)
    records: dict[str, SealedRecord] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The file's bytes."""
        lines = [json.dumps(envelope.to_dict()) for _, envelope in self.statements]
        lines += [_line(each) for each in self.records.values()]
        return "".join(f"{line}\n" for line in lines).encode()

    def add(self, other: ScopeFile) -> None:
        """Take in another file's content, after this one's."""
        self.statements += other.statements
        self.records |= other.records

    def only(self, current: Iterable[str]) -> ScopeFile:
        """The same statements, with the records that count alone."""
        kept = {record: self.records[record] for record in current if record in self.records}
        return ScopeFile(list(self.statements), kept)


def read_scope_file(data: bytes, verify: Verify) -> ScopeFile:
    """The content of a file, each statement verified.

    Raises:
        FleetRefused: a line is no part of such a file, or a signature is missing or wrong.
    """
    file = ScopeFile()
    for said in _lines(data):
        if "payloadType" in said:
            envelope = _envelope(said)
            statement = read_statement(envelope.payload)
            verify(statement, envelope)
            file.statements.append((statement, envelope))
        else:
            record = _record(said)
            file.records[record.record] = record
    return file


def _lines(data: bytes) -> Iterator[dict[str, Any]]:
    for line in data.splitlines():
        try:
            yield dict(json.loads(line))
        except (RecursionError, TypeError, ValueError) as error:
            raise _strange() from error


def _envelope(said: dict[str, Any]) -> Envelope:
    try:
        envelope = Envelope.from_dict(said)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _strange() from error
    if envelope.payload_type != PAYLOAD_TYPE:
        raise _strange()
    return envelope


def _line(each: SealedRecord) -> str:
    sealed = base64.b64encode(each.sealed).decode()
    return json.dumps({"record": each.record, "epoch": each.epoch, "sealed": sealed})


def _record(said: dict[str, Any]) -> SealedRecord:
    try:
        sealed = base64.b64decode(said["sealed"], validate=True)
        return SealedRecord(str(said["record"]), int(said["epoch"]), sealed)
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise _strange() from error


def _strange() -> FleetRefused:
    return FleetRefused(
        "A file in the fleet's store holds something that is not of this program.",
        "Look who has written to the store; nothing of it was applied.",
    )
