"""Where the photographs of a batch lie: a folder, or a ZIP archive that is never unpacked.

From an archive one photograph at a time is read into memory, never more of it than a photograph may
have, whatever the archive announces.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

from kiosk.domain.errors import BadInput, ImageError

MOST_ENTRIES = 1_000_000
MOST_RATIO = 100
"""Of a file's size to its size in the archive: a photograph can hardly be compressed at all."""
_READ = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Other methods cannot be read in bounded memory."""
_ENCRYPTED = 1
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError)


class PhotographSource(Protocol):
    """Photographs by their paths."""

    def holds(self, name: str) -> bool:
        """True if there is a file of that path."""
        ...

    def content(self, name: str) -> bytes:
        """The content of a photograph.

        Raises:
            ImageError: it cannot be read, is empty, or is too large.
        """
        ...


def photograph_source(path: Path, most_bytes: int) -> PhotographSource:
    """The photographs in a folder or an archive.

    Args:
        path: of either.
        most_bytes: of a photograph; a larger one is not read.

    Raises:
        BadInput: it is neither, or an archive that is not to be trusted.
    """
    if path.is_dir():
        return PhotographFolder(path, most_bytes)
    if not path.is_file():
        raise BadInput(f"There are no photographs in {path}.", "Name a folder or a ZIP archive.")
    return PhotographArchive(path, most_bytes)


class PhotographFolder:
    """Photographs in a folder and its subfolders.

    Args:
        path: of the folder.
        most_bytes: of a photograph.
    """

    def __init__(self, path: Path, most_bytes: int) -> None:
        self._path = path
        self._most = most_bytes

    def holds(self, name: str) -> bool:
        """True if there is a file of that path."""
        return (self._path / name).is_file()

    def content(self, name: str) -> bytes:
        """The content of a photograph."""
        try:
            with (self._path / name).open("rb") as file:
                _refuse_large(name, os.fstat(file.fileno()).st_size, self._most)
                content = file.read(self._most + 1)
        except OSError as error:
            raise ImageError(
                f"{name} cannot be read: {os.strerror(error.errno or 0)}.", "Check the path."
            ) from error
        return _whole(name, content, self._most)


class PhotographArchive:
    """Photographs in a ZIP archive.

    Args:
        path: of the archive.
        most_bytes: of a photograph.

    Raises:
        BadInput: it is no such archive, or holds what no archive of photographs does.
    """

    def __init__(self, path: Path, most_bytes: int) -> None:
        self._most = most_bytes
        with _trusted(path):
            self._archive = zipfile.ZipFile(path)
        entries = [each for each in self._archive.infolist() if not each.is_dir()]
        if len(entries) > MOST_ENTRIES:
            raise BadInput(f"{path} holds {len(entries):,} files.", f"{MOST_ENTRIES:,} are read.")
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for each in entries:
            _check(path, each, most_bytes)
            name = str(PurePosixPath(each.filename))
            if name in self._entries:
                raise BadInput(f"{path} holds {name!r} twice.", "Make the archive again.")
            self._entries[name] = each

    def holds(self, name: str) -> bool:
        """True if there is a file of that path."""
        return name in self._entries

    def content(self, name: str) -> bytes:
        """The content of a photograph."""
        entry = self._entries.get(name)
        if entry is None:
            raise ImageError(f"{name} is not in the archive.", "Check the path.")
        _refuse_large(name, entry.file_size, self._most)
        if entry.compress_type not in _READ:
            raise _unreadable(name)
        try:
            with self._archive.open(entry) as file:
                content = file.read(self._most + 1)
        except _FAULTS as error:
            raise _unreadable(name) from error
        return _whole(name, content, self._most)


def _refuse_large(name: str, size: int, most: int) -> None:
    if size > most:
        raise ImageError(
            f"{name} is too large: {size:,} bytes of at most {most:,}.",
            "Make it smaller, or raise enrolment.max_image_bytes.",
        )


def _whole(name: str, content: bytes, most: int) -> bytes:
    if not content:
        raise ImageError(f"{name} is empty.", "Give a whole photograph.")
    _refuse_large(name, len(content), most)
    return content


def _check(path: Path, entry: zipfile.ZipInfo, most: int) -> None:
    """Raises BadInput: an entry leads out of the archive, or is a bomb."""
    name = entry.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or parts[0].startswith("/") or ".." in parts or parts[0].endswith(":"):
        raise BadInput(
            f"{path} holds {name[:200]!r}, which leads out of it.",
            "Do not use this archive before you know who made it, and why.",
        )
    if entry.file_size > most and entry.file_size > MOST_RATIO * entry.compress_size:
        raise BadInput(
            f"{path} holds {name[:200]!r}, {entry.compress_size:,} bytes that grow to "
            f"{entry.file_size:,}: no photograph does.",
            "Do not use this archive before you know who made it, and why.",
        )
    if entry.flag_bits & _ENCRYPTED:
        raise BadInput(f"{path} has a password.", "Make the archive again without one.")


@contextmanager
def _trusted(path: Path) -> Iterator[None]:
    try:
        yield
    except _FAULTS as error:
        raise BadInput(
            f"{path} is neither a folder nor a ZIP archive that can be read.",
            "Name a folder or a ZIP archive, or make the archive again.",
        ) from error


def _unreadable(name: str) -> ImageError:
    return ImageError(
        f"{name} cannot be read from the archive.",
        "Make the archive again, without a password and by the usual method (deflate).",
    )
