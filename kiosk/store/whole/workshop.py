"""A folder in a home for what a backup is made of, or was opened into. Removed afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from kiosk.domain.errors import Refused
from kiosk.store.file_lock import alone
from kiosk.store.home import OWNER_ONLY_DIRECTORY, Home
from kiosk.store.whole.exchange import unusable


@contextmanager
def workshop(home: Home) -> Iterator[Home]:
    """An empty folder, laid out like a home.

    Raises:
        Refused: another process uses it.
        StoreError: it cannot be made.
    """
    try:
        with alone(home.workshop_lock, 0.0):
            shutil.rmtree(home.workshop, ignore_errors=True)
            home.workshop.mkdir(OWNER_ONLY_DIRECTORY)
            try:
                yield Home(home.workshop)
            finally:
                shutil.rmtree(home.workshop, ignore_errors=True)
    except TimeoutError as error:
        raise Refused(
            "Another process makes a backup here, or restores one.", "Wait for it."
        ) from error
    except OSError as error:
        raise unusable(home, error) from error
