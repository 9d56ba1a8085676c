"""The access session: from an empty lane to one decision about one capture subject.

Theory of operation. Everything that can release the door is in this file, and this file knows no
clock, thread, device or file. Time arrives on events. `advance` takes the state, one event and
the policy, and returns the next state and the effects that the caller must carry out in order.

- ``Idle``: nobody is in the lane.
- ``Acquiring``: exactly one face is in the lane and evidence about it is gathered. Evidence is an
  unbroken run of acceptable probes of one track. A poor view, a second face or another track
  breaks the run, and what was gathered before the break counts for nothing.
- ``Resolved``: a decision stands on the screen. It ends after its hold, once the face that it was
  about has left or has waited long enough.
- ``LockedOut``: too many refusals lately; nobody is decided on for a while.
- ``OutOfService``: something the kiosk needs is broken; it ends when every fault has recovered.

A grant takes a run of probes that all name the same person above the threshold and with a margin,
over a least span of time, whose mean presentation attack score is bona fide: the same frames carry
both proofs, so a live face cannot lend its life to a photograph beside it or after it.
Every decision is audited before the door is told anything, and the screen comes last.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

from kiosk.domain.attack import PadResult, mean_score
from kiosk.domain.comparison import Candidate, CandidateList
from kiosk.domain.face import TrackId
from kiosk.domain.frame import Instant
from kiosk.domain.lockout import Failures
from kiosk.domain.policy import AccessPolicy
from kiosk.domain.quality import Defect, QualityAssessment
from kiosk.domain.template import SubjectId


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
        captured_at: when the frame was captured.
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


Event = Observed | Ticked | Faulted | Recovered

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Nobody is in the lane."""

    failures: Failures = Failures()
    outside: Defect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquiring:
    """One face is in the lane.

    Attributes:
        track: whose face.
        since: when the session began.
        seen_at: when the face was last seen alone in the lane.
        run: the unbroken evidence, oldest first.
        suspected: whether a run looked like an attack at any time in this session.
        defect: what is wrong with the view now.
        crowded: whether another face stands in the lane now.
        failures: refusals of earlier sessions.
    """

    track: TrackId
    since: Instant
    seen_at: Instant
    run: tuple[Evidence, ...] = ()
    suspected: bool = False
    defect: Defect | None = None
    crowded: bool = False
    failures: Failures = Failures()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A decision stands.

    Attributes:
        reason: why.
        subject: who was granted; None for every refusal.
        track: whose face it was about.
        until: the screen shows it at least until then.
        retry_at: the same face may begin another session from then on.
        failures: refusals so far, this one included.
    """

    reason: Reason
    subject: SubjectId | None
    track: TrackId
    until: Instant
    retry_at: Instant
    failures: Failures = Failures()


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedOut:
    """Nobody is decided on until then."""

    until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfService:
    """These parts are broken."""

    faults: frozenset[Part]
    failures: Failures = Failures()


State = Idle | Acquiring | Resolved | LockedOut | OutOfService

# -- effects -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision:
    """What is written down about a session's end. Scores are raw; the screen never has them."""

    at: Instant
    granted: bool
    reason: Reason
    subject: SubjectId | None
    evidence: tuple[Evidence, ...] = ()
    defect: Defect | None = None
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
    """Release the door, unless the evidence has grown stale."""

    seconds: float
    captured_at: Instant


@dataclass(frozen=True, slots=True)
class Show:
    """Put this state on the screen."""

    state: State


Effect = Audit | AuditFault | ReleaseDoor | Show


@dataclass(frozen=True, slots=True)
class Step:
    """The state after an event, and what to do about it, in this order."""

    state: State
    effects: tuple[Effect, ...] = field(default=())


def advance(state: State, event: Event, policy: AccessPolicy) -> Step:
    """Return the state after ``event`` and what the caller must do about it."""
    match state, event:
        case _, Faulted():
            return _fault(state, event)
        case OutOfService(), Recovered():
            return _recover(state, event)
        case (OutOfService(), _) | (_, Recovered()):
            return Step(state)
        case LockedOut(until=until), _:
            return Step(state) if event.at < until else _show(Idle())
        case Resolved(), _:
            return _hold(state, event, policy)
        case Acquiring(since=since), _ if event.at - since >= policy.session_timeout_seconds:
            return _time_out(state, event.at, policy)
        case Acquiring(), Observed():
            return _continue(state, event, policy)
        case Acquiring(), Ticked(at=at):
            return _absent(state, at, policy)
        case Idle(), Observed():
            return _begin(state, event, policy)
        case _:
            return Step(state)


