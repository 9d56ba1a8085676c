"""A kiosk's home with something in it, and whether that is still there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kept_files import ask
from kept_samples import AGREED, ANNA, BORIS, entry, template
from model_samples import tree

from kiosk.store.home import Home
from kiosk.store.journal.verification import Verified, verify_file
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey, Purpose
from models.packs.installed import load_manifest

NAME = "Gracewyn"
"""A given name that stands nowhere else."""


def furnish(path: Path, entries: int = 3, pack_name: str = "standard") -> Path:
    """A home with two people of nobody's face and a journal, as a pack would make it."""
    pack = load_manifest().pack(pack_name)
    dimensions = pack.file("embedding").dimensions
    with OpenHome.open(path) as open_home:
        for number, subject in enumerate((ANNA, BORIS)):
            made = [template(number, pack.space, dimensions or 0)]
            open_home.references.enrol(subject, made, AGREED, NAME)
        for number in range(entries):
            open_home.journal.append(entry(number))
    return path


def verified(home: Path) -> Verified:
    """The journal, followed from its first entry to its sealed end."""
    kept = Home(home)
    return verify_file(kept, FileKey(kept).derive(Purpose.JOURNAL_HEAD))


def rows(home: Path) -> Mapping[str, list[tuple[object, ...]]]:
    """Every row of the database, after it was found to be sound."""
    database = home / "references.db"
    assert ask(database, "PRAGMA integrity_check") == [("ok",)]
    tables = ("subjects", "refs", "facts")
    return {table: ask(database, f"SELECT * FROM {table}") for table in tables}  # noqa: S608


@dataclass(frozen=True)
class Kept:
    """What a home held at a moment."""

    home: Path
    files: Mapping[str, bytes]
    stored: Mapping[str, list[tuple[object, ...]]]

    @classmethod
    def of(cls, home: Path) -> Kept:
        stored = rows(home)
        return cls(home, tree(home), stored)

    def untouched(self) -> bool:
        """Whether every file is as it was, byte for byte, and none came."""
        return tree(self.home) == self.files

    def added_to(self) -> bool:
        """Whether people and key are as they were, and the journal goes on where it was."""
        journal = (self.home / "journal.jsonl").read_bytes()
        return (
            rows(self.home) == self.stored
            and (self.home / "key").read_bytes() == self.files["key"]
            and journal.startswith(self.files["journal.jsonl"])
            and verified(self.home).sealed
        )
