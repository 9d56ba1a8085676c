"""A home in which nobody else changes anything while it is read as a whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.store.home import Home
from kiosk.store.journal.head import Head, HeadFile, tampered
from kiosk.store.people import database
from kiosk.store.people.roll import Roll
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.secrets.sealed_file import read_tied
from kiosk.store.ties import Ties, replaced
from kiosk.store.whole.exchange import Exchange, move, unusable


@dataclass(frozen=True, slots=True)
class HeldHome:
    """What a home holds, found to be what it stored last.

    Attributes:
        home: the home.
        rows: its database, which nobody else has open; None where it was not to be opened.
        sealed: the small sealed files that there are, by name.
        head: the head of its journal.
    """

    home: Home
    rows: sqlite3.Connection | None
    sealed: dict[str, bytes]
    head: Head

    def generation(self) -> int:
        """The database's newest generation, as the head tells it."""
        states = (self.head.kept or {}).get(self.home.references.name, ())
        return max(
            (int(state.partition(".")[0] or 0) for state in states if "." in state), default=0
        )


@contextmanager
def held(home: Home, key: KeySource, *, database_too: bool = True) -> Iterator[HeldHome]:
    """Hold a home: nobody else changes a file, the database or the journal meanwhile.

    Args:
        home: the home.
        key: holds its master key.
        database_too: False leaves a database out that cannot be opened.

    Raises:
        StoreReplaced: a file is not the one stored last.
        JournalTampered: there is no head, or it is not this kiosk's.
        StoreError: another process has the database open, or the home cannot be used.
    """
    try:
        with ExitStack() as locks:
            locks.enter_context(home.locked())
            rows = locks.enter_context(_database(home, key)) if database_too else None
            locks.enter_context(home.journal_locked())
            head = HeadFile(home.head).read(key.derive(Purpose.JOURNAL_HEAD))
            if head is None:
                raise tampered(f"The journal's head {home.head} is gone")
            yield HeldHome(home, rows, _sealed(home, key), head)
    except OSError as error:
        raise unusable(home, error) from error


def exchange(held_home: HeldHome, folder: Exchange, kept: list[Path], **aside: str) -> None:
    """Exchange the files of a home that is held; see `Exchange.commit`.

    Args:
        held_home: the home.
        folder: holds the new files.
        kept: all files that the home has from now on.
        aside: by the name of a replaced file, the name under which it is put aside.

    Raises:
        StoreError, OSError: it cannot be done; it counts, and the next start finishes it, if
            `Exchange.commit` had been done.
    """
    home = held_home.home
    folder.commit(kept, {home.path / name: put for name, put in aside.items()})
    move(home)


def write_head(folder: Home, head: Head, key: KeySource) -> None:
    """Write the head of a journal into a folder with new files."""
    file = HeadFile(folder.head)
    file.stage(head, key.derive(Purpose.JOURNAL_HEAD))
    file.publish()


@contextmanager
def _database(home: Home, key: KeySource) -> Iterator[sqlite3.Connection]:
    with database.alone(home.references) as rows, database.translated(home.references):
        state = Roll(home, key).count(rows).state
        if state not in Ties(home, key).known(home.references.name):
            raise replaced(home, home.references.name, there=True)
        yield rows


def _sealed(home: Home, key: KeySource) -> dict[str, bytes]:
    ties = Ties(home, key)
    found = {path.name: read_tied(home, path, ties) for path in home.sealed}
    return {name: sealed for name, sealed in found.items() if sealed is not None}
