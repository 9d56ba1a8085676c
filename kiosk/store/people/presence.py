"""Who is inside, kept over a restart: anti-passback that forgets at a power cut holds nobody back.

What it says is the rules' matter (`kiosk.domain.people.presence`); here it is only kept, sealed.
"""

from __future__ import annotations

from typing import Any

from kiosk.store.home import Home
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.secrets.sealed_file import Content, SealedFile


class PresenceFile:
    """The presence of one home.

    Args:
        home: where it lies.
        key: holds the master key.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(self, home: Home, key: KeySource) -> None:
        remedy = (
            f"Restore {home.presence} from a backup. Without that file nobody counts as inside, "
            "and no lockdown or pause holds."
        )
        self._file = SealedFile(home, home.presence, key.derive(Purpose.PRESENCE), remedy)

    def load(self) -> dict[str, Any] | None:
        """What was saved last; None where nothing was yet.

        Raises:
            StoreCorrupt: it was changed, or sealed with another key.
            StoreError: it cannot be read.
        """
        return self._file.load()

    def save(self, presence: Content) -> None:
        """Keep it; durable when it returns.

        Raises:
            StoreError: it cannot be written; what was saved before stays.
        """
        self._file.save(presence)
