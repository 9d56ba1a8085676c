"""Wrong PINs and refusals at the door, kept over a restart: pulling the plug gives none back."""

from __future__ import annotations

from kiosk.store.home import Home
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.secrets.sealed_file import SealedFile


def attempts_file(home: Home, key: KeySource) -> SealedFile:
    """Where a home's attempts are kept.

    Raises:
        StoreKeyError: there is no usable key.
    """
    remedy = (
        f"Restore {home.attempts} from a backup. Without that file no lockout holds, and wrong "
        "PINs count from none."
    )
    return SealedFile(home, home.attempts, key.derive(Purpose.ATTEMPTS), remedy)
