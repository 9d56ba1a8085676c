"""Which answer codes were seen when: only one that newly appears answers, so no poster consents.

Frames are searched for codes a few times a second. A code appears newly if one search after another
has not shown it for a while; a gap in the searches proves nothing. What hangs on a wall, or is
printed on clothes, was there before. A code that is missed now and then, because it moves, is the
same code still.

A sheet has both codes. While both are seen, or the other was seen since this one appeared, neither
answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.vision.frame import Instant

MOST_GAP_SECONDS = 1.0
"""Searches that are further apart prove no absence."""
SETTLE_SECONDS = 0.4
"""A code answers once it has been there for so long: the other one may come after it."""
NEVER = Instant(float("-inf"))


@dataclass(frozen=True, slots=True)
class Sighting:
    """One code.

    Attributes:
        seen_at: when it was last seen.
        absent_since: since when no search has shown it; None if the last one did, or none was made.
        appeared_at: when it last newly appeared; None if it was there before.
    """

    seen_at: Instant = NEVER
    absent_since: Instant | None = None
    appeared_at: Instant | None = None

    def after(self, at: Instant, gone_seconds: float, *, there: bool) -> Sighting:
        """The sighting after one more search."""
        if not there:
            since = at if self.absent_since is None else self.absent_since
            return replace(self, absent_since=since)
        gone = self.absent_since is not None and at - self.absent_since >= gone_seconds
        return Sighting(seen_at=at, appeared_at=at if gone else self.appeared_at)


@dataclass(frozen=True, slots=True)
class CodeSightings:
    """What the searches of a session have shown.

    Attributes:
        searched_at: capture time of the newest frame that was searched.
        yes: the code that answers yes.
        no: the code that answers no.
    """

    searched_at: Instant = NEVER
    yes: Sighting = Sighting()
    no: Sighting = Sighting()

    def after(self, at: Instant, there: frozenset[Answer], gone_seconds: float) -> CodeSightings:
        """The sightings after one more search; one that is not later than the last proves nothing.

        Args:
            at: capture time of the frame.
            there: the codes that were seen.
            gone_seconds: a code appears newly if it was not seen for so long.
        """
        if not at > self.searched_at:
            return self
        before = self if at - self.searched_at <= MOST_GAP_SECONDS else CodeSightings()
        return CodeSightings(
            searched_at=at,
            yes=before.yes.after(at, gone_seconds, there=Answer.YES in there),
            no=before.no.after(at, gone_seconds, there=Answer.NO in there),
        )

    def answer(self, earliest: Instant) -> Answer | None:
        """The answer of a code that newly appeared, at ``earliest`` or later; None for none."""
        if _answers(self.yes, self.no, earliest):
            return Answer.YES
        return Answer.NO if _answers(self.no, self.yes, earliest) else None


def _answers(own: Sighting, other: Sighting, earliest: Instant) -> bool:
    appeared = own.appeared_at
    return (
        appeared is not None
        and appeared >= earliest
        and own.seen_at - appeared >= SETTLE_SECONDS
        and own.absent_since is None
        and other.seen_at < appeared
    )
