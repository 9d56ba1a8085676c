"""A large change of a fleet, applied by a process of its own.

Fetched, verified and applied in the kiosk itself, it would hold up the threads that look at frames:
only one at a time runs Python. The other process is started anew and gets no secret: it opens the
home by itself, as `kiosk sync` does, and one of the two syncs at a time. Only the kiosk writes the
journal, for those who listen to it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from config.settings import Settings
from kiosk.domain.errors import LintelError
from kiosk.fleet.applying.large import LargeChange
from kiosk.fleet.applying.result import SyncResult
from kiosk.fleet.updater import FleetUpdater
from kiosk.journal.events.event import JournalEvent
from kiosk.pipeline.gallery.beside_vision import beside_vision
from kiosk.store.open_home import OpenHome
from kiosk.wiring.apart.child import child_at_work
from kiosk.wiring.apart.noting import NotedOnce

LARGE_BYTES = 2_000_000
"""What is fetched of more bytes is a large change: a thread of the kiosk applies so much, some 300
people, in a third of a second, and a process takes a second to start."""
OpenUpdater = Callable[
    [OpenHome, Settings, Callable[[JournalEvent], None]], AbstractContextManager[FleetUpdater]
]
"""Opens the updater of a home, for settings, with what writes its events; a module's function."""
NICE = 10
"""How much the other process gives way to the kiosk."""


class ApartSync:
    """Syncs in the kiosk where little is new, and in another process where much is.

    Args:
        updater: of the kiosk.
        home: the kiosk's home.
        settings: all settings.
        note: writes to the journal, for `updater` too.
        open_updater: opens an updater in the other process.
        large_bytes: what is fetched of more bytes is a large change.
    """

    def __init__(
        self,
        updater: FleetUpdater,
        home: Path,
        settings: Settings,
        note: NotedOnce,
        open_updater: OpenUpdater,
        large_bytes: int = LARGE_BYTES,
    ) -> None:
        self._updater, self._large_bytes = updater, large_bytes
        self._open_updater = open_updater
        self._home, self._settings, self._note = home, settings, note

    def sync(self) -> SyncResult:
        """Fetch, verify and apply what is new; raises as `FleetUpdater.sync`."""
        try:
            result = self._updater.sync(self._large_bytes)
        except LargeChange:
            return self._apart()
        self._note.done()
        return result

    def _apart(self) -> SyncResult:
        """A sync by another process; by this one, if there is no room for another."""
        applied = None
        with suppress(EOFError, OSError):
            applied = self._told()
        result = self._updater.sync()
        self._note.done()
        return result if applied is None else replace(result, changes=applied.changes)

    def _told(self) -> SyncResult:
        """What the other process has applied.

        Raises:
            LintelError: as `FleetUpdater.sync`, there.
            EOFError, OSError: it could not be started, or was ended.
        """
        with child_at_work(_work, self._open_updater, self._home, self._settings) as child:
            return self._heard(child)

    def _heard(self, child: Connection) -> SyncResult:
        """Write down what the other process is about to do, until it says what came of it."""
        while True:
            match child.recv():
                case SyncResult() as result:
                    return result
                case LintelError() as error:
                    raise error
                case event:
                    child.send(self._written(event))

    def _written(self, event: JournalEvent) -> LintelError | None:
        """Why an event could not be written; what failed is tried again, and said once."""
        try:
            self._note.apart(event)
        except LintelError as error:
            return error
        return None


# -- in the other process ------------------------------------------------------------------------


def _work(parent: Connection, open_updater: OpenUpdater, home: Path, settings: Settings) -> None:
    """Sync once, and tell what came of it."""
    os.nice(NICE)
    parent.send(_outcome(parent, open_updater, home, settings))


def _outcome(
    parent: Connection, open_updater: OpenUpdater, home: Path, settings: Settings
) -> SyncResult | LintelError:
    def note(event: JournalEvent) -> None:
        parent.send(event)
        if (error := parent.recv()) is not None:
            raise error

    try:
        with (
            OpenHome.open(home) as open_home,
            open_updater(open_home, settings, note) as updater,
            beside_vision(),
        ):
            return updater.sync()
    except LintelError as error:
        return error
