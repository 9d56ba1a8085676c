"""What is said over a door's wire: the one command, and what comes back. No device, no clock.

These are the words between whoever decides and whatever driver moves the lock. What they add up
to, a door that is held, forced or in good order, is the machine's (`kiosk.domain.door.machine`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.errors import DoorRefused
from kiosk.domain.vision.frame import Instant


class Lock(Enum):
    """What the relay says of itself."""

    SECURED = "secured"
    RELEASED = "released"


class Leaf(Enum):
    """What the door position switch says; unseen where none is fitted."""

    CLOSED = "closed"
    OPEN = "open"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """The one command that lets somebody in. It ends by itself.

    Attributes:
        seconds: how long the lock is released.
        captured_at: when the evidence for it was captured, by the kiosk's monotonic clock.
        push_seconds: how long the door operator's output is pulsed too (R92); 0 for none.
        credential: the person's card number, for a panel that decides for itself; None else.
    """

    seconds: float
    captured_at: Instant
    push_seconds: float = 0.0
    credential: int | None = None


@dataclass(frozen=True, slots=True)
class DoorReading:
    """What the wire says at one moment. An input that is not fitted reads as at rest.

    Attributes:
        lock: the relay, read back from the device where it can be.
        leaf: the door position switch.
        tampered: the device's housing or line was tampered with.
        exit_asked: somebody presses the exit button or stands at the exit sensor (REX).
        fire: the fire panel's contact asks for the door to be free.
        neighbour_secured: the other door of an interlock is shut and locked; None where this door
            has no such input.
    """

    lock: Lock = Lock.SECURED
    leaf: Leaf = Leaf.UNSEEN
    tampered: bool = False
    exit_asked: bool = False
    fire: bool = False
    neighbour_secured: bool | None = None


@dataclass(frozen=True, slots=True)
class DoorRules:
    """What every driver holds an order to.

    Attributes:
        max_age_seconds: evidence older than this releases nothing.
        max_release_seconds: no release is longer.
    """

    max_age_seconds: float
    max_release_seconds: float

    def check(self, order: ReleaseOrder, now: Instant) -> None:
        """Refuse what must never reach the lock. To be asked last, right before the wire.

        Raises:
            DoorRefused: the evidence is stale or from the future, or a time is not allowed.
        """
        age = now - order.captured_at
        if not 0.0 <= age <= self.max_age_seconds:
            raise DoorRefused(
                f"The evidence for a release was {age:.2f} s old; "
                f"{self.max_age_seconds:g} s are allowed.",
                "Look at `kiosk bench`: the kiosk is too slow, or its clock jumped.",
            )
        if not 0.0 < order.seconds <= self.max_release_seconds:
            raise DoorRefused(
                f"A release of {order.seconds:g} s was asked for; "
                f"{self.max_release_seconds:g} s are allowed.",
                "Correct door.release_seconds.",
            )
        if not 0.0 <= order.push_seconds <= self.max_release_seconds:
            raise DoorRefused(
                f"The door operator was to be pulsed for {order.push_seconds:g} s; "
                f"{self.max_release_seconds:g} s are allowed.",
                "Correct door.push_seconds.",
            )
