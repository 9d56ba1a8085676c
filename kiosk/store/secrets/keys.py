"""The master key's file: its access rights, its creation, and the keys derived from it.

A key is created once, while no data exists that needs one. The journal head is created before the
key becomes current: a key without a journal means that the journal was removed. A key is never
replaced silently: if it is missing while data exists, or readable by others, the kiosk stops. The
master key never leaves its source; each purpose has a derived key.

The file holds the key as it is, or sealed with a credential of the system. Which of the two a home
has is decided when its key is made, and again only by a rotation.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.domain.errors import JournalTampered, StoreError, StoreKeyError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.store.home import Home, flush_directory, write_whole
from kiosk.store.journal.head import Head, HeadFile, begin
from kiosk.store.secrets import credential
from kiosk.store.secrets.master_key import KEY_BYTES, LENGTHS, MasterKey, Purpose, derive
from kiosk.store.secrets.sealing import place, seal, unseal

__all__ = ["KEY_BYTES", "FileKey", "KeySource", "Purpose", "derive", "kiosk_id"]

FORMAT = 1
KIOSK_ID_BYTES = 8
MOST_FILE_BYTES = 4096
MAKE_KEY = Remedy(
    "Make a new key for the kiosk; its start makes one too, and so does enrolling somebody.",
    NextStep.MAKE_KEY,
)
"""The remedy for a kiosk that has no key, and nothing that needs one."""


class KeySource(Protocol):
    """A holder of the master key."""

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
            StoreKeyError: the file is missing while data exists, is not a key of this user, or the
                credential that it is sealed with is missing or another one.
            StoreError: an exchange of everything in the home has to be finished first.
        """
        return self.master().derive(purpose)

    def master(self) -> MasterKey:
        """The master key itself. Raises as `derive`."""
        if os.path.lexists(self._home.exchange):
            raise StoreError(
                f"An exchange of everything in {self._home.path} was interrupted.",
                Remedy("The kiosk's start finishes it.", NextStep.MAKE_KEY),
            )
        sealed = os.path.lexists(self._home.sealed_key)
        if sealed and os.path.lexists(self._home.key):
            raise StoreKeyError(
                f"There are two keys: {self._home.key} and {self._home.sealed_key}.",
                "See who has put one there, and move it away; nothing was opened with either.",
            )
        return self._opened(self._home.sealed_key if sealed else self._home.key)

    @property
    def credential(self) -> str | None:
        """The name of the credential that the key is sealed with; None for a plain file.

        Raises:
            StoreKeyError: the file cannot be read, or is damaged.
        """
        if not os.path.lexists(self._home.sealed_key):
            return None
        path = self._home.sealed_key
        return _credential_of(path, self._content(path))

    def create(self) -> None:
        """Create a key and a journal if there is no key and no data that needs the old one.

        It is sealed with the system's credential where that is handed over.

        Raises:
            StoreKeyError: data exists, or the file cannot be written.
        """
        try:
            with self._home.locked():
                if not self._home.has_key:
                    self._make()
        except OSError as error:
            raise _unusable(self._home.key, f"cannot be made: {error.strerror}") from error

    def _make(self) -> None:
        name = credential.USUAL_NAME if credential.offered() else None
        final = self._home.key if name is None else self._home.sealed_key
        spare = final.with_name(f"{final.name}.new")
        if not self._is_begun(spare):
            orphans = [path.name for path in _data(self._home) if os.path.lexists(path)]
            if orphans:
                raise _missing(self._home.key, orphans)
            master = MasterKey.draw()
            write_whole(spare, file_content(master, name))
            begin(self._home, master.derive(Purpose.JOURNAL_HEAD))
        spare.replace(final)
        flush_directory(self._home.path)

    def _is_begun(self, spare: Path) -> bool:
        """True if a power cut came after the journal head and before the key that seals it."""
        try:
            master = self._opened(spare)
            head = HeadFile(self._home.head).read(master.derive(Purpose.JOURNAL_HEAD))
        except (StoreKeyError, JournalTampered, OSError):
            return False
        return head == Head()

    def _opened(self, path: Path) -> MasterKey:
        content = self._content(path)
        if path.name.startswith(self._home.sealed_key.name):
            return _unsealed(path, content)
        try:
            return MasterKey.decode(content)
        except ValueError as error:
            plain, rotated = LENGTHS
            raise _unusable(path, f"does not hold {plain} bytes or {rotated}") from error

    def _content(self, path: Path) -> bytes:
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(path, flags)
        except FileNotFoundError as error:
            raise _missing(path, [p.name for p in _data(self._home) if p.exists()]) from error
        except OSError as error:
            raise _unusable(path, f"cannot be read: {error.strerror}") from error
        try:
            _check_ownership(path, os.fstat(descriptor))
            return os.read(descriptor, MOST_FILE_BYTES)
        finally:
            os.close(descriptor)


def file_content(master: MasterKey, name: str | None) -> bytes:
    """The content of a key's file.

    Args:
        master: the key.
        name: of the credential that seals it; None for none.

    Raises:
        StoreKeyError: the credential is missing, or cannot be used.
    """
    if name is None:
        return master.encode()
    sealed = seal(_cipher(name), master.encode(), place("key.sealed", name))
    return json.dumps({"format": FORMAT, "credential": name, "sealed": sealed.hex()}).encode()


def kiosk_id(key: KeySource) -> str:
    """The unique id of this kiosk: 16 hexadecimal digits, not secret.

    Raises:
        StoreKeyError: there is no usable master key.
    """
    return key.derive(Purpose.KIOSK_ID)[:KIOSK_ID_BYTES].hex()


def _unsealed(path: Path, content: bytes) -> MasterKey:
    name = _credential_of(path, content)
    try:
        sealed = bytes.fromhex(json.loads(content)["sealed"])
        return MasterKey.decode(unseal(_cipher(name), sealed, place("key.sealed", name)))
    except InvalidTag as error:
        raise _unusable(
            path,
            f"does not open with the credential {name}: it was sealed with another, or was changed",
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(path, "is damaged") from error


def _credential_of(path: Path, content: bytes) -> str:
    try:
        said = json.loads(content)
        form, name = int(said["format"]), str(said["credential"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _unusable(path, "is damaged") from error
    if form > FORMAT:
        raise StoreKeyError(
            f"The key {path} is of version {form}; this program knows {FORMAT}.",
            "Install the newer program again; everything was left as it is.",
        )
    return credential.check_name(name)


def _cipher(name: str) -> AESGCM:
    secret = credential.secret_of(name)
    label = b"lintel/1/credential"
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label).derive(secret))


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
