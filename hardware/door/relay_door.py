"""A door whose lock is a relay: switched, read back, and off again when its time is up.

What was written is read back, always. Where the device has no timer of its own the kiosk ends a
release (`kiosk_timer`), begins by locking what an earlier kiosk may have left, and locks as soon as
it can whatever it is not sure of.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import Protocol

from hardware.door.relay_timer import PAUSE_SECONDS, KioskTimer
from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, DoorRules, Lock, ReleaseOrder
from kiosk.domain.errors import DoorError, DoorRefused, DoorTimeout, DoorUnusable
from kiosk.domain.ports import Clock

Look = Callable[[], None]
"""Raises what stops a command. To be called right before it goes out."""


class RelayOutput(IntEnum):
    """What a relay moves."""

    LOCK = 0
    OPERATOR = 1


class Relays(Protocol):
    """A device with relays, used by one thread at a time. ``until`` is in monotonic seconds.

    Every method opens the device if need be, and raises `DoorTimeout` where it is not there by
    then, and `DoorUnusable` where it is not what the settings say.

    Attributes:
        where: the device, as the beginning of a sentence.
        setting: what names the lock's output.
        outputs: those that are wired.
        ends_itself: whether the device ends a release.
    """

    where: str
    setting: str
    outputs: tuple[RelayOutput, ...]
    ends_itself: bool

    def fit(self, seconds: float) -> None:
        """See that the device's timer can hold such a time.

        Raises:
            DoorRefused: it cannot.
        """
        ...

    def switch_on(self, output: RelayOutput, seconds: float, until: float, look: Look, /) -> None:
        """Switch on, for so long if the device ends it."""
        ...

    def switch_off(self, output: RelayOutput, until: float, /) -> None:
        """Switch off."""
        ...

    def is_on(self, output: RelayOutput, until: float, /) -> bool:
        """Read back."""
        ...

    def reading(self, lock: Lock, until: float, /) -> DoorReading:
        """The contacts, beside the lock."""
        ...

    def close(self) -> None:
        """Let the device go."""
        ...


class RelayDoor:
    """Fulfils the `Door` port with relays.

    Args:
        relays: the device.
        rules: what an order is held to.
        clock: the age of evidence.
        answer_seconds: what any call takes at most; half of it waiting for its turn.
    """

    def __init__(
        self, relays: Relays, rules: DoorRules, clock: Clock, answer_seconds: float
    ) -> None:
        self._relays = relays
        self._rules = rules
        self._clock = clock
        self._half_seconds = answer_seconds / 2
        self._turn = threading.Lock()
        self._secured = 0  # how often locking was asked for
        self._closed = False
        self._failed_at = float("-inf")
        self._unended: set[RelayOutput] = set()
        self._timer: KioskTimer[RelayOutput] | None = None
        if not relays.ends_itself:
            self._timer = KioskTimer(self._end, clock, relays.outputs)
            self._timer.start()

    def release(self, order: ReleaseOrder) -> Reason | None:
        """Release the lock for a time, and see that the relay moved.

        Raises:
            DoorTimeout: no acknowledgement came; the device's timer ends what it may have begun,
                or, where it has none, the kiosk does as soon as it is heard.
            DoorRefused: stale evidence, a time that is not allowed, or it was locked meanwhile.
            DoorUnusable: the device lacks that output, or its relay did not move.
        """
        secured = self._secured

        def look() -> None:
            self._look(order, secured)

        with self._my_turn() as until, self._ended_soon_if_unsure():
            look()
            pushes = self._pushes(order)
            self._on(RelayOutput.LOCK, order.seconds, until, look)
            if not self._relays.is_on(RelayOutput.LOCK, until):
                self._relays.switch_off(RelayOutput.LOCK, until)
                raise self._liar("off")
            for output in pushes if secured == self._secured else ():
                self._on(output, order.push_seconds, until)
        return None

    def secure(self) -> None:
        """Switch every output off, and see that they are.

        Raises:
            DoorTimeout: no acknowledgement came.
            DoorUnusable: the device lacks an output, or a relay did not move.
        """
        self._secured += 1
        if self._timer is not None:
            self._timer.revive()
        with self._my_turn() as until:
            for output in self._relays.outputs:
                self._off(output, until)

    def status(self) -> DoorReading:
        """Relay and contacts, as the device has them now.

        Raises:
            DoorTimeout: nothing was heard.
            DoorUnusable: the device lacks an output or input that the settings name.
        """
        with self._my_turn() as until:
            if self._timer is not None:
                self._timer.require()
            released = self._relays.is_on(RelayOutput.LOCK, until)
            return self._relays.reading(Lock.RELEASED if released else Lock.SECURED, until)

    def close(self) -> None:
        """Lock, and let the device go."""
        if self._closed:
            return
        with suppress(DoorError):
            self.secure()
        self._closed = True
        if self._timer is not None:
            self._timer.close(self._half_seconds)
        if self._turn.acquire(timeout=self._half_seconds):
            self._relays.close()
            self._turn.release()

    # -- within ----------------------------------------------------------------------------------

    @contextmanager
    def _my_turn(self) -> Iterator[float]:
        """Be the only one to speak; until when the device may take to answer."""
        if not self._turn.acquire(timeout=self._half_seconds):
            raise DoorTimeout(
                f"{self._relays.where} is still being waited for.",
                f"Check its power and its cable; {self._relays.setting} stands beside its place.",
            )
        try:
            self._refuse_closed()
            yield time.monotonic() + self._half_seconds
        except (DoorTimeout, DoorUnusable):
            self._failed_at = time.monotonic()
            raise
        finally:
            self._turn.release()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise DoorTimeout("The door was let go.", "Start the kiosk again.")

    def _look(self, order: ReleaseOrder, secured: int) -> None:
        """The last look at an order."""
        if secured != self._secured:
            raise DoorRefused(
                "The door was told to lock after that release was ordered.", "Order it again."
            )
        if self._timer is not None:
            self._timer.require()
        self._rules.check(order, self._clock.monotonic())

    def _pushes(self, order: ReleaseOrder) -> tuple[RelayOutput, ...]:
        """What is switched on besides the lock. No time that does not fit gets past this."""
        self._relays.fit(order.seconds)
        if not order.push_seconds or RelayOutput.OPERATOR not in self._relays.outputs:
            return ()
        self._relays.fit(order.push_seconds)
        return (RelayOutput.OPERATOR,)

    @contextmanager
    def _ended_soon_if_unsure(self) -> Iterator[None]:
        """Nothing that went wrong is left to its time where the kiosk has to end it."""
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
        self, output: RelayOutput, seconds: float, until: float, look: Look = lambda: None
    ) -> None:
        """Switch on; what ends it is armed before."""

        def look_and_arm() -> None:
            look()
            if self._timer is not None:
                self._timer.arm(output, seconds)

        self._relays.switch_on(output, seconds, until, look_and_arm)

    def _end(self, output: RelayOutput) -> None:
        """What the timer calls when an output's time is up, again and again until it is off.

        Where that has failed once, and somebody else has just failed too, it is tried later: a
        device that does not answer is asked twice a second, by all of us together.
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
            f"{self._relays.where} was switched, and reads {stays} all the same.",
            f"Look at the relay, and at what hangs on {self._relays.setting}.",
        )
