"""The driver protocol of a door: the release order and the readings. No device, no clock.

These values pass between the door controller and the driver that moves the lock. The state machine
(`kiosk.domain.door.machine`) derives from them if a door is held, forced or in good order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.errors import DoorRefused
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.frame import Instant


class Lock(Enum):
    """The state that the relay reports."""

    SECURED = "secured"
    RELEASED = "released"


class Leaf(Enum):
    """The state of the door position switch; unseen if none is fitted."""

    CLOSED = "closed"
    OPEN = "open"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """The only command that lets a person in. It ends by itself.

    Attributes:
        seconds: how long the lock is released.
        captured_at: when the evidence for it was captured, by the kiosk's monotonic clock.
        push_seconds: how long the door operator's output is pulsed too (R92); 0 for none.
        credential: the person's card number, for a panel that decides for itself; otherwise None.
    """

    seconds: float
    captured_at: Instant
    push_seconds: float = 0.0
    credential: int | None = None


@dataclass(frozen=True, slots=True)
class DoorReading:
    """The readings of a door at one moment. An input that is not fitted reads as at rest.

    Attributes:
        lock: the relay, read back from the device if possible.
        leaf: the door position switch.
        tampered: the device's housing or line was tampered with.
        exit_asked: a person presses the exit button or stands at the exit sensor (REX).
        fire: the fire panel's contact requests a free door.
        neighbour_secured: the other door of an interlock is shut and locked; None if this door has
            no such input.
    """

    lock: Lock = Lock.SECURED
    leaf: Leaf = Leaf.UNSEEN
    tampered: bool = False
    exit_asked: bool = False
    fire: bool = False
    neighbour_secured: bool | None = None


@dataclass(frozen=True, slots=True)
class DoorRules:
    """The limits that every driver enforces on an order.

    Attributes:
        max_age_seconds: evidence older than this releases nothing.
        max_release_seconds: no release is longer.
    """

    max_age_seconds: float
    max_release_seconds: float

    def check(self, order: ReleaseOrder, now: Instant) -> None:
        """Refuse an order that must never reach the lock. Call it last, right before sending.

        Raises:
            DoorRefused: the evidence is stale or from the future, or a time is not allowed.
        """
        age = now - order.captured_at
        if not 0.0 <= age <= self.max_age_seconds:
            raise DoorRefused(
                f"The evidence for a release was {age:.2f} s old; "
                f"{self.max_age_seconds:g} s are allowed.",
                Remedy(
                    "Measure how fast the kiosk is: it is too slow, or its clock jumped.",
                    NextStep.MEASURE_SPEED,
                ),
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
