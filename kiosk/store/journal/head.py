"""The journal head: the journal's end and the state of all other files, sealed with the key.

A hash chain alone proves nothing about its end: any process that can write the file can truncate or
rewrite it. The head holds number, hash and length of the acknowledged journal, the state of every
other stored file, and the latest known time. It cannot be made without the key. It is replaced as a
whole, so that a power cut leaves either the old or the new head.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kiosk.domain.audit import GENESIS
from kiosk.domain.errors import JournalTampered, StoreError
from kiosk.domain.remedies import KEEP_AND_RENEW
from kiosk.store.home import Home, flush_directory, read_whole, write_whole

FORMAT = 3
"""Of a head whose journal does not begin with its first entry; the newest that is known here."""

States = Mapping[str, tuple[str, ...]]
"""The valid states of each stored file, by name; two while a file is being changed."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The place at which a journal begins, after its older entries went.

    Attributes:
        number: the number of the last entry that went; 0 if none did.
        hash: its hash, which the first entry that is left continues.
    """

    number: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Head:
    """The last acknowledged entry, and the states of all other files.

    Attributes:
        number: the number of the entry; 0 before the first.
        hash: the hash of the entry.
        size: bytes of the journal up to the entry's end.
        kept: the states of the other files; None in a head written by an older version.
        latest_ms: the latest time known to have passed; milliseconds since 1970.
        begins: where the journal begins.
        cut: while entries are being taken away, their bytes: the file may still have them before
            the ``size`` bytes that count; otherwise 0.
    """

    number: int = 0
    hash: str = GENESIS
    size: int = 0
    kept: States | None = field(default=None, compare=False)
    latest_ms: int = field(default=0, compare=False)
    begins: Beginning = field(default=Beginning(), compare=False)
    cut: int = field(default=0, compare=False)

    def start(self) -> Head:
        """The place before the first entry that is left."""
        return Head(self.begins.number, self.begins.hash, 0)

    def said(self) -> dict[str, Any]:
        """The head's content, as a JSON object."""
        place: dict[str, Any] = {"number": self.number, "hash": self.hash, "size": self.size}
        if self.kept is None:
            return place
        kept = {name: list(states) for name, states in self.kept.items()}
        said = {"kept": kept, "latest_ms": self.latest_ms}
        if self.begins == Beginning():
            return place | said
        begins = {"number": self.begins.number, "hash": self.begins.hash, "cut": self.cut}
        return {"format": FORMAT, "end": place, "begins": begins, **said}

    def seal(self, key: bytes) -> str:
        """HMAC-SHA256 over the head's content."""
        said = f"lintel/1/journal-head/{self.number}/{self.hash}/{self.size}"
        if self.kept is not None:
            text = json.dumps(self.said(), sort_keys=True, separators=(",", ":"))
            form = 2 if self.begins == Beginning() else FORMAT
            said = f"lintel/{form}/journal-head/{text}"
        return hmac.digest(key, said.encode(), "sha256").hex()


@dataclass(frozen=True, slots=True)
class HeadFile:
    """The file of a head."""

    path: Path

    def read(self, key: bytes | None) -> Head | None:
        """The head; None where there is no file.

        Args:
            key: checks the seal; None reads the head unchecked.

        Raises:
            JournalTampered: it is not a head, or its seal is not this kiosk's.
            StoreError: a newer program wrote it.
        """
        try:
            raw = json.loads(read_whole(self.path))
            head, seal = _head(raw), str(raw["seal"])
        except FileNotFoundError:
            return None
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            OverflowError,
            RecursionError,
        ) as error:
            raise tampered(f"The journal's head {self.path} cannot be understood") from error
        if key is not None and not hmac.compare_digest(seal.encode(), head.seal(key).encode()):
            raise tampered(f"The seal of the journal's head {self.path} is not this kiosk's")
        return head

    def stage(self, head: Head, key: bytes) -> None:
        """Write the next head beside the current one."""
        text = json.dumps(head.said() | {"seal": head.seal(key)})
        write_whole(self._spare, text.encode() + b"\n")

    def publish(self) -> None:
        """Make the staged head current; a power cut may still restore the old one."""
        self._spare.replace(self.path)

    def settle(self) -> None:
        """Make the published head survive a power cut."""
        flush_directory(self.path.parent)

    @property
    def _spare(self) -> Path:
        return self.path.with_name(f"{self.path.name}.new")


def begin(home: Home, key: bytes) -> None:
    """Create an empty journal, its head first: a journal without a head is never a new one."""
    head = HeadFile(home.head)
    head.stage(Head(kept={}), key)
    head.publish()
    write_whole(home.journal, b"")
    head.settle()


def _head(raw: Mapping[str, Any]) -> Head:
    form = int(raw.get("format", 0))
    if form > FORMAT:
        raise StoreError(
            f"The journal's head is of version {form}; this program knows {FORMAT}.",
            "Install the newer program again; everything was left as it is.",
        )
    if form == FORMAT:
        begins = raw["begins"]
        return replace(
            _head({**raw["end"], "kept": raw["kept"], "latest_ms": raw["latest_ms"]}),
            begins=Beginning(int(begins["number"]), str(begins["hash"])),
            cut=int(begins["cut"]),
        )
    place = int(raw["number"]), str(raw["hash"]), int(raw["size"])
    if "kept" not in raw:
        return Head(*place)
    kept = {str(name): tuple(map(str, states)) for name, states in raw["kept"].items()}
    return Head(*place, kept, int(raw["latest_ms"]))


def tampered(problem: str) -> JournalTampered:
    """The error for a journal that was changed outside this program."""
    return JournalTampered(f"{problem}.", KEEP_AND_RENEW)
