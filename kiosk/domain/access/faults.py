"""Parts that fail and recover: out of service while one is broken, and what that cuts short."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access.closing import audits, conclude
from kiosk.domain.access.effects import Audit, AuditFault, Effect, Show, Step, decided
from kiosk.domain.access.events import Faulted, Recovered
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import (
    Acquiring,
    Asking,
    Idle,
    LockedOut,
    OutOfService,
    Part,
    Reason,
    State,
)


def fault(state: State, event: Faulted, policy: AccessPolicy) -> Step:
    """End the session because a part failed; a new fault is recorded once.

    The screen does not wait for the session's own entry: the journal may be the broken part.
    """
    if event.part is Part.MATCHER:
        return Step(state, (_matcher_audit(event),))
    if isinstance(state, OutOfService) and event.part in state.faults:
        return Step(state)
    broken = _broken(state, event, policy)
    audit = AuditFault(event.at, event.part, event.detail, recovered=False)
    return Step(broken, (audit, Show(broken), *_ended(state, event, policy)))


def _matcher_audit(event: Faulted | Recovered) -> AuditFault:
    """The record that the matcher failed or works again; nothing else is out of service by it."""
    detail = event.detail if isinstance(event, Faulted) else ""
    recovered = isinstance(event, Recovered)
    return AuditFault(event.at, event.part, detail, recovered=recovered)


def _ended(state: State, event: Faulted, policy: AccessPolicy) -> tuple[Effect, ...]:
    """The effects for the session or request that a fault cut short."""
    match state:
        case Acquiring():
            return audits(Reason.FAULT, state, event.at, policy)
        case Asking():
            return (Audit(decided(state.person, Reason.FAULT)),)
        case _:
            return ()


def _broken(state: State, event: Faulted, policy: AccessPolicy) -> OutOfService:
    """The out-of-service state, with the failures and the lockout so far."""
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


def recover(state: State, event: Recovered) -> Step:
    """Go back into service once every part works; a lockout that was interrupted continues."""
    if event.part is Part.MATCHER:
        return Step(state, (_matcher_audit(event),))
    if not isinstance(state, OutOfService) or event.part not in state.faults:
        return Step(state)
    faults = state.faults - {event.part}
    rest: State = Idle(failures=state.failures)
    if faults:
        rest = replace(state, faults=faults)
    elif state.locked_until is not None:
        rest = LockedOut(until=state.locked_until, failures=state.failures)
    return Step(rest, (AuditFault(event.at, event.part, "", recovered=True), Show(rest)))
