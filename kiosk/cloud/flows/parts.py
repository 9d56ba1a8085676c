"""What the flows share: their parts, the record that is written before each step, and listings."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kiosk.cloud.metadata.port import Metadata
from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.faces import CloudId, FaceId
from kiosk.domain.cloud.flows import (
    CloudFlow,
    FlowEnd,
    FlowIntent,
    FlowReason,
    FlowStep,
    PersonFaces,
)
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.cloud.quality import FaceDefect
from kiosk.domain.errors import CloudUnavailable
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.cloud import CloudFlowEnded, CloudFlowStepped
from kiosk.journal.events.enrolling import StepOutcome
from kiosk.journal.events.event import JournalEvent

CALL_SECONDS = 20.0
"""The most that a call may take where nobody waits for it."""
SETTLING_SECONDS = (0.0, 0.5, 1.5)
"""Waits before each look whether faces are gone: a listing may lag behind."""
TOKEN_DIGITS = 16
"""Of the hash of the faces that a call names; AWS takes tokens of 64 characters at most."""


@dataclass(frozen=True, slots=True)
class FlowParts:
    """What every flow works with.

    Attributes:
        service: Rekognition.
        metadata: where it is kept who has which faces.
        note: writes an event to the journal.
        subject_of: the enrolled person with an id in the cloud; None for nobody.
        now: the wall clock, seconds since 1970.
        token: a new random token, hexadecimal.
        owner: the id of this kiosk.
        pause: waits so many seconds.
    """

    service: FaceService
    metadata: Metadata
    note: Callable[[JournalEvent], None]
    subject_of: Callable[[CloudId], SubjectId | None]
    now: Callable[[], float]
    token: Callable[[], str]
    owner: str
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class FlowRequest:
    """A person who is to be known in the cloud, or to be known by other pictures. Never printed.

    Attributes:
        person: their id there.
        pictures: of their face, the best first.
        consent: the version of the notice that they agreed to, or the hash of its text.
        trusted: a picture of the same person from elsewhere, to compare with; None for none.
        different_person: True if somebody has seen that they are not whom they resemble.
        adding: True if the pictures are for those before, and not in their place.
        passed: True if quality, identity and duplicates were looked at already.
        since: when it was asked for, seconds since 1970; 0 where nobody knows.
    """

    person: CloudId
    pictures: tuple[FacePicture, ...]
    consent: str
    trusted: FacePicture | None = None
    different_person: bool = False
    adding: bool = False
    passed: bool = False
    since: float = 0.0

    def __repr__(self) -> str:
        return "FlowRequest(<hidden>)"


@dataclass(frozen=True, slots=True)
class FlowRefusal:
    """Why a flow failed: it does not pass by itself.

    Attributes:
        step: at which step.
        reason: why.
        duplicates: others who have this face.
    """

    step: FlowStep
    reason: FlowReason | FaceDefect
    duplicates: tuple[CloudId, ...] = ()


class FlowStopped(Exception):
    """A flow has failed; what it did has to be undone. Caught by the flow.

    Args:
        refusal: why.
    """

    def __init__(self, refusal: FlowRefusal) -> None:
        super().__init__(refusal.reason.value)
        self.refusal = refusal


class FlowProgress:
    """One flow on one person's faces in one collection: its record is written before each step.

    Args:
        parts: what it works with.
        row: the record, with the flow's intent, as it is stored.
    """

    def __init__(self, parts: FlowParts, row: PersonFaces) -> None:
        self._parts = parts
        self.row = row

    @classmethod
    def begin(
        cls,
        parts: FlowParts,
        row: PersonFaces,
        flow: CloudFlow,
        step: FlowStep,
        pictures: int = 0,
        *,
        adding: bool = False,
        since: float = 0.0,
    ) -> FlowProgress:
        """Begin a flow: from now on whoever comes after a crash knows of it."""
        intent = FlowIntent(
            flow, step, parts.token(), pictures, at=parts.now(), adding=adding, since=since
        )
        return cls(parts, parts.metadata.put(replace(row, intent=intent)))

    @property
    def intent(self) -> FlowIntent:
        """The flow."""
        if self.row.intent is None:
            raise ValueError("the flow has ended")
        return self.row.intent

    def token(self, step: FlowStep, faces: Sequence[FaceId] = ()) -> str:
        """What makes a repeated call of a step do nothing twice.

        Args:
            step: the step.
            faces: that the call names: with others it is another call, and needs another token.
        """
        token = f"{self.intent.token}-{step.value}"
        if not faces:
            return token
        digest = hashlib.sha256(" ".join(faces).encode()).hexdigest()
        return f"{token}-{digest[:TOKEN_DIGITS]}"

    def write(self, step: FlowStep, **changes: object) -> None:
        """Write what the flow knows, and which step it takes next."""
        intent = replace(self.intent, step=step, at=self._parts.now(), **changes)  # type: ignore[arg-type]
        self.row = self._parts.metadata.put(replace(self.row, intent=intent))

    def switch(self, row: PersonFaces) -> None:
        """Write what counts from now on; ends the flow where the row has no intent."""
        self.row = self._parts.metadata.put(row)


class Notes:
    """Writes what a flow on one person does to the journal.

    Args:
        parts: what it works with.
        flow: which.
        person: their id in the cloud.
    """

    def __init__(self, parts: FlowParts, flow: CloudFlow, person: CloudId) -> None:
        self._parts, self._flow, self._person = parts, flow, person

    def step(self, step: FlowStep, outcome: StepOutcome) -> None:
        """What came of a step."""
        subject = self._parts.subject_of(self._person)
        self._parts.note(CloudFlowStepped(self._flow, step, outcome, self._person, subject))

    def approved(self, *, indexed: int = 0, deleted: int = 0) -> None:
        """The flow is complete."""
        self._end(FlowEnd.APPROVED, indexed=indexed, deleted=deleted)

    def failed(self, refusal: FlowRefusal) -> None:
        """The flow failed; nothing is left of it."""
        self.step(refusal.step, StepOutcome.FAILED)
        others = tuple(str(it) for it in refusal.duplicates)
        self._end(FlowEnd.FAILED, refusal.step, refusal.reason.value, duplicates=others)

    def incomplete(self, step: FlowStep, reason: FlowReason) -> None:
        """The flow could not be finished now."""
        self._end(FlowEnd.INCOMPLETE, step, reason.value)

    def _end(
        self,
        end: FlowEnd,
        step: FlowStep | None = None,
        reason: str | None = None,
        *,
        indexed: int = 0,
        deleted: int = 0,
        duplicates: tuple[str, ...] = (),
    ) -> None:
        subject = self._parts.subject_of(self._person)
        self._parts.note(
            CloudFlowEnded(
                self._flow,
                end,
                self._person,
                subject,
                step,
                reason,
                indexed,
                deleted,
                duplicates,
            )
        )


def listed(parts: FlowParts, collection: str, person: CloudId) -> tuple[FaceId, ...]:
    """The faces of a person in a collection, by the id that each was indexed with.

    Rekognition lists by user, or everything: a face that is no user's yet is found only so.
    """
    everything = parts.service.faces(collection, seconds=CALL_SECONDS)
    return tuple(it.face for it in everything if person in {it.person, it.user})


def delete_wholly(
    parts: FlowParts, collection: str, person: CloudId, faces: Sequence[FaceId]
) -> int:
    """Delete faces, and look that they are gone; returns how many there were.

    Raises:
        CloudUnavailable: some are still listed.
    """
    doomed = tuple(dict.fromkeys(faces))
    if not doomed:
        return 0
    parts.service.delete_faces(collection, doomed, seconds=CALL_SECONDS)
    remaining: set[FaceId] = set()
    for seconds in SETTLING_SECONDS:
        parts.pause(seconds)
        remaining = {*listed(parts, collection, person)} & {*doomed}
        if not remaining:
            return len(doomed)
    raise CloudUnavailable(
        f"{len(remaining)} faces in {collection} are still listed after they were deleted.",
        "It is tried again.",
    )
