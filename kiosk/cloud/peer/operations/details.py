"""Faces and vectors as Rekognition's answers describe them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from kiosk.cloud.peer.account import PeerRequest
from kiosk.cloud.peer.collections import KeptFace
from kiosk.cloud.peer.faults import PeerFault
from kiosk.cloud.peer.sight import SeenFace

CONFIDENCE = 99.9
"""That a found face is a face: the finder gives no number of its own."""
HALF = 0.5


def box(sides: tuple[float, float, float, float]) -> dict[str, float]:
    """BoundingBox."""
    left, top, width, height = sides
    return {"Left": left, "Top": top, "Width": width, "Height": height}


def compared(face: SeenFace) -> dict[str, Any]:
    """ComparedFace, which is also the default of FaceDetail."""
    return {
        "BoundingBox": box(face.box),
        "Confidence": CONFIDENCE,
        "Landmarks": [{"Type": name, "X": x, "Y": y} for name, (x, y) in face.landmarks.items()],
        "Pose": {"Roll": face.roll, "Yaw": face.yaw, "Pitch": face.pitch},
        "Quality": {"Brightness": face.brightness, "Sharpness": face.sharpness},
    }


def detail(face: SeenFace, attributes: Collection[str] = ()) -> dict[str, Any]:
    """FaceDetail, with the attributes asked for that the models know."""
    covered = max(face.mask, face.sunglasses)
    more = {
        "EYES_OPEN": ("EyesOpen", _value(1.0 - face.eyes_closed)),
        "SUNGLASSES": ("Sunglasses", _value(face.sunglasses)),
        "FACE_OCCLUDED": ("FaceOccluded", _value(covered)),
    }
    asked = {name: said for key, (name, said) in more.items() if {key, "ALL"} & set(attributes)}
    return {**compared(face), **asked}


def kept(face: KeptFace, model: str) -> dict[str, Any]:
    """Face."""
    said: dict[str, Any] = {
        "FaceId": face.id,
        "BoundingBox": box(face.box),
        "ImageId": face.image,
        "Confidence": face.confidence,
        "IndexFacesModelVersion": model,
    }
    if face.external is not None:
        said["ExternalImageId"] = face.external
    if face.user is not None:
        said["UserId"] = face.user
    return said


def best(
    asked: PeerRequest, scored: Iterable[tuple[float, Any]], threshold: float, most: int
) -> list[tuple[float, Any]]:
    """Matches of a threshold or more, best first; of equal ones the older first."""
    ranked = sorted(scored, key=lambda each: -each[0])
    if (rule := asked.faults.get(PeerFault.SIMILARITY)) is not None and ranked:
        others = [(min(score, rule.value), what) for score, what in ranked[1:]]
        ranked = [(rule.value, ranked[0][1]), *others]
    return [each for each in ranked if each[0] >= threshold][:most]


def _value(likely: float) -> dict[str, Any]:
    """A boolean with its confidence, from how likely it is."""
    likely = min(max(likely, 0.0), 1.0)
    return {"Value": likely > HALF, "Confidence": 100.0 * max(likely, 1.0 - likely)}
