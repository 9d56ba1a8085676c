"""What is requested of a camera."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CameraRequest:
    """Requested capture parameters, and the camera's mounting.

    Attributes:
        width: pixels; a device chooses the nearest supported value.
        height: pixels; same.
        fps: frames per second requested from a device.
        warmup_frames: number of first frames of a live camera that are discarded; many start black.
        open_seconds: answer timeout of a stream.
        ca_file: trusted CA certificates for a network camera; None for the system's trust store.
        credentials_file: file with a network camera's user and password; None if it needs none.
        rotate: clockwise rotation of its image in degrees: 0, 90, 180 or 270.
        mirror: True to mirror the image left to right, after rotation.
    """

    width: int = 640
    height: int = 480
    fps: int = 30
    warmup_frames: int = 5
    open_seconds: float = 3.0
    ca_file: Path | None = None
    credentials_file: Path | None = None
    rotate: int = 0
    mirror: bool = False


USUAL_REQUEST = CameraRequest()
