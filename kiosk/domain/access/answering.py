"""The steps after a face or a badge was recognised: what the door subsystem answers about it.

Theory of operation. The door subsystem checks rules, factors, door and panel, because it has the
wall clock, the people and the door connection. It answers about one recognition; an answer about an
earlier one means nothing. Only `Released`, which follows the driver's acknowledgement, is a grant.

A badge that nobody asked for is a claim: the next face is compared with its owner only (1:1). What
an operator has ordered decides about badges here too: nobody is let in during a lockdown, and a
badge takes the place of the face during a pause, with a PIN.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access.closing import admitting, refused, resolved, shown
from kiosk.domain.access.effects import Audit, CheckFactor, ReadBadge, Step, decided
from kiosk.domain.access.events import Answered, Claimed, Presented
from kiosk.domain.access.factors import Factor
from kiosk.domain.access.grant import Recognised, Released
from kiosk.domain.access.policy import AccessPolicy, Hold
from kiosk.domain.access.second_factor import end, look_again, mistaken, request
from kiosk.domain.access.states import (
    Acquiring,
    Admitting,
    Asking,
    Claim,
    Idle,
    Reason,
    Resolved,
)
from kiosk.domain.vision.frame import Instant


def answer(state: Admitting | Asking, event: Answered, policy: AccessPolicy) -> Step:
    """Apply the door subsystem's answer about the person who is recognised now."""
    if event.person != state.person:
        return Step(state)
    if isinstance(state, Admitting):
        if event.reason is Reason.FACTOR_NEEDED and event.factor is not None:
            return request(state, event.factor, event.at, policy)
        return refused(state, event.reason, event.at, policy, event.opens)
    if event.reason is Reason.FACTOR_SHOWN:
        return look_again(state, event, policy)
    if event.reason in {Reason.FACTOR_WRONG, Reason.FACTOR_PAUSED}:
        return mistaken(state, event, policy)
    return Step(state)


def released(
    state: Idle | Admitting | Asking | Resolved, event: Released, policy: AccessPolicy
) -> Step:
    """Show a grant, now that the door is released; an operator's ends what was asked before."""
    by = event.authorised
    if by is not None and (not isinstance(state, Admitting) or by.person != state.person):
        return Step(state)
    if isinstance(state, Resolved) and state.reason is Reason.MATCHED:
        return Step(state)
    hold = policy.granted_hold_seconds
    step = resolved(state, Reason.MATCHED, event.at, (hold, max(hold, policy.retry_seconds)))
    step = replace(step, subject=None if by is None else by.person.subject)
    if isinstance(state, Asking):
        return shown(step, Audit(decided(state.person, Reason.FACTOR_MISSING)))
    return shown(step)


def overruled(state: Admitting | Asking | Resolved, at: Instant, policy: AccessPolicy) -> Step:
    """Apply an operator's denial to the person who is judged or asked, or was just let in."""
    if isinstance(state, Asking):
        return end(state, Reason.OPERATOR_DENIED, at, policy)
    if isinstance(state, Resolved) and state.reason is not Reason.MATCHED:
        return Step(state)
    return refused(state, Reason.OPERATOR_DENIED, at, policy)


def presented(state: Idle | Acquiring | Asking | Resolved, event: Presented) -> Step:
    """Have a factor checked that was asked for; a badge that was not is a claim."""
    if isinstance(state, Asking):
        if not (event.serves(state.factor) and state.hears(event.at)):
            return Step(state)
        return Step(state, (CheckFactor(state.person, event),))
    return Step(state, (ReadBadge(event),) if event.factor is Factor.BADGE else ())


def claim(state: Idle | Acquiring | Resolved, event: Claimed, policy: AccessPolicy) -> Step:
    """Apply the claim of a badge; the run gathered without it counts for nothing."""
    claimed = still(Claim(event.subject, Instant(event.shown_at + policy.claim_seconds)), event.at)
    if claimed is None:
        return Step(state)
    if policy.hold is not None:
        return Step(state) if isinstance(state, Acquiring) else _held(state, event, policy)
    match state:
        case Idle():
            return shown(replace(state, claim=claimed))
        case Acquiring():
            return shown(replace(state, run=(), claim=claimed))
        case _:
            return Step(state)


def _held(state: Idle | Resolved, event: Claimed, policy: AccessPolicy) -> Step:
    """A badge while no face is decided on: it says who is there, and a PIN has to follow (R81)."""
    if policy.hold is Hold.LOCKED_DOWN:
        return refused(state, Reason.LOCKED_DOWN, event.at, policy)
    person = Recognised(event.shown_at, event.subject, captured_at=event.shown_at)
    return admitting(person, None, state.failures, Audit(person))


def still(claim: Claim | None, at: Instant) -> Claim | None:
    """The claim, unless it has expired."""
    return claim if claim is not None and at <= claim.until else None
