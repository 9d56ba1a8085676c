"""Rotation: a new master key, with which everything in the home is sealed anew.

Whoever had a copy of the old key, or finds one on a discarded disk, opens nothing with it that was
stored since, nor what is left on the disk of people who were erased. What others hold of the kiosk,
such as badges and its id, counts as before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from kiosk.journal.events.keeping import KeyRotated
from kiosk.store.home import Home, now_utc, write_whole
from kiosk.store.instance_lock import instance_lock
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey, file_content
from kiosk.store.secrets.master_key import MasterKey
from kiosk.store.whole.exchange import Exchange
from kiosk.store.whole.held import HeldHome, exchange, held, write_head
from kiosk.store.whole.resealing import Resealing


def rotate(home: Home, seal_with: str | None, utc: Callable[[], datetime] = now_utc) -> None:
    """Give a home a new master key. All of it is done, or nothing.

    Args:
        home: no kiosk runs on it.
        seal_with: the name of a credential to seal the new key with; None for a plain file.
        utc: the wall clock.

    Raises:
        Refused: a kiosk runs on it.
        StoreKeyError: a key or a credential is not usable.
        StoreError, JournalTampered, JournalUnwritable: it cannot be done; all is as it was.
    """
    with instance_lock(home):
        with OpenHome.open(home.path, utc) as open_home:
            old = FileKey(home).master()
            new = old.rotated()
            content = file_content(new, seal_with)
            open_home.recorder.note(KeyRotated(seal_with))
        with held(home, old) as found:
            _exchange(found, old, new, seal_with, content)


def _exchange(
    found: HeldHome, old: MasterKey, new: MasterKey, seal_with: str | None, content: bytes
) -> None:
    home, folder = found.home, Exchange(found.home)
    try:
        resealing = Resealing(old, new, folder.folder)
        if found.rows is not None:
            resealing.copy(found.rows)
            resealing.database(found.generation())
        for name, sealed in found.sealed.items():
            resealing.file(name, sealed)
        write_head(folder.folder, replace(found.head, kept=resealing.states), new)
        key = home.key if seal_with is None else home.sealed_key
        write_whole(folder.folder.path / key.name, content)
        kept = [path for path in home.kept if path not in {home.key, home.sealed_key}]
        exchange(found, folder, [*kept, key])
    finally:
        folder.abandon()
