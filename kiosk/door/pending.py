"""The authorization policy, and a recognised person who still owes a second factor."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import Decision
from kiosk.domain.door.model import PassageRules
from kiosk.domain.people.rules import Site
from kiosk.domain.vision.frame import Instant


@dataclass(frozen=True, slots=True)
class AuthorizationPolicy:
    """The authorization policy of a door.

    Attributes:
        site: the rules for who may pass when.
        passage: the door model's rules, with the release times.
        factor_seconds: time allowed for a second factor.
        claim_seconds: time for which a badge stays valid for the face that follows it.
        look_seconds: time after the factor within which the same face must be seen again.
    """

    site: Site
    passage: PassageRules
    factor_seconds: float = 20.0
    claim_seconds: float = 10.0
    look_seconds: float = 8.0


@dataclass(frozen=True, slots=True)
class Pending:
    """A recognised person who owes a second factor.

    Attributes:
        decision: the recognition, or the identification by badge alone.
        factor: the factor owed.
        since: when they were asked; anything shown earlier was shown by another person.
        until: the deadline.
        faceless: True if only a badge identified them, so that no face is checked again.
        shown_at: when they showed the factor; None until then.
    """

    decision: Decision
    factor: Factor
    since: Instant
    until: Instant
    faceless: bool = False
    shown_at: Instant | None = None

    def hears(self, at: Instant) -> bool:
        """True if a factor shown at that time may be theirs and is still owed."""
        return self.shown_at is None and self.since <= at <= self.until

    def settles(self, decision: Decision, captured_at: Instant) -> bool:
        """True if a face is theirs, and was captured between the factor and the deadline."""
        if self.shown_at is None or decision.subject != self.decision.subject:
            return False
        return self.shown_at <= captured_at <= self.until
