"""Locks between processes: held for moments, waited for a bounded time, gone with their holder."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 5.0
_RETRY_SECONDS = 0.0005
"""Short beside the milliseconds for which a lock is held, so that nobody starves."""


@contextmanager
def held(descriptor: int, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold an open file alone, against every other open of it.

    Raises:
        TimeoutError: somebody held it for too long.
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


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
