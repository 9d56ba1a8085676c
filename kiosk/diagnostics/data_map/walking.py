"""A walk through a home: the class of each file, and what is wrong with it. Nothing is changed.

Links are not followed, whatever they lead to, and of a file no more is read than its beginning.
Databases are not opened at all: SQLite's locks on a file are those of the process, and closing the
file would end them, also for a kiosk that runs in this process (https://sqlite.org/howtocorrupt.html).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from kiosk.diagnostics.data_map.classes import CONTROL, NAMED, DataClass, Protection, class_of

MOST_FILES: Final = 100_000
"""No home has so many; the walk ends there."""
BEGINNING_BYTES: Final = 4096
DATABASE: Final = ".db"
"""In the names of databases, of what SQLite puts beside them, and of copies."""
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
OTHERS_ENTER: Final = stat.S_IXGRP | stat.S_IXOTH
_OPENED: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

_PICTURES: Final = (
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",  # TIFF, and most raw pictures
    b"MM\x00*",
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
)
_PLACED: Final = ((4, b"ftyp"), (8, b"WEBP"), (8, b"AVI "))
"""Of ISO media (MP4, HEIC, AVIF) and RIFF, with the place where it stands."""
_SECRETS: Final = (
    b"PRIVATE KEY-----",
    b"AGE-SECRET-KEY-1",
    b"aws_secret_access_key",
    b"LINTEL-INVITE:",
)


class Trouble(Enum):
    """What is wrong with a file."""

    PICTURE = "picture"
    EXPOSED = "exposed"
    OTHERS = "others"
    LINK = "link"
    NO_FILE = "no file"
    UNREAD = "unread"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WalkedFile:
    """What a walk found under one name.

    Attributes:
        name: below the home.
        kind: its class; None for none.
        mode: its rights.
        size: bytes.
        trouble: what is wrong with it; None for nothing.
    """

    name: str
    kind: DataClass | None
    mode: int
    size: int
    trouble: Trouble | None


def walked(home: Path, named: Collection[Path] = ()) -> Iterator[WalkedFile]:
    """Every file in a home, in no order; at most `MOST_FILES`.

    Args:
        home: the kiosk's.
        named: files that the settings name.
    """
    top = home.resolve()
    known = {str(path.relative_to(top)) for path in named if path.is_relative_to(top)}
    open_folders: dict[str, bool] = {}
    left = MOST_FILES
    for folder, folders, files, descriptor in os.fwalk(top, follow_symlinks=False):
        above = folder == str(top) or open_folders[str(Path(folder).parent)]
        enters = above and bool(os.fstat(descriptor).st_mode & OTHERS_ENTER)
        open_folders[folder] = enters
        within = Path(folder).relative_to(top)
        links = [each for each in folders if _is_link(each, descriptor)]
        for each in (*links, *files):
            if not left:
                return
            left -= 1
            name = str(within / each)
            kind = NAMED if name in known else class_of(name)
            yield _looked_at(name, kind, each, descriptor, open_to_others=enters)


def _is_link(name: str, folder: int) -> bool:
    status = _status(name, folder)
    return status is not None and stat.S_ISLNK(status.st_mode)


def _status(name: str, folder: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None


def _looked_at(
    name: str, kind: DataClass | None, own: str, folder: int, *, open_to_others: bool
) -> WalkedFile:
    status = _status(own, folder)
    if status is None:  # gone since, as files of a running kiosk may be
        return WalkedFile(name, kind, 0, 0, None)
    mode, size = stat.S_IMODE(status.st_mode), status.st_size
    public = kind is not None and kind.public
    if stat.S_ISLNK(status.st_mode):
        return WalkedFile(name, kind, mode, size, None if public else Trouble.LINK)
    if stat.S_ISSOCK(status.st_mode) and name == CONTROL:
        return WalkedFile(name, kind, mode, size, None)
    if not stat.S_ISREG(status.st_mode):
        return WalkedFile(name, kind, mode, size, Trouble.NO_FILE)
    trouble = None if kind is not None and DATABASE in own else _in_content(kind, own, folder)
    if trouble is None and open_to_others and mode & OTHERS and not public:
        trouble = Trouble.OTHERS
    if trouble is None and kind is None:
        trouble = Trouble.UNKNOWN
    return WalkedFile(name, kind, mode, size, trouble)


def _in_content(kind: DataClass | None, own: str, folder: int) -> Trouble | None:
    try:
        descriptor = os.open(own, _OPENED, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError:
        return Trouble.UNREAD
    try:
        begins = os.read(descriptor, BEGINNING_BYTES)
    except OSError:
        return Trouble.UNREAD
    finally:
        os.close(descriptor)
    if is_picture(begins):
        return Trouble.PICTURE
    may_be = kind is not None and (kind.public or kind.protection is Protection.KEY)
    return None if may_be or not holds_secret(begins) else Trouble.EXPOSED


def is_picture(begins: bytes) -> bool:
    """True if a file with this beginning is a picture or a film."""
    placed = any(begins[at : at + len(mark)] == mark for at, mark in _PLACED)
    return begins.startswith(_PICTURES) or placed


def holds_secret(begins: bytes) -> bool:
    """True if the beginning of a file has a private key, a credential or an invitation."""
    return any(mark in begins for mark in _SECRETS)
