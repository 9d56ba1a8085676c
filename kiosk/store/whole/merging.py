"""What a home keeps of its own where a backup's people take the place of those that it has."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.store.secrets.keys import KeySource
from kiosk.store.secrets.sealing import place, seal
from kiosk.store.whole.backup import Floored, floor_scopes
from kiosk.store.whole.held import HeldHome
from kiosk.store.whole.resealing import opened

Sealed = tuple[Mapping[str, bytes], KeySource]
"""Small sealed files by name, and what holds their key."""

LAST_USE, SCOPES = "last-use", "scopes"


def merged_last_use(backup: Sealed, here: Sealed) -> bytes | None:
    """The later day for each person: nobody counts as unused for having been restored."""
    days: dict[str, str] = {}
    for files, key in (backup, here):
        if LAST_USE in files:
            found: dict[str, str] = json.loads(opened(key, LAST_USE, files[LAST_USE]))
            days = {who: max(day, days.get(who, day)) for who, day in {**days, **found}.items()}
    return json.dumps(days).encode() if days else None


def with_fleet_of(
    here: HeldHome, rows: sqlite3.Connection, cipher: AESGCM, key: KeySource, floored: Floored
) -> None:
    """Have a backup's database know of the fleet what the home knew: never less, or older.

    Args:
        here: the home; where its database does not open, what it keeps beside it counts.
        rows: the backup's, being changed.
        cipher: of the home's key.
        key: holds the home's key.
        floored: see `Floored`.
    """
    if here.rows is not None:
        rows.execute("DELETE FROM scopes")
        rows.execute("DELETE FROM members")
        scopes = here.rows.execute("SELECT scope, content FROM scopes").fetchall()
        rows.executemany("INSERT INTO scopes VALUES (?, ?)", scopes)
        query = "SELECT * FROM members WHERE subject NOT IN (SELECT subject FROM subjects)"
        erased = here.rows.execute(query).fetchall()
        rows.executemany("INSERT INTO members VALUES (?, ?, ?)", erased)
        floor_scopes(rows, cipher, floored)
    elif SCOPES in here.sealed:
        put_floors(rows, cipher, floors_in(here.sealed[SCOPES], key), floored)


def floors_in(sealed: bytes, key: KeySource) -> Mapping[str, bytes]:
    """What was applied of each scope, as it is kept beside the database."""
    said: dict[str, str] = json.loads(opened(key, SCOPES, sealed))
    return {scope: bytes.fromhex(content) for scope, content in said.items()}


def put_floors(
    rows: sqlite3.Connection, cipher: AESGCM, floors: Mapping[str, bytes], floored: Floored
) -> None:
    """Have a database without people of a fleet take nothing older than what was applied."""
    rows.execute("DELETE FROM scopes")
    rows.execute("DELETE FROM members")
    for scope, content in floors.items():
        sealed = seal(cipher, floored(content), place("scope", scope))
        rows.execute("INSERT INTO scopes VALUES (?, ?)", (scope, sealed))
