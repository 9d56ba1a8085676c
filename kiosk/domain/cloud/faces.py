"""What Amazon Rekognition says of faces: values only, in its own units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

CloudId = NewType("CloudId", str)
"""A person's id in the cloud: 32 hexadecimal digits that say nothing without the id key."""

FaceId = NewType("FaceId", str)
"""Rekognition's id of one indexed face."""

ModelVersion = NewType("ModelVersion", str)
"""Rekognition's version of a collection's face model, such as `7.0`."""

LEAST_RELEASE = 99.0
"""The least similarity for which a door is released, whatever the settings say (R17)."""
LEAST_SEARCHED, MOST_SEARCHED = 90.0, 99.9
"""Bounds of the threshold that a search is sent with (R16)."""
MOST_IMAGE_BYTES = 5 * 1024 * 1024
LEAST_FACE_PX = 50
MOST_FACES = 20_000_000
"""In one collection."""


@dataclass(frozen=True, slots=True)
class Match:
    """A person whom a search found, and the highest similarity over their faces.

    Attributes:
        person: their id in the cloud.
        similarity: 0 to 100; a similarity and a cosine never meet.
    """

    person: CloudId
    similarity: float


@dataclass(frozen=True, slots=True)
class SearchedFace:
    """The face that a search was made with, as far as the service describes it.

    Attributes:
        width, height: of its box, as shares of the picture.
        sharpness, brightness: 0 to 100; None where the service does not say.
        occluded: as the service sees it; None where it does not say.
        landmarks: how many the service found; None where it does not say.
    """

    width: float
    height: float
    sharpness: float | None = None
    brightness: float | None = None
    occluded: bool | None = None
    landmarks: int | None = None


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The answer of one collection.

    Attributes:
        model: the version of its face model.
        matches: one for each person, best first.
        faces: how many faces the service saw in the picture; 0 where its quality filter took none.
        face: the one that was compared; None where the service does not describe it.
    """

    model: ModelVersion
    matches: tuple[Match, ...]
    faces: int = 1
    face: SearchedFace | None = None


@dataclass(frozen=True, slots=True)
class DetectedFace:
    """A face in a picture, with what the whitepaper's quality checks need.

    Attributes:
        confidence: that it is a face, 0 to 100.
        left, top, width, height: of its box, as shares of the picture.
        yaw: degrees; to the image's right if positive.
        pitch: degrees; down if negative.
        roll: degrees.
        sharpness, brightness: 0 to 100.
        eyes_open, sunglasses, occluded: as the service sees it; None where it does not say.
    """

    confidence: float
    left: float
    top: float
    width: float
    height: float
    yaw: float
    pitch: float
    roll: float
    sharpness: float
    brightness: float
    eyes_open: bool | None = None
    sunglasses: bool | None = None
    occluded: bool | None = None


@dataclass(frozen=True, slots=True)
class IndexedFace:
    """A face in a collection.

    Attributes:
        face: its id.
        person: the external id it was indexed with; None for a face of unknown origin.
        user: the user it is associated with; None for none.
    """

    face: FaceId
    person: CloudId | None
    user: CloudId | None = None


@dataclass(frozen=True, slots=True)
class CollectionFacts:
    """What a collection says of itself.

    Attributes:
        name: its id.
        model: the version of its face model, for ever.
        faces: how many it holds.
        users: how many users it holds.
    """

    name: str
    model: ModelVersion
    faces: int
    users: int


@dataclass(frozen=True, slots=True)
class ReadText:
    """A line of text in a picture.

    Attributes:
        text: never logged.
        confidence: 0 to 100.
    """

    text: str
    confidence: float

    def __repr__(self) -> str:
        return "ReadText(<hidden>)"
