"""The door: one release lets one person in, ends by itself, and counts only once it is answered.

Theory of operation. Every transition is in this file, and this file knows no clock, thread, device
or file; the words are in `passage`. Time arrives on events, and one that is not a number or runs
backwards is no time at all: it ends no wait and opens nothing. `advance_door` takes the state, one
event and the rules, and returns the next state and the effects to carry out in order.

- An order to release is asked, and counts when the door has obeyed it. Where no answer came the
  lock may have moved: it is no release, but the lock is secured at the next chance, and an opening
  within its time is no force.
- A release ends when its time is over, when the leaf has opened and shut, or when the relay itself
  says that it ended. Whoever is granted while the one before still passes is refused.
- What stands asks by itself, the strongest first: fire, then the exit button, then the schedule.
  A door is free by releases that are renewed at half their time, so that a dead kiosk leaves it to
  the device's own timer. Each of them ends what it began.
- A lockdown refuses every grant and holds back the schedule. It never holds back anybody who
  leaves: not the exit button, not fire; and an operator who releases has decided so.
- An interlock refuses everybody but those who leave, unless the other door is known to be shut and
  locked. Two doors that were released at once both give way, as long as their leaves are shut.
- The leaf is forced open if nobody had a right to open it since it was last seen shut. It is held
  open from when the last right to it ended.
- A relay that says released and should not is secured again, each time, and is stuck after a grace.
- A door that says nothing, or did not answer an order, is unknown. It is secured at the next
  chance, and a grant is still tried.
"""

from __future__ import annotations

import math
from dataclasses import replace

from kiosk.domain.access.states import Reason
from kiosk.domain.door.model import (
    Alarm,
    Asked,
    By,
    Commanded,
    Condition,
    Declined,
    DoorEffect,
    DoorEvent,
    DoorState,
    DoorStep,
    DoorTicked,
    Entered,
    Heard,
    Lost,
    Note,
    Obeyed,
    OperatorCommand,
    OrderRelease,
    OrderSecure,
    PassageRules,
    Refuse,
    Release,
    ReleaseWanted,
    Scheduled,
    Secured,
    Suspected,
)
from kiosk.domain.door.protocol import DoorReading, Leaf, Lock, ReleaseOrder
from kiosk.domain.door.status import (
    NEVER,
    STANDING,
    alarms,
    burns,
    condition,
    interlocked,
    passing,
    rightful_until,
    running,
    silent,
    standing,
)
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.frame import Instant

__all__ = [
    "EGRESS",
    "Alarm",
    "By",
    "Commanded",
    "Condition",
    "Declined",
    "DoorEffect",
    "DoorEvent",
    "DoorState",
    "DoorStep",
    "DoorTicked",
    "Entered",
    "Heard",
    "Lost",
    "Note",
    "Obeyed",
    "OperatorCommand",
    "OrderRelease",
    "OrderSecure",
    "PassageRules",
    "Refuse",
    "Release",
    "ReleaseWanted",
    "Scheduled",
    "Secured",
    "Suspected",
    "advance_door",
    "alarms",
    "begin",
    "condition",
    "order_for",
    "silent",
]

RETRY_SECONDS = 0.5
"""After an order that failed the machine orders nothing by itself for so long."""

DECIDERS = frozenset({By.GRANT, By.OPERATOR, By.INSTALLER})
EGRESS = frozenset({By.EXIT, By.FIRE})


def begin(at: Instant) -> DoorState:
    """A door of which nothing is known yet; the first thing that it owes is to be secured."""
    return DoorState(now=at, heard_at=at)


def order_for(person: PersonRules, captured_at: Instant, rules: PassageRules) -> ReleaseOrder:
    """What a grant to this person orders; longer, and with a push, for those who need it (R92)."""
    if person.needs_longer:
        seconds, push = rules.longer_seconds, rules.push_seconds
        return ReleaseOrder(seconds, captured_at, push, person.credential)
    return ReleaseOrder(rules.release_seconds, captured_at, 0.0, person.credential)


