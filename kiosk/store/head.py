"""The journal's head: how far the journal goes, sealed with the kiosk's key.

A hash chain alone proves nothing about its end: whoever can write the file can cut it, or write
it anew. The head says number, hash and length of what is acknowledged, and cannot be made without
the key. It is replaced as a whole, so that a power cut leaves the old one or the new one.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from pathlib import Path

from kiosk.domain.audit import GENESIS
from kiosk.domain.errors import JournalTampered
from kiosk.store.home import flush_directory, write_whole


@dataclass(frozen=True, slots=True)
class Head:
    """The last acknowledged entry.

    Attributes:
        number: of the entry; 0 before the first.
        hash: of the entry.
        size: bytes of the journal up to the entry's end.
    """

    number: int = 0
    hash: str = GENESIS
    size: int = 0

    def seal(self, key: bytes) -> str:
        """HMAC-SHA256 over all that the head says."""
        said = f"lintel/1/journal-head/{self.number}/{self.hash}/{self.size}"
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
            raw = json.loads(self.path.read_bytes())
            head = Head(int(raw["number"]), str(raw["hash"]), int(raw["size"]))
            seal = str(raw["seal"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise tampered(f"The journal's head {self.path} cannot be understood") from error
        if key is not None and not hmac.compare_digest(seal.encode(), head.seal(key).encode()):
            raise tampered(f"The seal of the journal's head {self.path} is not this kiosk's")
        return head

    def stage(self, head: Head, key: bytes) -> None:
        """Write the next head beside the one that counts."""
        text = json.dumps(
            {
                "number": head.number,
                "hash": head.hash,
                "size": head.size,
                "seal": head.seal(key),
            }
        )
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


def tampered(problem: str) -> JournalTampered:
    """Somebody or something changed the journal outside this program."""
    return JournalTampered(
        f"{problem}.",
        "`kiosk audit export` copies what verifies; `kiosk audit renew` keeps the old "
        "journal for an inquiry and begins a new one.",
    )
