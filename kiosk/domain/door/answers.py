"""The changes of a door's state by an answer to an order, and by an end.

A release counts once the door has acknowledged it. An order without an answer leaves a doubt.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.door.model import By, DoorState, DoorStep, Entered, Release
from kiosk.domain.door.protocol import Leaf
from kiosk.domain.door.status import NEVER, running
from kiosk.domain.vision.frame import Instant

RETRY_SECONDS = 0.5
"""After a failed order the machine gives no order by itself for this time."""

DECIDERS = frozenset({By.GRANT, By.OPERATOR, By.INSTALLER})


def obey(state: DoorState) -> DoorStep:
    """The ordered release runs; without a leaf contact the person granted counts as entered."""
    asked = state.asked
    if asked is None:
        return DoorStep(state)
    until = Instant(state.now + asked.order.seconds)
    release = Release(asked.by, state.now, until, opened=state.open_since is not None)
    unseen = state.reading is None or state.reading.leaf is Leaf.UNSEEN
    entered = asked.by is By.GRANT and (release.opened or unseen)
    obeyed = replace(state, asked=None, release=release, retry_at=NEVER, unanswered=False)
    return DoorStep(obeyed, (Entered(),) if entered else ())


def decline(state: DoorState) -> DoorState:
    """Nothing moved: the order was refused. A standing request is repeated, but not at once."""
    asked = state.asked
    if asked is None:
        return state
    waits = state.retry_at if asked.by in DECIDERS else Instant(state.now + RETRY_SECONDS)
    owed = state.owes_secure or asked.owed
    return replace(state, asked=None, owes_secure=owed, retry_at=waits)


def lose(state: DoorState) -> DoorState:
    """The lock may have moved or not, so an opening now is not forced."""
    seconds = state.asked.order.seconds if state.asked is not None else NEVER
    return replace(
        state,
        asked=None,
        owes_secure=True,
        retry_at=Instant(state.now + RETRY_SECONDS),
        unanswered=True,
        doubtful_until=max(state.doubtful_until, Instant(state.now + seconds)),
    )


def secured(state: DoorState) -> DoorState:
    """The lock is secured: no release runs, and no unanswered order is in doubt."""
    doubtful = min(state.doubtful_until, state.now)
    return replace(cut(state), owes_secure=False, unanswered=False, doubtful_until=doubtful)


def cut(state: DoorState) -> DoorState:
    """End a running release now."""
    release = running(state)
    return state if release is None else replace(state, release=replace(release, until=state.now))


def end(state: DoorState) -> DoorState:
    """Secure the door now, without waiting after an earlier failure."""
    return replace(cut(state), owes_secure=True, retry_at=NEVER)
