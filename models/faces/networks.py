"""The networks of `face_landmarker.task` together: from frame to regions, from region to face."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kiosk.domain.vision.face import Box, Face
from kiosk.domain.vision.frame import Frame
from models.faces.bundle import read_bundle
from models.faces.detector import FaceDetector
from models.faces.eyes import EyeNetwork
from models.faces.geometry import FaceGeometry
from models.faces.mesh import FaceMesh, Points
from models.faces.region import Region
from models.landmarks import pose_of


class FaceNetworks:
    """Detector, mesh, eyes and geometry. Owned by one thread.

    Args:
        weights: the verified `face_landmarker.task`.

    Raises:
        ModelError: it cannot be loaded.
    """

    def __init__(self, weights: Path) -> None:
        bundle = read_bundle(weights)
        self._detector = FaceDetector(bundle)
        self._mesh = FaceMesh(bundle)
        self._eyes = EyeNetwork(bundle)
        self._geometry = FaceGeometry(bundle)

    def regions(self, frame: Frame) -> Sequence[Region]:
        """The region of each face that the detector sees, the surest first."""
        return self._detector.regions(frame.pixels)

    def points(self, frame: Frame, region: Region) -> Points | None:
        """The landmarks of the face in a region; None if the mesh network sees none there."""
        return self._mesh.points(frame.pixels, region)

    def face(self, frame: Frame, points: Points) -> Face:
        """The face with these landmarks."""
        mesh = points[:, :2]
        left, top = (float(v) for v in mesh.min(axis=0))
        right, bottom = (float(v) for v in mesh.max(axis=0))
        return Face(
            box=Box(left, top, right - left, bottom - top),
            mesh=mesh,
            pose=pose_of(self._geometry.matrix(points, frame.width, frame.height)),
            eyes=self._eyes.closure(mesh),
        )
