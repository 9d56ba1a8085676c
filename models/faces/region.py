"""The region of a frame in which the mesh network looks for one face."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.face import Box, Mesh
from kiosk.domain.vision.frame import Pixels
from models.alignment import warped
from models.faces.network import Tensor

GROWN = 1.5
"""Side of a region over the longer side of the face's box, as MediaPipe takes it."""

LEFT_EYE, RIGHT_EYE = 33, 263
"""Outer corners of the eyes, left and right in the image."""


@dataclass(frozen=True, slots=True)
class Region:
    """A turned square, in pixels of the frame; MediaPipe's NormalizedRect.

    Attributes:
        x: of its centre.
        y: of its centre.
        side: its side.
        angle: its rotation, radians; 0 for level eyes.
    """

    x: float
    y: float
    side: float
    angle: float

    @classmethod
    def around(cls, mesh: Mesh) -> Region:
        """The region for the next frame: the landmarks' box, turned to level the eyes, grown."""
        low, high = mesh.min(axis=0), mesh.max(axis=0)
        (x, y), side = (low + high) / 2, max(1.0, float((high - low).max()) * GROWN)
        return cls(float(x), float(y), side, slope(mesh[RIGHT_EYE] - mesh[LEFT_EYE]))

    @property
    def box(self) -> Box:
        """The square as if it were not turned; MediaPipe compares regions by these."""
        return Box(self.x - self.side / 2, self.y - self.side / 2, self.side, self.side)

    def onto_frame(self, size: int) -> NDArray[np.float64]:
        """(2, 3) matrix from the pixels of a crop of ``size`` to those of the frame."""
        scale, half = self.side / size, self.side / 2
        across, down = math.cos(self.angle), math.sin(self.angle)
        return np.array(
            [
                [scale * across, -scale * down, self.x - half * across + half * down],
                [scale * down, scale * across, self.y - half * down - half * across],
            ]
        )

    def moved_from(self, other: Region) -> float:
        """The distance between the centres, as a share of the other's side."""
        return math.hypot(self.x - other.x, self.y - other.y) / other.side


def slope(vector: NDArray[np.floating]) -> float:
    """The direction of (x, y), radians."""
    return math.atan2(float(vector[1]), float(vector[0]))


def crop_of(pixels: Pixels, onto_frame: NDArray[np.float64], size: int, border: int) -> Tensor:
    """A crop as network input: (1, size, size, 3) RGB, 0 to 255.

    Args:
        pixels: (height, width, 3) BGR.
        onto_frame: (2, 3) matrix from crop to frame.
        size: side of the crop in pixels.
        border: OpenCV's rule for what lies outside the frame.
    """
    crop = warped(pixels, onto_frame, size, border, cv2.WARP_INVERSE_MAP)
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2RGB), np.float32)[None]
