"""A folder with the keys of admins, of the publisher, or of both, and the root of trust.

It may hold the keys of one admin, of several, or of the publisher alone; each is used for what it
may sign. The newest root that was seen is kept beside them: an older one cannot come back.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, Root
from tuf.api.serialization import DeserializationError

from kiosk.domain.errors import BadInput, StoreKeyError
from kiosk.fleet.sealing import WrappingKey
from kiosk.fleet.trust.elsewhere import KeyElsewhere
from kiosk.fleet.trust.key_file import PrivateKeys, is_open, read_keys, write_keys
from kiosk.fleet.trust.seen import SeenVersions
from kiosk.store.home import OWNER_ONLY_DIRECTORY, flush_directory, read_whole, replace_whole

PUBLISHER = "publisher.key"
NEXT_PUBLISHER = "publisher-next.key"
"""The publisher's key in the making: it becomes the publisher's once a root names it."""
ADMINS = "admin-*.key"
_NAME = re.compile(r"admin-[a-z0-9-]{1,40}")
ROOT, FORMER_ROOTS = "root.json", "root-*.json"
SEEN = "seen.json"


@dataclass(frozen=True, slots=True)
class AdminKeys:
    """The keys of one admin that lie here. Never printed.

    Attributes:
        name: as the file is called, such as `admin-2`.
        signer: signs.
        opening: opens the keys of scopes; None where that key is not here.
    """

    name: str
    signer: Signer
    opening: WrappingKey | None

    def __repr__(self) -> str:
        return f"AdminKeys({self.name!r}, <hidden>)"

    @property
    def keyid(self) -> str:
        """The id of the signing key, by which the root names it."""
        return str(self.signer.public_key.keyid)


@dataclass(frozen=True)
class Keyring:
    """The keys of one folder. Never printed.

    Args:
        folder: where they lie.
        passphrase: of those that have one.
        partly: True where fewer sign than have to, for others to sign too.

    Raises:
        StoreKeyError: a key file cannot be used; when it is needed.
    """

    folder: Path
    passphrase: bytes | None = None
    partly: bool = False

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
                write_keys(folder / f"admin-{number}.key", drawn, passphrase)
            write_keys(folder / PUBLISHER, PrivateKeys.draw(opens=False), None)
            flush_directory(folder)
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise BadInput(
                f"The folder {folder} cannot hold keys: {why}.", "Choose another folder."
            ) from error
        return cls(folder, passphrase)

    @classmethod
    def make_admin(
        cls,
        folder: Path,
        name: str,
        passphrase: bytes | None,
        elsewhere: KeyElsewhere | None = None,
    ) -> AdminKeys:
        """New keys for one admin, in a folder of their own or beside others.

        Args:
            folder: where they will lie.
            name: of the file.
            passphrase: of the file.
            elsewhere: the signing key, where it lies in a token or a service.

        Raises:
            BadInput: there are some of that name, the name is none, or the folder cannot be
                written.
        """
        if not _NAME.fullmatch(name):
            raise BadInput(f"{name[:60]!r} is not a name for an admin.", "Begin it with admin-.")
        try:
            folder.mkdir(OWNER_ONLY_DIRECTORY, parents=True, exist_ok=True)
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise BadInput(
                f"The folder {folder} cannot hold keys: {why}.", "Choose another folder."
            ) from error
        keys = PrivateKeys.draw(opens=True)
        if elsewhere is not None:
            keys = PrivateKeys.draw_opening(elsewhere)
        ring = cls(folder, passphrase)
        ring._write(folder / f"{name}.key", keys, passphrase)
        return ring._admin(folder / f"{name}.key")

    @staticmethod
    def refuse_taken(folder: Path) -> None:
        """Check that a folder holds no keys yet.

        Raises:
            BadInput: it holds some.
        """
        for path in (*folder.glob(ADMINS), folder / PUBLISHER):
            if os.path.lexists(path):
                raise BadInput(f"The key file {path} exists already.", "Choose another folder.")

    @cached_property
    def admins(self) -> tuple[AdminKeys, ...]:
        """The keys of the admins that lie here."""
        return tuple(map(self._admin, self._admin_files()))

    @cached_property
    def publisher(self) -> Signer | None:
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

    @property
    def former_roots(self) -> list[Root]:
        """The roots that were the newest here before; what they signed may have to be taken over.

        Raises:
            StoreKeyError: a file is damaged.
        """
        found = self.folder.glob(FORMER_ROOTS)
        return sorted(map(_root, found), key=lambda root: root.version)

    def keep_root(self, root: bytes) -> None:
        """Remember the newest root of trust, and the one before."""
        path = self.folder / ROOT
        if path.exists() and (before := read_whole(path)) != root:
            version = Metadata[Root].from_bytes(before).signed.version
            replace_whole(self.folder / FORMER_ROOTS.replace("*", str(version)), before)
        replace_whole(path, root)

    def draw_admin(self, name: str) -> AdminKeys:
        """New keys for an admin, kept here with the passphrase of the others.

        Raises:
            BadInput: there is a file of that name, or the folder cannot be written.
        """
        path = self.folder / f"{name}.key"
        self._write(path, PrivateKeys.draw(opens=True), self.passphrase)
        return self._admin(path)

    def draw_publisher(self) -> Signer:
        """A new key for the publisher, or the one that was drawn and not named by a root yet."""
        path = self.folder / NEXT_PUBLISHER
        if not os.path.lexists(path):
            self._write(path, PrivateKeys.draw(opens=False), None)
        return read_keys(path, None).signer

    def settle_publisher(self, root: Root) -> None:
        """Put the key in the making in the publisher's place, if a root names it."""
        path = self.folder / NEXT_PUBLISHER
        if not os.path.lexists(path):
            return
        if read_keys(path, None).signer.public_key.keyid in root.roles["timestamp"].keyids:
            path.replace(self.folder / PUBLISHER)
            flush_directory(self.folder)
            self.__dict__.pop("publisher", None)

    def _write(self, path: Path, keys: PrivateKeys, passphrase: bytes | None) -> None:
        try:
            write_keys(path, keys, passphrase)
            flush_directory(self.folder)
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise BadInput(f"{path} cannot be written: {why}.", "Choose another folder.") from error
        self.__dict__.pop("admins", None)

    def _admin(self, path: Path) -> AdminKeys:
        keys = read_keys(path, self.passphrase)
        return AdminKeys(path.stem, keys.signer, keys.opening)

    def _admin_files(self) -> list[Path]:
        return sorted(self.folder.glob(ADMINS))


def _root(path: Path) -> Root:
    try:
        return Metadata[Root].from_bytes(read_whole(path)).signed
    except (DeserializationError, OSError) as error:
        raise StoreKeyError(
            f"{path} is no root of trust.", "Put it back from its backup, or remove it."
        ) from error
