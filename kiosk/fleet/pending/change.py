"""A change that too few admins have signed so far: what would be written, in one object.

Nothing in it is believed. It holds the documents themselves, never an account of them, and only
such as admins sign: whoever leaves something else there is refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, Root, Targets
from tuf.api.serialization import DeserializationError

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.cards import of_format
from kiosk.fleet.scope_file import ScopeFile, read_scope_file
from kiosk.fleet.stores.overlay import Write
from kiosk.fleet.trust import layout

SignedT = TypeVar("SignedT", Root, Targets)
FORMAT = 1
_TARGETS = re.compile(rf"{layout.METADATA}\d{{1,18}}\.targets\.json")
_STATEMENT = re.compile(rf"{layout.CHANGES}[a-z0-9-]{{1,40}}/\d{{10}}\.jsonl")
_ROOT = re.compile(rf"{layout.ROOTS}[0-9a-f]{{64}}\.json")
_TARGET = re.compile(rf"{layout.TARGETS}.+")
KINDS = (_TARGET, _ROOT, _TARGETS, _STATEMENT)
"""What a change may write, in the order in which it is written."""


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A change that waits.

    Attributes:
        writes: what would be written, in that order.
    """

    writes: tuple[Write, ...]

    @classmethod
    def of(cls, writes: Sequence[Write]) -> PendingChange:
        """A change of what would be written.

        Raises:
            FleetRefused: admins do not sign such a thing.
        """
        last = {write.name: write for write in writes}
        places = [_place(write) for write in last.values()]
        if not {KINDS.index(_TARGETS), KINDS.index(_STATEMENT)} & {*places}:
            raise _strange()  # nothing in it is signed
        return cls(tuple(sorted(last.values(), key=_place)))

    @property
    def ident(self) -> str:
        """The name of the change: by all that is signed, whoever has signed it so far."""
        text = hashlib.sha256()
        for write in self.writes:
            text.update(json.dumps([write.name, _unsigned(write).hex()]).encode())
        return text.hexdigest()[: layout.PENDING_CHARACTERS]

    @property
    def targets(self) -> Metadata[Targets] | None:
        """What admins would sign about keys, scopes and devices; None where it is about people."""
        found = [_metadata(it, Targets) for it in self.writes if _TARGETS.fullmatch(it.name)]
        return found[0] if found else None

    @property
    def root(self) -> Metadata[Root] | None:
        """The root that would follow; None where none does."""
        for write in self.writes:
            if _ROOT.fullmatch(write.name):
                metadata = _metadata(write, Root)
                if layout.next_root_name(metadata.signed_bytes) != write.name:
                    raise _strange()
                return metadata
        return None

    @property
    def statements(self) -> Iterator[tuple[str, ScopeFile]]:
        """What admins would say about people: the name of each file, and its content."""
        for write in self.writes:
            if _STATEMENT.fullmatch(write.name):
                yield write.name, _file(write)

    @property
    def contents(self) -> Iterator[Write]:
        """The contents of targets."""
        return (write for write in self.writes if _TARGET.fullmatch(write.name))

    def signed(self, signer: Signer) -> PendingChange:
        """The same change with one more signature on each document."""
        return PendingChange(tuple(_signed(write, signer) for write in self.writes))

    def encode(self) -> bytes:
        """The object's bytes."""
        writes = [
            {"name": it.name, "data": base64.b64encode(it.data).decode(), "new": it.new}
            for it in self.writes
        ]
        return json.dumps({"format": FORMAT, "writes": writes}).encode()

    @classmethod
    def decode(cls, data: bytes) -> PendingChange:
        """Decode the object's bytes.

        Raises:
            FleetRefused: it is no such change.
        """
        try:
            said = of_format(json.loads(data), FORMAT)["writes"]
            writes = [
                Write(str(it["name"]), base64.b64decode(it["data"], validate=True), bool(it["new"]))
                for it in said
            ]
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise _strange() from error
        return cls.of(writes)


def _place(write: Write) -> int:
    for place, kind in enumerate(KINDS):
        if kind.fullmatch(write.name):
            return place
    raise _strange()


def _unsigned(write: Write) -> bytes:
    if _TARGETS.fullmatch(write.name):
        return _metadata(write, Targets).signed_bytes
    if _ROOT.fullmatch(write.name):
        return _metadata(write, Root).signed_bytes
    if _STATEMENT.fullmatch(write.name):
        return b"\n".join(envelope.payload for _, envelope in _file(write).statements)
    return write.data


def _signed(write: Write, signer: Signer) -> Write:
    if _TARGETS.fullmatch(write.name):
        return _with_signature(write, _metadata(write, Targets), signer)
    if _ROOT.fullmatch(write.name):
        return _with_signature(write, _metadata(write, Root), signer)
    if not _STATEMENT.fullmatch(write.name):
        return write
    file = _file(write)
    for _, envelope in file.statements:
        envelope.sign(signer)
    return Write(write.name, file.encode(), write.new)


def _with_signature(write: Write, metadata: Metadata[SignedT], signer: Signer) -> Write:
    metadata.sign(signer, append=True)
    return Write(write.name, metadata.to_bytes(), write.new)


def _metadata(write: Write, role: type[SignedT]) -> Metadata[SignedT]:
    try:
        metadata = Metadata[SignedT].from_bytes(write.data)
    except DeserializationError as error:
        raise _strange() from error
    if not isinstance(metadata.signed, role):
        raise _strange()
    return metadata


def _file(write: Write) -> ScopeFile:
    return read_scope_file(write.data, lambda *_: None)


def _strange() -> FleetRefused:
    return FleetRefused(
        "A change that waits holds something that admins do not sign.",
        "Look who has written to the store, and reject it.",
    )
