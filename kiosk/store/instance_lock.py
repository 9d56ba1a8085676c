"""The instance lock: one process at a time drives a home's door, for as long as it runs.

Two processes on one door would undo each other's locking, and each would bypass a hold set in the
other. The lock is released when its holder ends, for any reason.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from kiosk.domain.errors import Refused, StoreError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.store.file_lock import held, open_lock
from kiosk.store.home import Home

PATIENCE_SECONDS = 0.2
"""A process that only checks the lock (`is_kept`) holds it for that moment."""


@contextmanager
def instance_lock(home: Home) -> Iterator[None]:
    """Hold the instance lock of a home.

    Raises:
        Refused: another process holds it.
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
            Remedy(
                "Use its installer's page, order it as an operator, or stop it: a door obeys one.",
                NextStep.GIVE_ORDER,
            ),
        ) from error
    finally:
        os.close(descriptor)


def is_kept(home: Home) -> bool:
    """True if another process holds the home's instance lock now."""
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
