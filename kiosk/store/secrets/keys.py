"""The master key: its access rights, its creation, and the keys derived from it.

A key is created once, while no data exists that needs one. The journal head is created before the
key becomes current: a key without a journal means that the journal was removed. A key is never
replaced silently: if it is missing while data exists, or readable by others, the kiosk stops. The
master key never leaves its source; each purpose has a derived key.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.domain.errors import JournalTampered, StoreKeyError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.store.home import Home, flush_directory, write_whole
from kiosk.store.journal.head import Head, HeadFile, begin

KEY_BYTES = 32
KIOSK_ID_BYTES = 8
MAKE_KEY = Remedy(
    "Make a new key for the kiosk; its start makes one too, and so does enrolling somebody.",
    NextStep.MAKE_KEY,
)
"""The remedy for a kiosk that has no key, and nothing that needs one."""


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


class KeySource(Protocol):
    """A holder of the master key: a file now, a sealed credential or a TPM later."""

    def derive(self, purpose: Purpose) -> bytes:
        """The 32 byte key for one purpose.

        Raises:
            StoreKeyError: there is no usable master key.
        """
        ...


class FileKey:
    """A master key in a file that only its owner can read.

    Args:
        home: holds the key, and the data that would be lost with it.
    """

    def __init__(self, home: Home) -> None:
        self._home = home

    def __repr__(self) -> str:
        return f"FileKey({str(self._home.key)!r}, <hidden>)"

    def derive(self, purpose: Purpose) -> bytes:
        """The 32 byte key for one purpose.

        Raises:
            StoreKeyError: the file is missing while data exists, or is not a key of this user.
        """
        return derive(self._master(), purpose)

    def create(self) -> None:
        """Create a key and a journal if there is no key and no data that needs the old one.

        Raises:
            StoreKeyError: data exists, or the file cannot be written.
        """
        try:
            with self._home.locked():
                if not os.path.lexists(self._home.key):
                    self._make()
        except OSError as error:
            raise _unusable(self._home.key, f"cannot be made: {error.strerror}") from error

    def _make(self) -> None:
        spare = self._home.key.with_name("key.new")
        if not self._is_begun(spare):
            orphans = [path.name for path in _data(self._home) if os.path.lexists(path)]
            if orphans:
                raise _missing(self._home.key, orphans)
            write_whole(spare, master := secrets.token_bytes(KEY_BYTES))
            begin(self._home, derive(master, Purpose.JOURNAL_HEAD))
        spare.replace(self._home.key)
        flush_directory(self._home.path)

    def _is_begun(self, spare: Path) -> bool:
        """True if a power cut came after the journal head and before the key that seals it."""
        try:
            master = self._read(spare)
            return HeadFile(self._home.head).read(derive(master, Purpose.JOURNAL_HEAD)) == Head()
        except (StoreKeyError, JournalTampered, OSError):
            return False

    def _master(self) -> bytes:
        return self._read(self._home.key)

    def _read(self, path: Path) -> bytes:
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(path, flags)
        except FileNotFoundError as error:
            raise _missing(path, [p.name for p in _data(self._home) if p.exists()]) from error
        except OSError as error:
            raise _unusable(path, f"cannot be read: {error.strerror}") from error
        try:
            _check_ownership(path, os.fstat(descriptor))
            key = os.read(descriptor, KEY_BYTES + 1)
        finally:
            os.close(descriptor)
        if len(key) != KEY_BYTES:
            raise _unusable(path, f"does not hold {KEY_BYTES} bytes")
        return key


def kiosk_id(key: KeySource) -> str:
    """The unique id of this kiosk: 16 hexadecimal digits, not secret.

    Raises:
        StoreKeyError: there is no usable master key.
    """
    return key.derive(Purpose.KIOSK_ID)[:KIOSK_ID_BYTES].hex()


def derive(master: bytes, purpose: Purpose) -> bytes:
    """HKDF-SHA256 (RFC 5869) of the master key, labelled with its purpose."""
    label = f"lintel/1/{purpose.value}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label).derive(master)


def _data(home: Home) -> Sequence[Path]:
    return home.references, home.journal, home.head, home.presence, home.admin, home.attempts


def _check_ownership(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _unusable(path, "is not a plain file")
    if status.st_uid != os.geteuid():
        raise StoreKeyError(
            f"The key {path} belongs to another user.",
            "Run the command as the user to whom the kiosk's home belongs.",
        )
    if stat.S_IMODE(status.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise StoreKeyError(
            f"The key {path} can be used by others (mode {stat.S_IMODE(status.st_mode):04o}).",
            f"Treat it as known to them; if it is not, run `chmod 600 {path}`.",
        )


def _missing(path: Path, orphans: Sequence[str]) -> StoreKeyError:
    needing = f" although {' and '.join(orphans)} need it" if orphans else ""
    return StoreKeyError(
        f"The key {path} is missing{needing}.",
        "Put the key back from its backup; without it what is stored cannot be read."
        if orphans
        else MAKE_KEY,
    )


def _unusable(path: Path, why: str) -> StoreKeyError:
    return StoreKeyError(f"The key {path} {why}.", "Put the key back from its backup.")
