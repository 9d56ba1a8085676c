"""Locks between processes: held for moments, waited for a bounded time, gone with their holder."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

PATIENCE_SECONDS = 5.0
_RETRY_SECONDS = 0.002


class Hold(IntEnum):
    """How a file is held."""

    SHARED = fcntl.LOCK_SH
    ALONE = fcntl.LOCK_EX


@contextmanager
def held(descriptor: int, hold: Hold, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold an open file against every other open of it.

    Raises:
        TimeoutError: somebody held it for too long.
    """
    until = time.monotonic() + patience_seconds
    while not _taken(descriptor, hold):
        if time.monotonic() >= until:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        time.sleep(_RETRY_SECONDS)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _taken(descriptor: int, hold: Hold) -> bool:
    try:
        fcntl.flock(descriptor, hold | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
