"""The words of a door: what can happen to it, what can be true of it, what can be asked of it.

Values only. What leads from one to the next is in `kiosk.domain.door.machine`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, ReleaseOrder
from kiosk.domain.vision.frame import Instant


class By(Enum):
    """Who has the door released."""

    GRANT = "grant"
    """Somebody was recognised, and every rule lets them in."""
    OPERATOR = "operator"
    INSTALLER = "installer"
    """Whoever wires the door tries it; unlike an operator they overrule nothing."""
    EXIT = "exit"
    """The exit button or sensor (REX)."""
    SCHEDULE = "schedule"
    FIRE = "fire"
    """The fire panel's contact; only for doors that are declared fail-safe."""


class OperatorCommand(Enum):
    """What an operator can order, a release aside."""

    LOCK_DOWN = "lock_down"
    LIFT = "lift"
    """End a lockdown, or a `SECURE` that holds back the schedule."""
    SECURE = "secure"
    """Lock now; a schedule that has the door free is held back until it next changes."""


class Condition(Enum):
    """What a door adds up to: the worst that is true, worst first."""

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
    """The leaf is open, as it may be."""
    RELEASED = "released"
    LOCKED_DOWN = "locked_down"
    SECURED = "secured"


class Alarm(Enum):
    """What begins and ends, and is written down at both."""

    FIRE = "fire"
    FORCED = "forced"
    """The leaf was opened and nobody had a right to."""
    STUCK = "stuck"
    """The relay says released though it was told to secure."""
    TAMPERED = "tampered"
    UNKNOWN = "unknown"
    """Nothing is heard from the door, or an order was not acknowledged."""
    HELD_OPEN_WARNING = "held_open_warning"
    HELD_OPEN = "held_open"
    LOCKED_DOWN = "locked_down"
    UNLOCKED = "unlocked"
    """The schedule has the door free."""
    EXIT = "exit"
    """Somebody asks to leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageRules:
    """What a door machine goes by.

    Attributes:
        release_seconds: how long a grant, and the exit button, release the lock.
        longer_seconds: how long a grant to somebody who needs longer does (R92).
        push_seconds: how long the door operator is pulsed for them; 0 for a door without one.
        renew_seconds: the length of each of the releases that make up a free door.
        held_warning_seconds: open for so long after the right to it ended is a warning.
        held_open_seconds: open for so long is an alarm.
        exit_seconds: how long after the exit button the leaf may be opened.
        unknown_seconds: without a word from the door for so long its state is unknown.
        grace_seconds: for so long the relay may say other than it was told.
        poll_seconds: how often the door is asked what it says.
        exit_releases: whether the exit button releases the lock too.
        relock_on_close: whether a release ends when the leaf has opened and shut.
        interlock: whether nobody is let in unless the other door is shut and locked.
        fire_releases: whether the fire contact releases the lock: the door is fail-safe.
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
    """Time went by."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Heard:
    """The door said what it reads."""

    at: Instant
    reading: DoorReading


@dataclass(frozen=True, slots=True)
class Suspected:
    """Somebody doubts the door: secure it now, whatever failed before."""

    at: Instant


@dataclass(frozen=True, slots=True)
class ReleaseWanted:
    """Somebody who decides wants the door released: a grant or an operator."""

    at: Instant
    by: By
    order: ReleaseOrder


@dataclass(frozen=True, slots=True)
class Commanded:
    """An operator ordered something else."""

    at: Instant
    command: OperatorCommand


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What the schedule says from now on."""

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
    """An order was not acknowledged: whether the lock moved is not known."""

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
        by: who had it ordered.
        order: what was ordered.
        owed: whether the lock was to be secured when it was.
    """

    by: By
    order: ReleaseOrder
    owed: bool


@dataclass(frozen=True, slots=True)
class Release:
    """The last release that the door has acknowledged.

    Attributes:
        by: who had it released.
        since: when it was acknowledged.
        until: when it ends, or ended; the device's own timer is not later.
        opened: whether the leaf was open in it.
    """

    by: By
    since: Instant
    until: Instant
    opened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorState:
    """Everything that is remembered of a door.

    Attributes:
        now: the time of the last event.
        heard_at: when the door last said what it reads; at first, when the machine began.
        given_up: it has been silent for too long, and was to be secured for that.
        reading: what it said; None before the first time.
        asked: the release that waits for its answer.
        release: the last one that was acknowledged; it runs until its end.
        owes_secure: the lock is to be secured, and that is not acknowledged yet.
        retry_at: until then the machine orders nothing by itself: the last try failed.
        open_since: the leaf has been open since then; None while it is shut, or not seen.
        forced: it was opened and nobody had a right to.
        leaving_until: until then the leaf may be opened without a release: somebody leaves.
        unanswered: the last order was not acknowledged, and whether the lock moved is not known.
        doubtful_until: until then the lock may be released by an order that was not acknowledged.
        wrong_since: the relay says released, and should not, since then.
        locked_down: an operator has locked the door down.
        free: the schedule has the door unlocked.
        held_back: an operator has secured the door though it is free.
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
    """Write down that this begins or ends."""

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
    """Whoever wanted the door released is refused."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who was granted has opened the leaf; where no leaf is seen, could have."""


DoorEffect = Note | OrderRelease | OrderSecure | Refuse | Entered


@dataclass(frozen=True, slots=True)
class DoorStep:
    """The state after an event, and what to do about it, in this order."""

    state: DoorState
    effects: tuple[DoorEffect, ...] = ()
