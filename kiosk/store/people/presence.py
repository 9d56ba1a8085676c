"""The stored presence of people: anti-passback must survive a power cut to have any effect.

Its content is defined by the access rules (`kiosk.domain.people.presence`); this module only stores
it, sealed.
"""

from __future__ import annotations

from typing import Any

from kiosk.store.home import Home
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.secrets.sealed_file import Content, SealedFile


class PresenceFile:
    """The presence of one home.

    Args:
        home: stores it.
        key: holds the master key.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(self, home: Home, key: KeySource) -> None:
        remedy = (
            f"Restore {home.presence} from a backup. Without that file nobody counts as inside, "
            "and no lockdown or pause holds."
        )
        self._file = SealedFile(home, home.presence, key, Purpose.PRESENCE, remedy)

    def load(self) -> dict[str, Any] | None:
        """The presence saved last; None where none was saved yet.

        Raises:
            StoreCorrupt: it was changed, or sealed with another key.
            StoreError: it cannot be read.
        """
        return self._file.load()

    def save(self, presence: Content) -> None:
        """Store the presence; durable on return.

        Raises:
            StoreError: it cannot be written; the presence saved before stays.
        """
        self._file.save(presence)
