"""The ports of the core: small protocols that adapters implement and tests can replace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from kiosk.domain.access.states import Reason
from kiosk.domain.audit import AuditEntry
from kiosk.domain.door.protocol import DoorReading, ReleaseOrder
from kiosk.domain.enrolment.document import DocumentSeen
from kiosk.domain.people.enrolled import EnrolledPeople
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import CandidateList
from kiosk.domain.vision.face import Face, Found
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.quality import QualityMeasures
from kiosk.domain.vision.template import Reference, SpaceId, SubjectId, Template


class Clock(Protocol):
    """The time source, for loops only; the domain takes the time from events."""

    def monotonic(self) -> Instant:
        """Monotonic seconds, without jumps."""
        ...

    def utc(self) -> datetime:
        """The wall clock, aware, UTC."""
        ...


class Camera(Protocol):
    """A source of frames. Opened by its constructor or on the first read."""

    def read(self, timeout: float) -> Frame:
        """The next frame.

        Raises:
            CameraLost: none came within ``timeout`` seconds, or the device is gone.
            EndOfSource: a replay is over.
        """
        ...

    def close(self) -> None:
        """Close the device; may be called twice."""
        ...


class FaceFinder(Protocol):
    """The face detector: finds every face of a frame."""

    def find(self, frame: Frame) -> Found:
        """Faces in no particular order, and if there may be more; none is not an error."""
        ...

    def look(self, frame: Frame, found: Found, /) -> Found:
        """What was found in a frame, completed by a search for faces beside it.

        Only asked for if `Found.looked` is false. The faces that were found stay as they are.

        Args:
            frame: of a stream, the latest that `find` was called with.
            found: what that call returned; of a still, what another finder found in it.
        """
        ...

    def close(self) -> None:
        """Close the runtime."""
        ...


class QualityAssessor(Protocol):
    """The measurement of a face's visibility; the policy judges the measures."""

    def measure(self, frame: Frame, face: Face) -> QualityMeasures:
        """The measures of one face in its frame."""
        ...


class AttackDetector(Protocol):
    """The presentation attack detector: gives the bona fide score of a face in one frame."""

    def assess(self, frame: Frame, face: Face) -> PadResult:
        """The score of one face in its frame."""
        ...


class TemplateExtractor(Protocol):
    """The template extractor: computes a template from a face."""

    @property
    def space(self) -> SpaceId:
        """The space of every template that it makes."""
        ...

    def extract(self, frame: Frame, face: Face) -> Template:
        """The template of one face in its frame."""
        ...


class LateAnswer(Protocol):
    """The answer to one question of a matcher, which comes later or never.

    A `concurrent.futures.Future` is one.
    """

    def done(self) -> bool:
        """True once there is an answer or an error; never waits."""
        ...

    def result(self) -> CandidateList:
        """The best person and the second person; called once `done` is True.

        Raises:
            MatchingUnavailable: there is no answer to this question.
        """
        ...

    def cancel(self) -> object:
        """Give the question up; an answer that still comes is never read."""
        ...


class Matcher(Protocol):
    """The identification of a face that passed quality and attack detection.

    It takes the face in its frame: a service wants a picture with the surroundings of the face. The
    device's own matcher is a `TemplateMatcher`. The frame is lent for the call. Whatever is needed
    later is taken out of it before the call returns, and kept no longer than the question.
    """

    def match(self, frame: Frame, face: Face) -> CandidateList | LateAnswer:
        """The best person and the second person, or an answer that comes later; never waits.

        No second question is asked before the first was answered or cancelled.

        Raises:
            MatchingUnavailable: nobody can be compared now.
        """
        ...


class TemplateMatcher(Protocol):
    """The identification on the device, in two steps, so that templates can be averaged between."""

    def extract(self, frame: Frame, face: Face) -> Template:
        """The template of one face in its frame.

        Raises:
            MatchingUnavailable: no usable template can be made of it.
        """
        ...

    def identify(self, probe: Template) -> CandidateList:
        """The best person and the second person for a template.

        Raises:
            MatchingUnavailable: it cannot be compared with anybody.
        """
        ...


class ReferenceStore(Protocol):
    """The store of encrypted references."""

    def load(self, space: SpaceId) -> Sequence[Reference]:
        """Every reference.

        Raises:
            SpaceMismatch: a stored reference is of another space.
            StoreCorrupt: a record cannot be read.
        """
        ...

    def enrolled(self, space: SpaceId, known: Mapping[SubjectId, bytes]) -> EnrolledPeople:
        """Everybody's references, rules and factors, in one consistent read; raises as `load`.

        Args:
            space: that of every reference.
            known: the versions of people whom the caller knows: who is still as they were is not
                opened.
        """
        ...

    def erase(self, subject: SubjectId) -> int:
        """Delete a subject permanently; return the number of references deleted.

        Raises:
            SubjectUnknown: no subject with that id is enrolled.
        """
        ...


class Door(Protocol):
    """The driver of a door's lock. Its command is release, which ends by itself.

    A driver is constructed without waiting for the device: the constructor rejects wrong settings,
    and a device that is not there yet raises `DoorTimeout` until it is, without a restart. Any
    method may be called by any thread, and each returns or raises within the driver's time for an
    answer. No command is retried: one whose answer did not come is not sent again.

    Attributes:
        two_stage: True for a panel that owns the lock. Its driver sends the person's credential to
            the panel and waits for its answer, for an additional time from the settings; meanwhile
            the screen asks for a moment. It secures only its own order: it does not move the lock.
    """

    two_stage: bool

    def release(self, order: ReleaseOrder) -> Reason | None:
        """Release for a time; return when the device has acknowledged.

        Returns:
            None once the lock is released; a reason if a panel behind the driver decides for itself
            and refused.

        Raises:
            DoorTimeout: no acknowledgement came. It is unknown if the lock moved; if it did, it
                locks again by itself, and no late copy of the command moves it again.
            DoorRefused: stale evidence, a time that is not allowed, or the door was secured
                meanwhile; nothing of the order remains.
            DoorUnusable: the device is there, but does not match the settings.
        """
        ...

    def secure(self) -> None:
        """Lock at once, whatever was ordered before.

        Raises:
            DoorTimeout: no acknowledgement came.
            DoorUnusable: the device is there, but does not match the settings.
        """
        ...

    def status(self) -> DoorReading:
        """The current readings; never older than the driver's time for an answer.

        Raises:
            DoorTimeout: no answer came.
            DoorUnusable: the device is there, but does not match the settings.
        """
        ...

    def close(self) -> None:
        """Secure the door and close the device; raises nothing, and may be called twice."""
        ...


@runtime_checkable
class Announces(Protocol):
    """A door driver that also publishes the kiosk's view of the door to observers."""

    def announce(self, condition: str) -> None:
        """Publish the door's condition; never waits and never fails.

        Args:
            condition: one word, as in `kiosk door status`.
        """
        ...


class AuditLog(Protocol):
    """The audit journal."""

    def append(self, entry: AuditEntry) -> None:
        """Append an entry; it is durable on return.

        Raises:
            JournalUnwritable: it could not be made durable.
        """
        ...


class CodeReader(Protocol):
    """A reader of machine-readable codes (QR) in a frame."""

    def read(self, frame: Frame) -> Sequence[str]:
        """The texts of the codes in the frame; none is not an error."""
        ...


class DocumentReader(Protocol):
    """A reader of identity documents that are held to the camera."""

    def look(self, frame: Frame) -> DocumentSeen:
        """What is seen of a document in a frame, with the template of its portrait.

        Called only where a person was asked for a document, after their consent. Nothing of the
        frame is kept.
        """
        ...
