"""The access session: from an empty lane to one decision about one capture subject.

Theory of operation. Every transition passes through this file, which has no clock, thread, device
or file. `evidence` assesses runs of probes. Time comes with the events. `advance` takes the state,
one event and the policy, and returns the next state and the effects that the caller must carry out
in order.

- ``Idle``: nobody is in the lane.
- ``Acquiring``: exactly one face is in the lane and evidence about it is gathered. Evidence is an
  unbroken run of acceptable probes of one track, each later than the one before. A poor view, a
  second face, an empty lane or another track breaks the run. Evidence from before the break never
  counts in favour of a grant.
- ``Admitting``: the person is recognised, and the door subsystem is asked about them. It answers
  once: with the released door, or with the reason why not.
- ``Asking``: the person is known and owes a second factor (see
  `kiosk.domain.access.second_factor`). The wait for it is kept here and nowhere else.
- ``Resolved``: a decision is on the screen. It ends after its hold time, once the face that it was
  about has left or has waited long enough.
- ``LockedOut``: too many recent refusals; no decision is made for a while.
- ``OutOfService``: a part that the kiosk needs is broken, until every fault has recovered. A
  lockout that it interrupted continues.

To be recognised takes a run of probes that all name the same person above the threshold and with a
margin, over a least span of time, with a bona fide mean score in presentation attack detection. The
same frames have to pass both tests, so a live face cannot be combined with a photograph beside it
or after it.

Evidence against a person counts for the whole session, broken runs included. Attack detection is
not repeated with every frame until one passes by chance: the run has to pass, and so has all
evidence of the session. A run that was long enough for a grant and looked like an attack makes the
session suspect: from then on a grant takes as much evidence as a refusal.

A session that ends without a grant counts towards the lockout if one run was long enough for a
grant, or if the person was compared for as long as a refusal takes. It makes no difference if it
ended by a refusal, by stepping aside, by a poor view or by a covered lens. Its shortfall in attack
detection carries over to the next session (`lockout`).

Not every frame is measured: where frames come faster than probes are needed, a face that is alone
is passed over. Such a frame keeps the session and the track, and is no evidence of anything.

A matcher may answer late. Its answer counts for the frame that it was asked about, and only while
that frame is in the unbroken run of the same track. A session that gets no answer ends without a
failure of the person, unless they have used up its questions; a failed matcher is recorded, and
takes nothing else out of service. Whoever goes while a service may be asked about them had a
chance to be let in, and counts like whoever is refused.

Nothing here says that anybody is let in. A recognition is audited before the door subsystem is
asked, and a person is ``Resolved`` as let in only when the door has been released. A visit shorter
than a decision takes is passing by and is not recorded.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access.answering import answer, claim, overruled, presented, released, still
from kiosk.domain.access.closing import (
    audits,
    conclude,
    over,
    recognised,
    set_aside,
    turned_away,
    why_late,
)
from kiosk.domain.access.effects import (
    Admit,
    Audit,
    AuditFault,
    CheckFactor,
    Decision,
    Effect,
    ReadBadge,
    Remember,
    Show,
    Step,
    decided,
)
from kiosk.domain.access.events import (
    Answered,
    Claimed,
    Event,
    Faulted,
    Identified,
    Observed,
    Overruled,
    Presented,
    Probe,
    Recovered,
    SetAside,
    Ticked,
    Told,
)
from kiosk.domain.access.evidence import (
    agreeing_run,
    answered,
    attacks,
    awaited,
    bona_fide,
    enough,
    evidence_of,
    gathering,
    nameable,
    progress,
    proves,
    settled,
    unseen,
)
from kiosk.domain.access.faults import fault, recover
from kiosk.domain.access.grant import Authorised, Evidence, Recognised, Released
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.second_factor import ask
from kiosk.domain.access.states import (
    Acquiring,
    Admitting,
    Asking,
    Claim,
    Idle,
    LockedOut,
    OutOfService,
    Part,
    Reason,
    Resolved,
    State,
)
from kiosk.domain.vision.frame import Instant

__all__ = [
    "Acquiring",
    "Admit",
    "Admitting",
    "Answered",
    "Asking",
    "Audit",
    "AuditFault",
    "Authorised",
    "CheckFactor",
    "Claim",
    "Claimed",
    "Decision",
    "Effect",
    "Event",
    "Evidence",
    "Faulted",
    "Identified",
    "Idle",
    "LockedOut",
    "Observed",
    "OutOfService",
    "Overruled",
    "Part",
    "Presented",
    "Probe",
    "ReadBadge",
    "Reason",
    "Recognised",
    "Recovered",
    "Released",
    "Remember",
    "Resolved",
    "Show",
    "State",
    "Step",
    "Ticked",
    "advance",
    "agreeing_run",
    "decided",
    "progress",
]


def advance(state: State, event: Event, policy: AccessPolicy) -> Step:
    """Return the state after ``event`` and the effects that the caller must carry out.

    Times are compared so that NaN never ends a wait and never adds evidence.
    """
    match state, event:
        case _, Faulted():
            return fault(state, event, policy)
        case _, Recovered():
            return recover(state, event)
        case OutOfService(), _:
            return Step(state)
        case LockedOut(until=until, failures=failures), _:
            return _show(Idle(failures=failures)) if event.at >= until else Step(state)
        case _, (Answered() | Released() | Presented() | Claimed() | Overruled() | SetAside()):
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
    match event:
        case Observed():
            return _continue(state, event, policy)
        case Identified():
            return _identified(state, event, policy)
        case _:
            return Step(state)


def _told(state: State, event: Told, policy: AccessPolicy) -> Step:
    """Handle an event from the door subsystem, from the person or from an operator."""
    match state, event:
        case Acquiring(), Overruled():
            return turned_away(Reason.OPERATOR_DENIED, state, event.at, policy)
        case ((Admitting() | Asking() | Resolved()), Overruled()):
            return overruled(state, event.at, policy)
        case ((Admitting() | Asking()), Answered()):
            return answer(state, event, policy)
        case ((Idle() | Admitting() | Asking() | Resolved()), Released()):
            return released(state, event, policy)
        case ((Idle() | Acquiring() | Asking() | Resolved()), Presented()):
            return presented(state, event)
        case ((Idle() | Acquiring() | Resolved()), Claimed()):
            return claim(state, event, policy)
        case ((Idle() | Acquiring() | Resolved()), SetAside()):
            return set_aside(state, event.at, policy)
        case _:
            return Step(state)


# -- sessions ------------------------------------------------------------------------------------


def _begin(state: Idle, event: Event, policy: AccessPolicy) -> Step:
    """Begin a session from an empty lane; it takes over no evidence from an earlier one."""
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
            return _take(replace(state, seen_at=event.at), probe, event.at, policy)
        case (_,):
            return _leave(state, event, policy)
        case _:
            return _show(replace(state, seen_at=event.at, run=(), crowded=True, defect=None))


def _leave(state: Acquiring, event: Event, policy: AccessPolicy) -> Step:
    """End a session before a decision: the face has gone, or another is in its place (R56).

    An attack that stepped aside still counts.
    """
    written = audits(Reason.LEFT, state, event.at, policy)
    ended = conclude(state, event.at, policy)
    if isinstance(ended, LockedOut):
        return _show(ended, *written)
    begun = _begin(ended, event, policy)
    return Step(begun.state, (*written, *begun.effects))


def _take(session: Acquiring, probe: Probe, at: Instant, policy: AccessPolicy) -> Step:
    """Gather one probe of the session's own face, and decide if the run is long enough."""
    evidence = evidence_of(probe, at, policy, session.claim)
    if evidence is None:
        return _show(session if probe.passed_over else unseen(session, probe))
    return _decide(gathering(session, evidence, policy), at, policy)


