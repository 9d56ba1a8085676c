"""What must outlive the journal's entries: receipts of withdrawals, and who was erased.

Both are written into the journal again before their entries go, without anybody's id: a receipt as
the hash of its number, an erasure as a hash of the id that only this kiosk's key can make. Neither
is kept for longer than receipts are.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.domain.audit import SealedEntry, Value
from kiosk.journal.events.enrolling import ConsentWithdrawn
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.people import Enrolled, EnrolmentBegun, Erased, ErasureFailed
from kiosk.journal.events.retention import ErasuresKept, ReceiptsKept
from kiosk.store.secrets.keys import KeySource, Purpose

AT_ONCE = 500
"""Facts in one entry, well below the longest line."""


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """A receipt, as far as the journal tells.

    Attributes:
        at_utc: when consent was withdrawn, ISO 8601.
        number: of the entry that holds it.
        erased: true if the erasure was carried out wholly.
    """

    at_utc: str
    number: int
    erased: bool = False


class Receipts:
    """Follows a journal for receipts, and what came of the erasures.

    Attributes:
        by_hash: what was found, by the hash of the number.
    """

    def __init__(self) -> None:
        self.by_hash: dict[str, KeptReceipt] = {}
        self._open: dict[str, str] = {}

    def follow(self, sealed: SealedEntry) -> None:
        """Take the next entry into account."""
        entry, subject = sealed.entry, str(sealed.entry.details.get("subject"))
        if entry.event == ConsentWithdrawn.name:
            known = str(entry.details.get("receipt"))
            self.by_hash[known] = KeptReceipt(entry.at_utc, sealed.number)
            self._open[subject] = known
        elif entry.event == EnrolmentBegun.name:
            self._open.pop(subject, None)
        elif entry.event in {Erased.name, ErasureFailed.name} and subject in self._open:
            known = self._open[subject]
            done = entry.event == Erased.name
            self.by_hash[known] = replace(self.by_hash[known], erased=done)
        elif entry.event == ReceiptsKept.name:
            for known, at, state in _parts(entry.details.get("receipts"), 3):
                self.by_hash[known] = KeptReceipt(at, sealed.number, state == "erased")


class Erasures:
    """Follows a journal for people who were erased and not enrolled again since.

    Args:
        key: holds the master key, for the hashes of ids.

    Attributes:
        by_mark: when, ISO 8601, and the number of the entry that holds it; by the hash of the id.
    """

    def __init__(self, key: KeySource) -> None:
        self.by_mark: dict[str, tuple[str, int]] = {}
        self._key = key.derive(Purpose.ERASED)
        self._enrolled: dict[str, int] = {}

    def __repr__(self) -> str:
        return "Erasures(<hidden>)"

    def __contains__(self, subject: str) -> bool:
        """True if the journal has this person as erased."""
        return self.mark(subject) in self.by_mark

    def mark(self, subject: str) -> str:
        """The hash of an id; equal ids have equal hashes."""
        return hmac.digest(self._key, f"lintel/1/erased/{subject}".encode(), "sha256").hex()

    def follow(self, sealed: SealedEntry) -> None:
        """Take the next entry into account."""
        entry = sealed.entry
        if entry.event == ErasuresKept.name:
            self._follow_kept(sealed)
        elif entry.event in {Erased.name, EnrolmentBegun.name, Enrolled.name}:
            mark = self.mark(str(entry.details.get("subject")))
            if entry.event == Erased.name:
                self.by_mark[mark] = (entry.at_utc, sealed.number)
            else:
                self._enrolled[mark] = sealed.number
                self.by_mark.pop(mark, None)

    def _follow_kept(self, sealed: SealedEntry) -> None:
        """What was carried over counts as of the entry up to which it was considered."""
        through = sealed.entry.details.get("through")
        for mark, at in _parts(sealed.entry.details.get("marks"), 2):
            if isinstance(through, int) and self._enrolled.get(mark, 0) <= through:
                self.by_mark[mark] = (at, sealed.number)


def carried_over(
    receipts: Receipts, erasures: Erasures, going: int, through: int, oldest: datetime
) -> Sequence[JournalEvent]:
    """The events to write before entries go.

    Args:
        receipts: of the whole journal.
        erasures: of the whole journal.
        going: the number of the last entry that goes.
        through: the number of the last entry that was considered.
        oldest: what is older is not kept any more.
    """
    told = [
        f"{known} {it.at_utc} {'erased' if it.erased else 'open'}"
        for known, it in receipts.by_hash.items()
        if it.number <= going and not _is_over(it.at_utc, oldest)
    ]
    marks = [
        f"{mark} {at}"
        for mark, (at, number) in erasures.by_mark.items()
        if number <= going and not _is_over(at, oldest)
    ]
    return (
        *(ReceiptsKept(each) for each in _portions(told)),
        *(ErasuresKept(through, each) for each in _portions(marks)),
    )


def _portions(facts: Sequence[str]) -> Sequence[tuple[str, ...]]:
    return [tuple(facts[at : at + AT_ONCE]) for at in range(0, len(facts), AT_ONCE)]


def _parts(facts: Value, count: int) -> Sequence[Sequence[str]]:
    told = facts if isinstance(facts, list) else []
    split = [str(each).split(" ") for each in told]
    return [each for each in split if len(each) == count]


def _is_over(at_utc: str, oldest: datetime) -> bool:
    try:
        return datetime.fromisoformat(at_utc) < oldest
    except (ValueError, TypeError):
        return True
