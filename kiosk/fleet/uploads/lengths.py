"""How long what a device or an inviter says may be: what is published stays, and kiosks fetch it.

The publisher opens no record. What it knows is what kind of statement it is, and so how much an
honest author has to say.
"""

from __future__ import annotations

from collections.abc import Mapping

from securesystemslib.dsse import Envelope

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.statement import Statement, is_inviter
from kiosk.fleet.scope_file import ScopeFile, SealedRecord

MOST_UNINVITED_BYTES, MOST_ENROLMENT_BYTES, MOST_TERMS_BYTES = 600, 120_000, 10_000
"""Of one record as it lies in a file: a withdrawal or a report, an enrolment, an invitation."""
MOST_STATEMENT_BYTES, MOST_CHANGE_BYTES = 1_000, 350
"""Of a statement with its signature, and for each change in it."""


def check_lengths(
    statement: Statement, envelope: Envelope, records: Mapping[str, SealedRecord]
) -> None:
    """Check that nothing of what somebody but admins says is longer than it has to be.

    Args:
        statement: what they say next.
        envelope: with its signature.
        records: of which it speaks, by their hash.

    Raises:
        FleetRefused: something is.
    """
    most = MOST_STATEMENT_BYTES + MOST_CHANGE_BYTES * len(statement.changes)
    _check(statement, ScopeFile([(statement, envelope)]), most, "is")
    for name, record in records.items():
        kept = ScopeFile(records={name: record})
        _check(statement, kept, _most_of(statement), "has a record that is")


def _check(statement: Statement, part: ScopeFile, most: int, what: str) -> None:
    length = len(part.encode())
    if length > most:
        raise FleetRefused(
            f"Statement {statement.number} {what} {length} bytes long, of {most} at most.",
            f"Look at {'the desk' if is_inviter(statement.author) else 'the device'} that says it.",
        )


def _most_of(statement: Statement) -> int:
    if is_inviter(statement.author):
        return MOST_TERMS_BYTES
    return MOST_UNINVITED_BYTES if statement.uses is None else MOST_ENROLMENT_BYTES
