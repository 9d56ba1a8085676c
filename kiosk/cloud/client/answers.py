"""What Rekognition's answers say; one that makes no sense is refused, never guessed.

A name for each operation: `detected` reads `DetectFaces`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from kiosk.cloud.client.service_answer import ServiceAnswer, face_id
from kiosk.domain.cloud.faces import (
    CloudId,
    CollectionFacts,
    DetectedFace,
    FaceId,
    IndexedFace,
    Match,
    ModelVersion,
    ReadText,
    SearchAnswer,
    SearchedFace,
)
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.errors import CloudRefused

_HALF_TURN: Final = 180.0


def detected(answer: ServiceAnswer) -> tuple[DetectedFace, ...]:
    """The faces of `DetectFaces`, the largest first.

    Raises:
        CloudRefused: it makes no sense.
    """
    faces = [_face(each) for each in answer.parts("FaceDetails")]
    return tuple(sorted(faces, key=lambda face: face.width * face.height, reverse=True))


def _face(found: ServiceAnswer) -> DetectedFace:
    box, pose, quality = found.part("BoundingBox"), found.part("Pose"), found.part("Quality")
    return DetectedFace(
        confidence=found.number("Confidence"),
        # A face at the edge has a box that goes beyond the picture.
        left=box.number("Left", -1.0, 1.0),
        top=box.number("Top", -1.0, 1.0),
        width=box.number("Width", 0.0, 2.0),
        height=box.number("Height", 0.0, 2.0),
        yaw=pose.number("Yaw", -_HALF_TURN, _HALF_TURN),
        pitch=pose.number("Pitch", -_HALF_TURN, _HALF_TURN),
        roll=pose.number("Roll", -_HALF_TURN, _HALF_TURN),
        sharpness=quality.number("Sharpness"),
        brightness=quality.number("Brightness"),
        eyes_open=found.yes("EyesOpen"),
        sunglasses=found.yes("Sunglasses"),
        occluded=found.yes("FaceOccluded"),
    )


def compared(answer: ServiceAnswer, threshold: float) -> tuple[float, ...]:
    """The similarities of `CompareFaces` of the threshold or more, the highest first.

    Raises:
        CloudRefused: it makes no sense.
    """
    found = [each.number("Similarity") for each in answer.parts("FaceMatches")]
    return tuple(sorted((each for each in found if each >= threshold), reverse=True))


def searched(answer: ServiceAnswer, operation: Operation) -> SearchAnswer:
    """What a search of users or of faces says.

    Raises:
        CloudRefused: it makes no sense.
    """
    if operation is Operation.SEARCH_FACES:
        return SearchAnswer(answer.model(), faces_found(answer), face=_boxed(answer))
    others = len(answer.items("UnsearchedFaces", needed=False))
    seen = 1 + others if answer.has("SearchedFace") else 0
    return SearchAnswer(answer.model(), users_found(answer), faces=seen, face=_described(answer))


def _boxed(answer: ServiceAnswer) -> SearchedFace | None:
    """The face of a search of faces; None where that makes no sense: no decision rests on it."""
    with suppress(CloudRefused):
        box = answer.part("SearchedFaceBoundingBox")
        return SearchedFace(box.number("Width", 0.0, 2.0), box.number("Height", 0.0, 2.0))
    return None


def _described(answer: ServiceAnswer) -> SearchedFace | None:
    """The face of a search of users; None where that makes no sense: no decision rests on it."""
    with suppress(CloudRefused):
        face = answer.part("SearchedFace").part("FaceDetail")
        box, quality = face.part("BoundingBox"), face.part("Quality")
        return SearchedFace(
            width=box.number("Width", 0.0, 2.0),
            height=box.number("Height", 0.0, 2.0),
            sharpness=quality.number("Sharpness"),
            brightness=quality.number("Brightness"),
            occluded=face.yes("FaceOccluded"),
            landmarks=len(face.items("Landmarks", needed=False)),
        )
    return None


def users_found(answer: ServiceAnswer) -> tuple[Match, ...]:
    """The people of `SearchUsersByImage`, best first.

    Raises:
        CloudRefused: it makes no sense.
    """
    found = [
        Match(each.part("User").person("UserId"), each.number("Similarity"))
        for each in answer.parts("UserMatches")
    ]
    return _best_first(answer, found, once=True)


def faces_found(answer: ServiceAnswer) -> tuple[Match, ...]:
    """The people of `SearchFacesByImage`, best first, with the best of their faces.

    Raises:
        CloudRefused: it makes no sense.
    """
    found = [
        Match(each.part("Face").person("ExternalImageId"), each.number("Similarity"))
        for each in answer.parts("FaceMatches")
    ]
    return _best_first(answer, found, once=False)


def _best_first(answer: ServiceAnswer, found: Sequence[Match], *, once: bool) -> tuple[Match, ...]:
    best: dict[CloudId, Match] = {}
    for match in sorted(found, key=lambda each: each.similarity, reverse=True):
        best.setdefault(match.person, match)
    if once and len(best) != len(found):
        raise answer.wrong("names a person twice")
    return tuple(best.values())


def indexed(answer: ServiceAnswer, person: CloudId) -> tuple[FaceId, ModelVersion] | None:
    """The one face of `IndexFaces`; None for none.

    Raises:
        CloudRefused: it makes no sense.
    """
    faces = [each.part("Face") for each in answer.parts("FaceRecords")]
    if not faces:
        return None
    if len(faces) > 1 or faces[0].person("ExternalImageId") != person:
        raise answer.wrong("is not the one face that was sent", "FaceRecords")
    return faces[0].face_id(), answer.model()


def associated(answer: ServiceAnswer) -> Sequence[FaceId]:
    """The faces that `AssociateFaces` associated.

    Raises:
        CloudRefused: it makes no sense.
    """
    return [each.face_id() for each in answer.parts("AssociatedFaces", needed=False)]


def users_of(answer: ServiceAnswer) -> Iterator[CloudId]:
    """The users of a page of `ListUsers`.

    Raises:
        CloudRefused: it makes no sense.
    """
    for each in answer.parts("Users"):
        yield each.person("UserId")


def deleted(answer: ServiceAnswer) -> Sequence[FaceId]:
    """The faces that are gone after `DeleteFaces`, those included that were gone before.

    Raises:
        CloudRefused: it makes no sense.
    """
    now = [
        face_id(answer, each, "DeletedFaces") for each in answer.items("DeletedFaces", needed=False)
    ]
    before = [
        each.face_id()
        for each in answer.parts("UnsuccessfulFaceDeletions", needed=False)
        if "FACE_NOT_FOUND" in each.items("Reasons", needed=False)
    ]
    return now + before


def listed(answer: ServiceAnswer) -> Iterator[IndexedFace]:
    """The faces of a page of `ListFaces`.

    Raises:
        CloudRefused: it makes no sense.
    """
    for each in answer.parts("Faces"):
        yield IndexedFace(
            each.face_id(),
            each.person_or_none("ExternalImageId"),
            each.person_or_none("UserId"),
        )


def lines(answer: ServiceAnswer) -> tuple[ReadText, ...]:
    """The lines of `DetectText`.

    Raises:
        CloudRefused: it makes no sense.
    """
    return tuple(
        ReadText(each.text("DetectedText"), each.number("Confidence"))
        for each in answer.parts("TextDetections")
        if each.text("Type") == "LINE"
    )


def described(answer: ServiceAnswer, name: str) -> CollectionFacts:
    """What `DescribeCollection` says.

    Raises:
        CloudRefused: it makes no sense.
    """
    return CollectionFacts(
        name, answer.model(), answer.count("FaceCount"), answer.count("UserCount")
    )


def collections_of(answer: ServiceAnswer) -> Iterator[tuple[str, ModelVersion]]:
    """The collections of a page of `ListCollections`.

    Raises:
        CloudRefused: it makes no sense.
    """
    names, models = answer.items("CollectionIds"), answer.items("FaceModelVersions")
    if len(names) != len(models):
        raise answer.wrong("are of another number", "FaceModelVersions")
    for name, model in zip(names, models, strict=True):
        each = ServiceAnswer(Operation.LIST_COLLECTIONS, {"CollectionIds": name, "Model": model})
        yield each.text("CollectionIds"), each.model("Model")
