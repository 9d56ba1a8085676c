"""Whoever is known and owes a factor, and for how long that may take."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import Decision
from kiosk.domain.door.model import PassageRules
from kiosk.domain.people.rules import Site
from kiosk.domain.vision.frame import Instant


@dataclass(frozen=True, slots=True)
class AuthorizationPolicy:
    """What rules this door.

    Attributes:
        site: who may pass when.
        passage: how long the door is released for whom.
        factor_seconds: how long a second factor is waited for.
        claim_seconds: how long a badge speaks for the face that comes after it.
        look_seconds: how long after the factor the same face may be seen once more.
    """

    site: Site
    passage: PassageRules
    factor_seconds: float = 20.0
    claim_seconds: float = 10.0
    look_seconds: float = 8.0


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody who is known and owes a factor.

    Attributes:
        decision: that they were recognised, or that a badge alone says who they are.
        factor: what they owe.
        since: they were asked then; what was shown before was shown by somebody else.
        until: it is too late then.
        faceless: whether a badge alone said who it is, so that no face is looked at again.
        shown_at: when they showed it; None while they have not.
    """

    decision: Decision
    factor: Factor
    since: Instant
    until: Instant
    faceless: bool = False
    shown_at: Instant | None = None

    def hears(self, at: Instant) -> bool:
        """Whether what was shown then may be theirs, and is still owed."""
        return self.shown_at is None and self.since <= at <= self.until

    def settles(self, decision: Decision, captured_at: Instant) -> bool:
        """Whether a face is theirs, and was seen after they showed what they owed, and in time."""
        if self.shown_at is None or decision.subject != self.decision.subject:
            return False
        return self.shown_at <= captured_at <= self.until
