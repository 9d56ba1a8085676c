"""The flows that change what Rekognition knows of a person, step by step, and what is kept of them.

A flow writes down each step before it takes it, so that whoever comes after a crash knows what may
have been done. Values only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.cloud.faces import CloudId, FaceId, ModelVersion


class CloudFlow(Enum):
    """The flows; the value is that in the journal."""

    REGISTRATION = "registration"
    PHOTO_UPDATE = "photo_update"
    WITHDRAWAL = "withdrawal"


class FlowStep(Enum):
    """The steps of the flows, by the names that the indicators count (R52).

    The first three change nothing. A photo update switches at `METADATA`: before it the old faces
    count, after it the new ones.
    """

    QUALITY = "quality"
    IDENTITY = "identity"
    """The picture is compared with a trusted one, or with the faces of before."""
    DUPLICATE = "duplicate"
    CREATE_USER = "create_user"
    INDEX = "index"
    ASSOCIATE = "associate"
    METADATA = "metadata"
    DELETE_FACES = "delete_faces"
    DELETE_USER = "delete_user"
    VERIFY = "verify"


class FlowEnd(Enum):
    """How a flow ends; the value is that in the journal."""

    APPROVED = "approved"
    INCOMPLETE = "incomplete"
    """It could not be finished now, and is tried again."""
    FAILED = "failed"


class FlowReason(Enum):
    """Why a flow ended without being approved, other than a `FaceDefect`."""

    IDENTITY = "identity"
    """The picture is not of the person whom it should show."""
    DUPLICATE = "duplicate"
    """Somebody else with this face is in the collections already."""
    NOT_INDEXED = "not_indexed"
    """Rekognition's own quality filter took no face."""
    NOT_ASSOCIATED = "not_associated"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    CHANGED = "changed"
    """Another kiosk changed the person's record meanwhile."""
    INTERRUPTED = "interrupted"
    """The program ended in the middle; what was begun is undone."""
    NO_PICTURES = "no_pictures"
    """Their pictures are gone: new ones have to be taken."""
    NO_CONSENT = "no_consent"
    REMAINS = "remains"
    """Faces are still listed after they were deleted."""


class FacesState(Enum):
    """What can be said of a person's faces in a collection."""

    VALID = "valid"
    PENDING = "pending"
    """They are being registered: they do not count yet."""
    UPDATING = "updating"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class FlowIntent:
    """A flow that was begun and has not ended.

    Attributes:
        flow: which.
        step: the step that was about to be taken.
        token: makes repeated calls do nothing twice; random, new for each flow.
        pictures: how many faces are to be indexed.
        added: the faces that it has indexed, as far as is known.
        removed: the faces that it has replaced, and will delete.
        undoing: True if what it did is being undone.
        at: when this was written, seconds since 1970.
        adding: True if the faces are for those before, and not in their place.
        since: when it was asked for, seconds since 1970; 0 where nobody knows.
    """

    flow: CloudFlow
    step: FlowStep
    token: str
    pictures: int = 0
    added: tuple[FaceId, ...] = ()
    removed: tuple[FaceId, ...] = ()
    undoing: bool = False
    at: float = 0.0
    adding: bool = False
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class PersonFaces:
    """What is kept of one person's faces in one collection.

    Attributes:
        person: their id in the cloud.
        collection: its name.
        faces: the faces that count; empty until they are registered.
        model: the version of the collection's face model.
        consent: the version of the notice that they agreed to, or the hash of its text.
        owner: the kiosk that registered them.
        duplicate_of: whom they resemble, where a person has to look at it; None for nobody.
        intent: the flow that was begun on them; None if none was.
        revision: raised with each change; 0 for what was never written.
        since: when the oldest of the faces that count were asked for, seconds since 1970; 0 where
            nobody knows.
    """

    person: CloudId
    collection: str
    faces: tuple[FaceId, ...] = ()
    model: ModelVersion | None = None
    consent: str = ""
    owner: str = ""
    duplicate_of: CloudId | None = None
    intent: FlowIntent | None = None
    revision: int = 0
    since: float = 0.0

    @property
    def state(self) -> FacesState:
        """What can be said of them now."""
        match self.intent:
            case None:
                return FacesState.VALID
            case FlowIntent(flow=CloudFlow.REGISTRATION):
                return FacesState.PENDING
            case FlowIntent(flow=CloudFlow.PHOTO_UPDATE):
                return FacesState.UPDATING
            case _:
                return FacesState.LEAVING
