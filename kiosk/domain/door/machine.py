"""The door's state machine: a release admits one person, ends by itself, and counts when answered.

Theory of operation. There is no clock, thread, device or file here. The states and events are in
`kiosk.domain.door.model`, what follows from an answer or a reading of the door in `answers` and
`readings` beside this file, and all else in it. Time comes with the events. A time that is
not finite or runs backwards is ignored: it ends no wait and opens nothing. `advance_door` takes the
state, one event and the rules, and returns the next state and the effects to carry out in order.

- A release is ordered, and counts once the door has acknowledged it. Without an answer the lock may
  have moved: that is not a release, but the lock is secured at the next chance, and an opening
  within the release time is not forced.
- A release ends when its time is over, when the leaf has opened and shut, or when the relay itself
  reports its end. A grant is refused while the person before is still passing.
- Standing requests act without a decision, the strongest first: fire, then the exit button, then
  the schedule. They keep a door free by releases that are renewed at half their time, so that if
  the kiosk fails the device's own timer ends them. Each of them ends the release that it began.
- A lockdown refuses every grant and holds back the schedule. It never blocks egress, by exit button
  or fire, and an operator's release overrides it.
- An interlock refuses everybody except those who leave, unless the other door is known to be shut
  and locked. If two doors were released at once, both releases end, as long as the leaves are shut.
- The leaf is forced open if nobody had a right to open it since it was last seen shut. It is held
  open from the time at which the last right to it ended.
- A relay that reports released and should not is secured again, each time, and is stuck after a
  grace time.
- A door that reports nothing, or did not answer an order, is unknown. It is secured at the next
  chance, and a grant is still tried.
"""

from __future__ import annotations

import math
from dataclasses import replace

from kiosk.domain.access.states import Reason
from kiosk.domain.door.answers import decline, end, lose, obey, secured
from kiosk.domain.door.model import (
    Alarm,
    Asked,
    By,
    Commanded,
    Declined,
    DoorEvent,
    DoorState,
    DoorStep,
    Heard,
    Lost,
    Note,
    Obeyed,
    OperatorCommand,
    OrderRelease,
    OrderSecure,
    PassageRules,
    Refuse,
    ReleaseWanted,
    Scheduled,
    Secured,
    Suspected,
)
from kiosk.domain.door.protocol import ReleaseOrder
from kiosk.domain.door.readings import hear
from kiosk.domain.door.status import (
    STANDING,
    alarms,
    burns,
    interlocked,
    passing,
    running,
    silent,
    standing,
)
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.frame import Instant

EGRESS = frozenset({By.EXIT, By.FIRE})


def begin(at: Instant) -> DoorState:
    """The initial state: nothing is known of the door, and it has to be secured first."""
    return DoorState(now=at, heard_at=at)


def order_for(person: PersonRules, captured_at: Instant, rules: PassageRules) -> ReleaseOrder:
    """The release order for a person; longer, and with a push, for those who need it (R92)."""
    if person.needs_longer:
        seconds, push = rules.longer_seconds, rules.push_seconds
        return ReleaseOrder(seconds, captured_at, push, person.credential)
    return ReleaseOrder(rules.release_seconds, captured_at, 0.0, person.credential)


def advance_door(state: DoorState, event: DoorEvent, rules: PassageRules) -> DoorStep:
    """Return the state after ``event`` and the effects that the caller must carry out, in order.

    Every `OrderRelease` must be answered by `Obeyed`, `Declined` or `Lost`, and every `OrderSecure`
    by `Secured` or `Lost`, before any other event. `Note` effects come first.
    """
    timely = state.now <= event.at < math.inf
    current = replace(state, now=event.at if timely else state.now)
    if isinstance(event, ReleaseWanted) and not timely:
        taken = DoorStep(current, (Refuse(Reason.FAULT),))
    else:
        taken = _take(current, event, rules)
    driven = _drive(_settle(taken.state, rules), rules)
    notes = _notes(alarms(state, rules), alarms(driven.state, rules))
    return DoorStep(driven.state, (*notes, *taken.effects, *driven.effects))


