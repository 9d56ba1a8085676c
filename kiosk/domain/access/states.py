"""The states and events of an access session.

Values only; each holds no more than applies in that state. The transitions are in
`kiosk.domain.access.machine`, the effects in `kiosk.domain.access.effects`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.lockout import Failures, Held
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import Candidate, CandidateList
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
    # -- the door, the panel or an operator
    PASSING = "passing"
    """A person who was let in before is still passing through."""
    INTERLOCKED = "interlocked"
    """The other door of the interlock is not shut and locked."""
    PANEL_DENIED = "panel_denied"
    PANEL_SILENT = "panel_silent"
    OPERATOR_DENIED = "operator_denied"


class Part(Enum):
    """A part that can fail."""

    CAMERA = "camera"
    MODELS = "models"
    STORE = "store"
    JOURNAL = "journal"
    DOOR = "door"
    KIOSK = "kiosk"


@dataclass(frozen=True, slots=True)
class Probe:
    """One face in the lane in one frame, as far as the pipeline processed it.

    Attributes:
        track: identifies the face across frames.
        captured_at: capture time of its frame; evidence from any other frame proves nothing.
        quality: None if more than one face was in the lane: nothing was measured.
        pad: None unless the view was acceptable.
        candidates: None unless a comparison was made.
    """

    track: TrackId
    captured_at: Instant
    quality: QualityAssessment | None = None
    pad: PadResult | None = None
    candidates: CandidateList | None = None


# -- events --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Observed:
    """A frame was captured.

    Attributes:
        at: capture time of the frame.
        probes: the faces in the lane.
        outside: the correction that would bring the nearest face outside the lane into it.
    """

    at: Instant
    probes: tuple[Probe, ...]
    outside: Defect | None = None


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time passed without a frame."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Faulted:
    """A part failed."""

    at: Instant
    part: Part
    detail: str


@dataclass(frozen=True, slots=True)
class Recovered:
    """A part works again."""

    at: Instant
    part: Part


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer of rules, door and panel about a recognised person or a badge.

    Attributes:
        at: when.
        reason: why not; None if the door was released.
        subject: the person recognised or the badge's owner; None for nobody's badge.
        factor: the factor to ask for, if the reason is `FACTOR_NEEDED`.
        opens: when the door opens for them again, local time, if the reason is `NOT_NOW`.
    """

    at: Instant
    reason: Reason | None
    subject: SubjectId | None = None
    factor: Factor | None = None
    opens: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A badge was shown: the next face is compared with its owner only (1:1).

    Attributes:
        at: when.
        subject: the badge's owner.
        until: a face that comes later proves nothing about the claim.
    """

    at: Instant
    subject: SubjectId
    until: Instant


@dataclass(frozen=True, slots=True)
class Overruled:
    """An operator denies access to the person in the lane."""

    at: Instant


Event = Observed | Ticked | Faulted | Recovered | Answered | Claimed | Overruled

# -- states --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """The result of one acceptable probe."""

    at: Instant
    pad: PadResult
    subject: SubjectId | None
    ambiguous: bool
    best: Candidate | None
    margin: float


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
    crowded: bool = False
    failures: Failures = Failures()
    claim: Claim | None = None


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
        verified: true if a badge had given their identity.
    """

    reason: Reason
    subject: SubjectId | None
    track: TrackId | None
    until: Instant
    retry_at: Instant
    seen_at: Instant = Instant(float("-inf"))
    failures: Failures = Failures()
    opens: datetime | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A known person owes a second factor. The door subsystem checks the factor.

    Attributes:
        subject: the person recognised, or the badge's owner.
        factor: the factor asked for.
        track: the track of the face that must stay; None for a badge alone.
        until: the request ends without an answer then.
        seen_at: when that face was last seen.
        failures: refusals so far.
        mistaken: true if the last answer was not theirs.
        watched: evidence about the person in the lane meanwhile; None if no face is observed.
        verified: true if a badge had given their identity before their face did.
        proven: true if a whole run showed them, bona fide, meanwhile.
        crowded_since: since when a second face has been there without a break.
        shown_at: when they showed the factor; None before that.
    """

    subject: SubjectId
    factor: Factor
    track: TrackId | None
    until: Instant
    seen_at: Instant
    failures: Failures = Failures()
    mistaken: bool = False
    watched: Acquiring | None = None
    verified: bool = False
    proven: bool = False
    crowded_since: Instant | None = None
    shown_at: Instant | None = None


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


State = Idle | Acquiring | Asking | Resolved | LockedOut | OutOfService


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
