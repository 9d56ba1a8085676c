"""Who keeps a home's door: one program at a time, for as long as it lives.

Two that move one door would undo each other's locking, and either would bypass what the other was
told to hold. The lock goes with its holder, however that ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from kiosk.domain.errors import Refused, StoreError
from kiosk.store.file_lock import held, open_lock
from kiosk.store.home import Home

PATIENCE_SECONDS = 0.2
"""Whoever only looks whether the door is kept holds it for that moment."""


@contextmanager
def instance_lock(home: Home) -> Iterator[None]:
    """Keep the home's door.

    Raises:
        Refused: another program does.
        StoreError: the home cannot be used for it.
    """
    try:
        descriptor = open_lock(home.keeping, os.O_CREAT)
    except OSError as error:
        raise StoreError(
            f"{home.keeping} cannot be used: {error.strerror}.",
            "Run as the user to whom the home belongs, or move that file away.",
        ) from error
    try:
        with held(descriptor, PATIENCE_SECONDS):
            yield
    except TimeoutError as error:
        raise Refused(
            "A kiosk runs here and keeps the door.",
            "Use its installer's page or `kiosk operator`, or stop it first: a door obeys one.",
        ) from error
    finally:
        os.close(descriptor)


def is_kept(home: Home) -> bool:
    """Whether another program keeps the home's door now."""
    try:
        descriptor = os.open(home.keeping, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
