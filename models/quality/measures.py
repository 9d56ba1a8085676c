"""The quality measures of one face in one frame. Bounds are policy; nothing is judged here."""

from __future__ import annotations

import numpy as np

from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.quality import QualityMeasures
from models.quality.crop import OVAL, UprightFace, hull, upright
from models.quality.noise import face_noise
from models.quality.occlusion import mask, skin_of, sunglasses
from models.quality.sharpness import sharpness

BLOWN_OUT = 250
"""Luma at which a pixel has lost its detail."""


class FaceQuality:
    """The `QualityAssessor` port over landmarks and pixels; needs no weights."""

    def measure(self, frame: Frame, face: Face) -> QualityMeasures:
        """The measures of one face in its frame."""
        crop = upright(frame.pixels, face.mesh)
        brightness, overexposed = light(crop)
        skin = skin_of(crop)
        return QualityMeasures(
            yaw=face.pose.yaw,
            pitch=face.pose.pitch,
            roll=face.pose.roll,
            size_px=min(face.box.width, face.box.height),
            sharpness=sharpness(crop.luma),
            brightness=brightness,
            noise=face_noise(frame.pixels, face.box),
            overexposed=overexposed,
            eyes_closed=min(face.eyes.left, face.eyes.right),
            sunglasses=sunglasses(skin),
            mask=mask(skin),
        )


def light(crop: UprightFace) -> tuple[float, float]:
    """Mean luma over the face's oval, 0 to 100, and its overexposed share, 0 to 1."""
    oval = hull(crop.points[list(OVAL)])
    blown = np.asarray(crop.luma >= BLOWN_OUT, np.uint8)
    return oval.mean(crop.luma)[0] / 2.55, oval.mean(blown)[0]
