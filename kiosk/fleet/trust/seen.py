"""The newest versions that admins and publisher have seen, beside their keys.

What was signed once stays signed: without this memory they would build on an older copy of the
store, and sign it as fresh.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from kiosk.domain.errors import FleetRefused, StoreKeyError
from kiosk.store.file_lock import alone
from kiosk.store.home import read_whole, replace_whole


class SeenVersions:
    """Remembers the newest version of each role, for as long as the same keys sign it.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def check(self, role: str, keyids: Sequence[str], version: int) -> None:
        """Check that a version is not older than what was seen, and remember it.

        Args:
            role: whose metadata.
            keyids: the keys that sign it; others begin anew, as after a theft.
            version: as it lies in the store; 0 for none.

        Raises:
            FleetRefused: it is older.
            StoreKeyError: the file is damaged, or cannot be written.
        """
        newest = self.remember(role, keyids, version)
        if version < newest:
            raise FleetRefused(
                f"The fleet's store holds version {version} of {role}; version {newest} was there.",
                "It is an older copy: restore the newest from the store's own versions or backup.",
            )

    def newest(self, role: str, keyids: Sequence[str]) -> int:
        """The newest version of a role that was seen signed by these keys; 0 for none.

        Raises:
            StoreKeyError: the file is damaged.
        """
        signed_by, newest = self._load().get(role, ("", 0))
        return newest if signed_by == ",".join(sorted(keyids)) else 0

    def remember(self, role: str, keyids: Sequence[str], version: int) -> int:
        """Remember a version; returns the newest that was seen.

        Raises:
            StoreKeyError: the file is damaged, or cannot be written.
        """
        keys = ",".join(sorted(keyids))
        try:
            with self._alone():
                known = self._load()
                signed_by, newest = known.get(role, ("", 0))
                newest = newest if signed_by == keys else 0
                if version > newest:
                    known[role] = (keys, version)
                    self._save(known)
        except OSError as error:
            raise self._unusable("cannot be locked") from error
        return max(version, newest)

    def _alone(self) -> AbstractContextManager[None]:
        return alone(self.path.with_name(f"{self.path.name}.lock"))

    def _load(self) -> dict[str, tuple[str, int]]:
        try:
            said = json.loads(read_whole(self.path))
            return {role: (str(keys), int(version)) for role, (keys, version) in said.items()}
        except FileNotFoundError:
            return {}
        except (AttributeError, OSError, TypeError, ValueError) as error:
            raise self._unusable("cannot be read") from error

    def _save(self, known: dict[str, tuple[str, int]]) -> None:
        try:
            replace_whole(self.path, json.dumps(known).encode())
        except OSError as error:
            raise self._unusable("cannot be written") from error

    def _unusable(self, why: str) -> StoreKeyError:
        return StoreKeyError(
            f"The file {self.path}, which remembers what was seen of the fleet, {why}.",
            "Put it back from its backup, or see to whom the folder belongs.",
        )


class PassingVersions(SeenVersions):
    """Remembers on top of the file, for as long as it lives: for what is only tried out.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._known: dict[str, tuple[str, int]] | None = None

    def _alone(self) -> AbstractContextManager[None]:
        return nullcontext()

    def _load(self) -> dict[str, tuple[str, int]]:
        if self._known is None:
            self._known = super()._load()
        return self._known

    def _save(self, known: dict[str, tuple[str, int]]) -> None:
        self._known = known
