"""The newest reports that admins have seen of each device, beside their keys.

What a device signed once stays signed: without this memory, whoever holds the store could show an
older report as the newest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk.domain.errors import StoreKeyError
from kiosk.store.file_lock import alone
from kiosk.store.home import read_whole, replace_whole

SEEN = "devices-seen.json"
_Known = dict[str, dict[str, dict[str, Any]]]


class SeenReports:
    """What was seen, by device and by what it is of: a number each, and what belongs to it.

    Args:
        path: the file.

    Raises:
        StoreKeyError: it is damaged, or cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._load()
        self._new: _Known = {}

    def of(self, device: str, what: str) -> Mapping[str, Any]:
        """What was seen; number 0 for nothing."""
        return self._known.get(device, {}).get(what, {"number": 0})

    def take(self, device: str, what: str, number: int, **more: str) -> bool:
        """Remember a number if it is not lower than the one that was seen; False if it is."""
        newest = int(self.of(device, what)["number"])
        if number > newest:
            for known in (self._known, self._new):
                known.setdefault(device, {})[what] = {"number": number, **more}
        return number >= newest

    def save(self) -> None:
        """Keep what was taken, beside what others have kept meanwhile.

        Raises:
            StoreKeyError: the file is damaged, or cannot be written.
        """
        if not self._new:
            return
        try:
            with alone(self._path.with_name(f"{self._path.name}.lock")):
                known = self._load()
                for device, parts in self._new.items():
                    kept = known.setdefault(device, {})
                    for what, said in parts.items():
                        kept[what] = max(said, kept.get(what, said), key=_number)
                replace_whole(self._path, json.dumps(known).encode())
        except OSError as error:
            raise self._unusable("cannot be written") from error
        self._new.clear()

    def _load(self) -> _Known:
        try:
            found = json.loads(read_whole(self._path))
            known = {
                str(device): {what: dict(said) for what, said in parts.items()}
                for device, parts in found.items()
            }
            for parts in known.values():
                for said in parts.values():
                    _number(said)
        except FileNotFoundError:
            return {}
        except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
            raise self._unusable("is damaged, or cannot be read") from error
        return known

    def _unusable(self, why: str) -> StoreKeyError:
        return StoreKeyError(
            f"The file {self._path}, which remembers what was seen of devices, {why}.",
            "Put it back from its backup, or see to whom the folder belongs.",
        )


def _number(said: Mapping[str, Any]) -> int:
    return int(said["number"])
