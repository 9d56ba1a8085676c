"""The files of a folder store, by descriptors of their folders: no link is followed on the way."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from contextlib import ExitStack
from io import FileIO
from typing import Final

from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.fleet.stores.port import ABSENT, ANYTHING, Expected, changed
from kiosk.store.home import write_all

FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""How a folder below the store's own is opened."""
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_ABSENCES: Final = {errno.ENOENT, errno.ENOTDIR}
_NO_FILES: Final = {errno.ELOOP, errno.ENXIO, errno.ENODEV}
"""What opening a link, a socket or a device fails with."""


def leaf(name: str) -> str:
    """The file name of an object: the last part of its name."""
    return name.rpartition("/")[2]


def folder_below(root: int, name: str, opened: ExitStack, *, make: bool) -> int | None:
    """The folder of an object, by way of folders that are no links; `opened` closes them."""
    folder = root
    for part in name.split("/")[:-1]:
        if make:
            _make_folder(part, folder)
        try:
            inner = os.open(part, FOLDER, dir_fd=folder)
        except OSError as error:
            if error.errno not in _ABSENCES:
                raise
            if stat.S_ISLNK(mode_of(part, folder) or 0):
                raise not_ours(name) from error
            return None
        opened.callback(os.close, inner)
        folder = inner
    return folder


def _make_folder(part: str, folder: int) -> None:
    with contextlib.suppress(FileExistsError):
        os.mkdir(part, dir_fd=folder)
        os.fsync(folder)


def open_object(name: str, folder: int) -> FileIO | None:
    """An object's open file; None if there is none, or a folder."""
    try:
        descriptor = os.open(leaf(name), _READ, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        if error.errno in _NO_FILES:
            raise not_ours(name) from error
        raise
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb", buffering=0)
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        return None
    raise not_ours(name)


def check_expected(name: str, folder: int, expected: str | Expected) -> None:
    """Raises ObjectChanged: the object is not as expected."""
    if expected is ANYTHING:
        return
    tag: str | Expected = ABSENT
    if (file := open_object(name, folder)) is not None:
        with file:
            tag = hashlib.file_digest(file, "sha256").hexdigest()
    if tag != expected:
        raise changed(name)


def write_new(temporary: str, data: bytes, folder: int | None) -> None:
    """Write a file that is not there yet, durably but for its name."""
    descriptor = os.open(temporary, _NEW, 0o666, dir_fd=folder)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move_into_place(temporary: str, name: str, folder: int) -> None:
    """Give a written file its object's name. Raises BadInput: there is a folder."""
    try:
        os.rename(temporary, leaf(name), src_dir_fd=folder, dst_dir_fd=folder)
    except IsADirectoryError as error:
        raise in_the_way(name) from error


def mode_of(file: str, folder: int) -> int | None:
    """The mode of what has that name, a link's own included; None if nothing has."""
    try:
        return os.stat(file, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None


def in_the_way(name: str) -> BadInput:
    """The error of a name that would be a file and a folder."""
    return BadInput(
        f"The fleet's store has a folder in the place of {name}, or an object above it.",
        "Choose a name that is no beginning of another one up to a slash.",
    )


def not_ours(name: str) -> FleetRefused:
    """The error of what is no plain file."""
    return FleetRefused(
        f"In the fleet's store {name} is a link or a device, which no kiosk has made.",
        "Find out who put it there, and remove it.",
    )