# -- faults --------------------------------------------------------------------------------------


def _fault(state: State, event: Faulted) -> Step:
    """Whatever was going on ends here; a new fault is written down once."""
    standing = state.faults if isinstance(state, OutOfService) else frozenset()
    if event.part in standing:
        return Step(state)
    failures = Failures() if isinstance(state, LockedOut) else state.failures
    broken = OutOfService(faults=standing | {event.part}, failures=failures)
    audit = AuditFault(event.at, event.part, event.detail, recovered=False)
    return Step(broken, (audit, Show(broken)))


def _recover(state: OutOfService, event: Recovered) -> Step:
    if event.part not in state.faults:
        return Step(state)
    faults = state.faults - {event.part}
    rest: State = replace(state, faults=faults) if faults else Idle(failures=state.failures)
    return Step(rest, (AuditFault(event.at, event.part, "", recovered=True), Show(rest)))


# -- sessions ------------------------------------------------------------------------------------


def _begin(state: Idle, event: Observed, policy: AccessPolicy) -> Step:
    if not event.probes:
        return _show(replace(state, outside=event.outside))
    probe, *others = event.probes
    session = Acquiring(
        track=probe.track,
        since=event.at,
        seen_at=event.at,
        crowded=bool(others),
        failures=state.failures,
    )
    return _show(session) if others else _take(session, probe, event.at, policy)


def _continue(state: Acquiring, event: Observed, policy: AccessPolicy) -> Step:
    match event.probes:
        case ():
            return _absent(state, event.at, policy)
        case (probe,) if probe.track == state.track:
            session = replace(state, seen_at=event.at, crowded=False)
            return _take(session, probe, event.at, policy)
        case (_,):
            return _replaced(state, event, policy)
        case _:
            return _show(replace(state, seen_at=event.at, run=(), crowded=True, defect=None))


def _absent(state: Acquiring, at: Instant, policy: AccessPolicy) -> Step:
    """The face is not there: its run is broken, and after a while it has left."""
    if at - state.seen_at < policy.absence_seconds:
        return Step(replace(state, run=()))
    return _leave(state, at, policy)


def _replaced(state: Acquiring, event: Observed, policy: AccessPolicy) -> Step:
    """Another face stands where the first one stood: the first session ends, a new one begins."""
    left = _leave(state, event.at, policy)
    if not isinstance(left.state, Idle):
        return left
    begun = _begin(left.state, event, policy)
    return Step(begun.state, left.effects + begun.effects)


def _leave(state: Acquiring, at: Instant, policy: AccessPolicy) -> Step:
    """Somebody left before a decision (R56). An attack that stepped aside still counts."""
    audit = Audit(_decision(Reason.LEFT, None, state, at, policy))
    if not state.suspected:
        return _show(Idle(failures=state.failures), audit)
    failures = state.failures.add(at, policy.failure_window_seconds)
    return _lock_or(Idle(failures=failures), failures, at, policy, audit)


def _take(session: Acquiring, probe: Probe, at: Instant, policy: AccessPolicy) -> Step:
    """One probe of the session's own face: gather it, and decide if the run is long enough."""
    evidence = _evidence(probe, at, policy)
    if evidence is None:
        defect = probe.quality.defects[0] if probe.quality and probe.quality.defects else None
        return _show(replace(session, run=(), defect=defect))
    kept = tuple(e for e in session.run if at - e.at <= policy.window_seconds)
    session = replace(session, run=(*kept, evidence), defect=None)
    return _decide(session, at, policy)


def _evidence(probe: Probe, at: Instant, policy: AccessPolicy) -> Evidence | None:
    """What the probe proves; None where a stage was not passed or a space is not ours."""
    quality, pad, candidates = probe.quality, probe.pad, probe.candidates
    if quality is None or not quality.acceptable or pad is None or candidates is None:
        return None
    if candidates.space != policy.space:
        return None
    best = candidates.best
    near = best is not None and best.score >= policy.decision_threshold
    clear = candidates.margin >= policy.margin
    subject = best.subject if best is not None and near and clear else None
    return Evidence(at, pad, subject, near and not clear, best, candidates.margin)


def _decide(session: Acquiring, at: Instant, policy: AccessPolicy) -> Step:
    run = session.run
    agreeing = agreeing_run(run)
    if _enough(agreeing, policy.probes_required, policy.span_seconds) and _bona_fide(
        agreeing, policy
    ):
        return _resolve(Reason.MATCHED, agreeing[-1].subject, session, at, policy)
    if not _enough(run, policy.refusal_probes, policy.refusal_span_seconds):
        return _show(session)
    if _bona_fide_score(run) < policy.attack_threshold:
        suspect = replace(session, suspected=True)
        return _resolve(Reason.PRESENTATION_ATTACK, None, suspect, at, policy)
    if not _bona_fide(run, policy) or any(e.subject is not None for e in run):
        return _show(session)
    ambiguous = any(e.ambiguous for e in run)
    reason = Reason.AMBIGUOUS if ambiguous else Reason.NOT_RECOGNISED
    return _resolve(reason, None, session, at, policy)


