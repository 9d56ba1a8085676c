"""The effects that an access session requests of the door subsystem and the screen.

Values only, carried out in order by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.domain.access.events import Presented
from kiosk.domain.access.grant import Evidence, Recognised
from kiosk.domain.access.lockout import Held
from kiosk.domain.access.states import Part, Reason, State
from kiosk.domain.vision.attack import life
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect, QualityAssessment
from kiosk.domain.vision.template import SubjectId


@dataclass(frozen=True, slots=True)
class Decision:
    """The end of a session, and why. Scores are raw; the screen never shows them.

    The machine makes those of its refusals. A grant is a decision only once the door is released.

    Attributes:
        at: capture time of the frame that decided.
        reason: why; `MATCHED` for a grant.
        subject: the person who was let in, or recognised and then refused; otherwise None.
        evidence: the evidence for the decision, oldest first.
        defect: the quality defect at the end; None if there was none.
        poor: the assessment that the defect is from; None without one.
        suspected: true if a run looked like an attack at any time in the session.
        threshold: the decision threshold in force.
        pad_threshold: the attack detection threshold in force.
    """

    at: Instant
    reason: Reason
    subject: SubjectId | None
    evidence: tuple[Evidence, ...] = ()
    defect: Defect | None = None
    poor: QualityAssessment | None = None
    suspected: bool = False
    threshold: float = 0.0
    pad_threshold: float = 0.0

    @property
    def granted(self) -> bool:
        """True if the door was released for this person."""
        return self.reason is Reason.MATCHED

    @property
    def pad(self) -> float | None:
        """What the evidence says of life: see `life`; None if there is none."""
        return life(tuple(e.pad for e in self.evidence)) if self.evidence else None


def decided(
    person: Recognised, reason: Reason, evidence: tuple[Evidence, ...] | None = None
) -> Decision:
    """What was decided in the end about a person who was recognised.

    Args:
        person: the recognition.
        reason: why.
        evidence: what was seen of another person instead; None for what
            they were recognised by.
    """
    return Decision(
        at=person.at,
        reason=reason,
        subject=person.subject,
        evidence=person.evidence if evidence is None else evidence,
        suspected=person.suspected,
        threshold=person.threshold,
        pad_threshold=person.pad_threshold,
    )


@dataclass(frozen=True, slots=True)
class Audit:
    """Write this to the journal, durably, before any other effect."""

    record: Decision | Recognised


@dataclass(frozen=True, slots=True)
class AuditFault:
    """Record in the journal that a part failed or recovered."""

    at: Instant
    part: Part
    detail: str
    recovered: bool


@dataclass(frozen=True, slots=True)
class Admit:
    """Ask rules, factor and door about this person, once; answered by `Released` or `Answered`."""

    person: Recognised


@dataclass(frozen=True, slots=True)
class CheckFactor:
    """Check if what was presented is the second factor of the person who is asked for one.

    Attributes:
        person: the recognition that the request is about; it names whom to answer about.
        presented: of the kind that was asked for, within the time of the request.
    """

    person: Recognised
    presented: Presented


@dataclass(frozen=True, slots=True)
class ReadBadge:
    """Find the owner of a code that nobody asked for; answered by `Claimed` if it is a badge."""

    presented: Presented


@dataclass(frozen=True, slots=True)
class Show:
    """Show this state on the screen."""

    state: State


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep this record across a restart: it counts against the next person."""

    held: Held


Effect = Audit | AuditFault | Admit | CheckFactor | ReadBadge | Remember | Show


@dataclass(frozen=True, slots=True)
class Step:
    """The state after an event, and the effects to carry out, in this order."""

    state: State
    effects: tuple[Effect, ...] = field(default=())
