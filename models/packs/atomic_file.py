"""A file on its way to its place: it appears whole and right, or not at all.

Bytes gather beside the place, on the same filesystem, under a hidden name. Only when size and
SHA-256 are the pinned ones are they made durable and renamed into place. Whatever ends the way
early (an error, Ctrl-C, SIGTERM) takes the bytes along. Only a power cut or SIGKILL can leave the
hidden file behind; the next installation continues from it or throws it away.
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
_FILE_MODE = 0o644  # the service's own user reads what an administrator installs


class Partial:
    """The bytes of one pinned file so far.

    Args:
        file: its pin.
        place: where the file belongs; the folder exists.
        advanced: is told the number of bytes so far, after each piece.

    Raises:
        OSError: here and in every method, the disk does not take the bytes.
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
        """Leave nothing half-written behind."""
        if self._stream is not None:
            self._stream.close()
        self._path.unlink(missing_ok=True)

    @property
    def size(self) -> int:
        """Bytes so far; those of an installation that was cut off are counted."""
        return self._opened().tell()

    def append(self, piece: bytes) -> None:
        """Add bytes.

        Raises:
            ModelError: there are more than the file has; nothing is written beyond its size.
        """
        stream = self._opened()
        if stream.tell() + len(piece) > self.file.bytes:
            raise ModelError(f"it has more than the {self.file.bytes} bytes that are pinned")
        stream.write(piece)
        self._advanced(stream.tell())

    def reset(self) -> None:
        """Begin again with nothing."""
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
        """Put the file in its place, durably.

        Raises:
            ModelError: it is not the pinned file; nothing is put in place.
        """
        self.check()
        descriptor = self._opened().fileno()
        os.fchmod(descriptor, _FILE_MODE)
        os.fsync(descriptor)
        self._path.replace(self._place)
        _sync_folder(self._place.parent)

    def _opened(self) -> io.BufferedRandom:
        """The hidden file, opened at its end; made at first use, inside the `with`."""
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
