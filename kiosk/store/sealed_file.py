"""A small file that only this home's key can write: whole or not at all, and noticed when changed.

What is sealed is bound to the file's name, so that one file cannot stand for another. An older
copy of the same file cannot be told from the newest: who may write in the home could put it back.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.errors import StoreCorrupt, StoreError
from kiosk.store.home import Home, flush_directory, write_whole
from kiosk.store.sealing import place, seal, unseal

Content = Mapping[str, Any]
"""Whatever JSON can say, by name."""


class SealedFile:
    """One sealed file of a home; any thread and any process may call it.

    Args:
        home: in which it lies.
        path: where; it need not be there.
        key: 32 bytes, of this file's purpose alone.
        remedy: what to do about a damaged one.
    """

    def __init__(self, home: Home, path: Path, key: bytes, remedy: str) -> None:
        self._home = home
        self._path = path
        self._cipher = AESGCM(key)
        self._remedy = remedy

    def __repr__(self) -> str:
        return f"SealedFile({str(self._path)!r}, <hidden>)"

    def load(self) -> dict[str, Any] | None:
        """What it says; None where there is none.

        Raises:
            StoreCorrupt: it was changed, or sealed with another key.
            StoreError: it cannot be read.
        """
        try:
            sealed = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable("read", error) from error
        try:
            content = json.loads(unseal(self._cipher, sealed, place(self._path.name)))
        except (InvalidTag, ValueError) as error:
            raise self.damaged() from error
        return dict(content)

    def save(self, content: Content) -> None:
        """Replace what it says; durable when it returns.

        Raises:
            StoreError: it cannot be written; the old one stays.
        """
        with self._alone():
            self._put(content)

    def change(self, edit: Callable[[dict[str, Any] | None], Content]) -> dict[str, Any] | None:
        """Replace what it says by what follows from it, held against every other change.

        Returns:
            What it said before.

        Raises:
            StoreCorrupt: it was changed, or sealed with another key.
            StoreError: it cannot be read or written; the old one stays.
        """
        with self._alone():
            before = self.load()
            self._put(edit(before))
        return before

    def damaged(self) -> StoreCorrupt:
        """It does not say what this program wrote."""
        return StoreCorrupt(
            f"The file {self._path} is damaged, or sealed with another key.", self._remedy
        )

    def _put(self, content: Content) -> None:
        spare = self._path.with_name(f"{self._path.name}.new")
        write_whole(spare, seal(self._cipher, json.dumps(content).encode(), place(self._path.name)))
        spare.replace(self._path)
        flush_directory(self._home.path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with self._home.locked():
                yield
        except OSError as error:
            raise self._unusable("written", error) from error

    def _unusable(self, verb: str, error: OSError) -> StoreError:
        return StoreError(
            f"The file {self._path} cannot be {verb}: {os.strerror(error.errno or 0)}.",
            "See whether the disk is full or read-only, and to whom the home belongs.",
        )
