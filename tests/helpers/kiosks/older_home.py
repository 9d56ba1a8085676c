"""A home as an older program left it; before version 3 nothing is tied to the journal's head."""

from __future__ import annotations

from dataclasses import replace

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kept_files import alter, ask

from kiosk.store.home import Home
from kiosk.store.journal.head import HeadFile
from kiosk.store.people.database import TIED_VERSION
from kiosk.store.people.roll import state_of_database
from kiosk.store.secrets.keys import FileKey, Purpose
from kiosk.store.secrets.sealing import place, seal, unseal
from kiosk.store.ties import Ties

_ADDED = {4: ("invitations", "pictures"), 5: ("scopes", "members")}
"""The tables that a version has brought."""


def age(home: Home, version: int = 2) -> None:
    """Bring a home back to what an older program would have written; takes its key."""
    for table in (each for since, made in _ADDED.items() if version < since for each in made):
        alter(home.references, f"DROP TABLE {table}")
    alter(home.references, f"PRAGMA user_version = {version}")
    if version >= TIED_VERSION:
        key = FileKey(home)
        Ties(home, key).tie({home.references.name: (state_of_database(home, key),)})
    else:
        _untie(home)


def _untie(home: Home) -> None:
    """Wrap every key as it was before, and have the head say nothing of the files."""
    key, file = FileKey(home), HeadFile(home.head)
    master = AESGCM(key.derive(Purpose.REFERENCES))
    for subject, wrapped in ask(home.references, "SELECT subject, wrapped_key FROM subjects"):
        assert isinstance(wrapped, bytes)
        data_key = unseal(master, wrapped, place("key", str(subject), "tied"))
        older = seal(master, data_key, place("key", str(subject)))
        alter(
            home.references, "UPDATE subjects SET wrapped_key = ? WHERE subject = ?", older, subject
        )
    head = file.read(None)
    assert head is not None
    file.stage(replace(head, kept=None), key.derive(Purpose.JOURNAL_HEAD))
    file.publish()
