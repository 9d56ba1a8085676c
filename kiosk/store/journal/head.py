"""The journal's head: how far the journal goes and what else is kept, sealed with the kiosk's key.

A hash chain alone proves nothing about its end: whoever can write the file can cut it, or write
it anew. The head says number, hash and length of what is acknowledged, the state of everything
else that the kiosk keeps, and the latest time that it has known; it cannot be made without the
key. It is replaced as a whole, so that a power cut leaves the old one or the new one.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.domain.audit import GENESIS
from kiosk.domain.errors import JournalTampered
from kiosk.store.home import Home, flush_directory, read_whole, write_whole

States = Mapping[str, tuple[str, ...]]
"""By the name of what is kept: the state that it is in; two of them while it is being changed."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last acknowledged entry.

    Attributes:
        number: of the entry; 0 before the first.
        hash: of the entry.
        size: bytes of the journal up to the entry's end.
        kept: what else is kept, and how it is; None in a head of an older program.
        latest_ms: no moment that the kiosk has known was later; milliseconds since 1970.
    """

    number: int = 0
    hash: str = GENESIS
    size: int = 0
    kept: States | None = field(default=None, compare=False)
    latest_ms: int = field(default=0, compare=False)

    def said(self) -> dict[str, Any]:
        """All that it says, as JSON has it."""
        place: dict[str, Any] = {"number": self.number, "hash": self.hash, "size": self.size}
        if self.kept is None:
            return place
        kept = {name: list(states) for name, states in self.kept.items()}
        return place | {"kept": kept, "latest_ms": self.latest_ms}

    def seal(self, key: bytes) -> str:
        """HMAC-SHA256 over all that the head says."""
        said = f"lintel/1/journal-head/{self.number}/{self.hash}/{self.size}"
        if self.kept is not None:
            text = json.dumps(self.said(), sort_keys=True, separators=(",", ":"))
            said = f"lintel/2/journal-head/{text}"
        return hmac.digest(key, said.encode(), "sha256").hex()


@dataclass(frozen=True, slots=True)
class HeadFile:
    """The file that holds it."""

    path: Path

    def read(self, key: bytes | None) -> Head | None:
        """The head; None where there is no file.

        Args:
            key: the seal is checked with it; None reads the head without a check.

        Raises:
            JournalTampered: it is not a head, or its seal is not ours.
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
        """Write the next head beside the one that counts."""
        text = json.dumps(head.said() | {"seal": head.seal(key)})
        write_whole(self._spare, text.encode() + b"\n")

    def publish(self) -> None:
        """Let the staged head count; a power cut may still bring the one before back."""
        self._spare.replace(self.path)

    def settle(self) -> None:
        """Make the published head survive a power cut."""
        flush_directory(self.path.parent)

    @property
    def _spare(self) -> Path:
        return self.path.with_name(f"{self.path.name}.new")


def begin(home: Home, key: bytes) -> None:
    """A journal without an entry, its head first: a journal without a head is never a new one."""
    head = HeadFile(home.head)
    head.stage(Head(kept={}), key)
    head.publish()
    write_whole(home.journal, b"")
    head.settle()


def _head(raw: Mapping[str, Any]) -> Head:
    place = int(raw["number"]), str(raw["hash"]), int(raw["size"])
    if "kept" not in raw:
        return Head(*place)
    kept = {str(name): tuple(map(str, states)) for name, states in raw["kept"].items()}
    return Head(*place, kept, int(raw["latest_ms"]))


def tampered(problem: str) -> JournalTampered:
    """Somebody or something changed the journal outside this program."""
    return JournalTampered(
        f"{problem}.",
        "`kiosk audit export` copies what verifies; `kiosk audit renew` keeps the old "
        "journal for an inquiry and begins a new one.",
    )
