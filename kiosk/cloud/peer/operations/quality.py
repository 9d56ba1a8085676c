"""The quality filter: what each level demands of a face, and why a face does not pass.

The levels are this project's: `HIGH` is its own gate at the door (R2 to R8), the others are lower.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.cloud.peer.sight import SeenFace
from kiosk.domain.cloud.faces import LEAST_FACE_PX

NONE, DEFAULT = "NONE", "AUTO"


@dataclass(frozen=True, slots=True)
class FilterLevel:
    """What a level demands.

    Attributes:
        yaw: degrees either side, at most.
        down, up: degrees of pitch, at most.
        sharpness, brightness: must be exceeded.
        size_px: the least side of a face.
        mask: share that may be covered.
    """

    yaw: float
    down: float
    up: float
    sharpness: float
    brightness: float
    size_px: float
    mask: float


_LOW = FilterLevel(75.0, 60.0, 60.0, 4.0, 5.0, LEAST_FACE_PX, 1.0)
_MEDIUM = FilterLevel(60.0, 45.0, 55.0, 8.0, 10.0, LEAST_FACE_PX, 1.0)
_HIGH = FilterLevel(45.0, 30.0, 45.0, 15.0, 15.0, LEAST_FACE_PX, 0.5)
_LEVELS = {"LOW": _LOW, "MEDIUM": _MEDIUM, "HIGH": _HIGH, "AUTO": _MEDIUM}


def refused(face: SeenFace, level: str) -> list[str]:
    """The reasons why a face does not pass a level; none if it does."""
    if level == NONE:
        return []
    demand = _LEVELS[level]
    passed = {
        "EXTREME_POSE": abs(face.yaw) <= demand.yaw and -demand.down <= face.pitch <= demand.up,
        "LOW_BRIGHTNESS": face.brightness > demand.brightness,
        "LOW_SHARPNESS": face.sharpness > demand.sharpness,
        "SMALL_BOUNDING_BOX": face.size_px >= demand.size_px,
        "LOW_FACE_QUALITY": max(face.mask, face.sunglasses) <= demand.mask,
    }
    return [reason for reason, good in passed.items() if not good]
