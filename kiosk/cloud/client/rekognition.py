"""The port to Amazon Rekognition, over boto3."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from kiosk.aws.faults import AwsFault
from kiosk.cloud.client import answers
from kiosk.cloud.client.calling import Caller
from kiosk.cloud.client.collection_calls import CollectionCalls
from kiosk.cloud.client.pictures import usable
from kiosk.cloud.client.refusals import CONFLICT, EXISTS, NOT_FOUND, senseless
from kiosk.cloud.client.service_answer import ServiceAnswer
from kiosk.domain.cloud.faces import (
    CloudId,
    CollectionFacts,
    DetectedFace,
    FaceId,
    IndexedFace,
    ModelVersion,
    ReadText,
    SearchAnswer,
)
from kiosk.domain.cloud.modes import Searched
from kiosk.domain.cloud.operations import Operation

MOST_USERS_FOUND, MOST_FACES_FOUND = 5, 50
"""That a search asks for; a person may have several faces."""
PAGE_FACES, PAGE_USERS, PAGE_COLLECTIONS = 1000, 500, 1000
MOST_DELETED, MOST_ASSOCIATED = 4096, 100
"""Faces in one request."""
DETECTED: Final = ["DEFAULT", "EYES_OPEN", "SUNGLASSES", "FACE_OCCLUDED"]
QUALITY: Final = "HIGH"
"""Faces below Rekognition's highest bar are neither compared nor indexed (R15)."""