def advance_door(state: DoorState, event: DoorEvent, rules: PassageRules) -> DoorStep:
    """Return the state after ``event`` and what the caller must do about it, in order.

    Every `OrderRelease` must be answered by `Obeyed`, `Declined` or `Lost`, and every `OrderSecure`
    by `Secured` or `Lost`, before any other event. What is to be written down comes first.
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
            return DoorStep(_lose(state))
        case Secured():
            return DoorStep(_secured(state))
        case Suspected():
            return DoorStep(_end(state))
        case Commanded(command=command):
            return DoorStep(_command(state, command))
        case Scheduled(free=free):
            return DoorStep(replace(state, free=free, held_back=state.held_back and free))
        case Heard(reading=reading):
            return _hear(state, reading, rules)
        case ReleaseWanted(by=by, order=order):
            return _want(state, by, order, rules)
        case Obeyed():
            return _obey(state)
        case Declined():
            return DoorStep(_decline(state))
        case _:
            return DoorStep(_tick(state, rules))


def _tick(state: DoorState, rules: PassageRules) -> DoorState:
    """A door that has fallen silent is to be secured at the next chance, once."""
    if state.given_up or not silent(state, rules):
        return state
    return replace(state, given_up=True, owes_secure=True)


def _notes(before: frozenset[Alarm], after: frozenset[Alarm]) -> tuple[Note, ...]:
    """Each thing that began or ended, in the order of their names' list."""
    changed = before ^ after
    return tuple(Note(alarm, begins=alarm in after) for alarm in Alarm if alarm in changed)


# -- orders --------------------------------------------------------------------------------------


def _want(state: DoorState, by: By, order: ReleaseOrder, rules: PassageRules) -> DoorStep:
    """The one place where somebody's wish becomes an order."""
    reason = _refusal(state, by, rules)
    return _ask(state, by, order) if reason is None else DoorStep(state, (Refuse(reason),))


def _refusal(state: DoorState, by: By, rules: PassageRules) -> Reason | None:
    """Why not; an operator may let a second person in, and somebody into a lockdown."""
    decided = by is By.OPERATOR
    if state.locked_down and not decided:
        return Reason.LOCKED_DOWN
    if interlocked(state, rules):
        return Reason.INTERLOCKED
    if state.asked is not None or (passing(state) and not decided):
        return Reason.PASSING
    return None


def _ask(state: DoorState, by: By, order: ReleaseOrder) -> DoorStep:
    """The order stands for whatever was to be secured before; if it is declined, that is back."""
    asked = Asked(by, order, owed=state.owes_secure)
    return DoorStep(replace(state, asked=asked, owes_secure=False), (OrderRelease(by, order),))


def _obey(state: DoorState) -> DoorStep:
    asked = state.asked
    if asked is None:
        return DoorStep(state)
    until = Instant(state.now + asked.order.seconds)
    release = Release(asked.by, state.now, until, opened=state.open_since is not None)
    unseen = state.reading is None or state.reading.leaf is Leaf.UNSEEN
    entered = asked.by is By.GRANT and (release.opened or unseen)
    obeyed = replace(state, asked=None, release=release, retry_at=NEVER, unanswered=False)
    return DoorStep(obeyed, (Entered(),) if entered else ())


def _decline(state: DoorState) -> DoorState:
    """Nothing moved. What stands asks again, but not at once."""
    asked = state.asked
    if asked is None:
        return state
    waits = state.retry_at if asked.by in DECIDERS else Instant(state.now + RETRY_SECONDS)
    owed = state.owes_secure or asked.owed
    return replace(state, asked=None, owes_secure=owed, retry_at=waits)


def _lose(state: DoorState) -> DoorState:
    """The lock may have moved, or not: nobody who opens it now forces it."""
    seconds = state.asked.order.seconds if state.asked is not None else NEVER
    return replace(
        state,
        asked=None,
        owes_secure=True,
        retry_at=Instant(state.now + RETRY_SECONDS),
        unanswered=True,
        doubtful_until=max(state.doubtful_until, Instant(state.now + seconds)),
    )


