"""The access session: from an empty lane to one decision about one capture subject.

Theory of operation. Every transition is in this file, and this file knows no clock, thread, device
or file. What a run of probes proves is in `evidence`, the words are in `states`. Time arrives on
events. `advance` takes the state, one event and the policy, and returns the next state and the
effects that the caller must carry out in order.

- ``Idle``: nobody is in the lane.
- ``Acquiring``: exactly one face is in the lane and evidence about it is gathered. Evidence is an
  unbroken run of acceptable probes of one track, each later than the one before. A poor view, a
  second face, an empty lane or another track breaks the run, and what was gathered before the
  break counts for nothing in anybody's favour.
- ``Asking``: somebody is known and owes a second factor (see `kiosk.domain.access.second_factor`).
- ``Resolved``: a decision stands on the screen. It ends after its hold, once the face that it was
  about has left or has waited long enough.
- ``LockedOut``: too many refusals lately; nobody is decided on for a while.
- ``OutOfService``: something the kiosk needs is broken, until every fault has recovered; a lockout
  that it interrupted goes on.

A grant takes a run of probes that all name the same person above the threshold and with a margin,
over a least span of time, whose mean presentation attack score is bona fide: the same frames carry
both proofs, so a live face cannot lend its life to a photograph beside it or after it.

What speaks against somebody is remembered for the whole session, broken runs or not. Life is not
asked anew with every frame until chance says yes: the run has to show it, and so has everything
that the session saw. A run long enough for a grant that looked like an attack makes the session
suspect: from then on a grant takes as much evidence as a refusal does.

A session that had a chance of a grant, by one run that was long enough, and ends without one counts
towards the lockout. So does a session in which somebody was compared for as long as a refusal
takes. Whether it ended by a refusal, by stepping aside, by a poor view or by a hand on the lens is
all the same, and what it fell short of in proof of life is held against the next (`lockout`).

Every decision is audited before the door is told anything, and the screen comes last. Whoever was
there for less than a decision takes was passing by, and nothing is written about them.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access.closing import audits, conclude, decision, granted, why_late
from kiosk.domain.access.effects import (
    Audit,
    AuditFault,
    Decision,
    Effect,
    Forget,
    ReleaseDoor,
    Remember,
    Show,
    Step,
)
from kiosk.domain.access.evidence import (
    agreeing_run,
    attacks,
    bona_fide,
    enough,
    evidence_of,
    gathering,
    progress,
    proves,
    unseen,
)
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.second_factor import answer, ask, claim, still
from kiosk.domain.access.states import (
    Acquiring,
    Answered,
    Asking,
    Claim,
    Claimed,
    Event,
    Evidence,
    Faulted,
    Idle,
    LockedOut,
    Observed,
    OutOfService,
    Overruled,
    Part,
    Probe,
    Reason,
    Recovered,
    Resolved,
    State,
    Ticked,
)
from kiosk.domain.vision.frame import Instant

__all__ = [
    "Acquiring",
    "Answered",
    "Asking",
    "Audit",
    "AuditFault",
    "Claim",
    "Claimed",
    "Decision",
    "Effect",
    "Event",
    "Evidence",
    "Faulted",
    "Forget",
    "Idle",
    "LockedOut",
    "Observed",
    "OutOfService",
    "Overruled",
    "Part",
    "Probe",
    "Reason",
    "Recovered",
    "ReleaseDoor",
    "Remember",
    "Resolved",
    "Show",
    "State",
    "Step",
    "Ticked",
    "advance",
    "agreeing_run",
    "progress",
]


def advance(state: State, event: Event, policy: AccessPolicy) -> Step:
    """Return the state after ``event`` and what the caller must do about it.

    Times are compared so that one that is not a number never ends a wait and never adds evidence.
    """
    match state, event:
        case _, Faulted():
            return _fault(state, event, policy)
        case OutOfService(), Recovered():
            return _recover(state, event)
        case (OutOfService(), _) | (_, Recovered()):
            return Step(state)
        case LockedOut(until=until, failures=failures), _:
            return _show(Idle(failures=failures)) if event.at >= until else Step(state)
        case _, (Answered() | Overruled() | Claimed()):
            return _told(state, event, policy)
        case Asking(), _:
            return ask(state, event, policy)
        case Resolved(), _:
            return _hold(state, event, policy)
        case Acquiring(), _:
            return _acquire(state, event, policy)
        case Idle(), Observed():
            return _begin(state, event, policy)
        case _:
            return Step(state)


def _acquire(state: Acquiring, event: Event, policy: AccessPolicy) -> Step:
    gone, late = policy.absence_seconds, policy.session_timeout_seconds
    if policy.hold is not None or event.at - state.seen_at >= gone:
        return _leave(state, event, policy)
    if event.at - state.since >= late:
        return _time_out(state, event.at, policy)
    return _continue(state, event, policy) if isinstance(event, Observed) else Step(state)


def _told(state: State, event: Answered | Overruled | Claimed, policy: AccessPolicy) -> Step:
    """What comes from the door's end, or from an operator."""
    match state, event:
        case Acquiring(), Overruled():
            return _refuse(Reason.OPERATOR_DENIED, state, event.at, policy)
        case ((Idle() | Asking() | Resolved()), (Answered() | Overruled())):
            return answer(state, event, policy)
        case ((Idle() | Acquiring()), Claimed()):
            return claim(state, event)
        case _:
            return Step(state)


