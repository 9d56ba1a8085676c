"""The day on which each person was let in last, stored beyond the life of the journal's entries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from kiosk.domain.vision.template import SubjectId
from kiosk.store.home import Home
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.secrets.sealed_file import SealedFile


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
        self._file = SealedFile(home, home.last_use, key.derive(Purpose.LAST_USE), remedy)

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
