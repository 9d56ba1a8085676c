"""The port to Amazon Rekognition. The services of this package are given one.

The adapter (`kiosk.cloud.client`) keeps the limits: a token bucket for each operation, retries of
what may pass, a circuit breaker, and a deadline for each call. It raises no error of boto3's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

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


class FaceService(Protocol):
    """Amazon Rekognition, as far as it is used here.

    Pictures are JPEG, in memory. `seconds` is the most that a call may take, waiting for the limits
    and repeated attempts included. `token` makes a repeated call do nothing twice.

    Every call raises:
        CloudUnavailable: no answer in time, too many requests, a fault of the service, or a quota
            or the spending limit is used up. It may pass.
        CloudRefused: credentials, policy, region, collection or picture are refused, or the answer
            makes no sense. It does not pass by itself.
    """

    # -- collections -----------------------------------------------------------------------------

    def create_collection(self, name: str, *, seconds: float) -> ModelVersion:
        """Make a collection; one that is there already stays as it is."""
        ...

    def describe_collection(self, name: str, *, seconds: float) -> CollectionFacts | None:
        """What a collection says of itself; None if there is none of that name."""
        ...

    def collections(self, *, seconds: float) -> Sequence[tuple[str, ModelVersion]]:
        """The names of all collections of the account in this region, with their models."""
        ...

    def delete_collection(self, name: str, *, seconds: float) -> None:
        """Delete a collection with every face in it; none of that name is no error."""
        ...

    # -- pictures --------------------------------------------------------------------------------

    def detect_faces(self, picture: bytes, *, seconds: float) -> Sequence[DetectedFace]:
        """The faces in a picture, the largest first."""
        ...

    def compare_faces(
        self, source: bytes, target: bytes, threshold: float, *, seconds: float
    ) -> Sequence[float]:
        """The similarities of the source's face with the target's, of the threshold or more."""
        ...

    def search(
        self, collection: str, picture: bytes, threshold: float, *, seconds: float
    ) -> SearchAnswer:
        """The best people for the picture's face; users or faces, as the settings say."""
        ...

    def detect_text(self, picture: bytes, *, seconds: float) -> Sequence[ReadText]:
        """The lines of text in a picture."""
        ...

    # -- faces and users -------------------------------------------------------------------------

    def index_face(
        self, collection: str, picture: bytes, person: CloudId, *, seconds: float
    ) -> tuple[FaceId, ModelVersion] | None:
        """Add a picture's one face; None if the quality filter takes none.

        There is no token: an attempt whose answer was lost may have added a face.
        `faces` shows it, by the person's id.
        """
        ...

    def create_user(self, collection: str, person: CloudId, token: str, *, seconds: float) -> None:
        """Make a user; one that is there already stays as it is."""
        ...

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
        ...

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
        ...

    def delete_user(self, collection: str, person: CloudId, token: str, *, seconds: float) -> None:
        """Delete a user; one that is gone is no error. Their faces stay."""
        ...

    def delete_faces(
        self, collection: str, faces: Sequence[FaceId], *, seconds: float
    ) -> Sequence[FaceId]:
        """Delete faces; those that are gone afterwards."""
        ...

    def faces(
        self, collection: str, person: CloudId | None = None, *, seconds: float
    ) -> Iterator[IndexedFace]:
        """The faces of a collection, or of one user, page by page; `seconds` for each page."""
        ...

    def users(self, collection: str, *, seconds: float) -> Iterator[CloudId]:
        """The users of a collection, page by page; `seconds` for each page."""
        ...
