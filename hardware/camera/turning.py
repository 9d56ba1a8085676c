"""A camera that hangs on its side, upside down, or before a mirror, put right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Frame, Pixels


class Turned:
    """A camera whose pictures are turned clockwise, and then mirrored.

    Args:
        camera: as it hangs.
        rotate: degrees: 0, 90, 180 or 270.
        mirror: left and right change places.
    """

    def __init__(self, camera: Camera, rotate: int, *, mirror: bool) -> None:
        self._camera = camera
        self._rotate = rotate
        self._mirror = mirror

    def read(self, timeout: float) -> Frame:
        """As the camera's own."""
        frame = self._camera.read(timeout)
        return replace(frame, pixels=turned(frame.pixels, self._rotate, mirror=self._mirror))

    def close(self) -> None:
        """As the camera's own."""
        self._camera.close()


def turned(pixels: Pixels, rotate: int, *, mirror: bool = False) -> Pixels:
    """(height, width, 3), turned clockwise by 0, 90, 180 or 270 degrees, then mirrored."""
    upright = np.rot90(pixels, -(rotate // 90))
    return np.ascontiguousarray(upright[:, ::-1] if mirror else upright)
