"""File locks between processes: held briefly, bounded in waiting, released with their holder.

Any user who can open a file can hold a lock on it forever: a lock file is accessible to its owner
only.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 5.0
_RETRY_SECONDS = 0.0005
"""Short compared with the milliseconds for which a lock is held, so that no process starves."""


@contextmanager
def held(descriptor: int, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold an exclusive lock on an open file, against every other open of it.

    Raises:
        TimeoutError: another process held it for too long.
    """
    until = time.monotonic() + patience_seconds
    while not _taken(descriptor):
        if time.monotonic() >= until:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        time.sleep(_RETRY_SECONDS)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def alone(path: Path, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold an exclusive lock on a lock file, created for its owner only if missing.

    Raises:
        TimeoutError: another process held it for too long.
        OSError: it cannot be created, or other users could hold it.
    """
    descriptor = open_lock(path, os.O_CREAT)
    try:
        with held(descriptor, patience_seconds):
            yield
    finally:
        os.close(descriptor)


def open_lock(path: Path, create: int = 0) -> int:
    """Open a lock file; returns its descriptor.

    Raises:
        OSError: it cannot be opened, or other users could hold it.
    """
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | create
    descriptor = os.open(path, flags, 0o600)
    status = os.fstat(descriptor)
    if status.st_uid == os.geteuid() and stat.S_ISREG(status.st_mode):
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            os.fchmod(descriptor, 0o600)
        return descriptor
    os.close(descriptor)
    raise PermissionError(errno.EPERM, f"{path} is somebody else's, or no file")


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
