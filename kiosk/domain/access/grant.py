"""A grant, in its order: a person is recognised, then authorised, and then the door is released.

Each part rests on the one before, holds it, and is written down once, when it has come about. None
stands for the next: who is recognised may be refused by a rule, and who is authorised by the door.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.access.factors import BY_BADGE, Factor
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import Candidate
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SpaceId, SubjectId


class Comparison(Enum):
    """Whether an acceptable probe was compared."""

    MADE = "made"
    COVERED = "covered"
    """It lies between frames that were, and their comparison counts for it too."""
    AWAITED = "awaited"
    """The matcher has not answered about it, or was not asked: it proves nothing for anybody."""
    WITHHELD = "withheld"
    """It failed attack detection, so nobody was compared with it: it counts against everybody."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The result of one acceptable probe.

    Attributes:
        at: capture time of its frame.
        pad: its own result in attack detection.
        subject: whom the comparison names; None for nobody.
        ambiguous: True if a second person was too close.
        best: the best person of the comparison.
        margin: the lead of the best person.
        comparison: whether it was compared.
        since: capture time of the oldest frame in the mean that was compared; None if it was
            compared alone, or not itself.
        runner_up: the second person of the comparison, if they came near; else None.
        space: of its scores; None where nothing was compared.
        threshold: by which they were judged.
        asked_about: capture time of the frame that a service was shown; None if the kiosk's own
            matcher decided alone.
        unconfirmed: True if that matcher stands in for a service, and a factor must make up for it.
    """

    at: Instant
    pad: PadResult
    subject: SubjectId | None
    ambiguous: bool
    best: Candidate | None
    margin: float
    comparison: Comparison = Comparison.MADE
    looked: bool = True
    """True if the detector searched the frame; the answer to a question about any other is lost."""
    since: Instant | None = None
    runner_up: SubjectId | None = None
    space: SpaceId | None = None
    threshold: float = 0.0
    asked_about: Instant | None = None
    unconfirmed: bool = False

    @property
    def compared(self) -> bool:
        """True if a comparison counts for it."""
        return self.comparison in (Comparison.MADE, Comparison.COVERED)


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who it is, by the machine; nothing about whether they may pass.

    Attributes:
        at: capture time of the frame that decided; for a badge without a face, when it was shown.
        subject: the person.
        captured_at: capture time of the oldest frame that this rests on; for a badge without a
            face, when the badge or the PIN was shown. A release is not given to older evidence.
        evidence: the deciding run, oldest first; empty for a badge without a face.
        suspected: true if a run looked like an attack at any time in the session.
        threshold: the decision threshold in force.
        pad_threshold: the attack detection threshold in force.
        verified: true if a badge had given their identity before their face did.
        factor: the second factor that they were asked for and showed before this.
    """

    at: Instant
    subject: SubjectId
    captured_at: Instant
    evidence: tuple[Evidence, ...] = ()
    suspected: bool = False
    threshold: float = 0.0
    pad_threshold: float = 0.0
    verified: bool = False
    factor: Factor = Factor.NONE

    @property
    def faceless(self) -> bool:
        """True if only a badge says who they are."""
        return not self.evidence

    @property
    def unconfirmed(self) -> bool:
        """True if a service should have named them and did not: they show a factor instead."""
        return any(each.unconfirmed for each in self.evidence)

    def has_shown(self, factor: Factor) -> bool:
        """True if this factor is not owed any more."""
        if factor in BY_BADGE:
            return self.verified or self.factor in BY_BADGE
        return factor is self.factor


@dataclass(frozen=True, slots=True)
class Authorised:
    """Rules and second factor let this person in; the door has yet to obey.

    Attributes:
        person: the recognition that it rests on; good for one order.
        factor: the second factor that was owed and shown.
    """

    person: Recognised
    factor: Factor


@dataclass(frozen=True, slots=True)
class Released:
    """The driver has acknowledged the release.

    Attributes:
        at: when.
        authorised: for whom; None if an operator lets in whoever stands there.
    """

    at: Instant
    authorised: Authorised | None = None
