"""A statement in the making: records sealed, tagged, and signed by their author; and read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, Signer

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import History
from kiosk.domain.fleet.statement import ADMINS, ENDED, PersonChange, Statement
from kiosk.fleet.cards import statement_key
from kiosk.fleet.records import FleetContent, FleetPerson, FleetReport, decode, encode, record_hash
from kiosk.fleet.scope_file import PAYLOAD_TYPE, ScopeFile, SealedRecord
from kiosk.fleet.sealing import ScopeKeys


@dataclass(frozen=True, slots=True)
class EndedInvitation:
    """An invitation that admins end, by its tag."""

    tag: str


def nameless(content: FleetContent | EndedInvitation) -> FleetContent | EndedInvitation:
    """The same without a name."""
    if isinstance(content, FleetPerson) and content.profile is not None:
        return replace(content, profile=replace(content.profile, given_name=None))
    return content


def said_by(
    author: str,
    signers: Sequence[Signer],
    keys: ScopeKeys,
    history: History,
    people: Sequence[FleetContent | EndedInvitation],
    at: datetime,
    uses: str | None = None,
) -> ScopeFile:
    """A file with one statement about these people, and their records.

    Args:
        author: who says it.
        signers: their keys.
        keys: of the scope.
        history: of the scope, as far as the author knows it.
        people: what is said; at least one.
        at: the time, UTC.
        uses: the tag of the invitation with which a device has enrolled them; None for none.
    """
    records, changes = [], []
    for person in people:
        if isinstance(person, EndedInvitation):
            changes.append(PersonChange(person.tag, ENDED))
            continue
        record, plain = encode(person)
        tag = tag_of(keys, person)
        replaces = None if author == ADMINS else history.current.get(tag)
        changes.append(PersonChange(tag, record, replaces))
        records.append(SealedRecord(record, keys.epoch, keys.seal(record, plain)))
    before = history.next_of(author)
    number, previous = before.number + 1, before.digest
    statement = Statement(keys.scope, author, number, previous, at, tuple(changes), uses)
    return signed_file(statement, signers, records)


def said_again(keys: ScopeKeys, history: History, file: ScopeFile) -> ScopeFile:
    """A file that says the same after all that was said meanwhile; nobody has signed it yet.

    Its records are sealed anew: a device that was dropped meanwhile has no key for them. Its time
    stays, so that nothing waits for longer by being said again.

    Args:
        keys: of the scope.
        history: of the scope, as it is now.
        file: with one statement.

    Raises:
        FleetRefused: a record is missing, or cannot be opened.
    """
    (statement, _), *_ = file.statements
    before = history.next_of(statement.author)
    records = []
    for record in {each.record for each in statement.changes} - {ENDED}:
        if (old := file.records.get(record)) is None:
            raise _missing(keys.scope)
        plain = keys.unseal(record, old.epoch, old.sealed)
        records.append(SealedRecord(record, keys.epoch, keys.seal(record, plain)))
    moved = replace(statement, number=before.number + 1, previous=before.digest)
    return signed_file(moved, (), records)


def signed_file(
    statement: Statement, signers: Sequence[Signer], records: Sequence[SealedRecord]
) -> ScopeFile:
    """A file with one statement, signed by these keys, and the records of which it speaks."""
    envelope = Envelope(statement.text(), PAYLOAD_TYPE, {})
    for signer in signers:
        envelope.sign(signer)
    return ScopeFile([(statement, envelope)], {each.record: each for each in records})


def statement_signer(private: bytes) -> CryptoSigner:
    """A private key (Ed25519, 32 bytes) as a device or an inviter signs with it."""
    key = Ed25519PrivateKey.from_private_bytes(private)
    return CryptoSigner(key, statement_key(key.public_key().public_bytes_raw()))


def tag_of(keys: ScopeKeys, content: FleetContent) -> str:
    """The tag under which a record is found."""
    if isinstance(content, FleetReport):
        return keys.report_tag(content.subject)
    return keys.tag(content.subject)


def open_record(keys: ScopeKeys, file: ScopeFile, tag: str, record: str) -> FleetContent:
    """The content of a record that counts.

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
        raise _missing(keys.scope)
    plain = keys.unseal(record, sealed.epoch, sealed.sealed)
    content = decode(plain)
    if record_hash(plain) != record or tag_of(keys, content) != tag:
        raise FleetRefused(
            f"A record of scope {keys.scope} is not the one that was signed.",
            "Look who has written to the store; nothing of it was applied.",
        )
    return content


def _missing(scope: str) -> FleetRefused:
    return FleetRefused(
        f"A record of scope {scope} is missing from what was published.",
        "Have the scope published again; nothing of it was applied.",
    )
