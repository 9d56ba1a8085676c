"""A relay behind Modbus, over TCP or a serial line.

With a device that flashes a relay for a time, the device ends every release, whatever becomes of
the kiosk. With a plain coil the kiosk has to, and one that is killed leaves the door as it was.
Modbus knows no secrets: whoever is on that line can open the door.
"""

from __future__ import annotations

from hardware.door.modbus import questions
from hardware.door.modbus.config import ModbusConfig
from hardware.door.modbus.device import ModbusDevice
from hardware.door.relay_door import Look, RelayDoor, RelayOutput
from kiosk.domain.door.protocol import DoorReading, DoorRules, Lock
from kiosk.domain.errors import DoorRefused, SettingsError
from kiosk.domain.ports import Clock


class ModbusDoor(RelayDoor):
    """A relay board or a PLC.

    Args:
        wire: where the device is and what hangs on it.
        rules: what an order is held to.
        clock: the age of evidence.
        answer_seconds: what any call takes at most.

    Raises:
        SettingsError: the longest release does not fit into the device's timer.
    """

    def __init__(
        self, wire: ModbusConfig, rules: DoorRules, clock: Clock, answer_seconds: float
    ) -> None:
        _refuse_unfitting(wire, rules)
        super().__init__(ModbusRelays(wire, answer_seconds), rules, clock, answer_seconds)


class ModbusRelays:
    """The coils of a device, as `Relays`.

    Args:
        wire: where it is.
        send_seconds: how long sending may take.
    """

    setting = "door.modbus.coil"

    def __init__(self, wire: ModbusConfig, send_seconds: float) -> None:
        self._wire = wire
        self._device = ModbusDevice(wire, send_seconds)
        self.where = wire.where
        self.ends_itself = wire.mode != "coil"
        wired = (
            (RelayOutput.LOCK,)
            if wire.operator_coil is None
            else (RelayOutput.LOCK, RelayOutput.OPERATOR)
        )
        self.outputs: tuple[RelayOutput, ...] = wired

    def fit(self, seconds: float) -> None:
        """See that the device's timer can hold such a time."""
        units = questions.units_of(self._wire, seconds)
        if self.ends_itself and not 1 <= units <= questions.MAX_UNITS:
            raise DoorRefused(
                f"A time of {seconds:g} s cannot be told to the device's timer.",
                "Correct door.modbus.unit_ms, or the times of the door.",
            )

    def switch_on(self, output: RelayOutput, seconds: float, until: float, look: Look) -> None:
        """Flash for so long, or switch on until further notice."""
        if self.ends_itself:
            question = questions.flash(self._wire, output, seconds)
        else:
            question = questions.switch_on(self._wire, output)
        self._device.ask(question, until, look)

    def switch_off(self, output: RelayOutput, until: float) -> None:
        """Switch off; that ends a flash too."""
        self._device.ask(questions.switch_off(self._wire, output), until)

    def is_on(self, output: RelayOutput, until: float) -> bool:
        """Read back."""
        return bool(self._device.ask(questions.is_on(self._wire, output), until).bits[0])

    def reading(self, lock: Lock, until: float) -> DoorReading:
        """All inputs that are fitted, read in one go."""
        places = [contact.place for contact in self._wire.contacts.fitted().values()]
        closed: dict[int, bool] = {}
        if places:
            first, count = min(places), max(places) - min(places) + 1
            bits = self._device.ask(questions.inputs(self._wire, first, count), until).bits
            closed = {place: bool(bits[place - first]) for place in places}
        return self._wire.contacts.reading(lock, closed)

    def close(self) -> None:
        """Let the line go."""
        self._device.close()


def _refuse_unfitting(wire: ModbusConfig, rules: DoorRules) -> None:
    if wire.mode == "coil":
        return
    operator = (wire.operator_coil, wire.operator_flash_address)
    if wire.flash_address is None or operator.count(None) == 1:
        raise SettingsError(
            f'door.modbus.mode = "{wire.mode}" has no address to write a time to.',
            "Name it in door.modbus.flash_address, and the operator's too if it has one.",
        )
    if questions.units_of(wire, rules.max_release_seconds) > questions.MAX_UNITS:
        raise SettingsError(
            f"A release of {rules.max_release_seconds:g} s does not fit into the device's timer.",
            "Lower door.max_release_seconds, or set the device and door.modbus.unit_ms coarser.",
        )
