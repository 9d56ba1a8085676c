"""The account that the peer plays: its collections, what it sees, and its limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.cloud.peer.collections import KeptCollection, KeptCollections, KeptUser
from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.cloud.peer.keeping import PeerFolder
from kiosk.cloud.peer.refusals import PeerRefusal, invalid, no_collection, no_user
from kiosk.cloud.peer.sight import PeerSight, SeenFace, SeenPicture, SeenText
from kiosk.cloud.peer.similarity import SimilarityScales
from kiosk.domain.cloud.faces import MOST_FACES, MOST_IMAGE_BYTES
from kiosk.domain.errors import ImageError

NEWEST_MODEL = "7.0"
LEAST_SIDE_PX = 80
LEAST_FACE_SHARE = 40.0 / 1920.0
"""Of a picture's longer side, where that is over 1,920; AWS sees no smaller face."""
LEAST_SEEN_PX = 40.0
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class PeerLimits:
    """Limits that AWS sets; tests may have lower ones.

    Attributes:
        faces: in a collection.
        faces_of_user: associated with one user.
        collections: in the account.
        page: the most that a page of a list holds, whatever is asked for.
    """

    faces: int = MOST_FACES
    faces_of_user: int = 100
    collections: int = 10_000
    page: int = 4096


@dataclass(slots=True)
class PeerRequest:
    """A request that was accepted.

    Attributes:
        operation: AWS's name of it.
        given: its parameters.
        faults: that happen to it.
        sizes: of its pictures in pixels, by the names of their members, as they are decoded.
    """

    operation: str
    given: Mapping[str, Any]
    faults: Mapping[PeerFault, FaultRule] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)


class PeerAccount:
    """What the operations work on. Used by any thread, `lock` held but for looking at pictures.

    Args:
        sight: looks at pictures.
        scales: what a similarity is.
        region: of AWS, that the peer plays.
        model: version of the face model of new collections, and of comparisons.
        delay: seconds until a search finds what was indexed or associated.
        limits: of AWS.
        folder: keeps the collections; None for memory only.
        wall: seconds since 1970.

    Raises:
        BadInput: the folder cannot be used, or is in use, or there is no such model.
        PolicyError: the calibration gives no similarities.
    """

    def __init__(
        self,
        sight: PeerSight,
        scales: SimilarityScales,
        *,
        region: str = "eu-west-1",
        model: str = NEWEST_MODEL,
        delay: float = 0.0,
        limits: PeerLimits | None = None,
        folder: Path | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        scales.of(model)
        self.scales, self.region, self.model = scales, region, model
        self.delay, self.limits = delay, limits or PeerLimits()
        self.lock = threading.RLock()
        self.tokens: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
        self._sight, self._wall = sight, wall
        self._folder = None if folder is None else PeerFolder(folder)
        self.collections = KeptCollections() if self._folder is None else self._folder.load()

    def close(self) -> None:
        """Let another peer use the folder."""
        if self._folder is not None:
            self._folder.close()

    def now(self) -> float:
        """Seconds since 1970."""
        return self._wall()

    def utc(self) -> datetime:
        """The wall clock, aware."""
        return datetime.fromtimestamp(self._wall(), UTC)

    def change(self, do: str, collection: str, **details: object) -> None:
        """Keep a change, and do it."""
        change = {"do": do, "collection": collection, **details}
        if self._folder is not None:
            self._folder.append(change)
        self.collections.apply(change)

    def collection(self, asked: PeerRequest) -> KeptCollection:
        """The collection that a request names; PeerRefusal if there is none."""
        name = asked.given["CollectionId"]
        if name not in self.collections:
            raise no_collection(name)
        return self.collections[name]

    def user(self, asked: PeerRequest) -> KeptUser:
        """The user whom a request names; PeerRefusal if there is none."""
        users, name = self.collection(asked).users, asked.given["UserId"]
        if name not in users:
            raise no_user(name)
        return users[name]

    def seen(self, asked: PeerRequest, member: str = "Image") -> SeenPicture:
        """What is in a picture of a request.

        Raises:
            PeerRefusal: it is too large, too small, or no JPEG or PNG.
        """
        content = content_of(asked.given[member])
        try:
            seen = self._sight.look(content)
        except ImageError:
            raise _bad_format() from None
        asked.sizes[member] = (seen.width, seen.height)
        if min(seen.width, seen.height) < LEAST_SIDE_PX:
            raise invalid(f"Image must be {LEAST_SIDE_PX} pixels or more in both directions")
        longer = max(seen.width, seen.height)
        least = max(LEAST_SEEN_PX, LEAST_FACE_SHARE * longer)
        faces = tuple(face for face in seen.faces if face.size_px >= least)
        return SeenPicture(seen.width, seen.height, faces)

    def largest(self, asked: PeerRequest, member: str = "Image") -> SeenFace:
        """The largest face in a picture of a request; PeerRefusal if there is none."""
        faces = self.seen(asked, member).faces
        if not faces:
            raise no_face()
        return faces[0]

    def texts(self, asked: PeerRequest) -> Sequence[SeenText]:
        """The lines of text in the picture of a request."""
        self.seen(asked)
        return self._sight.read(content_of(asked.given["Image"]))


def content_of(image: Mapping[str, Any]) -> bytes:
    """The picture of a request.

    Raises:
        PeerRefusal: it is in S3, not there, too large, or no JPEG or PNG.
    """
    if "S3Object" in image:
        raise PeerRefusal(
            "InvalidS3ObjectException", "Unable to get object metadata from S3: the peer has no S3"
        )
    content = image.get("Bytes", b"")
    if not isinstance(content, bytes) or not content:
        raise invalid()
    if len(content) > MOST_IMAGE_BYTES:
        raise PeerRefusal(
            "ImageTooLargeException", "The input image size exceeds the allowed limit"
        )
    if not content.startswith((_JPEG, _PNG)):
        raise _bad_format()
    return content


def no_face() -> PeerRefusal:
    """A picture without a face, where one is needed."""
    return invalid("There are no faces in the image. Should be at least 1.")


def _bad_format() -> PeerRefusal:
    return PeerRefusal("InvalidImageFormatException", "Request has invalid image format")
