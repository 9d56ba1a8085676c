"""Opens everything in a kiosk's home in the right order: key, journal, then the data tied to it.

The journal is opened before the database, so that a database without a journal can only mean that
the journal was removed. All stored data must match the journal head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.journal.events.keeping import KeptTied, StoreCreated
from kiosk.journal.recorder import JournalRecorder
from kiosk.store.closing import ClosedAtItsEnd
from kiosk.store.home import Home, now_utc
from kiosk.store.journal.journal import Journal
from kiosk.store.kept import settle, tie_first
from kiosk.store.people.references import References
from kiosk.store.secrets.keys import FileKey
from kiosk.store.whole.exchange import finish


@dataclass(frozen=True, slots=True)
class OpenHome(ClosedAtItsEnd):
    """The open files of a home; a context manager.

    Attributes:
        home: the home.
        journal: its journal.
        recorder: writes events to the journal; whoever wants to hear of them subscribes.
        references: the enrolled people.
        utc: the wall clock.
    """

    home: Home
    journal: Journal
    recorder: JournalRecorder
    references: References
    utc: Callable[[], datetime]

    @classmethod
    def open(cls, path: Path, utc: Callable[[], datetime] = now_utc) -> OpenHome:
        """Open a kiosk's home, creating what is missing.

        Raises:
            BadInput: the home cannot be used.
            StoreError: key or database are not in order.
            StoreReplaced: a file is an older copy, was changed, or is missing.
            JournalTampered: the journal does not verify.
            JournalUnwritable: the journal cannot be written.
        """
        home = Home(path).prepare()
        finish(home)
        key = FileKey(home)
        key.create()
        journal = Journal(home, key, utc)
        tied = tie_first(home, key)
        settle(home, key)
        recorder = JournalRecorder(journal, utc)
        open_home = cls(home, journal, recorder, References(home, key, utc), utc)
        try:
            open_home.references.tie()
            open_home.references.drop_copies(utc())
            if tied:
                recorder.note(KeptTied())
            if open_home.references.created:
                recorder.note(StoreCreated())
        except BaseException:
            open_home.close()
            raise
        return open_home

    def close(self) -> None:
        """Close the files. Idempotent."""
        self.references.close()


@contextmanager
def references_of(home: Home) -> Iterator[References | None]:
    """The references alone, for reading; None where no database exists yet.

    Raises:
        StoreError: key or database are not in order.
    """
    if not home.references.exists():
        yield None
        return
    references = References(home, FileKey(home))
    try:
        yield references
    finally:
        references.close()