def _identified(state: Acquiring, event: Identified, policy: AccessPolicy) -> Step:
    """Take a late answer into the run that it is about; any other answer changes nothing."""
    if event.candidates is None and awaited(state, event) is not None:
        spared = not event.used_up
        return turned_away(Reason.NOT_COMPARED, state, event.at, policy, spared=spared)
    session = answered(state, event, policy, state.claim)
    return Step(state) if session is None else _decide(session, event.at, policy)


def _decide(session: Acquiring, at: Instant, policy: AccessPolicy) -> Step:
    session = nameable(session, policy)
    run, agreeing = session.run, agreeing_run(session.run)
    if proves(agreeing, session, policy) and (subject := agreeing[-1].subject) is not None:
        return recognised(agreeing, subject, session, policy)
    if attacks(run, policy.refusal_probes, policy.refusal_span_seconds, policy):
        return turned_away(Reason.PRESENTATION_ATTACK, session, at, policy)
    run = settled(run)
    if not enough(run, policy.refusal_probes, policy.refusal_span_seconds):
        return _show(session)
    if not bona_fide(run, policy) or any(e.subject is not None for e in run):
        return _show(session)
    ambiguous = any(e.ambiguous for e in run)
    reason = Reason.AMBIGUOUS if ambiguous else Reason.NOT_RECOGNISED
    return turned_away(reason, session, at, policy)


# -- endings -------------------------------------------------------------------------------------


def _time_out(session: Acquiring, at: Instant, policy: AccessPolicy) -> Step:
    """Refuse a session that took too long, with the reason that prevented a decision."""
    return turned_away(why_late(session), session, at, policy)


def _hold(state: Resolved, event: Event, policy: AccessPolicy) -> Step:
    """Keep a result for its hold time; if its own face stays in the lane, until the retry time."""
    if isinstance(event, Observed) and any(p.track == state.track for p in event.probes):
        state = replace(state, seen_at=event.at)
    if over(state, event.at, policy):
        return _begin(Idle(failures=state.failures), event, policy)
    return Step(state)


def _show(state: State, *before: Effect) -> Step:
    return Step(state, (*before, Show(state)))
