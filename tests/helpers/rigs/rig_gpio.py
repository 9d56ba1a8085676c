"""Lines of a GPIO chip in their rig, and pins of a Raspberry Pi's header.

No chip can be simulated here (gpio-sim needs its kernel module), so the wire is stood for: a fake
below libgpiod, and gpiozero's own mock. `KILL` and `CUT` unplug the chip; a chip has no answers
that could be garbled, late or doubled.
"""

from __future__ import annotations

import itertools
from typing import Any

from door_rig import RULES, Fault, Rig
from fake_gpio import CHIPS, plug_in
from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPin
from rig_modbus import end_thread

from hardware.door.contacts import Contact, Contacts
from hardware.door.gpio.chip import GpioDoor
from hardware.door.gpio.config import GpioConfig, LineId
from hardware.door.gpio.pi import GpioPiDoor
from kiosk.pipeline.clock import SystemClock

NAMES = ["relay", "operator", "leaf", "tamper", "exit", "fire", "neighbour", "spare"]
PINS = (17, 27, 5, 6, 13, 19, 26)
ANSWER_SECONDS = 0.5
_numbers = itertools.count()


def contacts(leaf: LineId, tamper: LineId, ask: LineId, fire: LineId, other: LineId) -> Any:  # noqa: ANN401
    """One contact of each kind."""
    return Contacts(
        leaf=Contact(leaf, "closed"),
        tamper=Contact(tamper, "closed"),
        exit_button=Contact(ask, "open"),
        fire=Contact(fire, "closed"),
        neighbour=Contact(other, "closed"),
    )


class GpioRig(Rig):
    """A chip that can be unplugged; by name, with a relay that is energised by a low level.

    Attributes:
        chip: what is on its pins.
        wire: the settings.
    """

    timed_by_device = False
    faults = frozenset({Fault.KILL, Fault.CUT, Fault.THREAD})
    door: GpioDoor

    def __init__(self) -> None:
        self._path = f"/dev/gpiochip-{next(_numbers)}"
        self.chip = plug_in(self._path, NAMES)
        self.wire = GpioConfig(
            line="relay",
            chip=self._path,
            active_low=True,
            operator_line="operator",
            contacts=contacts("leaf", "tamper", "exit", "fire", "neighbour"),
        )
        self._rest()
        self.door = GpioDoor(self.wire, RULES, SystemClock(), ANSWER_SECONDS)

    @property
    def unlocked(self) -> bool:
        return not self.chip.gone and not self.chip.levels[0]

    @property
    def releases(self) -> int:
        return self.chip.raised.get(0, 0)

    def move_leaf(self, *, to_open: bool) -> None:
        self.chip.levels[2] = to_open

    def break_(self, fault: Fault) -> None:
        if fault is Fault.THREAD:
            end_thread(self.door)
        else:
            self.chip.unplug()

    def mend(self) -> None:
        if self.chip.gone:
            self.chip.gone = False
            self._rest()

    def close(self) -> None:
        self.door.close()
        CHIPS.pop(self._path)

    def _rest(self) -> None:
        """A relay that is pulled up is off; contacts at rest are closed, to ground, but one."""
        self.chip.levels.update({0: True, 1: True, 2: False, 3: False, 4: True, 5: False, 6: False})


class CountingPin(MockPin):
    """A mock pin that counts how often it was driven high, and whose library can fail."""

    def __init__(self, *arguments: object) -> None:
        self.raised = 0
        self.fails = False
        super().__init__(*arguments)

    def _set_state(self, value: float) -> None:
        if self.fails:
            raise RuntimeError("what a library below gpiozero raises")
        self.raised += bool(value)
        super()._set_state(value)


class GpioPiRig(Rig):
    """A header that is always there; by number."""

    timed_by_device = False
    faults = frozenset({Fault.THREAD})
    door: GpioPiDoor

    def __init__(self) -> None:
        self.factory = MockFactory(pin_class=CountingPin)
        self._before = Device.pin_factory
        Device.pin_factory = self.factory
        lock, operator, *inputs = PINS
        self.wire = GpioConfig(line=lock, operator_line=operator, contacts=contacts(*inputs))
        self.door = GpioPiDoor(self.wire, RULES, SystemClock(), ANSWER_SECONDS)
        self.door.status()
        for number in (5, 6, 19, 26):
            self.factory.pin(number).drive_low()

    @property
    def unlocked(self) -> bool:
        return bool(self.factory.pin(17).state)

    @property
    def releases(self) -> int:
        return int(self.factory.pin(17).raised)

    def move_leaf(self, *, to_open: bool) -> None:
        pin = self.factory.pin(5)
        if to_open:
            pin.drive_high()
        else:
            pin.drive_low()

    def break_(self, fault: Fault) -> None:
        assert fault is Fault.THREAD
        end_thread(self.door)

    def mend(self) -> None:
        """Nothing lasts."""

    def close(self) -> None:
        self.door.close()
        Device.pin_factory = self._before
