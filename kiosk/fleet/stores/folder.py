"""The object store in a folder: a disk, a stick, or a share. A folder without its mark is no store.

The mark is a file that `FolderStore.create` writes. It tells a store from the empty folder that an
unplugged share leaves behind, and carries the lock of all writers. Our own files have names that no
object can have. No link is followed, wherever it leads.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from io import FileIO
from pathlib import Path
from typing import Final

from kiosk.domain.errors import BadInput, FleetRefused, FleetStoreUnreachable
from kiosk.fleet.stores.folder_files import (
    FOLDER,
    check_expected,
    folder_below,
    in_the_way,
    leaf,
    mode_of,
    move_into_place,
    not_ours,
    open_object,
    write_new,
)
from kiosk.fleet.stores.port import (
    UNCHANGED,
    Expected,
    StoredObject,
    Traffic,
    Unchanged,
    is_valid,
    too_long,
    valid_name,
    valid_prefix,
)
from kiosk.store.file_lock import PATIENCE_SECONDS, held
from kiosk.store.home import flush_directory

MARK = "~lintel-store"
PIECE_BYTES = 256 * 1024
_TEMPORARY = re.compile(r"~[0-9a-f]{32}")
_LEFT_SECONDS = 24 * 3600.0
"""Age from which a temporary file is one that a power cut left behind."""
_REFUSALS: Final = {errno.EACCES, errno.EPERM, errno.EROFS}


class FolderStore:
    """An `ObjectStore` in a folder. Who may read and write it, the file system says.

    Writers of one machine exclude one another, and those of several if the share passes locks on.
    The folder is opened anew for each operation, so that a share may come and go.

    Args:
        path: the folder; need not be there yet.
        patience_seconds: how long a writer waits for others.
    """

    def __init__(self, path: Path, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.path = path
        self.traffic = Traffic()
        self._patience = patience_seconds
        self._turn = threading.Lock()  # some shares do not tell the threads of a process apart
        self._swept: set[str] = set()

    @classmethod
    def create(cls, path: Path) -> FolderStore:
        """Make the folder a store, if it is none yet, and open it.

        Raises:
            BadInput: it holds other files.
            FleetRefused: this user may not write there.
            FleetStoreUnreachable: it cannot be made.
        """
        store = cls(path)
        with store._translated():
            path.mkdir(parents=True, exist_ok=True)
            if not (path / MARK).exists():
                _mark(path)
        return store

    def get(
        self, name: str, most_bytes: int, *, known_tag: str | None = None
    ) -> StoredObject | Unchanged | None:
        """Read a whole object; see `ObjectStore.get`."""
        with self._folder_of(name) as folder:
            file = None if folder is None else open_object(name, folder)
            if file is None:
                return None
            with file:
                data = self._whole(name, file, most_bytes)
        tag = hashlib.sha256(data).hexdigest()
        return UNCHANGED if tag == known_tag else StoredObject(data, tag)

    def stream(self, name: str, start: int = 0) -> Iterator[bytes] | None:
        """Read an object in pieces; see `ObjectStore.stream`."""
        with self._folder_of(name) as folder:
            file = None if folder is None else open_object(name, folder)
        if file is None:
            return None
        pieces = self._pieces(file, start)
        next(pieces)
        return pieces

    def put(self, name: str, data: bytes, *, expected: str | Expected) -> str:
        """Write a whole object; see `ObjectStore.put`."""
        with self._folder_of(name, make=True) as folder:
            if folder is None:
                raise in_the_way(name)
            self._sweep(name, folder)
            temporary = f"~{secrets.token_hex(16)}"
            try:
                write_new(temporary, data, folder)
                with self._alone():
                    check_expected(name, folder, expected)
                    move_into_place(temporary, name, folder)
                os.fsync(folder)
            finally:
                with contextlib.suppress(OSError):  # it has its name, or there is no room for it
                    os.unlink(temporary, dir_fd=folder)
        return hashlib.sha256(data).hexdigest()

    def names(self, prefix: str = "") -> Iterator[str]:
        """The names that begin so; see `ObjectStore.names`."""
        valid_prefix(prefix)
        with self._translated(), self._root() as root:
            return iter(sorted(self._walk(root, "", prefix)))

    def delete(self, name: str) -> None:
        """Remove an object; see `ObjectStore.delete`."""
        with self._folder_of(name) as folder:
            if folder is None:
                return
            with self._alone(), contextlib.suppress(FileNotFoundError, IsADirectoryError):
                os.unlink(leaf(name), dir_fd=folder)
            os.fsync(folder)

    def close(self) -> None:
        """Do nothing: no file stays open."""

    # -- reading ---------------------------------------------------------------------------------

    def _whole(self, name: str, file: FileIO, most_bytes: int) -> bytes:
        data = bytearray()
        while piece := file.read(most_bytes + 1 - len(data)):
            self.traffic.count(received=len(piece))
            data += piece
            if len(data) > most_bytes:
                raise too_long(name, most_bytes)
        return bytes(data)

    def _pieces(self, file: FileIO, start: int) -> Generator[bytes]:
        """The rest of a file; its first piece is empty, and begins what closes the file."""
        with self._translated(), file:
            file.seek(start)
            yield b""
            while piece := file.read(PIECE_BYTES):
                self.traffic.count(received=len(piece))
                yield piece

    def _walk(self, folder: int, above: str, prefix: str) -> Iterator[str]:
        """The names in a folder and below; `above` is the folder's own, with its slash."""
        self.traffic.count(requests=1)
        with os.scandir(folder) as entries:
            for entry in entries:
                name = above + entry.name
                if not is_valid(name) or not _agree(name, prefix):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    below = os.open(entry.name, FOLDER, dir_fd=folder)
                    try:
                        yield from self._walk(below, f"{name}/", prefix)
                    finally:
                        os.close(below)
                elif entry.is_symlink():
                    raise not_ours(name)
                elif entry.is_file() and name.startswith(prefix):
                    yield name

    # -- the folder itself -----------------------------------------------------------------------

    @contextmanager
    def _folder_of(self, name: str, *, make: bool = False) -> Iterator[int | None]:
        """The open folder in which an object has its place; None if there is no such folder."""
        valid_name(name)
        self.traffic.count(requests=1)
        with self._translated(), self._root() as root, ExitStack() as opened:
            yield folder_below(root, name, opened, make=make)

    @contextmanager
    def _root(self) -> Iterator[int]:
        try:
            root = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise self._unreachable("there is no such folder") from error
        try:
            if mode_of(MARK, root) is None:
                raise self._unreachable("the folder is no store")
            yield root
        finally:
            os.close(root)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Exclude every other writer."""
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
        with self._turn:
            descriptor = os.open(self.path / MARK, flags)
            try:
                with held(descriptor, self._patience):
                    yield
            finally:
                os.close(descriptor)

    def _sweep(self, name: str, folder: int) -> None:
        """Remove, once for each folder, what writers left there when their power was cut."""
        above = name.rpartition("/")[0]
        if above in self._swept:
            return
        self._swept.add(above)
        oldest = time.time() - _LEFT_SECONDS
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if _TEMPORARY.fullmatch(entry.name) and _changed(entry) < oldest:
                    os.unlink(entry.name, dir_fd=folder)

    # -- errors ----------------------------------------------------------------------------------

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = error.strerror or type(error).__name__
            if error.errno in _REFUSALS:
                raise self._refused(why) from error
            if isinstance(error, TimeoutError):
                why = "another writer takes too long, or the share does"
            raise self._unreachable(why) from error

    def _unreachable(self, why: str) -> FleetStoreUnreachable:
        return FleetStoreUnreachable(
            f"The fleet's store {self.path} cannot be used: {why}.",
            "Connect its disk or share and make room there; create the store if there is none yet.",
        )

    def _refused(self, why: str) -> FleetRefused:
        return FleetRefused(
            f"The fleet's store {self.path} refuses access: {why}.",
            "Give the user of this program the right to read it, and to write if it has to.",
        )


def _mark(path: Path) -> None:
    """Make an empty folder a store, unless another process does it at the same moment."""
    if any(entry.name != MARK for entry in path.iterdir()):
        raise BadInput(
            f"The folder {path} holds other files, and cannot become a fleet's store.",
            "Choose an empty folder, or one that does not exist yet.",
        )
    with contextlib.suppress(FileExistsError):
        write_new(str(path / MARK), b"A fleet's object store, version 1.\n", None)
    flush_directory(path)
    flush_directory(path.parent)


def _agree(name: str, prefix: str) -> bool:
    """True if the name begins so, or may be the folder of names that do."""
    return f"{name}/".startswith(prefix) or prefix.startswith(f"{name}/")


def _changed(entry: os.DirEntry[str]) -> float:
    return entry.stat(follow_symlinks=False).st_mtime