def agreeing_run(run: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The longest tail of the run that names one person."""
    if not run or run[-1].subject is None:
        return ()
    length = 0
    for evidence in reversed(run):
        if evidence.subject != run[-1].subject:
            break
        length += 1
    return run[-length:]


def progress(run: tuple[Evidence, ...], policy: AccessPolicy) -> float:
    """How much of the evidence for a decision is there, 0 to 1. Says nothing of its outcome."""
    if not run:
        return 0.0
    counted = len(run) / policy.probes_required
    spanned = (run[-1].at - run[0].at) / policy.span_seconds if policy.span_seconds else 1.0
    return min(1.0, counted, spanned)


def _enough(run: tuple[Evidence, ...], probes: int, seconds: float) -> bool:
    return len(run) >= probes and run[-1].at - run[0].at >= seconds


def _bona_fide(run: tuple[Evidence, ...], policy: AccessPolicy) -> bool:
    return _bona_fide_score(run) >= policy.pad_threshold


def _bona_fide_score(run: tuple[Evidence, ...]) -> float:
    return mean_score(tuple(e.pad for e in run))


# -- endings -------------------------------------------------------------------------------------


def _time_out(session: Acquiring, at: Instant, policy: AccessPolicy) -> Step:
    """The session took too long: say what stood in the way."""
    reason = Reason.TIMED_OUT
    if session.crowded:
        reason = Reason.CROWDED
    elif session.defect is not None:
        reason = Reason.POOR_VIEW
    return _resolve(reason, None, session, at, policy)


def _resolve(
    reason: Reason, subject: SubjectId | None, session: Acquiring, at: Instant, policy: AccessPolicy
) -> Step:
    granted = reason is Reason.MATCHED
    failures = session.failures
    if _counts(reason) or session.suspected:
        failures = failures.add(at, policy.failure_window_seconds)
    hold = policy.granted_hold_seconds if granted else policy.refused_hold_seconds
    resolved = Resolved(
        reason=reason,
        subject=subject,
        track=session.track,
        until=Instant(at + hold),
        retry_at=Instant(at + max(hold, policy.retry_seconds)),
        failures=failures,
    )
    audit = Audit(_decision(reason, subject, session, at, policy))
    if granted:
        release = ReleaseDoor(policy.release_seconds, at)
        return Step(resolved, (audit, release, Show(resolved)))
    return _lock_or(resolved, failures, at, policy, audit)


def _counts(reason: Reason) -> bool:
    """Whether a refusal is one that an attacker would learn from; a poor view teaches nothing."""
    return reason in {Reason.NOT_RECOGNISED, Reason.AMBIGUOUS, Reason.PRESENTATION_ATTACK}


def _lock_or(
    state: Idle | Resolved, failures: Failures, at: Instant, policy: AccessPolicy, audit: Audit
) -> Step:
    if len(failures.since(at, policy.failure_window_seconds)) < policy.failures_allowed:
        return Step(state, (audit, Show(state)))
    locked = LockedOut(until=Instant(at + policy.lockout_seconds))
    return Step(locked, (audit, Show(locked)))


def _decision(
    reason: Reason, subject: SubjectId | None, session: Acquiring, at: Instant, policy: AccessPolicy
) -> Decision:
    granted = reason is Reason.MATCHED
    return Decision(
        at=at,
        granted=granted,
        reason=reason,
        subject=subject,
        evidence=agreeing_run(session.run) if granted else session.run,
        defect=session.defect,
        threshold=policy.decision_threshold,
        pad_threshold=policy.pad_threshold,
    )


def _hold(state: Resolved, event: Event, policy: AccessPolicy) -> Step:
    """A result stays for its time, and for as long as its own face waits there."""
    if event.at < state.until:
        return Step(state)
    waiting = isinstance(event, Observed) and any(p.track == state.track for p in event.probes)
    if waiting and event.at < state.retry_at:
        return Step(state)
    idle = Idle(failures=state.failures)
    return _begin(idle, event, policy) if isinstance(event, Observed) else _show(idle)


def _show(state: State, *before: Effect) -> Step:
    return Step(state, (*before, Show(state)))