class RekognitionFaces:
    """A `FaceService`, which any thread may use.

    Args:
        caller: makes the calls.
        searched: what a search compares a face with.
    """

    def __init__(self, caller: Caller, searched: Searched = Searched.USERS) -> None:
        self._calls, self._searched = CollectionCalls(caller), searched

    # -- collections -----------------------------------------------------------------------------

    def create_collection(self, name: str, *, seconds: float) -> ModelVersion:
        """Make a collection; one that is there already stays as it is."""
        until = time.monotonic() + seconds
        operation = Operation.CREATE_COLLECTION
        request = {"CollectionId": name}
        made = self._calls.asked(operation, request, seconds, ServiceAnswer.model, EXISTS)
        if not isinstance(made, AwsFault):
            return self._calls.known(name, made)
        found = self._calls.described(name, until - time.monotonic())
        if found is None:
            raise senseless(operation, "the collection is there, and is not")
        return found.model

    def describe_collection(self, name: str, *, seconds: float) -> CollectionFacts | None:
        """What a collection says of itself; None if there is none of that name."""
        return self._calls.described(name, seconds)

    def collections(self, *, seconds: float) -> Sequence[tuple[str, ModelVersion]]:
        """The names of all collections of the account in this region, with their models."""
        request = {"MaxResults": PAGE_COLLECTIONS}
        read = answers.collections_of
        return list(self._calls.pages(Operation.LIST_COLLECTIONS, request, seconds, read))

    def delete_collection(self, name: str, *, seconds: float) -> None:
        """Delete a collection with every face in it; none of that name is no error."""
        operation, request = Operation.DELETE_COLLECTION, {"CollectionId": name}
        self._calls.asked(operation, request, seconds, _nothing, NOT_FOUND)
        self._calls.forget(name)

    # -- pictures --------------------------------------------------------------------------------

    def detect_faces(self, picture: bytes, *, seconds: float) -> Sequence[DetectedFace]:
        """The faces in a picture, the largest first."""
        request = {"Image": _image(picture), "Attributes": DETECTED}
        return self._calls.answer(Operation.DETECT_FACES, request, seconds, answers.detected)

    def compare_faces(
        self, source: bytes, target: bytes, threshold: float, *, seconds: float
    ) -> Sequence[float]:
        """The similarities of the source's face with the target's, of the threshold or more."""
        request = {
            "SourceImage": _image(source),
            "TargetImage": _image(target),
            "SimilarityThreshold": threshold,
            "QualityFilter": QUALITY,
        }
        read = partial(answers.compared, threshold=threshold)
        return self._calls.of_face(Operation.COMPARE_FACES, request, seconds, read) or ()

    def search(
        self, collection: str, picture: bytes, threshold: float, *, seconds: float
    ) -> SearchAnswer:
        """The best people for the picture's face; users or faces, as the settings say."""
        until = time.monotonic() + seconds
        request: dict[str, object] = {
            "CollectionId": collection,
            "Image": _image(picture),
            "QualityFilter": QUALITY,
        }
        if self._searched is Searched.USERS:
            operation = Operation.SEARCH_USERS
            request |= {"UserMatchThreshold": threshold, "MaxUsers": MOST_USERS_FOUND}
        else:
            operation = Operation.SEARCH_FACES
            request |= {"FaceMatchThreshold": threshold, "MaxFaces": MOST_FACES_FOUND}

        def read(answer: ServiceAnswer) -> SearchAnswer:
            found = answers.searched(answer, operation)
            self._calls.same(operation, collection, found.model)
            return found

        found = self._calls.of_face(operation, request, seconds, read)
        if found is None:
            return SearchAnswer(self._calls.model(collection, until), (), faces=0)
        return found

    def detect_text(self, picture: bytes, *, seconds: float) -> Sequence[ReadText]:
        """The lines of text in a picture."""
        request = {"Image": _image(picture)}
        return self._calls.answer(Operation.DETECT_TEXT, request, seconds, answers.lines)

    # -- faces and users -------------------------------------------------------------------------

    def index_face(
        self, collection: str, picture: bytes, person: CloudId, *, seconds: float
    ) -> tuple[FaceId, ModelVersion] | None:
        """Add a picture's one face; None if the quality filter takes none."""
        operation = Operation.INDEX_FACES
        request = {
            "CollectionId": collection,
            "Image": _image(picture),
            "ExternalImageId": person,
            "MaxFaces": 1,
            "QualityFilter": QUALITY,
            "DetectionAttributes": ["DEFAULT"],
        }

        def read(answer: ServiceAnswer) -> tuple[FaceId, ModelVersion] | None:
            made = answers.indexed(answer, person)
            if made is not None:
                self._calls.same(operation, collection, made[1])
            return made

        return self._calls.of_face(operation, request, seconds, read)

    def create_user(self, collection: str, person: CloudId, token: str, *, seconds: float) -> None:
        """Make a user; one that is there already stays as it is."""
        request = _of_user(collection, person, token)
        self._calls.asked(Operation.CREATE_USER, request, seconds, _nothing, CONFLICT)

    def associate_faces(
        self,
        collection: str,
        person: CloudId,
        faces: Sequence[FaceId],
        token: str,
        *,
        seconds: float,
    ) -> Sequence[FaceId]:
        """Associate faces with a user; the faces that are associated then."""
        done: list[FaceId] = []
        until = time.monotonic() + seconds
        for number, some in _in_parts(faces, MOST_ASSOCIATED):
            request = {**_of_user(collection, person, _numbered(token, number)), "FaceIds": some}
            left, read = until - time.monotonic(), answers.associated
            done.extend(self._calls.answer(Operation.ASSOCIATE_FACES, request, left, read))
        return done

    def disassociate_faces(
        self,
        collection: str,
        person: CloudId,
        faces: Sequence[FaceId],
        token: str,
        *,
        seconds: float,
    ) -> None:
        """Take faces from a user; those that are gone are no error."""
        until = time.monotonic() + seconds
        for number, some in _in_parts(faces, MOST_ASSOCIATED):
            request = {**_of_user(collection, person, _numbered(token, number)), "FaceIds": some}
            left = until - time.monotonic()
            self._calls.asked(Operation.DISASSOCIATE_FACES, request, left, _nothing, NOT_FOUND)

    def delete_user(self, collection: str, person: CloudId, token: str, *, seconds: float) -> None:
        """Delete a user; one that is gone is no error. Their faces stay."""
        request = _of_user(collection, person, token)
        self._calls.asked(Operation.DELETE_USER, request, seconds, _nothing, NOT_FOUND)

    def delete_faces(
        self, collection: str, faces: Sequence[FaceId], *, seconds: float
    ) -> Sequence[FaceId]:
        """Delete faces; those that are gone afterwards."""
        gone: list[FaceId] = []
        until = time.monotonic() + seconds
        for _, some in _in_parts(faces, MOST_DELETED):
            request = {"CollectionId": collection, "FaceIds": some}
            left, read = until - time.monotonic(), answers.deleted
            gone.extend(self._calls.answer(Operation.DELETE_FACES, request, left, read))
        return gone

    def faces(
        self, collection: str, person: CloudId | None = None, *, seconds: float
    ) -> Iterator[IndexedFace]:
        """The faces of a collection, or of one user, page by page; `seconds` for each page."""
        request: dict[str, object] = {"CollectionId": collection, "MaxResults": PAGE_FACES}
        if person is None:
            return self._calls.pages(Operation.LIST_FACES, request, seconds, answers.listed)
        request["UserId"] = person
        read, missing = answers.listed, NOT_FOUND  # which may be the user
        return self._calls.pages(Operation.LIST_FACES, request, seconds, read, missing)

    def users(self, collection: str, *, seconds: float) -> Iterator[CloudId]:
        """The users of a collection, page by page; `seconds` for each page."""
        request = {"CollectionId": collection, "MaxResults": PAGE_USERS}
        return self._calls.pages(Operation.LIST_USERS, request, seconds, answers.users_of)


def _nothing(_: ServiceAnswer) -> None:
    """An answer says nothing but that it is done."""


def _image(picture: bytes) -> dict[str, bytes]:
    return {"Bytes": usable(picture)}


def _of_user(collection: str, person: CloudId, token: str) -> dict[str, object]:
    return {"CollectionId": collection, "UserId": person, "ClientRequestToken": token}


def _in_parts(faces: Sequence[FaceId], most: int) -> Iterator[tuple[int, list[FaceId]]]:
    for number, begin in enumerate(range(0, len(faces), most)):
        yield number, list(faces[begin : begin + most])


def _numbered(token: str, number: int) -> str:
    """A token for each part of a request that is too long for one; as it is for the first."""
    return f"{token[:58]}-{number}" if number else token
