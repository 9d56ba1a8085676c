"""A home as the program before the ties left it: nothing of it is tied to the journal's head."""

from __future__ import annotations

from dataclasses import replace

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kept_files import alter, ask

from kiosk.store.home import Home
from kiosk.store.journal.head import HeadFile
from kiosk.store.secrets.keys import FileKey, Purpose
from kiosk.store.secrets.sealing import place, seal, unseal


def age(home: Home, version: int = 2) -> None:
    """Bring a home back to what an older program would have written; takes its key."""
    key, file = FileKey(home), HeadFile(home.head)
    master = AESGCM(key.derive(Purpose.REFERENCES))
    for subject, wrapped in ask(home.references, "SELECT subject, wrapped_key FROM subjects"):
        assert isinstance(wrapped, bytes)
        data_key = unseal(master, wrapped, place("key", str(subject), "tied"))
        older = seal(master, data_key, place("key", str(subject)))
        alter(
            home.references, "UPDATE subjects SET wrapped_key = ? WHERE subject = ?", older, subject
        )
    alter(home.references, "DROP TABLE invitations")
    alter(home.references, "DROP TABLE pictures")
    alter(home.references, f"PRAGMA user_version = {version}")
    head = file.read(None)
    assert head is not None
    file.stage(replace(head, kept=None), key.derive(Purpose.JOURNAL_HEAD))
    file.publish()