# -- faults --------------------------------------------------------------------------------------


def _fault(state: State, event: Faulted, policy: AccessPolicy) -> Step:
    """Whatever was going on ends here; a new fault is written down once.

    The screen does not wait for the session's own entry: the journal may be what broke.
    """
    if isinstance(state, OutOfService) and event.part in state.faults:
        return Step(state)
    broken = _broken(state, event, policy)
    fault = AuditFault(event.at, event.part, event.detail, recovered=False)
    return Step(broken, (fault, Show(broken), *_ended(state, event, policy)))


def _ended(state: State, event: Faulted, policy: AccessPolicy) -> tuple[Effect, ...]:
    """What a fault cut short."""
    match state:
        case Acquiring():
            return audits(Reason.FAULT, state, event.at, policy)
        case Asking():
            return (Forget(event.at, Reason.FAULT),)
        case _:
            return ()


def _broken(state: State, event: Faulted, policy: AccessPolicy) -> OutOfService:
    """Out of service, with everything that was held against anybody."""
    faults = frozenset({event.part})
    match state:
        case OutOfService():
            return replace(state, faults=state.faults | faults)
        case LockedOut():
            ended: Idle | LockedOut = state
        case Acquiring():
            ended = conclude(state, event.at, policy)
        case _:
            ended = Idle(failures=state.failures)
    until = ended.until if isinstance(ended, LockedOut) else None
    return OutOfService(faults=faults, failures=ended.failures, locked_until=until)


def _recover(state: OutOfService, event: Recovered) -> Step:
    if event.part not in state.faults:
        return Step(state)
    faults = state.faults - {event.part}
    rest: State = Idle(failures=state.failures)
    if faults:
        rest = replace(state, faults=faults)
    elif state.locked_until is not None:
        rest = LockedOut(until=state.locked_until, failures=state.failures)
    return Step(rest, (AuditFault(event.at, event.part, "", recovered=True), Show(rest)))


# -- sessions ------------------------------------------------------------------------------------


def _begin(state: Idle, event: Event, policy: AccessPolicy) -> Step:
    """From an empty lane: whoever is in it now begins a session that owes nothing to another."""
    if not isinstance(event, Observed):
        return _show(state)
    state = replace(state, claim=still(state.claim, event.at))
    if policy.hold is not None or not event.probes:
        return _show(replace(state, outside=event.outside))
    probe, *others = event.probes
    session = Acquiring(
        track=probe.track,
        since=event.at,
        seen_at=event.at,
        crowded=bool(others),
        failures=state.failures,
        claim=state.claim,
    )
    return _show(session) if others else _take(session, probe, event.at, policy)


