"""A folder with the keys of admins, of the publisher, or of both, and the root of trust.

It may hold the keys of one admin, of several, or of the publisher alone; each is used for what it
may sign. The newest root that was seen is kept beside them: an older one cannot come back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from securesystemslib.signer import CryptoSigner

from kiosk.domain.errors import BadInput
from kiosk.fleet.sealing import WrappingKey
from kiosk.fleet.trust.key_file import PrivateKeys, is_open, read_keys, write_keys
from kiosk.fleet.trust.seen import SeenVersions
from kiosk.store.home import OWNER_ONLY_DIRECTORY, flush_directory, read_whole, replace_whole

PUBLISHER = "publisher.key"
ADMINS = "admin-*.key"
ROOT = "root.json"
SEEN = "seen.json"


@dataclass(frozen=True)
class Keyring:
    """The keys of one folder. Never printed.

    Args:
        folder: where they lie.
        passphrase: of those that have one.

    Raises:
        StoreKeyError: a key file cannot be used; when it is needed.
    """

    folder: Path
    passphrase: bytes | None = None

    def __repr__(self) -> str:
        return f"Keyring({str(self.folder)!r}, <hidden>)"

    @classmethod
    def create(cls, folder: Path, admins: int, passphrase: bytes | None) -> Keyring:
        """New keys for so many admins and a publisher.

        Raises:
            BadInput: the folder holds some, or cannot be written.
        """
        try:
            folder.mkdir(OWNER_ONLY_DIRECTORY, parents=True, exist_ok=True)
            for number in range(1, admins + 1):
                drawn = PrivateKeys.draw(opens=True)
                write_keys(folder / ADMINS.replace("*", str(number)), drawn, passphrase)
            write_keys(folder / PUBLISHER, PrivateKeys.draw(opens=False), None)
            flush_directory(folder)
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise BadInput(
                f"The folder {folder} cannot hold keys: {why}.", "Choose another folder."
            ) from error
        return cls(folder, passphrase)

    @cached_property
    def admins(self) -> tuple[PrivateKeys, ...]:
        """The keys of the admins that lie here."""
        return tuple(read_keys(path, self.passphrase) for path in self._admin_files())

    @cached_property
    def publisher(self) -> CryptoSigner | None:
        """The publisher's key; None where it is not here."""
        path = self.folder / PUBLISHER
        return read_keys(path, self.passphrase).signer if os.path.lexists(path) else None

    @property
    def opening(self) -> Iterator[WrappingKey]:
        """The keys that open the keys of scopes."""
        return (each.opening for each in self.admins if each.opening is not None)

    @property
    def unprotected(self) -> int:
        """How many admins' keys here have no passphrase."""
        return sum(map(is_open, self._admin_files()))

    @property
    def protected(self) -> bool:
        """True if a key here has a passphrase."""
        return self.unprotected < len(self._admin_files())

    @property
    def root(self) -> bytes:
        """The newest root of trust that was seen.

        Raises:
            BadInput: there is none.
        """
        try:
            return read_whole(self.folder / ROOT)
        except OSError as error:
            raise BadInput(
                f"The folder {self.folder} holds no root of trust ({ROOT}).",
                "Put the fleet's newest root there, from an admin, not from the store.",
            ) from error

    @property
    def seen(self) -> SeenVersions:
        """The newest versions that were seen with these keys."""
        return SeenVersions(self.folder / SEEN)

    def keep_root(self, root: bytes) -> None:
        """Remember the newest root of trust."""
        replace_whole(self.folder / ROOT, root)

    def _admin_files(self) -> list[Path]:
        return sorted(self.folder.glob(ADMINS))
