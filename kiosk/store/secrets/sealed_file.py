"""A small sealed file: only this home's key can write it, writes are atomic, changes are detected.

The content is bound to the file's name, so that one file cannot replace another. It is tied to the
journal head, so that an older copy cannot replace the newest.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.errors import StoreCorrupt, StoreError, StoreReplaced
from kiosk.store.home import Home, flush_directory, read_whole, write_whole
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.secrets.sealing import place, seal, unseal
from kiosk.store.ties import ABSENT, Ties, replaced

Content = Mapping[str, Any]
"""A JSON object."""


class SealedFile:
    """One sealed file of a home; may be used by any thread and any process.

    Args:
        home: the home of the file.
        path: the file; it may be missing.
        key: holds the master key.
        purpose: of this file alone.
        remedy: the remedy shown for a damaged file.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(
        self, home: Home, path: Path, key: KeySource, purpose: Purpose, remedy: str
    ) -> None:
        self._home = home
        self._path = path
        self._cipher = AESGCM(key.derive(purpose))
        self._ties = Ties(home, key)
        self._remedy = remedy

    def __repr__(self) -> str:
        return f"SealedFile({str(self._path)!r}, <hidden>)"

    def load(self) -> dict[str, Any] | None:
        """The content; None where there is no file.

        Raises:
            StoreCorrupt: it was changed, or sealed with another key.
            StoreReplaced: it is an older copy, or missing.
            StoreError: it cannot be read.
        """
        try:
            sealed = read_tied(self._home, self._path, self._ties)
        except StoreReplaced:
            self._open(self._read())
            raise
        except OSError as error:
            raise self._unusable("read", error) from error
        return self._open(sealed)

    def save(self, content: Content) -> None:
        """Replace the content unconditionally; durable on return.

        Raises:
            StoreError: it cannot be written; the old content stays.
        """
        with self._alone():
            self._put(content)

    def change(self, edit: Callable[[dict[str, Any] | None], Content]) -> dict[str, Any] | None:
        """Replace the content by a function of it, excluding every other change.

        Returns:
            The content before.

        Raises:
            StoreCorrupt: it was changed, or sealed with another key.
            StoreError: it cannot be read or written; the old content stays.
        """
        with self._alone():
            before = self.load()
            self._put(edit(before))
        return before

    def damaged(self) -> StoreCorrupt:
        """The error for content that this program did not write."""
        return StoreCorrupt(
            f"The file {self._path} is damaged, or sealed with another key.", self._remedy
        )

    def _open(self, sealed: bytes | None) -> dict[str, Any] | None:
        if sealed is None:
            return None
        try:
            return dict(json.loads(unseal(self._cipher, sealed, place(self._path.name))))
        except (InvalidTag, ValueError) as error:
            raise self.damaged() from error

    def _read(self) -> bytes | None:
        try:
            return _bytes(self._path)
        except OSError as error:
            raise self._unusable("read", error) from error

    def _put(self, content: Content) -> None:
        name = self._path.name
        sealed = seal(self._cipher, json.dumps(content).encode(), place(name))
        spare = self._path.with_name(f"{name}.new")
        write_whole(spare, sealed)
        known, there = self._ties.known(name), state_of(self._read())
        before = there if there in known or not known else known[0]
        with self._ties.change(name, before, state_of(sealed)):
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


def read_tied(home: Home, path: Path, ties: Ties) -> bytes | None:
    """The file's bytes, if they are those stored last; retries during a change by another process.

    Raises:
        StoreReplaced: it is an older copy, was changed, or is missing.
        JournalTampered: the journal head is missing, or not this kiosk's.
        OSError: it cannot be read.
    """
    looked: object = None
    while True:
        sealed = _bytes(path)
        known = ties.known(path.name)
        if state_of(sealed) in known or not known:
            return sealed
        if looked == (sealed, known):
            raise replaced(home, path.name, there=sealed is not None)
        looked = (sealed, known)


def _bytes(path: Path) -> bytes | None:
    try:
        return read_whole(path)
    except FileNotFoundError:
        return None


def state_of(sealed: bytes | None) -> str:
    """The state to which a file with this content is tied."""
    return ABSENT if sealed is None else hashlib.sha256(sealed).hexdigest()
