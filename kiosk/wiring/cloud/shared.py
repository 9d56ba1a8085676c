"""The one client of Rekognition that a process has: its quotas and circuits count for all of it."""

from __future__ import annotations

import threading
from pathlib import Path

from config.sections.cloud import CloudSettings
from kiosk.cloud.client.calling import Caller
from kiosk.cloud.client.rekognition import RekognitionFaces
from kiosk.cloud.monitoring.faces import CountedFaces
from kiosk.cloud.monitoring.watch import CloudWatchers
from kiosk.wiring.cloud.client import call_parts
from kiosk.wiring.cloud.watching import watchers_of

_TURN = threading.Lock()
_MADE: dict[Path, tuple[CloudSettings, RekognitionFaces, CloudWatchers]] = {}


def shared_faces(settings: CloudSettings, home: Path) -> RekognitionFaces:
    """Rekognition as the settings say, the same for every caller in this process.

    Raises:
        SettingsError: there is no region, or Rekognition is not offered in it.
    """
    return _shared(settings, home)[0]


def shared_watchers(settings: CloudSettings, home: Path) -> CloudWatchers:
    """What hears of every call of `shared_faces`; raises the same."""
    return _shared(settings, home)[1]


def _shared(settings: CloudSettings, home: Path) -> tuple[RekognitionFaces, CloudWatchers]:
    with _TURN:
        known = _MADE.get(home)
        if known is None or known[0] != settings:
            watchers = watchers_of(settings)
            caller = Caller(call_parts(settings, home, watchers))
            known = settings, CountedFaces(caller, settings.search, watchers), watchers
            _MADE[home] = known
        return known[1:]