def _secured(state: DoorState) -> DoorState:
    """Whatever was released is not, and what was in doubt is not either."""
    doubtful = min(state.doubtful_until, state.now)
    return replace(
        _cut(state), owes_secure=False, retry_at=NEVER, unanswered=False, doubtful_until=doubtful
    )


def _command(state: DoorState, command: OperatorCommand) -> DoorState:
    match command:
        case OperatorCommand.LOCK_DOWN:
            locked, release = replace(state, locked_down=True), running(state)
            leaving = release is not None and release.by in EGRESS
            return locked if leaving else _end(locked)
        case OperatorCommand.SECURE:
            return _end(replace(state, held_back=state.free))
        case _:
            return replace(state, locked_down=False, held_back=False)


def _cut(state: DoorState) -> DoorState:
    """A release that runs is over now."""
    release = running(state)
    return state if release is None else replace(state, release=replace(release, until=state.now))


def _end(state: DoorState) -> DoorState:
    """Secure the door now, whatever failed before."""
    return replace(_cut(state), owes_secure=True, retry_at=NEVER)


def _settle(state: DoorState, rules: PassageRules) -> DoorState:
    """A release that has lost its ground ends."""
    release = running(state)
    if release is None:
        return state
    ended = release.by in STANDING and standing(state, rules) is None
    way = release.by not in EGRESS and state.open_since is None and interlocked(state, rules)
    return _end(state) if ended or way else state


def _drive(state: DoorState, rules: PassageRules) -> DoorStep:
    """Order what is owed or stands; one order at a time, and fire before everything."""
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


# -- what the door says --------------------------------------------------------------------------


def _hear(before: DoorState, reading: DoorReading, rules: PassageRules) -> DoorStep:
    state = replace(before, reading=reading, heard_at=before.now, given_up=False)
    if reading.leaf is Leaf.CLOSED and state.open_since is not None:
        state = _shut(state, rules)
    if reading.exit_asked or burns(state, rules):
        leaving = Instant(state.now + rules.exit_seconds)
        state = replace(state, leaving_until=max(state.leaving_until, leaving))
    step = DoorStep(state)
    if reading.leaf is Leaf.OPEN and state.open_since is None:
        step = _open(state, before)
    return DoorStep(_compare(step.state, before, reading.lock, rules), step.effects)


def _open(state: DoorState, before: DoorState) -> DoorStep:
    """It opened at some time since the door was last heard; who had a right to it since then?

    A leaf that is open when the door is first heard was never seen shut, and is not forced.
    """
    release, since = state.release, before.heard_at
    forced = before.reading is not None and not rightful_until(state) > since
    opened = replace(state, open_since=state.now, forced=forced)
    if release is None or release.opened or not release.until > since:
        return DoorStep(opened)
    opened = replace(opened, release=replace(release, opened=True))
    return DoorStep(opened, (Entered(),) if release.by is By.GRANT else ())


def _shut(state: DoorState, rules: PassageRules) -> DoorState:
    """Whoever passed has passed; the next one needs a right of their own."""
    now = state.now
    shut = replace(
        state,
        open_since=None,
        forced=False,
        leaving_until=min(state.leaving_until, now),
        doubtful_until=min(state.doubtful_until, now),
    )
    over = rules.relock_on_close and running(shut) is not None and standing(shut, rules) is None
    return _end(shut) if over else shut


def _compare(state: DoorState, before: DoorState, lock: Lock, rules: PassageRules) -> DoorState:
    """Hold what the relay says against what it was told."""
    release = running(state)
    if lock is Lock.SECURED:
        early = release is not None and state.now - release.since >= rules.grace_seconds
        return replace(_cut(state) if early else state, wrong_since=None)
    if running(before) is not None or state.asked is not None or burns(state, rules):
        return state
    wrong = state.now if state.wrong_since is None else state.wrong_since
    return replace(state, wrong_since=wrong, owes_secure=True)
