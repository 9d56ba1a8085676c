"""The door as a machine: secured, released for a time, held open, forced. No device, no clock.

The timing belongs in the device wherever the device can do it. This machine is the rule that a
simulated door obeys and that a real one is held to.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.errors import DoorRefused
from kiosk.domain.frame import Instant


class DoorState(Enum):
    """What the lock and the position switch say together."""

    SECURED = "secured"
    RELEASED = "released"
    HELD_OPEN = "held_open"
    FORCED = "forced"


@dataclass(frozen=True, slots=True)
class DoorRules:
    """What a door will do.

    Attributes:
        max_age_seconds: evidence older than this releases nothing.
        max_release_seconds: no release is longer.
        held_open_seconds: open for longer than this after a release is held open.
    """

    max_age_seconds: float
    max_release_seconds: float
    held_open_seconds: float


@dataclass(frozen=True, slots=True)
class DoorReading:
    """The door at one moment.

    Attributes:
        lock_until: the lock is released until then; None while it is locked.
        open_since: the leaf has been open since then; None while it is closed.
        forced: the leaf was opened while the lock was locked.
    """

    lock_until: Instant | None = None
    open_since: Instant | None = None
    forced: bool = False

    def release(
        self, seconds: float, captured_at: Instant, now: Instant, rules: DoorRules
    ) -> DoorReading:
        """Release the lock for a time.

        Raises:
            DoorRefused: the evidence is stale or from the future, or the time is not allowed.
        """
        age = now - captured_at
        if not 0.0 <= age <= rules.max_age_seconds:
            raise DoorRefused(
                f"The evidence for a release was {age:.2f} s old; "
                f"{rules.max_age_seconds:g} s are allowed.",
                "Look at `kiosk bench`: the kiosk is too slow, or its clock jumped.",
            )
        if not 0.0 < seconds <= rules.max_release_seconds:
            raise DoorRefused(
                f"A release of {seconds:g} s was asked for; "
                f"{rules.max_release_seconds:g} s are allowed.",
                "Correct door.release_seconds.",
            )
        return DoorReading(Instant(now + seconds), self.open_since, self.forced)

    def secure(self) -> DoorReading:
        """Lock at once."""
        return DoorReading(None, self.open_since, self.forced)

    def leaf_opened(self, now: Instant) -> DoorReading:
        """The position switch says open."""
        if self.open_since is not None:
            return self
        return DoorReading(self.lock_until, now, forced=not self.unlocked(now))

    def leaf_closed(self) -> DoorReading:
        """The position switch says closed; a forced or held door is whole again."""
        return DoorReading(self.lock_until, None, forced=False)

    def unlocked(self, now: Instant) -> bool:
        """Whether the lock is released now."""
        return self.lock_until is not None and now < self.lock_until

    def state(self, now: Instant, rules: DoorRules) -> DoorState:
        """What it adds up to; the worst that is true."""
        if self.forced:
            return DoorState.FORCED
        if self.open_since is not None and now - self.open_since >= rules.held_open_seconds:
            return DoorState.HELD_OPEN
        if self.unlocked(now) or self.open_since is not None:
            return DoorState.RELEASED
        return DoorState.SECURED
