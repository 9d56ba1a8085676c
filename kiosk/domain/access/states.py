"""The words of an access session: what can happen, and what can be true.

Values only, each holding no more than what is true in that state. What leads from one to the next
is in `kiosk.domain.access.machine`, what is asked of the world in `kiosk.domain.access.effects`.
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
    """Why a session ended as it did."""

    MATCHED = "matched"
    NOT_RECOGNISED = "not_recognised"
    AMBIGUOUS = "ambiguous"
    PRESENTATION_ATTACK = "presentation_attack"
    POOR_VIEW = "poor_view"
    TIMED_OUT = "timed_out"
    LEFT = "left"
    CROWDED = "crowded"
    FAULT = "fault"
    # -- what the access rules say of somebody who was recognised
    NOT_VALID = "not_valid"
    """Their validity has not begun, or is over."""
    NOT_HERE = "not_here"
    """No group of theirs has this door."""
    NOT_NOW = "not_now"
    """Their schedule has this door closed."""
    PASSED_BACK = "passed_back"
    """They went in and never out (anti-passback)."""
    TOO_SOON = "too_soon"
    """They were let in a moment ago (cool-down)."""
    FIRST_PERSON = "first_person"
    """Nobody who is responsible has come in yet."""
    LOCKED_DOWN = "locked_down"
    FACTOR_NEEDED = "factor_needed"
    """They have a second factor to show; not an end yet."""
    FACTOR_SHOWN = "factor_shown"
    """What they showed is theirs, and they are looked at once more; not an end yet."""
    FACTOR_WRONG = "factor_wrong"
    FACTOR_PAUSED = "factor_paused"
    """Too many wrong PINs of theirs: nothing is looked at for a while."""
    FACTOR_MISSING = "factor_missing"
    """They were asked for a second factor and did not show it in time."""
    # -- what the door, the panel or an operator says
    PASSING = "passing"
    """Somebody who was let in before is still passing through."""
    INTERLOCKED = "interlocked"
    """The other door of the interlock is not shut and locked."""
    PANEL_DENIED = "panel_denied"
    PANEL_SILENT = "panel_silent"
    OPERATOR_DENIED = "operator_denied"


class Part(Enum):
    """What can break."""

    CAMERA = "camera"
    MODELS = "models"
    STORE = "store"
    JOURNAL = "journal"
    DOOR = "door"
    KIOSK = "kiosk"


@dataclass(frozen=True, slots=True)
class Probe:
    """One face in the lane in one frame, as far as the pipeline took it.

    Attributes:
        track: whose face it is from frame to frame.
        captured_at: when its frame was captured; evidence of any other frame proves nothing.
        quality: None where more than one face stood in the lane: nothing was measured.
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
    """A frame was seen.

    Attributes:
        at: when the frame was captured.
        probes: the faces in the lane.
        outside: what the nearest face outside the lane could do, if it wants to come in.
    """

    at: Instant
    probes: tuple[Probe, ...]
    outside: Defect | None = None


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time went by without a frame."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Faulted:
    """A part broke."""

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
    """What rules, door and panel said of whoever was recognised, or came with a badge.

    Attributes:
        at: when.
        reason: why not; None where the door was released.
        subject: who was recognised or whose badge it was; None where it is nobody's.
        factor: what to ask for, where the reason is `FACTOR_NEEDED`.
        opens: when the door opens for them again, local time, where the reason is `NOT_NOW`.
    """

    at: Instant
    reason: Reason | None
    subject: SubjectId | None = None
    factor: Factor | None = None
    opens: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """Somebody showed a badge: the next face is compared with that person only (1:1).

    Attributes:
        at: when.
        subject: whose badge it is.
        until: a face that comes later proves nothing about it.
    """

    at: Instant
    subject: SubjectId
    until: Instant


@dataclass(frozen=True, slots=True)
class Overruled:
    """An operator says no to whoever is there."""

    at: Instant


Event = Observed | Ticked | Faulted | Recovered | Answered | Claimed | Overruled

# -- states --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one acceptable probe said."""

    at: Instant
    pad: PadResult
    subject: SubjectId | None
    ambiguous: bool
    best: Candidate | None
    margin: float


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody says they are, by a badge that is theirs to show.

    Attributes:
        subject: the badge's owner.
        until: it counts until then.
    """

    subject: SubjectId
    until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Nobody is in the lane.

    Attributes:
        failures: refusals of earlier sessions.
        outside: what the nearest face outside the lane could do.
        claim: whose badge was shown just now.
    """

    failures: Failures = Failures()
    outside: Defect | None = None
    claim: Claim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquiring:
    """One face is in the lane.

    Attributes:
        track: whose face.
        since: when the session began.
        seen_at: when somebody was last seen in the lane.
        run: the unbroken evidence, oldest first.
        gathered: the evidence of the whole session, that of broken runs included, oldest first.
        best: the longest run so far, the present one included.
        tried: whether a run was ever long enough for a grant.
        suspected: whether a run looked like an attack at any time in this session.
        defect: what is wrong with the view now.
        crowded: whether another face stands in the lane now.
        failures: refusals of earlier sessions.
        claim: whose badge was shown; then only that person is compared.
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
    """A decision stands.

    Attributes:
        reason: why.
        subject: who was granted; None for every refusal.
        track: whose face it was about; None for somebody who came with a badge.
        until: the screen shows it at least until then.
        retry_at: the same face may begin another session from then on.
        seen_at: when that face was last seen.
        failures: refusals so far, this one included.
        opens: when the door opens for them again, local time; None where nobody can say.
        verified: whether a badge had said who they are.
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
    """Somebody is known and owes a second factor. What they show is checked at the door's end.

    Attributes:
        subject: who was recognised, or whose badge it was.
        factor: what is asked for.
        track: whose face must stay; None for somebody who came with a badge alone.
        until: it ends without an answer then.
        seen_at: when that face was last seen.
        failures: refusals so far.
        mistaken: whether the last answer was not theirs.
        watched: what is seen of whoever stands there meanwhile; None where no face is looked at.
        verified: whether a badge had said who they are before their face did.
        proven: whether they were seen alive and as themselves in a whole run meanwhile.
        crowded_since: since when a second face has stood there without a break.
        shown_at: when they showed what they owed; None while they have not.
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
    """Nobody is decided on.

    Attributes:
        until: it ends then.
        failures: what is held against whoever comes next.
    """

    until: Instant
    failures: Failures = Failures()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfService:
    """These parts are broken.

    Attributes:
        faults: what is broken.
        failures: refusals so far.
        locked_until: a lockout that the fault interrupted, or brought about; it outlives the fault.
    """

    faults: frozenset[Part]
    failures: Failures = Failures()
    locked_until: Instant | None = None


State = Idle | Acquiring | Asking | Resolved | LockedOut | OutOfService


def held(state: State) -> Held:
    """What a state holds against whoever comes next."""
    match state:
        case LockedOut():
            return Held(state.failures, state.until)
        case OutOfService():
            return Held(state.failures, state.locked_until)
        case _:
            return Held(state.failures)


def resumed(kept: Held) -> Idle | LockedOut:
    """An empty lane, or the lockout that a restart interrupted."""
    if kept.locked_until is not None:
        return LockedOut(until=kept.locked_until, failures=kept.failures)
    return Idle(failures=kept.failures)
