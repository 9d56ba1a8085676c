"""The master key in memory, and the keys that are derived from it, one for each purpose."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


class Purpose(Enum):
    """The purpose of a derived key; its label separates it from every other."""

    REFERENCES = "references"
    JOURNAL_HEAD = "journal-head"
    BADGES = "badges"
    PRESENCE = "presence"
    ADMIN = "admin"
    ATTEMPTS = "attempts"
    ROLL = "roll"
    KIOSK_ID = "kiosk-id"
    ANCHOR = "anchor"
    INVITATIONS = "invitations"
    ERASED = "erased"
    LAST_USE = "last-use"
    FLEET = "fleet"
    FLEET_REPORTS = "fleet-reports"
    FLEET_SETTINGS = "fleet-settings"
    SCOPES = "scopes"
    LAST_BACKUP = "last-backup"


LASTING = (
    Purpose.KIOSK_ID,
    Purpose.BADGES,
    Purpose.INVITATIONS,
    Purpose.ERASED,
    Purpose.ANCHOR,
)
"""Purposes whose keys outlive a rotation: others hold what was made with them. None of them opens
anything. The order is that on disk; a new one is added at the end."""

LENGTHS = (KEY_BYTES, KEY_BYTES * (1 + len(LASTING)))
"""The lengths of an encoded key: of one that was never rotated, and of one that was."""


def derive(master: bytes, purpose: Purpose) -> bytes:
    """HKDF-SHA256 (RFC 5869) of the master key, labelled with its purpose."""
    label = f"lintel/1/{purpose.value}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label).derive(master)


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A master key. Never printed.

    Attributes:
        master: 32 random bytes.
        lasting: keys that an earlier master key had derived, by purpose.
    """

    master: bytes
    lasting: Mapping[Purpose, bytes] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "MasterKey(<hidden>)"

    @classmethod
    def draw(cls) -> Self:
        """A new one."""
        return cls(secrets.token_bytes(KEY_BYTES))

    def derive(self, purpose: Purpose) -> bytes:
        """The 32 byte key for one purpose."""
        return self.lasting.get(purpose) or derive(self.master, purpose)

    def rotated(self) -> MasterKey:
        """A new master key of the same kiosk: what others hold of it counts as before."""
        lasting = {purpose: self.derive(purpose) for purpose in LASTING}
        return MasterKey(secrets.token_bytes(KEY_BYTES), lasting)

    def encode(self) -> bytes:
        """The content of a key file."""
        return b"".join((self.master, *(self.lasting[each] for each in LASTING if self.lasting)))

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Decode the result of `encode`.

        Raises:
            ValueError: it is something else.
        """
        if len(content) not in LENGTHS:
            raise ValueError(len(content))
        keys = [content[at : at + KEY_BYTES] for at in range(0, len(content), KEY_BYTES)]
        return cls(keys[0], dict(zip(LASTING, keys[1:], strict=False)))
