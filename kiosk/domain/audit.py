"""The format of the audit journal: every entry carries the hash of the one before it.

Entries are plain text, so that any program can verify the chain; `architecture.md` defines what an
entry may contain. Raw scores are stored here and nowhere else. Each entry has exactly one encoding:
a line in another encoding was changed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.errors import JournalTampered
from kiosk.domain.remedies import KEEP_AND_RENEW
from kiosk.domain.walltime import is_possible, milliseconds

GENESIS = "0" * 64

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A recorded event.

    Attributes:
        at_utc: ISO 8601, UTC.
        event: the kind of event: ``decision``, ``fault``, ``enrolled``, ``erased``, ``started`` ...
        details: plain values; never an image, a template, a key or a name.
    """

    at_utc: str
    event: str
    details: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """An entry in its place in the chain.

    Attributes:
        number: counts from 1 without a gap.
        entry: the event.
        previous: hash of the entry before; `GENESIS` for the first.
        hash: SHA-256 over number, previous hash and entry.
    """

    number: int
    entry: AuditEntry
    previous: str
    hash: str

    def line(self) -> str:
        """One line of JSON, without its line end."""
        return _canonical(
            {
                "number": self.number,
                "at_utc": self.entry.at_utc,
                "event": self.entry.event,
                "details": dict(self.entry.details),
                "previous": self.previous,
                "hash": self.hash,
            }
        )


def latest_ms(entry: AuditEntry) -> int:
    """The latest time that an entry attests, milliseconds since 1970; 0 for none.

    An operator's order may have been issued by a clock that is a little ahead of the kiosk's. An
    impossible time counts as none: a clock that has lost its time must not block the return to the
    right time.
    """
    try:
        written = datetime.fromisoformat(entry.at_utc)
    except ValueError:
        return 0
    if written.tzinfo is None or not is_possible(written):
        return 0
    known, issued = milliseconds(written), entry.details.get("issued_at")
    return max(known, issued) if isinstance(issued, int) else known


def seal(entry: AuditEntry, number: int, previous: str) -> SealedEntry:
    """Give an entry its place in the chain."""
    return SealedEntry(number, entry, previous, _hash(entry, number, previous))


def parse(line: str, number: int) -> SealedEntry:
    """Read one line back.

    Args:
        line: without its line end.
        number: the number that it should have.

    Raises:
        JournalTampered: it is not an entry, or not in the encoding of an entry: parts that the hash
            does not cover must not change either.
    """
    try:
        raw = json.loads(line)
        entry = AuditEntry(str(raw["at_utc"]), str(raw["event"]), dict(raw["details"]))
        sealed = SealedEntry(int(raw["number"]), entry, str(raw["previous"]), str(raw["hash"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise _tampered(number, "is not an audit entry") from error
    if sealed.line() != line:
        raise _tampered(number, "was changed")
    return sealed


def verify(
    entries: Iterable[SealedEntry], number: int = 0, previous: str = GENESIS
) -> SealedEntry | None:
    """Verify the chain from a known place.

    Args:
        entries: in order.
        number: number of the last entry that is known to be right; 0 at the beginning.
        previous: its hash.

    Returns:
        The last entry, or None if there was none.

    Raises:
        JournalTampered: names the first entry that does not fit.
    """
    last = None
    for entry in entries:
        number += 1
        if entry.number != number:
            raise _tampered(number, f"is missing: entry {entry.number} stands in its place")
        if entry.previous != previous:
            raise _tampered(number, "does not follow the entry before it")
        if entry.hash != _hash(entry.entry, entry.number, entry.previous):
            raise _tampered(number, "was changed")
        previous, last = entry.hash, entry
    return last


def _hash(entry: AuditEntry, number: int, previous: str) -> str:
    text = _canonical([number, previous, entry.at_utc, entry.event, dict(entry.details)])
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Value) -> str:
    """Canonical JSON in ASCII: no reader finds a line end in it, or a letter it cannot encode."""
    return json.dumps(_finite(value), sort_keys=True, separators=(",", ":"))


def _finite(value: Value) -> Value:
    """Replace infinity and NaN by null: JSON has neither."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case list():
            return [_finite(item) for item in value]
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case _:
            return value


def _tampered(number: int, what: str) -> JournalTampered:
    return JournalTampered(f"Audit entry {number} {what}.", KEEP_AND_RENEW)
