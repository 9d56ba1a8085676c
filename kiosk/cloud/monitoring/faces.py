"""Rekognition, with its answers counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kiosk.cloud.client.calling import Caller
from kiosk.cloud.client.pictures import jpeg_size
from kiosk.cloud.client.rekognition import RekognitionFaces
from kiosk.domain.cloud.faces import (
    CloudId,
    CollectionFacts,
    DetectedFace,
    FaceId,
    ModelVersion,
    SearchAnswer,
)
from kiosk.domain.cloud.modes import Searched
from kiosk.domain.cloud.operations import Operation


class AnswerObserver(Protocol):
    """Hears what is answered, in the thread of whoever asked; see `Counting`."""

    def searched(
        self, answer: SearchAnswer, operation: Operation, size: tuple[int, int] | None
    ) -> None:
        """A search has answered.

        Args:
            answer: what it said.
            operation: which.
            size: width and height of the picture, in pixels; None if that is not known.
        """
        ...

    def detected(self, faces: Sequence[DetectedFace]) -> None:
        """Faces in a picture were described."""
        ...

    def compared(self, similarities: Sequence[float]) -> None:
        """Two pictures were compared; none of these where they show different people."""
        ...

    def changed(self, change: str, faces: int) -> None:
        """Faces were indexed or deleted."""
        ...

    def described(self, facts: CollectionFacts) -> None:
        """A collection said how many faces it holds."""
        ...


class CountedFaces(RekognitionFaces):
    """A `FaceService` whose answers are counted.

    Args:
        caller: makes the calls.
        searched: what a search compares a face with.
        observer: hears of answers.
    """

    def __init__(self, caller: Caller, searched: Searched, observer: AnswerObserver) -> None:
        super().__init__(caller, searched)
        self._observer = observer
        users = searched is Searched.USERS
        self._operation = Operation.SEARCH_USERS if users else Operation.SEARCH_FACES

    def describe_collection(self, name: str, *, seconds: float) -> CollectionFacts | None:
        """What a collection says of itself; None if there is none of that name."""
        facts = super().describe_collection(name, seconds=seconds)
        if facts is not None:
            self._observer.described(facts)
        return facts

    def detect_faces(self, picture: bytes, *, seconds: float) -> Sequence[DetectedFace]:
        """The faces in a picture, the largest first."""
        found = super().detect_faces(picture, seconds=seconds)
        self._observer.detected(found)
        return found

    def compare_faces(
        self, source: bytes, target: bytes, threshold: float, *, seconds: float
    ) -> Sequence[float]:
        """The similarities of the source's face with the target's, of the threshold or more."""
        found = super().compare_faces(source, target, threshold, seconds=seconds)
        self._observer.compared(found)
        return found

    def search(
        self, collection: str, picture: bytes, threshold: float, *, seconds: float
    ) -> SearchAnswer:
        """The best people for the picture's face; users or faces, as the settings say."""
        found = super().search(collection, picture, threshold, seconds=seconds)
        self._observer.searched(found, self._operation, jpeg_size(picture))
        return found

    def index_face(
        self, collection: str, picture: bytes, person: CloudId, *, seconds: float
    ) -> tuple[FaceId, ModelVersion] | None:
        """Add a picture's one face; None if the quality filter takes none."""
        made = super().index_face(collection, picture, person, seconds=seconds)
        self._observer.changed("indexed", 0 if made is None else 1)
        return made

    def delete_faces(
        self, collection: str, faces: Sequence[FaceId], *, seconds: float
    ) -> Sequence[FaceId]:
        """Delete faces; those that are gone afterwards."""
        gone = super().delete_faces(collection, faces, seconds=seconds)
        self._observer.changed("deleted", len(gone))
        return gone
