"""Whether a picture is good enough for a collection, by what Rekognition says of its faces (R1).

The bounds are those of the whitepaper on identity verification; a value that is missing or is no
number does not pass. Degrees have AWS's signs: a head that looks down has a negative pitch.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from kiosk.domain.cloud.faces import LEAST_FACE_PX, DetectedFace

MOST_YAW = 45.0
LEAST_PITCH, MOST_PITCH = -30.0, 45.0
LEAST_SHARPNESS = LEAST_BRIGHTNESS = 15.0


class FaceDefect(Enum):
    """Why a picture is not taken; the value is that in the journal."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_SMALL = "too_small"
    TURNED = "turned"
    """To the left or to the right."""
    TILTED = "tilted"
    """Up or down."""
    BLURRED = "blurred"
    DARK = "dark"
    EYES_CLOSED = "eyes_closed"
    SUNGLASSES = "sunglasses"


def defects(faces: Sequence[DetectedFace], width: int, height: int) -> tuple[FaceDefect, ...]:
    """Everything that is wrong with a picture; empty if nothing is.

    Args:
        faces: all faces that Rekognition sees in it.
        width: of the picture, pixels.
        height: of the picture, pixels.
    """
    if len(faces) != 1:
        return (FaceDefect.SEVERAL_FACES if faces else FaceDefect.NO_FACE,)
    (face,) = faces
    sides = face.width * width, face.height * height
    passed = {
        FaceDefect.TOO_SMALL: all(side > LEAST_FACE_PX for side in sides),
        FaceDefect.TURNED: -MOST_YAW <= face.yaw <= MOST_YAW,
        FaceDefect.TILTED: LEAST_PITCH <= face.pitch <= MOST_PITCH,
        FaceDefect.BLURRED: face.sharpness > LEAST_SHARPNESS,
        FaceDefect.DARK: face.brightness > LEAST_BRIGHTNESS,
        FaceDefect.EYES_CLOSED: face.eyes_open is True,
        FaceDefect.SUNGLASSES: face.sunglasses is False,
    }
    return tuple(defect for defect, good in passed.items() if not good)
