"""The wait for a second factor, from the request to its end; kept here and nowhere else.

Theory of operation. Who is asked, for what, since when and until when is in ``Asking``, for as long
as their face stays and no longer than the policy allows. What is presented meanwhile is passed on
unread to the door subsystem, which checks it and answers: this machine never reads a PIN.

The person in the lane is still judged meanwhile. Another person, an attack or a second face ends
the request. A person who types looks down and a badge hides the face, so a poor view ends nothing,
and proves nothing either. After the factor was shown, the same person is observed once more, and
is recognised again only by a whole run of frames captured after that. Nobody can take over a
request that was made to another person.

Every wrong answer counts towards the lockout, as a refused face does. Every end of a request is
written down here, once.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access.closing import (
    admitting,
    conclude,
    failed,
    recognised,
    refused,
    shown,
    why_late,
)
from kiosk.domain.access.effects import Audit, Step, decided
from kiosk.domain.access.events import Answered, Event, Identified, Observed
from kiosk.domain.access.evidence import agreeing_run, awaited
from kiosk.domain.access.factors import Factor
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import Acquiring, Admitting, Asking, Idle, LockedOut, Reason
from kiosk.domain.access.waiting import SOMEBODY_ELSE, against, answered_on, proven, watched_on
from kiosk.domain.vision.frame import Instant


def ask(state: Asking, event: Event, policy: AccessPolicy) -> Step:
    """Process time and frames while a second factor is awaited."""
    if state.watched is not None:
        return _watch(state, state.watched, event, policy)
    if event.at < state.until:
        return Step(state)
    return end(state, Reason.FACTOR_MISSING, event.at, policy)


def _watch(state: Asking, watched: Acquiring, event: Event, policy: AccessPolicy) -> Step:
    """Keep judging the person in the lane; once the factor was shown, decide."""
    if policy.hold is not None:
        return _leave(state, Reason.OPERATOR_DENIED, event.at, policy)
    if isinstance(event, Observed | Identified):
        if isinstance(event, Identified) and _unanswered(state, watched, event):
            spared = not event.used_up
            return end(state, Reason.NOT_COMPARED, event.at, policy, spared=spared)
        state = _seen(state, watched, event, policy)
        watched = state.watched or watched
        if (reason := against(state, watched, event.at, policy)) is not None:
            return end(state, reason, event.at, policy)
        if state.shown_at is not None and proven(state, watched, policy):
            agreeing, session = agreeing_run(watched.run), _counted(state, watched)
            return recognised(agreeing, state.person.subject, session, policy, state.factor)
    if event.at - state.seen_at >= policy.factor_absence_seconds:
        return _leave(state, Reason.FACTOR_MISSING, event.at, policy)
    if not event.at < state.until:
        late = Reason.FACTOR_MISSING if state.shown_at is None else why_late(watched)
        return end(state, late, event.at, policy)
    return Step(state) if state.shown_at is None else shown(state)


def _unanswered(state: Asking, watched: Acquiring, event: Identified) -> bool:
    """True if the face that is looked at again, after the factor, will not be compared."""
    wanted = event.candidates is None and state.shown_at is not None
    return wanted and awaited(watched, event) is not None


def _seen(
    state: Asking, watched: Acquiring, event: Observed | Identified, policy: AccessPolicy
) -> Asking:
    if isinstance(event, Observed):
        return watched_on(state, watched, event, policy)
    return answered_on(state, watched, event, policy)


def request(state: Admitting, factor: Factor, at: Instant, policy: AccessPolicy) -> Step:
    """Ask the recognised person for a factor."""
    track, watched = state.track, None
    if track is not None:
        watched = Acquiring(track=track, since=at, seen_at=at, failures=state.failures)
    asking = Asking(
        person=state.person,
        factor=factor,
        track=track,
        since=at,
        until=Instant(at + policy.factor_seconds),
        seen_at=at,
        failures=state.failures,
        watched=watched,
    )
    return shown(asking)


def look_again(state: Asking, event: Answered, policy: AccessPolicy) -> Step:
    """Observe the person again after the factor was accepted.

    Evidence from before the factor was shown proves nothing after it, and their face has to follow
    the factor soon, however long it took to check. Without a face the rules decide now.
    """
    if state.shown_at is not None or event.presented_at is None:
        return Step(state)
    if state.watched is None:
        at = event.presented_at
        person = replace(state.person, at=at, captured_at=at, factor=state.factor)
        return admitting(person, state.track, state.failures)
    again = replace(
        state,
        until=Instant(event.presented_at + policy.session_timeout_seconds),
        seen_at=event.at,
        mistaken=False,
        watched=replace(state.watched, run=(), best=(), defect=None),
        shown_at=event.at,
    )
    return shown(again)


def mistaken(state: Asking, event: Answered, policy: AccessPolicy) -> Step:
    """Count a wrong factor; it may be mended, unless there were too many."""
    ended = failed(state.failures, event.at, policy)
    written = Audit(decided(state.person, event.reason))
    if isinstance(ended, LockedOut):
        return shown(ended, written)
    counted = replace(state, failures=ended.failures, mistaken=True)
    if event.reason is Reason.FACTOR_WRONG:
        return shown(counted)
    step = refused(counted, event.reason, event.at, policy)
    return Step(step.state, (written, *step.effects))


def end(
    state: Asking, reason: Reason, at: Instant, policy: AccessPolicy, *, spared: bool = False
) -> Step:
    """End the request for a factor and show the reason; spared is what is no failure of theirs."""
    written, ended = _ended(state, reason, at, policy, spared=spared)
    if isinstance(ended, LockedOut):
        return shown(ended, written)
    step = refused(replace(state, failures=ended.failures), reason, at, policy)
    return Step(step.state, (written, *step.effects))


def _leave(state: Asking, reason: Reason, at: Instant, policy: AccessPolicy) -> Step:
    """End the request for a factor without a message: nobody is there to read it."""
    written, ended = _ended(state, reason, at, policy)
    return shown(ended, written)


def _ended(
    state: Asking, reason: Reason, at: Instant, policy: AccessPolicy, *, spared: bool = False
) -> tuple[Audit, Idle | LockedOut]:
    """The record of the ended request, and the state with the failures that carry over.

    No failure is added if the person who was asked was in the lane and was bona fide.
    """
    watched, theirs = state.watched, state.proven and reason not in SOMEBODY_ELSE
    if watched is None or theirs:
        return Audit(decided(state.person, reason)), Idle(failures=state.failures)
    evidence = (watched.best or None) if reason in SOMEBODY_ELSE else None
    ended = conclude(_counted(state, watched), at, policy, spared=spared)
    return Audit(decided(state.person, reason, evidence)), ended


def _counted(state: Asking, watched: Acquiring) -> Acquiring:
    """What was watched, with the wrong factors that were counted meanwhile."""
    return replace(watched, failures=state.failures)
