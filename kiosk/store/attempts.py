"""Storage for wrong PINs and refusals at the door: a power cycle does not reset the counters."""

from __future__ import annotations

from kiosk.store.home import Home
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.secrets.sealed_file import SealedFile


def attempts_file(home: Home, key: KeySource) -> SealedFile:
    """The sealed file for a home's attempts.

    Raises:
        StoreKeyError: there is no usable key.
    """
    remedy = (
        f"Restore {home.attempts} from a backup. Without that file no lockout holds, and wrong "
        "PINs count from none."
    )
    return SealedFile(home, home.attempts, key, Purpose.ATTEMPTS, remedy)
