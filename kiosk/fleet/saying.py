"""A statement in the making: records sealed, tagged, and signed by their author; and read again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from securesystemslib.dsse import Envelope
from securesystemslib.signer import Signer

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import History
from kiosk.domain.fleet.statement import ADMINS, PersonChange, Statement
from kiosk.fleet.records import FleetPerson, decode, encode, record_hash
from kiosk.fleet.scope_file import PAYLOAD_TYPE, ScopeFile, SealedRecord
from kiosk.fleet.sealing import ScopeKeys


def said_by(
    author: str,
    signers: Sequence[Signer],
    keys: ScopeKeys,
    history: History,
    people: Sequence[FleetPerson],
    at: datetime,
) -> ScopeFile:
    """A file with one statement about these people, and their records.

    Args:
        author: who says it.
        signers: their keys.
        keys: of the scope.
        history: of the scope, as far as the author knows it.
        people: what is said; at least one.
        at: the time, UTC.
    """
    file, changes = ScopeFile(), []
    for person in people:
        record, plain = encode(person)
        tag = keys.tag(person.subject)
        replaces = None if author == ADMINS else history.current.get(tag)
        changes.append(PersonChange(tag, record, replaces))
        file.records[record] = SealedRecord(record, keys.epoch, keys.seal(record, plain))
    before = history.next_of(author)
    number, previous = before.number + 1, before.digest
    statement = Statement(keys.scope, author, number, previous, at, tuple(changes))
    envelope = Envelope(statement.text(), PAYLOAD_TYPE, {})
    for signer in signers:
        envelope.sign(signer)
    file.statements.append((statement, envelope))
    return file


def open_record(keys: ScopeKeys, file: ScopeFile, tag: str, record: str) -> FleetPerson:
    """The person of a record that counts.

    Args:
        keys: of the scope.
        file: where the record lies.
        tag: of the person whom the statement means.
        record: the hash of the plaintext, as the statement has it.

    Raises:
        FleetRefused: it is missing, cannot be opened, or is another one than was signed.
    """
    sealed = file.records.get(record)
    if sealed is None:
        raise FleetRefused(
            f"A record of scope {keys.scope} is missing from what was published.",
            "Have the scope published again; nothing of it was applied.",
        )
    plain = keys.unseal(record, sealed.epoch, sealed.sealed)
    person = decode(plain)
    if record_hash(plain) != record or keys.tag(person.subject) != tag:
        raise FleetRefused(
            f"A record of scope {keys.scope} is not the one that was signed.",
            "Look who has written to the store; nothing of it was applied.",
        )
    return person
