"""A new, empty database in place of a damaged one, for a kiosk whose people its fleet has.

What the kiosk had applied of each scope is kept beside the database. The next sync reads everything
again, and takes nothing older than that. Nobody is known until it has: the door opens for people
who were verified, or not at all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.journal.events.keeping import StoreRebuilt
from kiosk.store.home import Home, now_utc
from kiosk.store.instance_lock import instance_lock
from kiosk.store.journal.journal import Journal
from kiosk.store.people import database
from kiosk.store.people.roll import Roll
from kiosk.store.secrets.keys import FileKey, KeySource, Purpose
from kiosk.store.secrets.sealing import place, seal
from kiosk.store.whole.backup import Floored
from kiosk.store.whole.exchange import Exchange
from kiosk.store.whole.held import exchange, held, write_head
from kiosk.store.whole.merging import SCOPES, floors_in, put_floors
from kiosk.store.whole.resealing import CHECK


def begin_anew(
    home: Home, problem: str, floored: Floored, utc: Callable[[], datetime] = now_utc
) -> str:
    """Put a damaged database aside, and begin an empty one.

    Args:
        home: no kiosk runs on it.
        problem: what is wrong with its database.
        floored: see `Floored`.
        utc: the wall clock.

    Returns:
        The name under which the damaged one is kept for a while; see `kiosk.store.whole.copies`.

    Raises:
        Refused: a kiosk runs on it.
        JournalTampered, JournalUnwritable, StoreError: it cannot be done; all is as it was.
    """
    with instance_lock(home):
        key = FileKey(home).master()
        aside = f"{home.references.name}.{utc():%Y%m%dT%H%M%SZ}.aside"
        Journal(home, key, utc).append(StoreRebuilt(problem, aside).entry(utc()))
        with held(home, key, database_too=False) as found:
            floors = floors_in(found.sealed[SCOPES], key) if SCOPES in found.sealed else {}
            folder = Exchange(home)
            try:
                making = _Making(folder.folder, key, floors, floored, found.generation() + 1)
                states = {**(found.head.kept or {}), home.references.name: (making.made(),)}
                write_head(folder.folder, replace(found.head, kept=states), key)
                exchange(found, folder, list(home.kept), **{home.references.name: aside})
            finally:
                folder.abandon()
    return aside


class _Making:
    """The making of one empty database.

    Args:
        folder: in which it is made.
        key: seals it.
        floors: what was applied of each scope.
        floored: see `Floored`.
        generation: its first.
    """

    def __init__(
        self,
        folder: Home,
        key: KeySource,
        floors: Mapping[str, bytes],
        floored: Floored,
        generation: int,
    ) -> None:
        self._folder, self._key, self._state = folder, key, ""
        self._floors, self._floored, self._generation = floors, floored, generation
        self._cipher = AESGCM(key.derive(Purpose.REFERENCES))

    def made(self) -> str:
        """Make it; returns its state, to be tied."""
        check = seal(self._cipher, CHECK, place("check"))
        database.create(self._folder, check, self._filled)
        return self._state

    def _filled(self, rows: sqlite3.Connection) -> AbstractContextManager[None]:
        put_floors(rows, self._cipher, self._floors, self._floored)
        change = "UPDATE facts SET value = ? WHERE name = 'generation'"
        rows.execute(change, (self._generation,))
        self._state = Roll(self._folder, self._key).count(rows).state
        return nullcontext()
