"""The door model: the events of a door, its states, and the effects of its state machine.

Values only. The transitions are in `kiosk.domain.door.machine`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, ReleaseOrder
from kiosk.domain.vision.frame import Instant


class By(Enum):
    """The source of a release."""

    GRANT = "grant"
    """A person was recognised, and every rule lets them in."""
    OPERATOR = "operator"
    INSTALLER = "installer"
    """The installer tests the door; unlike an operator they override nothing."""
    EXIT = "exit"
    """The exit button or sensor (REX)."""
    SCHEDULE = "schedule"
    FIRE = "fire"
    """The fire panel's contact; only for doors that are declared fail-safe."""


class OperatorCommand(Enum):
    """The operator commands other than a release."""

    LOCK_DOWN = "lock_down"
    LIFT = "lift"
    """End a lockdown, or a `SECURE` that holds back the schedule."""
    SECURE = "secure"
    """Lock now; a schedule that keeps the door free is held back until it next changes."""


class Condition(Enum):
    """The overall status of a door: the worst that is true, worst first."""

    FIRE = "fire"
    FORCED = "forced"
    STUCK = "stuck"
    TAMPERED = "tampered"
    UNKNOWN = "unknown"
    HELD_OPEN = "held_open"
    HELD_OPEN_WARNING = "held_open_warning"
    UNLOCKED = "unlocked"
    """By schedule."""
    PASSING = "passing"
    """The leaf is open, and somebody has a right to it."""
    RELEASED = "released"
    LOCKED_DOWN = "locked_down"
    SECURED = "secured"


class Alarm(Enum):
    """A condition that is recorded when it begins and when it ends."""

    FIRE = "fire"
    FORCED = "forced"
    """The leaf was opened without a right to it."""
    STUCK = "stuck"
    """The relay reports released although it was ordered to secure."""
    TAMPERED = "tampered"
    UNKNOWN = "unknown"
    """The door reports nothing, or an order was not acknowledged."""
    HELD_OPEN_WARNING = "held_open_warning"
    HELD_OPEN = "held_open"
    LOCKED_DOWN = "locked_down"
    UNLOCKED = "unlocked"
    """The schedule keeps the door free."""
    EXIT = "exit"
    """An exit is requested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageRules:
    """The parameters of the door machine.

    Attributes:
        release_seconds: how long a grant, and the exit button, release the lock.
        longer_seconds: the same for a grant to a person who needs longer (R92).
        push_seconds: how long the door operator is pulsed for them; 0 for a door without one.
        renew_seconds: the length of each of the releases that make up a free door.
        held_warning_seconds: time open after the right to it ended that is a warning.
        held_open_seconds: time open after the right to it ended that is an alarm.
        exit_seconds: how long after the exit button the leaf may be opened.
        unknown_seconds: time without a report from the door after which its state is unknown.
        grace_seconds: how long the relay may report another state than ordered.
        poll_seconds: the interval between readings of the door.
        exit_releases: true if the exit button releases the lock too.
        relock_on_close: true if a release ends when the leaf has opened and shut.
        interlock: true if nobody is let in unless the other door is shut and locked.
        fire_releases: true if the fire contact releases the lock: the door is fail-safe.
    """

    release_seconds: float = 5.0
    longer_seconds: float = 15.0
    push_seconds: float = 0.0
    renew_seconds: float = 20.0
    held_warning_seconds: float = 20.0
    held_open_seconds: float = 30.0
    exit_seconds: float = 10.0
    unknown_seconds: float = 2.0
    grace_seconds: float = 2.0
    poll_seconds: float = 0.2
    exit_releases: bool = False
    relock_on_close: bool = True
    interlock: bool = False
    fire_releases: bool = False


# -- events --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DoorTicked:
    """Time passed."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Heard:
    """The door reported its readings."""

    at: Instant
    reading: DoorReading


@dataclass(frozen=True, slots=True)
class Suspected:
    """The door's state is in doubt: secure it now, without waiting after an earlier failure."""

    at: Instant


