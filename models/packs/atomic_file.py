"""Atomic installation of a pinned file: it appears complete and verified, or not at all.

Bytes are collected next to the final path, on the same filesystem, under a hidden name. Only if
size and SHA-256 match the pin are they synced and renamed into place. If it ends early (error,
Ctrl-C, SIGTERM), the partial file is deleted. Only a power failure or SIGKILL can leave the hidden
file behind; the next installation continues from it or discards it.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.domain.errors import ModelError
from models.packs.manifest import PackFile

CHUNK_BYTES = 1 << 17
_FILE_MODE = 0o644  # the service's user reads files that an administrator installs


class Partial:
    """The bytes of one pinned file so far.

    Args:
        file: its pin.
        place: the final path; its folder exists.
        advanced: called with the number of bytes so far, after each piece.

    Raises:
        OSError: here and in every method, the bytes cannot be written to disk.
    """

    def __init__(
        self, file: PackFile, place: Path, advanced: Callable[[int], None] = lambda _: None
    ) -> None:
        self.file = file
        self._place = place
        self._path = place.with_name(f".{place.name}.part")
        self._advanced = advanced
        self._stream: io.BufferedRandom | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Delete the partial file."""
        if self._stream is not None:
            self._stream.close()
        self._path.unlink(missing_ok=True)

    @property
    def size(self) -> int:
        """Bytes so far, including those of an interrupted installation."""
        return self._opened().tell()

    def append(self, piece: bytes) -> None:
        """Add bytes.

        Raises:
            ModelError: they exceed the file's size; nothing is written beyond it.
        """
        stream = self._opened()
        if stream.tell() + len(piece) > self.file.bytes:
            raise ModelError(f"it has more than the {self.file.bytes} bytes that are pinned")
        stream.write(piece)
        self._advanced(stream.tell())

    def reset(self) -> None:
        """Discard all bytes."""
        stream = self._opened()
        stream.seek(0)
        stream.truncate()

    def check(self) -> None:
        """Compare the bytes with the pin.

        Raises:
            ModelError: they differ.
        """
        stream = self._opened()
        stream.flush()
        if self.size != self.file.bytes:
            raise ModelError(f"it has {self.size} bytes instead of {self.file.bytes}")
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0, os.SEEK_END)
        if digest != self.file.sha256:
            raise ModelError("its SHA-256 differs from the pinned one")

    def commit(self) -> None:
        """Move the file to its final path, durably.

        Raises:
            ModelError: it is not the pinned file; nothing is moved.
        """
        self.check()
        descriptor = self._opened().fileno()
        os.fchmod(descriptor, _FILE_MODE)
        os.fsync(descriptor)
        self._path.replace(self._place)
        _sync_folder(self._place.parent)

    def _opened(self) -> io.BufferedRandom:
        """The hidden file, opened at its end; created at first use, inside the `with`."""
        if self._stream is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self._stream = os.fdopen(os.open(self._path, flags, 0o600), "r+b")
            if self._stream.seek(0, os.SEEK_END) > self.file.bytes:
                self.reset()
        return self._stream


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
