"""The effects that an access session requests: audit, release, forget, remember, show.

Values only, carried out in order by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.domain.access.lockout import Held
from kiosk.domain.access.states import Evidence, Part, Reason, State
from kiosk.domain.vision.attack import mean_score
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect
from kiosk.domain.vision.template import SubjectId


@dataclass(frozen=True, slots=True)
class Decision:
    """The record of a session's end. Scores are raw; the screen never shows them.

    Attributes:
        at: capture time of the frame that decided.
        granted: true if the door is released.
        reason: why.
        subject: the person who was granted access, or recognised and then refused by a rule;
            otherwise None.
        evidence: the evidence for the decision, oldest first.
        defect: the quality defect at the end; None if there was none.
        suspected: true if a run looked like an attack at any time in the session.
        threshold: the decision threshold in force.
        pad_threshold: the attack detection threshold in force.
    """

    at: Instant
    granted: bool
    reason: Reason
    subject: SubjectId | None
    evidence: tuple[Evidence, ...] = ()
    defect: Defect | None = None
    suspected: bool = False
    threshold: float = 0.0
    pad_threshold: float = 0.0

    @property
    def pad(self) -> float | None:
        """Mean bona fide score over the evidence; None if there is none."""
        return mean_score(tuple(e.pad for e in self.evidence)) if self.evidence else None


@dataclass(frozen=True, slots=True)
class Audit:
    """Write this decision to the journal, durably, before any other effect."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class AuditFault:
    """Record in the journal that a part failed or recovered."""

    at: Instant
    part: Part
    detail: str
    recovered: bool


@dataclass(frozen=True, slots=True)
class ReleaseDoor:
    """Release the door, unless the evidence is stale.

    Attributes:
        seconds: the release time.
        captured_at: capture time of the oldest frame in the deciding run.
    """

    seconds: float
    captured_at: Instant


@dataclass(frozen=True, slots=True)
class Forget:
    """End the request for a second factor and record the reason.

    Attributes:
        at: when.
        reason: why.
        evidence: evidence about another person in the lane; empty if that is not the reason.
    """

    at: Instant
    reason: Reason
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Show:
    """Show this state on the screen."""

    state: State


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep this record across a restart: it counts against the next person."""

    held: Held


Effect = Audit | AuditFault | ReleaseDoor | Forget | Remember | Show


@dataclass(frozen=True, slots=True)
class Step:
    """The state after an event, and the effects to carry out, in this order."""

    state: State
    effects: tuple[Effect, ...] = field(default=())
