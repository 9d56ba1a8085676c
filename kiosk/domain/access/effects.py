"""What an access session asks of the world: to write down, to release, to forget, to show.

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
    """What is written down about a session's end. Scores are raw; the screen never has them.

    Attributes:
        at: capture time of the frame that decided.
        granted: whether the door is released.
        reason: why.
        subject: who was granted, or was recognised and then refused by a rule; None otherwise.
        evidence: what the decision rests on, oldest first.
        defect: what was wrong with the view at the end.
        suspected: whether a run looked like an attack at any time in the session.
        threshold: the decision threshold that ruled.
        pad_threshold: the attack detection threshold that ruled.
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
        """Mean bona fide score over the evidence; None where there was none."""
        return mean_score(tuple(e.pad for e in self.evidence)) if self.evidence else None


@dataclass(frozen=True, slots=True)
class Audit:
    """Write this down, durably, before anything else happens."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class AuditFault:
    """Write down that a part broke or works again."""

    at: Instant
    part: Part
    detail: str
    recovered: bool


@dataclass(frozen=True, slots=True)
class ReleaseDoor:
    """Release the door, unless the evidence has grown stale.

    Attributes:
        seconds: for how long.
        captured_at: when the oldest frame of the run that decides was captured.
    """

    seconds: float
    captured_at: Instant


@dataclass(frozen=True, slots=True)
class Forget:
    """Whoever was asked for a second factor is asked no more; write down why.

    Attributes:
        at: when.
        reason: why.
        evidence: what was seen of whoever stood there instead; empty where that is not why.
    """

    at: Instant
    reason: Reason
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Show:
    """Put this state on the screen."""

    state: State


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep this over a restart: it is held against whoever comes next."""

    held: Held


Effect = Audit | AuditFault | ReleaseDoor | Forget | Remember | Show


@dataclass(frozen=True, slots=True)
class Step:
    """The state after an event, and what to do about it, in this order."""

    state: State
    effects: tuple[Effect, ...] = field(default=())
