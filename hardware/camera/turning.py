"""Correction for a camera that is mounted sideways, upside down, or in front of a mirror."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Frame, Pixels


class Turned:
    """A camera whose images are rotated clockwise, and then mirrored.

    Args:
        camera: the camera as mounted.
        rotate: degrees: 0, 90, 180 or 270.
        mirror: True to swap left and right.
    """

    def __init__(self, camera: Camera, rotate: int, *, mirror: bool) -> None:
        self._camera = camera
        self._rotate = rotate
        self._mirror = mirror

    def read(self, timeout: float) -> Frame:
        """The camera's next frame, rotated and mirrored."""
        frame = self._camera.read(timeout)
        return replace(frame, pixels=turned(frame.pixels, self._rotate, mirror=self._mirror))

    def close(self) -> None:
        """Close the camera."""
        self._camera.close()


def turned(pixels: Pixels, rotate: int, *, mirror: bool = False) -> Pixels:
    """(height, width, 3), rotated clockwise by 0, 90, 180 or 270 degrees, then mirrored."""
    upright = np.rot90(pixels, -(rotate // 90))
    return np.ascontiguousarray(upright[:, ::-1] if mirror else upright)
