"""How far a device has reported to its fleet, sealed in its home: no number is used twice."""

from __future__ import annotations

from typing import Any

from kiosk.store.home import Home
from kiosk.store.secrets.keys import FileKey, Purpose
from kiosk.store.secrets.sealed_file import SealedFile

RESERVED = 1000
"""Numbers that are taken at once: a report a minute is no reason to write a file a minute."""


class ReportLedger:
    """Numbers the reports of one device. The file is tied to the journal like the others.

    Args:
        home: of the device.
    """

    def __init__(self, home: Home) -> None:
        remedy = "Restore it from a backup; the fleet's admins see what is missing until then."
        self._file = SealedFile(
            home, home.fleet_reports, FileKey(home), Purpose.FLEET_REPORTS, remedy
        )
        self._next = self._end = 0

    def __repr__(self) -> str:
        return "ReportLedger(<hidden>)"

    def next_number(self, above: int = 0) -> int:
        """A number higher than every one before, whatever ended in between; one process has it.

        Args:
            above: a number that was used, as after a backup of the home was restored.

        Raises:
            StoreError: it could not be made durable.
        """
        if self._next == self._end or self._next <= above:
            before = self._reserve(above)
            self._next, self._end = before + 1, before + RESERVED + 1
        self._next += 1
        return self._next - 1

    def part(self, name: str) -> dict[str, Any]:
        """What was kept under a name; empty where nothing was.

        Raises:
            StoreError: the file was changed, is an older copy, or cannot be read.
        """
        found = (self._file.load() or {}).get(name, {})
        return dict(found)

    def keep(self, name: str, said: dict[str, Any]) -> None:
        """Keep something under a name, beside the rest; durable on return.

        Raises:
            StoreError: it could not be made durable; the old content stays.
        """
        self._file.change(lambda known: {**(known or {}), name: said})

    def _reserve(self, above: int) -> int:
        """Take the next numbers; returns the last one of those before."""
        taken: list[int] = []

        def edit(known: dict[str, Any] | None) -> dict[str, Any]:
            said = known or {}
            taken.append(max(said.get("health", 0), above))
            return {**said, "health": taken[-1] + RESERVED}

        self._file.change(edit)
        return taken[-1]
