"""The day on which each person was let in last, from the journal and beyond its entries' lives.

A person who does not come any more is erased (R33): by their last day, or a time without use.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from kiosk.domain.audit import AuditEntry
from kiosk.domain.vision.template import SubjectId, is_subject_id
from kiosk.journal.events.access import Decided
from kiosk.journal.events.door import DoorReleasedForPerson
from kiosk.journal.events.enrolling import ReferencesReplaced
from kiosk.store.home import Home
from kiosk.store.people.person import Profile
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.secrets.sealed_file import SealedFile


def used_in(entry: AuditEntry) -> SubjectId | None:
    """The person whom an entry shows at the door, let in, or with new references; else None."""
    subject = entry.details.get("subject")
    let_in = entry.event == Decided.name and entry.details.get("outcome") == "granted"
    others = (DoorReleasedForPerson.name, ReferencesReplaced.name)
    if not (let_in or entry.event in others) or not isinstance(subject, str):
        return None
    return SubjectId(subject) if is_subject_id(subject) else None


class LastUses:
    """Follows a journal for the last day on which each person was let in.

    Attributes:
        days: UTC, by id.
    """

    def __init__(self) -> None:
        self.days: dict[SubjectId, date] = {}

    def follow(self, entry: AuditEntry) -> None:
        """Take the next entry into account."""
        subject = used_in(entry)
        if subject is not None:
            day = datetime.fromisoformat(entry.at_utc).date()
            self.days[subject] = max(day, self.days.get(subject, day))


def kept_until(profile: Profile, used: date | None, unused_days: int) -> date:
    """The last day on which a person is kept, as far as it is known today.

    Args:
        profile: theirs.
        used: when they were let in last; None if never.
        unused_days: the days without use after which they are erased.
    """
    begins = max(profile.enrolled_at.date(), profile.rules.valid_from or date.min)
    unused = max(begins, used or begins) + timedelta(days=unused_days)
    last = profile.rules.valid_until
    return unused if last is None else min(last, unused)


class LastUseFile:
    """The last days of one home, sealed.

    Args:
        home: stores them.
        key: holds the master key.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(self, home: Home, key: KeySource) -> None:
        remedy = (
            f"Restore {home.last_use} from a backup, or accept its absence: then a person counts "
            "as unused since they were enrolled, or since the journal shows them."
        )
        self._file = SealedFile(home, home.last_use, key, Purpose.LAST_USE, remedy)

    def load(self) -> dict[SubjectId, date]:
        """The last days by id, UTC.

        Raises:
            StoreCorrupt, StoreReplaced: it was changed, or is an older copy.
            StoreError: it cannot be read.
        """
        kept = self._file.load() or {}
        return {SubjectId(who): date.fromisoformat(day) for who, day in kept.items()}

    def merge(
        self, found: Mapping[SubjectId, date], enrolled: Collection[SubjectId]
    ) -> dict[SubjectId, date]:
        """Add later days; whoever is not enrolled any more is forgotten. Durable on return.

        Args:
            found: days from the journal.
            enrolled: everybody who is enrolled.

        Returns:
            What is stored now.

        Raises:
            StoreError: it cannot be read or written; the old days stay.
        """
        before = self.load()
        days = {who: _later(before.get(who), found.get(who)) for who in sorted(enrolled)}
        now = {who: day for who, day in days.items() if day is not None}
        if now != before:
            self._file.save({who: day.isoformat() for who, day in now.items()})
        return now


def _later(one: date | None, other: date | None) -> date | None:
    if one is None or other is None:
        return one or other
    return max(one, other)
