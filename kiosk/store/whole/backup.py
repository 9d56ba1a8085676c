"""A backup: all that a kiosk needs to go on elsewhere, in one file sealed with a passphrase.

What is in it is sealed with a master key of its own, so that neither it nor what is left of it on
the disk says anything of the key in use. People whom a fleet manages are not in it: the fleet has
them, and knows who was erased since.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.errors import Refused
from kiosk.journal.events.keeping import BackupMade
from kiosk.store.home import Home, now_utc, read_whole
from kiosk.store.journal.head import Head
from kiosk.store.journal.verification import current, placed
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey, KeySource, Purpose, kiosk_id
from kiosk.store.secrets.master_key import MasterKey
from kiosk.store.secrets.sealed_file import SealedFile, read_tied
from kiosk.store.secrets.sealing import place, seal, unseal
from kiosk.store.ties import Ties
from kiosk.store.whole.archive import ArchiveWriter, written
from kiosk.store.whole.exchange import unusable
from kiosk.store.whole.held import write_head
from kiosk.store.whole.resealing import Resealing, without_living
from kiosk.store.whole.workshop import workshop
from kiosk.store.written_down import written_down

FORMAT = 1
MANIFEST, KEY = "manifest.json", "key"
Floored = Callable[[bytes], bytes]
"""What a kiosk has applied of a scope, as it counts for one that has lost the scope's people: all
of it is read again, and nothing older is taken."""


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup says of itself.

    Attributes:
        made_at: when it was made, UTC.
        kiosk: the kiosk's id.
        people: how many people are in it.
        entry: the number of the last entry of its journal.
    """

    made_at: datetime
    kiosk: str
    people: int
    entry: int

    def encode(self) -> bytes:
        """Its content in the archive."""
        said = {"made_at": self.made_at.isoformat(), "kiosk": self.kiosk}
        told = {"format": FORMAT, **said, "people": self.people, "entry": self.entry}
        return json.dumps(told).encode()

    @classmethod
    def decode(cls, content: bytes) -> BackupManifest:
        """Decode the result of `encode`.

        Raises:
            Refused: a newer program made it.
            ValueError, KeyError, TypeError: it is something else.
        """
        said: dict[str, Any] = json.loads(content)
        if said["format"] > FORMAT:
            raise Refused("A newer program made this backup.", "Install that one.")
        at = datetime.fromisoformat(said["made_at"])
        return cls(at, str(said["kiosk"]), int(said["people"]), int(said["entry"]))


def back_up(
    home: Home,
    to: Path,
    passphrase: bytes,
    floored: Floored,
    utc: Callable[[], datetime] = now_utc,
) -> BackupManifest:
    """Write a backup of a home; a kiosk may run on it meanwhile.

    Args:
        home: the home.
        to: a new file.
        passphrase: seals it.
        floored: see `Floored`.
        utc: the wall clock.

    Raises:
        BadInput: there is a file of that name, or it cannot be written.
        Refused: another process makes one now.
        StoreError, JournalTampered, JournalUnwritable: the home is not in order.
    """
    with OpenHome.open(home.path, utc) as open_home, workshop(home) as work:
        key, at = FileKey(home).master(), utc()
        packing = _Packing(open_home, work, key)
        people = packing.copy(floored)
        with written_down(open_home, BackupMade(people)), written(to, passphrase) as archive:
            manifest = packing.pack(archive, at, people)
        last_backup(home, key).save({"at": at.isoformat()})
    return manifest


def last_backup(home: Home, key: KeySource) -> SealedFile:
    """The file that tells when a backup was made last.

    Raises:
        StoreKeyError: there is no usable key.
    """
    remedy = "Make a new backup, after what is kept was accepted."
    return SealedFile(home, home.last_backup, key, Purpose.LAST_BACKUP, remedy)


class _Packing:
    """The parts of one backup.

    Args:
        open_home: what is backed up.
        work: a folder for the copies.
        key: that of the home.
    """

    def __init__(self, open_home: OpenHome, work: Home, key: MasterKey) -> None:
        self._open_home, self._home, self._work = open_home, open_home.home, work
        self._key, self._own = key, key.rotated()
        self._resealing = Resealing(key, self._own, work)

    def copy(self, floored: Floored) -> int:
        """Copy people and small files into the folder; returns the number of people.

        People before the journal: whoever is erased meanwhile is in the journal as erased.
        """

        def change(rows: sqlite3.Connection, cipher: AESGCM) -> None:
            without_living(rows)
            floor_scopes(rows, cipher, floored)

        with self._open_home.references.reading() as rows:
            self._resealing.copy(rows)
        self._resealing.database(0, change)
        ties = Ties(self._home, self._key)
        try:
            for path in self._home.sealed:
                sealed = read_tied(self._home, path, ties)
                if sealed is not None and path != self._home.last_backup:
                    self._resealing.file(path.name, sealed)
        except OSError as error:
            raise unusable(self._home, error) from error
        return _count(self._work.references)

    def pack(self, archive: ArchiveWriter, at: datetime, people: int) -> BackupManifest:
        """Put everything into the archive."""
        with current(self._home, self._key.derive(Purpose.JOURNAL_HEAD)) as (file, head, _):
            start, end = placed(file, head)
            size = end.size - start.size
            manifest = BackupManifest(at, kiosk_id(self._key), people, head.number)
            archive.add(MANIFEST, manifest.encode())
            archive.add(KEY, self._own.encode())
            if (ids := cloud_ids_of(self._home)) is not None:
                archive.add(self._home.cloud_ids.name, ids)
            file.seek(start.size)
            archive.add_file(self._home.journal.name, file, size)
        self._seal_head(replace(head, size=size, cut=0))
        for name in (self._home.head.name, *self._resealing.states):
            path = self._work.path / name
            with path.open("rb") as copy:
                archive.add_file(name, copy, path.stat().st_size)
        return manifest

    def _seal_head(self, head: Head) -> None:
        write_head(self._work, replace(head, kept=self._resealing.states), self._own)


def floor_scopes(rows: sqlite3.Connection, cipher: AESGCM, floored: Floored) -> None:
    """Have what was applied of each scope read again, in a copy of a database."""
    for scope, sealed in rows.execute("SELECT scope, content FROM scopes").fetchall():
        where = place("scope", scope)
        content = seal(cipher, floored(unseal(cipher, sealed, where)), where)
        rows.execute("UPDATE scopes SET content = ? WHERE scope = ?", (content, scope))


def cloud_ids_of(home: Home) -> bytes | None:
    """The key of people's ids in the cloud; None where the home has none.

    Raises:
        StoreError: it cannot be read.
    """
    if not os.path.lexists(home.cloud_ids):
        return None
    try:
        return read_whole(home.cloud_ids)
    except OSError as error:
        raise unusable(home, error) from error


def _count(path: Path) -> int:
    rows = sqlite3.connect(path)
    try:
        (count,) = rows.execute("SELECT count(*) FROM subjects").fetchone()
    finally:
        rows.close()
    return int(count)
