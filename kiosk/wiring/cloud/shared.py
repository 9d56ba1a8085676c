"""The one client of Rekognition that a process has: its quotas and circuits count for all of it."""

from __future__ import annotations

import threading
from pathlib import Path

from config.sections.cloud import CloudSettings
from kiosk.cloud.client.rekognition import RekognitionFaces
from kiosk.wiring.cloud.client import cloud_faces

_TURN = threading.Lock()
_MADE: dict[Path, tuple[CloudSettings, RekognitionFaces]] = {}


def shared_faces(settings: CloudSettings, home: Path) -> RekognitionFaces:
    """Rekognition as the settings say, the same for every caller in this process.

    Raises:
        SettingsError: there is no region, or Rekognition is not offered in it.
    """
    with _TURN:
        known = _MADE.get(home)
        if known is not None and known[0] == settings:
            return known[1]
        made = cloud_faces(settings, home)
        _MADE[home] = settings, made
        return made