def _take(state: DoorState, event: DoorEvent, rules: PassageRules) -> DoorStep:
    match event:
        case Lost():
            return DoorStep(lose(state))
        case Secured():
            return DoorStep(secured(state))
        case Suspected():
            return DoorStep(end(state))
        case Commanded(command=command):
            return DoorStep(_command(state, command))
        case Scheduled(free=free):
            return DoorStep(replace(state, free=free, held_back=state.held_back and free))
        case Heard(reading=reading):
            return hear(state, reading, rules)
        case ReleaseWanted(by=by, order=order):
            return _want(state, by, order, rules)
        case Obeyed():
            return obey(state)
        case Declined():
            return DoorStep(decline(state))
        case _:
            return DoorStep(_tick(state, rules))


def _tick(state: DoorState, rules: PassageRules) -> DoorState:
    """Mark a door that has fallen silent to be secured at the next chance, once."""
    if state.given_up or not silent(state, rules):
        return state
    return replace(state, given_up=True, owes_secure=True)


def _notes(before: frozenset[Alarm], after: frozenset[Alarm]) -> tuple[Note, ...]:
    """One note for each alarm that began or ended, in the order of `Alarm`."""
    changed = before ^ after
    return tuple(Note(alarm, begins=alarm in after) for alarm in Alarm if alarm in changed)


# -- orders --------------------------------------------------------------------------------------


def _want(state: DoorState, by: By, order: ReleaseOrder, rules: PassageRules) -> DoorStep:
    """Order a requested release or refuse it; the only place that decides on a request."""
    reason = _refusal(state, by, rules)
    return _ask(state, by, order) if reason is None else DoorStep(state, (Refuse(reason),))


def _refusal(state: DoorState, by: By, rules: PassageRules) -> Reason | None:
    """The reason to refuse; an operator may let a second person in, and override a lockdown."""
    decided = by is By.OPERATOR
    if state.locked_down and not decided:
        return Reason.LOCKED_DOWN
    if interlocked(state, rules):
        return Reason.INTERLOCKED
    if state.asked is not None or (passing(state) and not decided):
        return Reason.PASSING
    return None


def _ask(state: DoorState, by: By, order: ReleaseOrder) -> DoorStep:
    """Order a release. It replaces an owed order to secure, which is owed again on a decline."""
    asked = Asked(by, order, owed=state.owes_secure)
    return DoorStep(replace(state, asked=asked, owes_secure=False), (OrderRelease(by, order),))


def _command(state: DoorState, command: OperatorCommand) -> DoorState:
    match command:
        case OperatorCommand.LOCK_DOWN:
            locked, release = replace(state, locked_down=True), running(state)
            leaving = release is not None and release.by in EGRESS
            return locked if leaving else end(locked)
        case OperatorCommand.SECURE:
            return end(replace(state, held_back=state.free))
        case _:
            return replace(state, locked_down=False, held_back=False)


def _settle(state: DoorState, rules: PassageRules) -> DoorState:
    """End a release that is no longer justified."""
    release = running(state)
    if release is None:
        return state
    ended = release.by in STANDING and standing(state, rules) is None
    way = release.by not in EGRESS and state.open_since is None and interlocked(state, rules)
    return end(state) if ended or way else state


def _drive(state: DoorState, rules: PassageRules) -> DoorStep:
    """Give the order that is owed or stands; one at a time, and fire before everything."""
    if state.asked is not None or state.now < state.retry_at:
        return DoorStep(state)
    if state.owes_secure and not burns(state, rules):
        return DoorStep(state, (OrderSecure(),))
    by = standing(state, rules)
    if by is None or (by is By.SCHEDULE and interlocked(state, rules)):
        return DoorStep(state)
    seconds = rules.release_seconds if by is By.EXIT else rules.renew_seconds
    release = running(state)
    if release is not None and release.until - state.now > seconds / 2:
        return DoorStep(state)
    return _ask(state, by, ReleaseOrder(seconds, state.now))
