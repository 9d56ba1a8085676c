"""Face geometry: the facial transformation matrix from landmarks, by weighted Procrustes analysis.

The landmarks are fitted to a canonical face as a camera of a fixed field of view would see it. The
depth scale is unknown at first, so it is estimated twice before the pose is solved.

Source: MediaPipe's face geometry module (`geometry_pipeline.cc`, `procrustes_solver.cc`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.faces.bundle import GEOMETRY
from models.faces.mesh import Points
from models.protobuf import Message
from models.runtimes import not_understood

Matrix = NDArray[np.float64]

NEAR = 1.0
"""Distance of the image plane from the virtual camera."""

TALL = 2.0 * NEAR * math.tan(math.radians(63.0) / 2)
"""Height of the image plane: MediaPipe assumes a vertical field of view of 63 degrees."""

CANONICAL = 468
"""Landmarks of the canonical face; the irises have no place in it."""

CANONICAL_MESH, WEIGHTS, VERTICES = 1, 2, 3
LANDMARK, WEIGHT = 1, 2
"""Field numbers of `GeometryPipelineMetadata`, `Mesh3d` and `WeightedLandmarkRef`."""

VERTEX = 5
"""Numbers of a vertex: position (3) and texture (2)."""

MIRROR_DEPTH = np.array([[1.0], [1.0], [-1.0]])


@dataclass(frozen=True, slots=True)
class Similarity:
    """A map x -> scale * rotation @ x + shift."""

    scale: float
    rotation: Matrix
    shift: Matrix


class FaceGeometry:
    """Solves for the pose of a face.

    Args:
        bundle: the members of `face_landmarker.task`.

    Raises:
        ModelError: the canonical face cannot be read.
    """

    def __init__(self, bundle: Mapping[str, bytes]) -> None:
        metadata = Message(bundle[GEOMETRY], GEOMETRY)
        vertices = metadata.message(CANONICAL_MESH).numbers(VERTICES)
        if vertices.size != CANONICAL * VERTEX:
            raise not_understood(GEOMETRY, "LiteRT")
        weights = np.zeros(CANONICAL)
        for entry in metadata.messages(WEIGHTS):
            weights[_landmark(entry)] = entry.number(WEIGHT)
        self._used = np.flatnonzero(weights)
        if not self._used.size:
            raise not_understood(GEOMETRY, "LiteRT")
        canonical = vertices.reshape(CANONICAL, VERTEX)[self._used, :3].T.astype(np.float64)
        self._procrustes = _Procrustes(canonical, weights[self._used])

    def matrix(self, points: Points, width: int, height: int) -> Matrix:
        """(4, 4) from the canonical face to the camera, which looks along -z with y up.

        Args:
            points: (478, 3) landmarks in pixels of the frame.
            width: of the frame, pixels.
            height: of the frame, pixels.
        """
        screen, depth = _on_screen(points, width, height)
        screen = screen[:, self._used]
        scale = self._procrustes.solve(screen * MIRROR_DEPTH).scale
        scale *= self._procrustes.solve(_unprojected(screen, depth, scale)).scale
        solved = self._procrustes.solve(_unprojected(screen, depth, scale))
        made = np.eye(4)
        made[:3, :3], made[:3, 3] = solved.scale * solved.rotation, solved.shift
        return made


class _Procrustes:
    """Weighted Procrustes analysis from a fixed set of points.

    Args:
        source: (3, n) points.
        weights: (n,), positive.
    """

    def __init__(self, source: Matrix, weights: Matrix) -> None:
        self._root, self._total = np.sqrt(weights), weights.sum()
        self._weighted = source * self._root
        centre = (self._weighted * self._root).sum(axis=1, keepdims=True) / self._total
        self._centred = self._weighted - centre * self._root
        self._spread = float((self._centred * self._weighted).sum())

    def solve(self, target: Matrix) -> Similarity:
        """The similarity that maps the source to (3, n) target points best."""
        aimed = target * self._root
        u, _, vt = np.linalg.svd(aimed @ self._centred.T)
        if np.linalg.det(u) * np.linalg.det(vt) < 0:
            u[:, 2] *= -1
        rotation = u @ vt
        scale = float(((rotation @ self._centred) * aimed).sum()) / self._spread
        rest = (aimed - scale * rotation @ self._weighted) * self._root
        return Similarity(scale, rotation, rest.sum(axis=1) / self._total)


def _landmark(entry: Message) -> int:
    """The index of a weighted landmark; protobuf omits 0."""
    index = entry.integer(LANDMARK, 0)
    if not 0 <= index < CANONICAL:
        raise not_understood(GEOMETRY, "LiteRT")
    return index


def _on_screen(points: Points, width: int, height: int) -> tuple[Matrix, float]:
    """(3, 468) landmarks on the virtual image plane with y up, and their mean depth."""
    unit = TALL / height
    middle = np.array([[width / 2], [height / 2], [0.0]])
    centred = points[:CANONICAL].T.astype(np.float64) - middle
    screen = centred * np.array([[unit], [-unit], [unit]])
    return screen, float(screen[2].mean())


def _unprojected(screen: Matrix, depth: float, scale: float) -> Matrix:
    """(3, n) points before the projection, if the depth is scaled so."""
    z = (screen[2] - depth + NEAR) / scale
    return np.stack([screen[0] * z / NEAR, screen[1] * z / NEAR, -z])