def _continue(state: Acquiring, event: Observed, policy: AccessPolicy) -> Step:
    match event.probes:
        case ():
            return Step(replace(state, run=()))
        case (probe,) if probe.track == state.track:
            session = replace(state, seen_at=event.at, crowded=False)
            return _take(session, probe, event.at, policy)
        case (_,):
            return _leave(state, event, policy)
        case _:
            return _show(replace(state, seen_at=event.at, run=(), crowded=True, defect=None))


def _leave(state: Acquiring, event: Event, policy: AccessPolicy) -> Step:
    """The face has gone, or another stands in its place: this session ends before a decision (R56).

    An attack that stepped aside still counts.
    """
    written = audits(Reason.LEFT, state, event.at, policy)
    ended = conclude(state, event.at, policy)
    if isinstance(ended, LockedOut):
        return _show(ended, *written)
    begun = _begin(ended, event, policy)
    return Step(begun.state, (*written, *begun.effects))


def _take(session: Acquiring, probe: Probe, at: Instant, policy: AccessPolicy) -> Step:
    """One probe of the session's own face: gather it, and decide if the run is long enough."""
    evidence = evidence_of(probe, at, policy, session.claim)
    if evidence is None:
        return _show(unseen(session, probe))
    return _decide(gathering(session, evidence, policy), at, policy)


def _decide(session: Acquiring, at: Instant, policy: AccessPolicy) -> Step:
    run, agreeing = session.run, agreeing_run(session.run)
    if proves(agreeing, session, policy):
        return granted(agreeing, session, at, policy)
    if attacks(run, policy.refusal_probes, policy.refusal_span_seconds, policy):
        return _refuse(Reason.PRESENTATION_ATTACK, session, at, policy)
    if not enough(run, policy.refusal_probes, policy.refusal_span_seconds):
        return _show(session)
    if not bona_fide(run, policy) or any(e.subject is not None for e in run):
        return _show(session)
    ambiguous = any(e.ambiguous for e in run)
    reason = Reason.AMBIGUOUS if ambiguous else Reason.NOT_RECOGNISED
    return _refuse(reason, session, at, policy)


# -- endings -------------------------------------------------------------------------------------


def _time_out(session: Acquiring, at: Instant, policy: AccessPolicy) -> Step:
    """The session took too long: say what stood in the way."""
    return _refuse(why_late(session), session, at, policy)


def _refuse(reason: Reason, session: Acquiring, at: Instant, policy: AccessPolicy) -> Step:
    audit = Audit(decision(reason, None, session, at, policy))
    ended = conclude(session, at, policy)
    if isinstance(ended, LockedOut):
        return _show(ended, audit)
    resolved = Resolved(
        reason=reason,
        subject=None,
        track=session.track,
        until=Instant(at + policy.refused_hold_seconds),
        retry_at=Instant(at + max(policy.refused_hold_seconds, policy.retry_seconds)),
        seen_at=at,
        failures=ended.failures,
    )
    return _show(resolved, audit)


def _hold(state: Resolved, event: Event, policy: AccessPolicy) -> Step:
    """A result stays for its time, and for as long as its own face waits there."""
    if isinstance(event, Observed) and any(p.track == state.track for p in event.probes):
        state = replace(state, seen_at=event.at)
    left = event.at - state.seen_at >= policy.absence_seconds
    if event.at >= (state.until if left else state.retry_at):
        return _begin(Idle(failures=state.failures), event, policy)
    return Step(state)


def _show(state: State, *before: Effect) -> Step:
    return Step(state, (*before, Show(state)))
