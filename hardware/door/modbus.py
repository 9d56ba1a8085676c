"""A relay behind Modbus, over TCP or a serial line. What was written is read back, always.

With a device that flashes a relay for a time, the device ends every release, whatever becomes of
the kiosk. With a plain coil the kiosk has to (`kiosk_timer`), and one that is killed leaves the
door as it was. Modbus knows no secrets: whoever is on that line can open the door.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pymodbus.pdu import ModbusPDU

from hardware.door import modbus_questions as questions
from hardware.door.kiosk_timer import KioskTimer
from hardware.door.modbus_device import ModbusDevice
from hardware.door.modbus_questions import Question
from hardware.door.modbus_wire import ModbusWire
from kiosk.domain.errors import DoorError, DoorRefused, DoorTimeout, DoorUnusable, SettingsError
from kiosk.domain.lock import DoorReading, DoorRules, Lock, ReleaseOrder
from kiosk.domain.ports import Clock
from kiosk.domain.states import Reason

Look = Callable[[], None]
"""Raises what stops a command, right before its bytes go out."""


class ModbusDoor:
    """Fulfils the `Door` port with a relay board or a PLC.

    Args:
        wire: where the device is and what hangs on it.
        rules: what an order is held to.
        clock: the age of evidence.
        answer_seconds: what any call takes at most; half of it waiting for its turn.

    Raises:
        SettingsError: the longest release does not fit into the device's timer.
    """

    def __init__(
        self, wire: ModbusWire, rules: DoorRules, clock: Clock, answer_seconds: float
    ) -> None:
        _refuse_unfitting(wire, rules)
        self._wire = wire
        self._rules = rules
        self._clock = clock
        self._half_seconds = answer_seconds / 2
        self._device = ModbusDevice(wire, self._half_seconds)
        self._turn = threading.Lock()
        self._secured = 0  # how often locking was asked for
        self._closed = False
        self._timer = KioskTimer(self._end, clock, wire.outputs) if wire.kiosk_times else None
        if self._timer is not None:
            self._timer.start()

    def release(self, order: ReleaseOrder) -> Reason | None:
        """Release the lock for a time, and see that the relay moved.

        Raises:
            DoorTimeout: no acknowledgement came; the device's timer ends what it may have begun,
                or, with a plain coil, the kiosk does as soon as it is heard.
            DoorRefused: stale evidence, a time that is not allowed, or it was locked meanwhile.
            DoorUnusable: the device lacks that output, or its relay did not move.
        """
        secured = self._secured

        def look() -> None:
            self._look(order, secured)

        with self._my_turn() as until, self._ended_soon_if_unsure():
            look()
            pushes = self._pushes(order)  # a time that does not fit is refused before all
            self._on(self._wire.coil, order.seconds, until, look)
            if not self._is_on(self._wire.coil, until):
                self._ask(questions.switch_off(self._wire, self._wire.coil), until)
                raise self._liar("off")
            for coil in pushes if secured == self._secured else ():
                self._on(coil, order.push_seconds, until)
        return None

    def secure(self) -> None:
        """Switch the lock's output off, and see that it is.

        Raises:
            DoorTimeout: no acknowledgement came.
            DoorUnusable: the device lacks that output, or its relay did not move.
        """
        self._secured += 1
        if self._timer is not None:
            self._timer.revive()
        with self._my_turn() as until:
            for output in self._wire.outputs:
                self._off(output, until)

    def status(self) -> DoorReading:
        """Relay and inputs, as the device has them now.

        Raises:
            DoorTimeout: nothing was heard.
            DoorUnusable: the device lacks an output or input that the settings name.
        """
        with self._my_turn() as until:
            if self._timer is not None:
                self._timer.require()
            lock = Lock.RELEASED if self._is_on(self._wire.coil, until) else Lock.SECURED
            return self._wire.contacts.reading(lock, self._inputs(until))

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
            self._device.close()
            self._turn.release()

    # -- within ----------------------------------------------------------------------------------

    @contextmanager
    def _my_turn(self) -> Iterator[float]:
        """Be the only one to speak; until when the device may take to answer."""
        if not self._turn.acquire(timeout=self._half_seconds):
            raise DoorTimeout(
                f"{self._wire.where} is still being waited for.",
                f"Check its power and its cable, {self._wire.where_setting}.",
            )
        try:
            if self._closed:
                raise DoorTimeout("The Modbus door was let go.", "Start the kiosk again.")
            yield time.monotonic() + self._half_seconds
        finally:
            self._turn.release()

    def _look(self, order: ReleaseOrder, secured: int) -> None:
        """The last look at an order, right before its bytes go out."""
        if secured != self._secured:
            raise DoorRefused(
                "The door was told to lock after that release was ordered.", "Order it again."
            )
        if self._timer is not None:
            self._timer.require()
        self._rules.check(order, self._clock.monotonic())

    @contextmanager
    def _ended_soon_if_unsure(self) -> Iterator[None]:
        """Nothing that went wrong is left to its time where the kiosk has to end it."""
        try:
            yield
        except DoorRefused:
            raise
        except DoorError:
            if self._timer is not None:
                for output in self._wire.outputs:
                    self._timer.arm(output, 0.0)
            raise

    def _pushes(self, order: ReleaseOrder) -> tuple[int, ...]:
        """The outputs that are switched on besides the lock's."""
        if not order.push_seconds:
            return ()
        pushed = self._wire.outputs[1:]
        for coil in pushed if self._timer is None else ():
            questions.flash(self._wire, coil, order.push_seconds)
        return pushed

    def _on(self, coil: int, seconds: float, until: float, look: Look = lambda: None) -> None:
        """Switch an output on for a time."""
        if self._timer is None:
            self._ask(questions.flash(self._wire, coil, seconds), until, look)
            return
        timer = self._timer

        def look_and_arm() -> None:
            look()
            timer.arm(coil, seconds)

        self._ask(questions.switch_on(self._wire, coil), until, look_and_arm)

    def _end(self, output: int) -> None:
        """What the timer calls when an output's time is up."""
        with self._my_turn() as until:
            if self._timer is not None and self._timer.due(output):
                self._off(output, until)

    def _off(self, output: int, until: float) -> None:
        self._ask(questions.switch_off(self._wire, output), until)
        if self._is_on(output, until):
            raise self._liar("on")
        if self._timer is not None:
            self._timer.done(output)

    def _is_on(self, coil: int, until: float) -> bool:
        return bool(self._ask(questions.is_on(self._wire, coil), until).bits[0])

    def _inputs(self, until: float) -> dict[int, bool]:
        """Which inputs are closed: all that are fitted, read in one go."""
        places = [contact.place for contact in self._wire.contacts.fitted().values()]
        if not places:
            return {}
        first, count = min(places), max(places) - min(places) + 1
        bits = self._ask(questions.inputs(self._wire, first, count), until).bits
        return {place: bool(bits[place - first]) for place in places}

    def _ask(self, question: Question, until: float, look: Look = lambda: None) -> ModbusPDU:
        return self._device.ask(question, until, look)

    def _liar(self, stays: str) -> DoorUnusable:
        return DoorUnusable(
            f"{self._wire.where} acknowledged, and its relay reads {stays} all the same.",
            "Look at the relay; door.modbus.coil and door.modbus.flash_address must be of one.",
        )


def _refuse_unfitting(wire: ModbusWire, rules: DoorRules) -> None:
    if wire.kiosk_times:
        return
    if (
        wire.flash_address is None
        or (wire.operator_coil, wire.operator_flash_address).count(None) == 1
    ):
        raise SettingsError(
            f'door.modbus.mode = "{wire.mode}" has no address to write a time to.',
            "Name it in door.modbus.flash_address, and the operator's too if it has one.",
        )
    if questions.units_of(wire, rules.max_release_seconds) > questions.MAX_UNITS:
        raise SettingsError(
            f"A release of {rules.max_release_seconds:g} s does not fit into the device's timer.",
            "Lower door.max_release_seconds, or set the device and door.modbus.unit_ms coarser.",
        )
