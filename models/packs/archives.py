"""Extraction of one member of a package archive, by its exact name; nothing else is unpacked.

Paths in an archive are never used as paths on disk, so path traversal is impossible.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import IO

from kiosk.domain.errors import ModelError
from models.packs.atomic_file import CHUNK_BYTES, Partial

MOST_BESIDE_BYTES = 256 * 1024 * 1024
"""Maximum size of other content in a tarball besides the wanted member."""
_DAMAGED = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    RuntimeError,
    ValueError,
)


def take_from_wheel(archive: Path, member: str, partial: Partial) -> None:
    """Fill ``partial`` with a member of a wheel.

    Raises:
        ModelError: the archive is damaged, the member is missing or of another size.
        OSError: the bytes cannot be written to disk.
    """
    try:
        with zipfile.ZipFile(archive) as wheel:
            if member not in wheel.namelist():
                raise _missing(archive, member)
            with wheel.open(member) as stream:
                _copy(stream, partial)
    except _DAMAGED as error:
        raise _damaged(archive) from error


def take_from_tarball(archive: Path, member: str, partial: Partial) -> None:
    """Fill ``partial`` with a member of a gzipped tarball, and unpack little else.

    Raises:
        ModelError: the archive is damaged, the member is missing or of another size.
        OSError: the bytes cannot be written to disk.
    """
    try:
        most = partial.file.bytes + MOST_BESIDE_BYTES
        with (
            gzip.open(archive) as unpacked,
            tarfile.open(fileobj=_Bounded(unpacked, most), mode="r|") as tarball,
        ):
            for entry in tarball:
                if entry.name == member and entry.isreg():
                    stream = tarball.extractfile(entry)
                    if stream is not None:
                        _copy(stream, partial)
                        return
    except _DAMAGED as error:
        raise _damaged(archive) from error
    raise _missing(archive, member)


class _Bounded(io.RawIOBase):
    """Unpacked data up to a limit: a small archive can unpack to more than any disk holds.

    Args:
        stream: decompresses as it is read.
        most: bytes.
    """

    def __init__(self, stream: gzip.GzipFile, most: int) -> None:
        self._stream = stream
        self._left = most

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes.

        Raises:
            ModelError: the limit is exceeded.
        """
        piece = self._stream.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(piece)
        if self._left < 0:
            raise ModelError("it unpacks to more than a package may hold")
        return piece


def _copy(stream: IO[bytes], partial: Partial) -> None:
    partial.reset()
    while piece := stream.read(CHUNK_BYTES):
        partial.append(piece)


def _missing(archive: Path, member: str) -> ModelError:
    return ModelError(f"{archive.name} has no member {member}")


def _damaged(archive: Path) -> ModelError:
    return ModelError(f"{archive.name} is damaged")
