"""Who was erased since a backup was made, as far as journals tell."""

from __future__ import annotations

from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.people import Erased
from kiosk.store.home import Home
from kiosk.store.journal.carrying import Erasures
from kiosk.store.journal.verification import walk
from kiosk.store.secrets.keys import KeySource, Purpose


class ErasedSince:
    """Follows the journal in a backup, and one that may have gone on from there.

    Whoever was erased after the backup stays erased, even if they have enrolled again: the backup
    has what they had erased.

    Args:
        backup: the opened backup.
        key: that of the backup.

    Raises:
        JournalTampered, BadInput: its journal does not verify.
    """

    def __init__(self, backup: Home, key: KeySource) -> None:
        seal = key.derive(Purpose.JOURNAL_HEAD)
        self._key, self._end = key, (0, "")
        self._erased, self._since = Erasures(key), set[str]()
        for place in walk(backup, seal):
            self._erased.follow(place.entry)
            self._end = place.entry.number, place.entry.hash

    def has(self, subject: SubjectId) -> bool:
        """True if what the backup has of a person was erased."""
        return subject in self._since or subject in self._erased

    def follow(self, home: Home, seal: bytes | None) -> None:
        """Follow the journal of a home, as far as it verifies.

        Args:
            home: holds the journal.
            seal: checks the journal's end; None where the key is lost.

        Raises:
            JournalTampered, BadInput: it does not verify; what came before counts.
        """
        later, found, gone_on = Erasures(self._key), list[tuple[int, str]](), False
        try:
            for place in walk(home, seal):
                entry = place.entry
                later.follow(entry)
                gone_on = gone_on or (entry.number, entry.hash) == self._end
                if entry.entry.event == Erased.name:
                    found.append((entry.number, str(entry.entry.details.get("subject"))))
        finally:
            # Of a journal that does not go on from the backup, all may be later.
            begins = self._end[0] if gone_on else 0
            self._since |= {subject for number, subject in found if number > begins}
            self._erased.by_mark.update(later.by_mark)
