"""The input of the quality measures: a face upright and at one size, with its landmarks.

Every measure uses this crop, so that distance to the camera and tilt of the head do not affect it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.face import Mesh
from kiosk.domain.vision.frame import Pixels
from models.alignment import ARCFACE_112, FIVE_OF_478, similarity, warped

SIZE_PX = 160
OFFSET_PX = (24, 20)
"""Margins around ArcFace's 112 x 112: 24 px at either side, 20 above and 28 below, for the chin."""

Points = NDArray[np.float64]

OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
"""Landmarks of the face's outline."""

_FIVE, _TARGET = list(FIVE_OF_478), ARCFACE_112 + OFFSET_PX


@dataclass(frozen=True, slots=True, eq=False)
class UprightFace:
    """A face scaled to a fixed size.

    Attributes:
        pixels: (160, 160, 3) BGR.
        luma: (160, 160), 0 to 255.
        points: (478, 2) landmarks in the crop.
    """

    pixels: Pixels
    luma: Pixels
    points: Points


def upright(pixels: Pixels, mesh: Mesh) -> UprightFace:
    """Rotate and scale a face onto the crop.

    A face more than twice the crop's size is averaged down first: sampling it would add noise and
    false sharpness.
    """
    points = mesh.astype(np.float64)
    matrix = similarity(points[_FIVE], _TARGET)
    source, onto = _shrunk(pixels, points, matrix)
    crop = warped(source, onto, SIZE_PX, cv2.BORDER_REPLICATE)
    luma = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    moved = points @ matrix[:, :2].T + matrix[:, 2]
    return UprightFace(crop, np.asarray(luma, np.uint8), moved)


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """The part of the crop inside the convex hull of some points; only its bounding box is held.

    Attributes:
        rows: the rows of the bounding box.
        columns: its columns.
        mask: (rows, columns), 1 inside the hull; empty if nothing of it is in the crop.
    """

    rows: slice
    columns: slice
    mask: Pixels

    def of(self, image: Pixels) -> Pixels:
        """The bounding box of an image of the crop's size."""
        return image[self.rows, self.columns]

    def mean(self, image: Pixels) -> Sequence[float]:
        """The mean of each channel of an image of the crop's size; 0 in an empty area."""
        return cv2.mean(self.of(image), mask=self.mask) if self.mask.size else (0.0,) * 4


def hull(points: Points) -> Area:
    """The area inside the convex hull of points of the crop."""
    outline = cv2.convexHull(np.round(points).astype(np.int32))
    x, y, width, height = cv2.boundingRect(outline)
    left, top = min(max(x, 0), SIZE_PX), min(max(y, 0), SIZE_PX)
    right, bottom = max(min(x + width, SIZE_PX), left), max(min(y + height, SIZE_PX), top)
    mask = np.zeros((bottom - top, right - left), np.uint8)
    if mask.size:
        cv2.fillConvexPoly(mask, outline - (left, top), 1)
    return Area(slice(top, bottom), slice(left, right), mask)


def _shrunk(
    pixels: Pixels, points: Points, matrix: NDArray[np.float64]
) -> tuple[Pixels, NDArray[np.float64]]:
    """The image averaged down by a power of two if the face is large, and its matrix."""
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale >= 0.5:  # noqa: PLR2004 - more than twice the crop's size
        return pixels, matrix
    span = np.ptp(points, axis=0)
    left, top = np.maximum(points.min(axis=0) - 0.5 * span, 0).astype(int)
    right, bottom = (points.max(axis=0) + 0.5 * span).astype(int)
    region = pixels[top:bottom, left:right]
    factor = 2.0 ** np.floor(np.log2(1.0 / scale))
    height, width = region.shape[:2]
    small = (max(1, round(width / factor)), max(1, round(height / factor)))
    by = np.array([width / small[0], height / small[1]])
    back = np.array(
        [
            [by[0], 0.0, 0.5 * by[0] - 0.5 + left],
            [0.0, by[1], 0.5 * by[1] - 0.5 + top],
            [0.0, 0.0, 1.0],
        ]
    )
    return np.asarray(cv2.resize(region, small, interpolation=cv2.INTER_AREA), np.uint8), (
        matrix @ back
    )
