"""The states of an access session.

Values only; each holds no more than applies in that state. The transitions are in
`kiosk.domain.access.machine`, the events and effects beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.grant import Evidence, Recognised
from kiosk.domain.access.lockout import Failures, Held
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect, QualityAssessment
from kiosk.domain.vision.template import SubjectId


class Reason(Enum):
    """The reason for a session's result."""

    MATCHED = "matched"
    NOT_RECOGNISED = "not_recognised"
    AMBIGUOUS = "ambiguous"
    PRESENTATION_ATTACK = "presentation_attack"
    POOR_VIEW = "poor_view"
    TIMED_OUT = "timed_out"
    LEFT = "left"
    CROWDED = "crowded"
    FAULT = "fault"
    # -- access rules, for a recognised person
    NOT_VALID = "not_valid"
    """Their validity period has not begun, or is over."""
    NOT_HERE = "not_here"
    """None of their groups includes this door."""
    NOT_NOW = "not_now"
    """Their schedule does not open this door now."""
    PASSED_BACK = "passed_back"
    """They entered and have not left (anti-passback)."""
    TOO_SOON = "too_soon"
    """They were let in a moment ago (cool-down)."""
    FIRST_PERSON = "first_person"
    """No responsible person has come in yet."""
    LOCKED_DOWN = "locked_down"
    FACTOR_NEEDED = "factor_needed"
    """They owe a second factor; the session continues."""
    FACTOR_SHOWN = "factor_shown"
    """Their factor was accepted and they are observed once more; the session continues."""
    FACTOR_WRONG = "factor_wrong"
    FACTOR_PAUSED = "factor_paused"
    """Too many wrong PINs for this person: nothing is checked during the retry delay."""
    FACTOR_MISSING = "factor_missing"
    """They were asked for a second factor and did not show it in time."""
    UNDER_REVIEW = "under_review"
    """They would be asked for a second factor until somebody has looked, and have none (R21)."""
    OUT_OF_DATE = "out_of_date"
    """Their fleet has not said for too long that they may still come in."""
    # -- the door, the panel or an operator
    PASSING = "passing"
    """A person who was let in before is still passing through."""
    INTERLOCKED = "interlocked"
    """The other door of the interlock is not shut and locked."""
    PANEL_DENIED = "panel_denied"
    PANEL_SILENT = "panel_silent"
    OPERATOR_DENIED = "operator_denied"
    # -- the matcher
    NOT_COMPARED = "not_compared"
    """The matcher gave no answer; nothing is held against the person."""


class Part(Enum):
    """A part that can fail."""

    CAMERA = "camera"
    MODELS = "models"
    MATCHER = "matcher"
    """Its failure ends sessions, one by one, and takes nothing else out of service."""
    STORE = "store"
    JOURNAL = "journal"
    DOOR = "door"
    KIOSK = "kiosk"


@dataclass(frozen=True, slots=True)
class Claim:
    """An identity that a person claims with a valid badge.

    Attributes:
        subject: the badge's owner.
        until: the claim counts until then.
    """

    subject: SubjectId
    until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Nobody is in the lane.

    Attributes:
        failures: refusals of earlier sessions.
        outside: the correction that would bring the nearest face outside the lane into it.
        claim: the claim of a badge shown just now.
    """

    failures: Failures = Failures()
    outside: Defect | None = None
    claim: Claim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquiring:
    """One face is in the lane.

    Attributes:
        track: the face's track.
        since: when the session began.
        seen_at: when a face was last seen in the lane.
        run: the unbroken evidence, oldest first.
        gathered: the evidence of the whole session, that of broken runs included, oldest first.
        best: the longest run so far, the present one included.
        tried: true if a run was ever long enough for a grant.
        suspected: true if a run looked like an attack at any time in this session.
        defect: the quality defect of the view now.
        poor: the assessment that the defect is from; of no meaning without one.
        crowded: true if another face is in the lane now.
        failures: refusals of earlier sessions.
        claim: the claim of a badge; then only its owner is compared.
    """

    track: TrackId
    since: Instant
    seen_at: Instant
    run: tuple[Evidence, ...] = ()
    gathered: tuple[Evidence, ...] = ()
    best: tuple[Evidence, ...] = ()
    tried: bool = False
    suspected: bool = False
    defect: Defect | None = None
    poor: QualityAssessment | None = None
    crowded: bool = False
    failures: Failures = Failures()
    claim: Claim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitting:
    """A person is recognised; rules, factor and door have yet to answer.

    Attributes:
        person: the recognition that is to be answered.
        track: the track of their face; None for a badge without a face.
        failures: refusals of earlier sessions.
    """

    person: Recognised
    track: TrackId | None
    failures: Failures = Failures()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A decision is on the screen.

    Attributes:
        reason: why.
        subject: the person who was granted access; None for every refusal.
        track: the track of the face that it was about; None for a badge without a face.
        until: the screen shows it at least until then.
        retry_at: the same face may begin another session from then on.
        seen_at: when that face was last seen.
        failures: refusals so far, this one included.
        opens: when the door opens for them again, local time; None if unknown.
    """

    reason: Reason
    subject: SubjectId | None
    track: TrackId | None
    until: Instant
    retry_at: Instant
    seen_at: Instant = Instant(float("-inf"))
    failures: Failures = Failures()
    opens: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A known person owes a second factor. The door subsystem checks it, and keeps nothing.

    Attributes:
        person: the recognition that the request is about.
        factor: the factor asked for.
        track: the track of the face that must stay; None for a badge alone.
        since: when they were asked; anything shown earlier was shown by another person.
        until: the request ends without an answer then.
        seen_at: when that face was last seen.
        failures: refusals so far.
        mistaken: true if the last answer was not theirs.
        watched: evidence about the person in the lane meanwhile; None if no face is observed.
        proven: true if a whole run showed them, bona fide, meanwhile.
        crowded_since: since when a second face has been there without a break.
        shown_at: when they showed the factor; None before that.
    """

    person: Recognised
    factor: Factor
    track: TrackId | None
    since: Instant
    until: Instant
    seen_at: Instant
    failures: Failures = Failures()
    mistaken: bool = False
    watched: Acquiring | None = None
    proven: bool = False
    crowded_since: Instant | None = None
    shown_at: Instant | None = None

    def hears(self, at: Instant) -> bool:
        """True if a factor shown at that time may be theirs and is still owed."""
        return self.shown_at is None and self.since <= at <= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedOut:
    """No decision is made for a while.

    Attributes:
        until: the lockout ends then.
        failures: the record that carries over to the next person.
    """

    until: Instant
    failures: Failures = Failures()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfService:
    """Parts of the kiosk are broken.

    Attributes:
        faults: the broken parts.
        failures: refusals so far.
        locked_until: end of a lockout that the fault interrupted or caused; it outlives the fault.
    """

    faults: frozenset[Part]
    failures: Failures = Failures()
    locked_until: Instant | None = None


State = Idle | Acquiring | Admitting | Asking | Resolved | LockedOut | OutOfService


def held(state: State) -> Held:
    """The record in a state that carries over to the next person."""
    match state:
        case LockedOut():
            return Held(state.failures, state.until)
        case OutOfService():
            return Held(state.failures, state.locked_until)
        case _:
            return Held(state.failures)


def resumed(kept: Held) -> Idle | LockedOut:
    """The state after a restart: an empty lane, or the lockout that the restart interrupted."""
    if kept.locked_until is not None:
        return LockedOut(until=kept.locked_until, failures=kept.failures)
    return Idle(failures=kept.failures)
