"""Replaces the files of a home all together: a crash leaves all the old ones or all the new.

The new files are complete in a folder of their own, and flushed. Renaming that folder is the moment
at which they count; from then on nothing of the home is opened until each has been moved to its
place. Whoever comes next after a crash finishes that.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from kiosk.domain.errors import StoreError
from kiosk.store.file_lock import alone
from kiosk.store.home import OWNER_ONLY_DIRECTORY, Home, flush_directory, read_whole, write_whole

LIST = "list.json"
FORMAT = 1
_OF_DATABASE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database."""


class Exchange:
    """The preparation of one exchange. The caller holds the lock of the home.

    Args:
        home: whose files are replaced.

    Attributes:
        folder: for the new files, under the names that they will have.

    Raises:
        StoreError: the folder cannot be made.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self.folder = Home(home.next_exchange)
        try:
            shutil.rmtree(self.folder.path, ignore_errors=True)
            self.folder.path.mkdir(OWNER_ONLY_DIRECTORY)
        except OSError as error:
            raise unusable(home, error) from error

    def commit(self, kept: Collection[Path], aside: Mapping[Path, str] | None = None) -> None:
        """Make the new files count, durably. The caller excludes everybody else who writes.

        Args:
            kept: all files that the home has from now on; those that the folder does not hold stay
                as they are, and others go.
            aside: names under which replaced files are put aside.

        Raises:
            StoreError: it cannot be done; everything is as it was.
        """
        names = {path.name: name for path, name in (aside or {}).items()}
        said = {"format": FORMAT, "kept": sorted(path.name for path in kept), "aside": names}
        try:
            write_whole(self.folder.path / LIST, json.dumps(said).encode())
            for path in self.folder.path.iterdir():
                _flush(path)
            flush_directory(self.folder.path)
            flush_directory(self._home.path)
            self.folder.path.rename(self._home.exchange)
            flush_directory(self._home.path)
        except OSError as error:
            raise unusable(self._home, error) from error

    def abandon(self) -> None:
        """Remove the folder, unless it counts already."""
        shutil.rmtree(self.folder.path, ignore_errors=True)


def finish(home: Home) -> None:
    """Finish an exchange that counts, and remove what a crash has left of one that does not.

    Raises:
        StoreError: it cannot be done now, or a newer program has begun it.
    """
    try:
        if os.path.lexists(home.exchange) or os.path.lexists(home.next_exchange):
            with home.locked(), home.journal_locked():
                if os.path.lexists(home.exchange):
                    move(home)
                shutil.rmtree(home.next_exchange, ignore_errors=True)
        if os.path.lexists(home.workshop):
            with suppress(TimeoutError), alone(home.workshop_lock, 0.0):
                shutil.rmtree(home.workshop, ignore_errors=True)
    except OSError as error:
        raise unusable(home, error) from error


def move(home: Home) -> None:
    """Move the files of an exchange that counts. The caller holds both locks of the home.

    Raises:
        StoreError: a newer program has begun it, or nobody of ours has.
        OSError: it cannot be done now.
    """
    kept, aside = _list(home)
    for path in home.kept:
        new = home.exchange / path.name
        if new.exists():
            _remove_beside(path)
            if path.name in aside and path.exists():
                path.rename(path.with_name(aside[path.name]))
            new.replace(path)
        elif path.name not in kept:
            _remove_beside(path)
            path.unlink(missing_ok=True)
    flush_directory(home.path)
    shutil.rmtree(home.next_exchange, ignore_errors=True)
    home.exchange.rename(home.next_exchange)  # at once: half a folder would say something else
    flush_directory(home.path)
    shutil.rmtree(home.next_exchange, ignore_errors=True)


def _list(home: Home) -> tuple[set[str], dict[str, str]]:
    """What an exchange says of itself: the names that are kept, and those to be put aside."""
    try:
        said = json.loads(read_whole(home.exchange / LIST))
        form, kept = int(said["format"]), {str(name) for name in said["kept"]}
        aside = {str(name): Path(put).name for name, put in said["aside"].items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{home.exchange} cannot be understood.",
            "See who has put it there, and move it away; nothing was opened.",
        ) from error
    if form > FORMAT:
        raise StoreError(
            f"A newer program exchanges the files of {home.path}.", "Install it again."
        )
    return kept, aside


def unusable(home: Home, error: OSError) -> StoreError:
    """The error for a home whose files cannot be exchanged."""
    return StoreError(
        f"The home {home.path} cannot be used: {os.strerror(error.errno or 0)}.",
        "See whether the disk is full or read-only, and to whom the home belongs.",
    )


def _remove_beside(path: Path) -> None:
    """Remove what SQLite keeps beside a database that goes: it would be taken for the new one's."""
    for end in _OF_DATABASE:
        path.with_name(path.name + end).unlink(missing_ok=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
