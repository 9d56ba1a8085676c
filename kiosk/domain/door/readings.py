"""The changes of a door's state by a reading of its leaf, its inputs and its relay."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.door.answers import cut, end
from kiosk.domain.door.model import By, DoorState, DoorStep, Entered, PassageRules
from kiosk.domain.door.protocol import DoorReading, Leaf, Lock
from kiosk.domain.door.status import burns, rightful_until, running, standing
from kiosk.domain.vision.frame import Instant


def hear(before: DoorState, reading: DoorReading, rules: PassageRules) -> DoorStep:
    """Take a reading, and what follows from it: passages, alarms, and a relay that differs."""
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
    """The leaf opened since the last reading; it is forced if nobody had a right to it since then.

    A leaf that is open at the first reading was never seen shut, and is not forced.
    """
    release, since = state.release, before.heard_at
    forced = before.reading is not None and not rightful_until(state) > since
    opened = replace(state, open_since=state.now, forced=forced)
    if release is None or release.opened or not release.until > since:
        return DoorStep(opened)
    opened = replace(opened, release=replace(release, opened=True))
    return DoorStep(opened, (Entered(),) if release.by is By.GRANT else ())


def _shut(state: DoorState, rules: PassageRules) -> DoorState:
    """The leaf shut: the passage is over, and the next opening needs a right of its own."""
    now = state.now
    shut = replace(
        state,
        open_since=None,
        forced=False,
        leaving_until=min(state.leaving_until, now),
        doubtful_until=min(state.doubtful_until, now),
    )
    over = rules.relock_on_close and running(shut) is not None and standing(shut, rules) is None
    return end(shut) if over else shut


def _compare(state: DoorState, before: DoorState, lock: Lock, rules: PassageRules) -> DoorState:
    """Compare the relay's reported state with the state that was ordered."""
    release = running(state)
    if lock is Lock.SECURED:
        early = release is not None and state.now - release.since >= rules.grace_seconds
        return replace(cut(state) if early else state, wrong_since=None)
    if running(before) is not None or state.asked is not None or burns(state, rules):
        return state
    wrong = state.now if state.wrong_since is None else state.wrong_since
    return replace(state, wrong_since=wrong, owes_secure=True)