@dataclass(frozen=True, slots=True)
class ReleaseWanted:
    """A grant or an operator requests a release of the door."""

    at: Instant
    by: By
    order: ReleaseOrder


@dataclass(frozen=True, slots=True)
class Commanded:
    """An operator gave another command."""

    at: Instant
    command: OperatorCommand


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The schedule's state from now on."""

    at: Instant
    free: bool


@dataclass(frozen=True, slots=True)
class Obeyed:
    """The release that was ordered is acknowledged."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Declined:
    """The release that was ordered did not happen, and will not."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Secured:
    """The order to secure is acknowledged."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Lost:
    """An order was not acknowledged: it is unknown if the lock moved."""

    at: Instant


DoorEvent = (
    DoorTicked
    | Heard
    | Suspected
    | ReleaseWanted
    | Commanded
    | Scheduled
    | Obeyed
    | Declined
    | Secured
    | Lost
)

# -- state ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A release that was ordered and is not answered yet.

    Attributes:
        by: the source of the request.
        order: the order.
        owed: true if an order to secure was owed when it was ordered.
    """

    by: By
    order: ReleaseOrder
    owed: bool


@dataclass(frozen=True, slots=True)
class Release:
    """The last release that the door has acknowledged.

    Attributes:
        by: the source of the request.
        since: when it was acknowledged.
        until: when it ends, or ended; the device's own timer is not later.
        opened: true if the leaf was open during it.
    """

    by: By
    since: Instant
    until: Instant
    opened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorState:
    """The complete state of a door.

    Attributes:
        now: the time of the last event.
        heard_at: when the door last reported its readings; at first, when the machine began.
        given_up: true if it was silent for too long, and an order to secure became owed for that.
        reading: the last readings; None before the first.
        asked: the release that waits for its answer.
        release: the last one that was acknowledged; it runs until its end.
        owes_secure: true if the lock is to be secured, and that is not acknowledged yet.
        retry_at: until then the machine orders nothing by itself: the last try failed.
        open_since: when the leaf opened; None while it is shut, or not seen.
        forced: true if it was opened without a right to it.
        leaving_until: until then the leaf may be opened without a release: a person leaves.
        unanswered: true if the last order was not acknowledged, so the lock may or may not have
            moved.
        doubtful_until: until then the lock may be released by an order that was not acknowledged.
        wrong_since: since when the relay reports released, and should not.
        locked_down: true if an operator has locked the door down.
        free: true if the schedule has the door unlocked.
        held_back: true if an operator has secured the door though it is free.
    """

    now: Instant
    heard_at: Instant
    given_up: bool = False
    reading: DoorReading | None = None
    asked: Asked | None = None
    release: Release | None = None
    owes_secure: bool = True
    retry_at: Instant = Instant(float("-inf"))
    open_since: Instant | None = None
    forced: bool = False
    leaving_until: Instant = Instant(float("-inf"))
    unanswered: bool = False
    doubtful_until: Instant = Instant(float("-inf"))
    wrong_since: Instant | None = None
    locked_down: bool = False
    free: bool = False
    held_back: bool = False


# -- effects -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Note:
    """Record that this alarm begins or ends."""

    alarm: Alarm
    begins: bool


@dataclass(frozen=True, slots=True)
class OrderRelease:
    """Order this release; answer with `Obeyed`, `Declined` or `Lost`."""

    by: By
    order: ReleaseOrder


@dataclass(frozen=True, slots=True)
class OrderSecure:
    """Order the lock to be secured; answer with `Secured` or `Lost`."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse the requested release."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Entered:
    """A person with a grant opened the leaf; if no leaf is seen, they could have."""


DoorEffect = Note | OrderRelease | OrderSecure | Refuse | Entered


@dataclass(frozen=True, slots=True)
class DoorStep:
    """The state after an event, and the effects to carry out, in this order."""

    state: DoorState
    effects: tuple[DoorEffect, ...] = ()
