"""A backup's file: a tar archive sealed with a passphrase, and authenticated as a whole.

Scrypt (RFC 7914) makes the key from the passphrase and a random salt. Each piece is AES-256-GCM
under the file's own key, numbered, and the last one is marked, so that no piece can be left out,
moved, or taken from another file, and no end can be cut off (the STREAM construction).
"""

from __future__ import annotations

import os
import secrets
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import IO, BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from kiosk.domain.errors import BadInput, Refused
from kiosk.store.home import OWNER_ONLY_FILE, flush_directory

MAGIC = b"lintel-backup "
FORMAT = b"1"
SALT_BYTES = 16
COST = 2**17
"""Of scrypt: 128 MB of memory for each guess. Part of the format."""
PIECE_BYTES = 1 << 20
TAG_BYTES = 16
_HEADER = MAGIC + FORMAT + b"\n"
_COUNTER_BYTES = 11


class ArchiveWriter:
    """Writes one backup. Use `written`.

    Args:
        tar: the archive.
    """

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, content: bytes) -> None:
        """Add an entry."""
        info = tarfile.TarInfo(name)
        info.size = len(content)
        self._tar.addfile(info, BytesIO(content))

    def add_file(self, name: str, file: BinaryIO, size: int) -> None:
        """Add an entry from an open file, from where it stands."""
        info = tarfile.TarInfo(name)
        info.size = size
        self._tar.addfile(info, file)


@contextmanager
def written(path: Path, passphrase: bytes) -> Iterator[ArchiveWriter]:
    """Write a new backup, for its owner only: it is there as a whole, or not at all.

    Raises:
        BadInput: there is a file of that name, or it cannot be written.
    """
    if os.path.lexists(path):
        raise BadInput(f"{path} is there already.", "Name a new file.")
    spare = path.with_name(f".{path.name}.new")
    try:
        spare.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(spare, flags, OWNER_ONLY_FILE), "wb") as file:
            sealing = _SealingFile(file, passphrase)
            with tarfile.open(
                fileobj=_as_file(sealing), mode="w|", format=tarfile.PAX_FORMAT
            ) as tar:
                yield ArchiveWriter(tar)
            sealing.finish()
            file.flush()
            os.fsync(file.fileno())
        spare.rename(path)
        flush_directory(path.parent)
    except OSError as error:
        raise BadInput(
            f"The backup {path} cannot be written: {os.strerror(error.errno or 0)}.",
            "Name a file in a folder of yours, on media with room.",
        ) from error
    finally:
        with suppress(OSError):
            spare.unlink(missing_ok=True)


@contextmanager
def opened(path: Path, passphrase: bytes) -> Iterator[tarfile.TarFile]:
    """Open a backup, to be read from its beginning to its end.

    Its pieces are verified as they are read. That none is missing is known only where this context
    is left without an error: nothing counts before.

    Raises:
        BadInput: it cannot be read, or is none.
        Refused: it was changed or cut, the passphrase is another one, or a newer program made it.
    """
    try:
        with path.open("rb") as file:
            sealed = _SealedFile(file, path, passphrase)
            with tarfile.open(fileobj=_as_file(sealed), mode="r|") as tar:
                yield tar
            while sealed.read(PIECE_BYTES):
                pass
    except tarfile.TarError as error:
        raise _damaged(path) from error
    except OSError as error:
        raise BadInput(
            f"The backup {path} cannot be read: {os.strerror(error.errno or 0)}.",
            "See whether it is there, and to whom it belongs.",
        ) from error


class _SealingFile:
    """A file object that seals what is written to it, piece by piece."""

    def __init__(self, file: BinaryIO, passphrase: bytes) -> None:
        self._file, self._waiting, self._number = file, bytearray(), 0
        salt = secrets.token_bytes(SALT_BYTES)
        self._cipher, self._header = _cipher(passphrase, salt), _HEADER + salt
        file.write(self._header)

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) > PIECE_BYTES:  # the last piece is never empty
            self._put(bytes(self._waiting[:PIECE_BYTES]), last=False)
            del self._waiting[:PIECE_BYTES]
        return len(data)

    def finish(self) -> None:
        self._put(bytes(self._waiting), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        nonce = _nonce(self._number, last=last)
        self._file.write(self._cipher.encrypt(nonce, piece, self._header))
        self._number += 1


class _SealedFile:
    """A file object that reads what `_SealingFile` has written; each piece is verified first."""

    def __init__(self, file: BinaryIO, path: Path, passphrase: bytes) -> None:
        self._file, self._path, self._number = file, path, 0
        self._left, self._next, self._ended = b"", b"", False
        start = file.read(len(_HEADER))
        if start != _HEADER:
            raise _of_another_version(path) if start.startswith(MAGIC) else _no_backup(path)
        salt = file.read(SALT_BYTES)
        if len(salt) != SALT_BYTES:
            raise _damaged(path)
        self._cipher, self._header = _cipher(passphrase, salt), _HEADER + salt
        self._next = file.read(PIECE_BYTES + TAG_BYTES)
        self._advance()

    def read(self, size: int) -> bytes:
        parts, wanted = [], size
        while wanted and (self._left or not self._ended):
            if not self._left:
                self._advance()
            part, self._left = self._left[:wanted], self._left[wanted:]
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)

    def _advance(self) -> None:
        piece, self._next = self._next, self._file.read(PIECE_BYTES + TAG_BYTES)
        last = not self._next
        try:
            self._left = self._cipher.decrypt(_nonce(self._number, last=last), piece, self._header)
        except (InvalidTag, ValueError) as error:
            raise _damaged(self._path, first=self._number == 0) from error
        self._number, self._ended = self._number + 1, last


def _as_file(piecewise: _SealingFile | _SealedFile) -> IO[bytes]:
    """All of a file that a tar archive in one direction asks for."""
    return cast("IO[bytes]", piecewise)


def _cipher(passphrase: bytes, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=COST, r=8, p=1).derive(passphrase))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_COUNTER_BYTES, "big") + bytes([last])


def _no_backup(path: Path) -> BadInput:
    return BadInput(f"{path} is no backup of a kiosk.", "Name a file that a kiosk has written.")


def _of_another_version(path: Path) -> Refused:
    return Refused(f"The backup {path} was made by a newer program.", "Install that one.")


def _damaged(path: Path, *, first: bool = False) -> Refused:
    why = "has another passphrase, or " if first else ""
    return Refused(
        f"The backup {path} {why}was changed, or is damaged or not whole.",
        "Give the passphrase that it was made with, or take another backup; nothing was restored.",
    )
