"""A door whose lock is a relay: switched, read back, and switched off when its time is up.

Every write is read back. If the device has no timer of its own, the kiosk ends a release
(`hardware.door.relay_timer`), starts by locking any output that an earlier kiosk process left on,
and locks an output as soon as possible if its state is uncertain.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Protocol

from hardware.door.driver import DoorDriver, Permit
from hardware.door.relay_timer import PAUSE_SECONDS, KioskTimer
from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, DoorRules, Lock, ReleaseOrder
from kiosk.domain.errors import DoorError, DoorRefused, DoorTimeout, DoorUnusable
from kiosk.domain.ports import Clock

FinalCheck = Callable[[], None]
"""Called right before a command goes out; raises if the command must not be sent."""


class RelayOutput(IntEnum):
    """The load that a relay switches."""

    LOCK = 0
    OPERATOR = 1


class Relays(Protocol):
    """A device with relays, used by one thread at a time. ``until`` is in monotonic seconds.

    Every method opens the device if necessary. It raises `DoorTimeout` if the device does not
    respond by then, and `DoorUnusable` if it does not match the settings.

    Attributes:
        where: the device, as the beginning of a sentence.
        setting: the setting that names the lock's output.
        outputs: the wired outputs.
        ends_itself: True if the device's own timer ends a release.
    """

    where: str
    setting: str
    outputs: tuple[RelayOutput, ...]
    ends_itself: bool

    def fit(self, seconds: float) -> None:
        """Check that the device's timer supports this duration.

        Raises:
            DoorRefused: it does not.
        """
        ...

    def switch_on(
        self, output: RelayOutput, seconds: float, until: float, check: FinalCheck, /
    ) -> None:
        """Switch on; for that many seconds if the device has a timer."""
        ...

    def switch_off(self, output: RelayOutput, until: float, /) -> None:
        """Switch off."""
        ...

    def is_on(self, output: RelayOutput, until: float, /) -> bool:
        """True if the output is on, read back from the device."""
        ...

    def reading(self, lock: Lock, until: float, /) -> DoorReading:
        """Read the contacts and combine them with the lock state."""
        ...

    def close(self) -> None:
        """Close the device."""
        ...


class RelayDoor(DoorDriver):
    """Implements the `Door` port with relays.

    A release whose acknowledgement did not come is ended by the device's timer or, if it has none,
    by the kiosk as soon as the device responds.

    Args:
        relays: the device.
        rules: checks that every order must pass.
        clock: measures the age of evidence.
        answer_seconds: maximum duration of any call; half of it may be spent waiting for the lock.
    """

    def __init__(
        self, relays: Relays, rules: DoorRules, clock: Clock, answer_seconds: float
    ) -> None:
        super().__init__(rules, clock, answer_seconds)
        self._relays = relays
        self._half_seconds = answer_seconds / 2
        self._turn = threading.Lock()
        self._gone = False
        self._failed_at = float("-inf")
        self._unended: set[RelayOutput] = set()
        self._timer: KioskTimer[RelayOutput] | None = None
        if not relays.ends_itself:
            self._timer = KioskTimer(self._end, clock, relays.outputs)
            self._timer.start()

    def _release(self, order: ReleaseOrder, permit: Permit) -> Reason | None:
        """Release the lock for a limited time, and check that the relay switched."""

        def check() -> None:
            if self._timer is not None:
                self._timer.require()
            permit.check()

        with self._my_turn() as until, self._ended_soon_if_unsure():
            check()
            pushes = self._pushes(order)
            self._on(RelayOutput.LOCK, order.seconds, until, check)
            if not self._relays.is_on(RelayOutput.LOCK, until):
                self._relays.switch_off(RelayOutput.LOCK, until)
                raise self._liar("off")
            for output in () if permit.void else pushes:
                self._on(output, order.push_seconds, until)
        return None

    def _secure(self) -> None:
        """Switch every output off, and check that they are off."""
        if self._timer is not None:
            self._timer.revive()
        with self._my_turn() as until:
            for output in self._relays.outputs:
                self._off(output, until)

    def status(self) -> DoorReading:
        """Current state of relay and contacts, read from the device.

        Raises:
            DoorTimeout: no answer came.
            DoorUnusable: the device lacks an output or input named in the settings.
        """
        with self._my_turn() as until:
            if self._timer is not None:
                self._timer.require()
            released = self._relays.is_on(RelayOutput.LOCK, until)
            return self._relays.reading(Lock.RELEASED if released else Lock.SECURED, until)

    def _close_device(self) -> None:
        self._gone = True
        if self._timer is not None:
            self._timer.close(self._half_seconds)
        if self._turn.acquire(timeout=self._half_seconds):
            self._relays.close()
            self._turn.release()

    # -- internal --------------------------------------------------------------------------------

    @contextmanager
    def _my_turn(self) -> Iterator[float]:
        """Get exclusive use of the device; yields the deadline for its answer."""
        if not self._turn.acquire(timeout=self._half_seconds):
            raise DoorTimeout(
                f"{self._relays.where} has not answered the previous call yet.",
                f"Check its power and its cable; it is the device of {self._relays.setting}.",
            )
        try:
            self._refuse_if_gone()
            yield time.monotonic() + self._half_seconds
        except (DoorTimeout, DoorUnusable):
            self._failed_at = time.monotonic()
            raise
        finally:
            self._turn.release()

    def _refuse_if_gone(self) -> None:
        if self._gone:
            raise DoorTimeout("The connection to the door is closed.", "Start the kiosk again.")

    def _pushes(self, order: ReleaseOrder) -> tuple[RelayOutput, ...]:
        """Outputs to switch on besides the lock; checks that all durations fit the device."""
        self._relays.fit(order.seconds)
        if not order.push_seconds or RelayOutput.OPERATOR not in self._relays.outputs:
            return ()
        self._relays.fit(order.push_seconds)
        return (RelayOutput.OPERATOR,)

    @contextmanager
    def _ended_soon_if_unsure(self) -> Iterator[None]:
        """Switch all outputs off soon after any failure if the kiosk's timer ends releases."""
        try:
            yield
        except DoorRefused:
            raise
        except DoorError:
            if self._timer is not None:
                for output in self._relays.outputs:
                    self._timer.arm(output, 0.0)
            raise

    def _on(
        self, output: RelayOutput, seconds: float, until: float, check: FinalCheck = lambda: None
    ) -> None:
        """Switch on; the timer that ends it is armed first."""

        def check_and_arm() -> None:
            check()
            if self._timer is not None:
                self._timer.arm(output, seconds)

        self._relays.switch_on(output, seconds, until, check_and_arm)

    def _end(self, output: RelayOutput) -> None:
        """Switch off an output whose time is up; the timer repeats this until it succeeds.

        If it has failed once and another call has just failed too, it is deferred: a device that
        does not respond is queried at most twice a second, by all threads together.
        """
        if output in self._unended and time.monotonic() - self._failed_at < PAUSE_SECONDS:
            raise DoorTimeout(f"{self._relays.where} has just failed.", "It is tried again.")
        self._unended.add(output)
        with self._my_turn() as until:
            if self._timer is not None and self._timer.due(output):
                self._off(output, until)
        self._unended.discard(output)

    def _off(self, output: RelayOutput, until: float) -> None:
        self._relays.switch_off(output, until)
        if self._relays.is_on(output, until):
            raise self._liar("on")
        if self._timer is not None:
            self._timer.done(output)

    def _liar(self, stays: str) -> DoorUnusable:
        return DoorUnusable(
            f"{self._relays.where} was switched, but still reads {stays}.",
            f"Check the relay, and the device on {self._relays.setting}.",
        )
