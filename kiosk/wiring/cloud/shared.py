"""The one client of Rekognition that a process has: its quotas and circuits count for all of it."""

from __future__ import annotations

import threading
import weakref
from pathlib import Path

from config.sections.cloud import CloudSettings
from kiosk.cloud.client.rekognition import RekognitionFaces
from kiosk.wiring.cloud.client import cloud_faces

_TURN = threading.Lock()
_MADE: dict[Path, tuple[CloudSettings, weakref.ref[RekognitionFaces]]] = {}


def shared_faces(settings: CloudSettings, home: Path) -> RekognitionFaces:
    """Rekognition as the settings say, the same for every caller while anybody has it.

    Raises:
        SettingsError: there is no region, or Rekognition is not offered in it.
    """
    with _TURN:
        known = _MADE.get(home)
        there = None if known is None or known[0] != settings else known[1]()
        if there is not None:
            return there
        made = cloud_faces(settings, home)
        _MADE[home] = settings, weakref.ref(made)
        return made
