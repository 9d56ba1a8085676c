"""What the core asks of the world: small protocols that adapters fulfil and tests can stand for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from kiosk.domain.access.states import Reason
from kiosk.domain.audit import AuditEntry
from kiosk.domain.door.protocol import DoorReading, ReleaseOrder
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import CandidateList
from kiosk.domain.vision.face import Face, Found
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.quality import QualityMeasures
from kiosk.domain.vision.template import Reference, SpaceId, SubjectId, Template


class Clock(Protocol):
    """Time, for loops only; the domain is told the time by events."""

    def monotonic(self) -> Instant:
        """Seconds that never jump."""
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
        """Let the device go; may be called twice."""
        ...


class FaceFinder(Protocol):
    """Finds every face of a frame."""

    def find(self, frame: Frame) -> Found:
        """Faces in no particular order, and whether there may be more; none is no error."""
        ...

    def close(self) -> None:
        """Let the runtime go."""
        ...


class QualityAssessor(Protocol):
    """Measures how well a face can be seen; policy judges the measures."""

    def measure(self, frame: Frame, face: Face) -> QualityMeasures:
        """The measures of one face in its frame."""
        ...


class AttackDetector(Protocol):
    """Says how bona fide a face looks in one frame."""

    def assess(self, frame: Frame, face: Face) -> PadResult:
        """The score of one face in its frame."""
        ...


class TemplateExtractor(Protocol):
    """Turns a face into a template."""

    @property
    def space(self) -> SpaceId:
        """The space of every template that it makes."""
        ...

    def extract(self, frame: Frame, face: Face) -> Template:
        """The template of one face in its frame."""
        ...


class Matcher(Protocol):
    """Identifies a face. It takes the face, since a remote service searches by picture."""

    def match(self, frame: Frame, face: Face) -> CandidateList:
        """The best person and the second person."""
        ...


class ReferenceStore(Protocol):
    """Keeps references, encrypted."""

    def load(self, space: SpaceId) -> Sequence[Reference]:
        """Every reference.

        Raises:
            SpaceMismatch: a stored reference is of another space.
            StoreCorrupt: a record cannot be read.
        """
        ...

    def erase(self, subject: SubjectId) -> int:
        """Forget a subject for good; the number of references that went.

        Raises:
            SubjectUnknown: nobody of that id is enrolled.
        """
        ...


class Door(Protocol):
    """The wire to a door's lock. The verb is release: it ends by itself.

    Made without waiting for the device: a constructor refuses what is wrong in the settings, and
    whatever is not there yet answers with `DoorTimeout` until it is, without a restart. Any method
    may be called by any thread, and each returns or raises within the driver's time for an answer.
    Nothing is ever tried twice: a command whose answer did not come is not sent again.

    A door whose class says ``two_stage = True`` stands before a panel that owns the lock. It tells
    the panel who comes and waits for its answer, for as long as the settings say on top; meanwhile
    the screen asks for a moment. What it secures is its own order: no lock is its to move.
    """

    def release(self, order: ReleaseOrder) -> Reason | None:
        """Release for a time; returns when the device has acknowledged.

        Returns:
            None once the lock is released; a reason where a panel behind the wire decides for
            itself, and said no.

        Raises:
            DoorTimeout: no acknowledgement came. Whether the lock moved is unknown; if it did, it
                returns by itself, and no late copy of the command moves it again.
            DoorRefused: stale evidence, or a time that is not allowed; nothing was sent.
            DoorUnusable: the device is there, and is not what the settings say.
        """
        ...

    def secure(self) -> None:
        """Lock at once, whatever was ordered before.

        Raises:
            DoorTimeout: no acknowledgement came.
            DoorUnusable: the device is there, and is not what the settings say.
        """
        ...

    def status(self) -> DoorReading:
        """What the wire says now; never older than the driver's time for an answer.

        Raises:
            DoorTimeout: nothing was heard.
            DoorUnusable: the device is there, and is not what the settings say.
        """
        ...

    def close(self) -> None:
        """Secure the door and let the device go; raises nothing, and may be called twice."""
        ...


@runtime_checkable
class Announces(Protocol):
    """A door's wire that also tells whoever watches what the kiosk makes of the door."""

    def announce(self, condition: str) -> None:
        """Say it; never waits and never fails.

        Args:
            condition: one word, as `kiosk door status` says it.
        """
        ...


class AuditLog(Protocol):
    """The journal."""

    def append(self, entry: AuditEntry) -> None:
        """Durable when it returns.

        Raises:
            JournalUnwritable: it could not be made durable.
        """
        ...


class CodeReader(Protocol):
    """Finds machine-readable codes (QR) in a frame."""

    def read(self, frame: Frame) -> Sequence[str]:
        """The texts of the codes that it holds; none is no error."""
        ...
