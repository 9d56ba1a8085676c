"""The one client of Rekognition that a process has: its quotas and circuits count for all of it."""

from __future__ import annotations

import threading
import weakref
from pathlib import Path

from config.sections.cloud import CloudSettings
from kiosk.cloud.client.calling import Caller
from kiosk.cloud.client.rekognition import RekognitionFaces
from kiosk.cloud.client.spending import Spending
from kiosk.cloud.monitoring.faces import CountedFaces
from kiosk.cloud.monitoring.watch import CloudWatchers
from kiosk.wiring.cloud.client import call_parts
from kiosk.wiring.cloud.watching import watchers_of


class WatchedFaces(CountedFaces):
    """A `FaceService`, with what hears of its calls and its answers.

    Args:
        settings: the section `cloud`.
        home: the kiosk's home, where spending is counted.

    Raises:
        SettingsError: there is no region, or a service is not offered in it.
    """

    def __init__(self, settings: CloudSettings, home: Path) -> None:
        self.watchers, self.searches = watchers_of(settings), settings.search
        parts = call_parts(settings, home, self.watchers)
        self.caller, self.spending = Caller(parts), parts.spending
        super().__init__(self.caller, settings.search, self.watchers)


class DoorFaces(CountedFaces):
    """The same service for the door, whose calls are counted by themselves, too.

    Args:
        shared: that of the process, which stays while somebody has this one.
    """

    def __init__(self, shared: WatchedFaces) -> None:
        self._shared, watchers = shared, shared.watchers
        super().__init__(shared.caller.heard_by(watchers.door.called), shared.searches, watchers)


_TURN = threading.Lock()
_MADE: dict[Path, tuple[CloudSettings, weakref.ref[WatchedFaces]]] = {}


def shared_faces(settings: CloudSettings, home: Path) -> RekognitionFaces:
    """Rekognition as the settings say, the same for every caller in this process.

    Raises:
        SettingsError: there is no region, or Rekognition is not offered in it.
    """
    return _shared(settings, home)


def door_faces(settings: CloudSettings, home: Path) -> RekognitionFaces:
    """The same as `shared_faces`, for the calls that a decision takes; raises the same."""
    return DoorFaces(_shared(settings, home))


def shared_watchers(settings: CloudSettings, home: Path) -> CloudWatchers:
    """What hears of every call of `shared_faces`, while somebody has that; raises the same."""
    return _shared(settings, home).watchers


def shared_spending(settings: CloudSettings, home: Path) -> Spending:
    """What counts the calls of `shared_faces` that cost; raises the same."""
    return _shared(settings, home).spending


def _shared(settings: CloudSettings, home: Path) -> WatchedFaces:
    with _TURN:
        known = _MADE.get(home)
        there = None if known is None or known[0] != settings else known[1]()
        if there is None:
            there = WatchedFaces(settings, home)
            _MADE[home] = settings, weakref.ref(there)
        return there
