"""A relay behind Modbus, over TCP or a serial line.

If the device can switch a relay on for a set time, the device ends every release, even if the kiosk
fails. With a plain coil the kiosk has to end it, and a killed kiosk process leaves the door as it
was. Modbus has no authentication: anyone with access to that line can open the door.
"""

from __future__ import annotations

from hardware.door.modbus import questions
from hardware.door.modbus.config import ModbusConfig
from hardware.door.modbus.device import ModbusDevice
from hardware.door.relay_door import FinalCheck, RelayDoor, RelayOutput
from kiosk.domain.door.protocol import DoorReading, DoorRules, Lock
from kiosk.domain.errors import DoorRefused, SettingsError
from kiosk.domain.ports import Clock


class ModbusDoor(RelayDoor):
    """A relay board or a PLC.

    Args:
        config: location and wiring of the device.
        rules: checks that every order must pass.
        clock: measures the age of evidence.
        answer_seconds: maximum duration of any call.

    Raises:
        SettingsError: the longest release does not fit into the device's timer.
    """

    def __init__(
        self, config: ModbusConfig, rules: DoorRules, clock: Clock, answer_seconds: float
    ) -> None:
        _refuse_unfitting(config, rules)
        super().__init__(ModbusRelays(config, answer_seconds), rules, clock, answer_seconds)


class ModbusRelays:
    """The coils of a device, as `Relays`.

    Args:
        config: location and wiring of the device.
        send_seconds: send timeout.
    """

    setting = "door.modbus.coil"

    def __init__(self, config: ModbusConfig, send_seconds: float) -> None:
        self._config = config
        self._device = ModbusDevice(config, send_seconds)
        self.where = config.where
        self.ends_itself = config.mode != "coil"
        wired = (
            (RelayOutput.LOCK,)
            if config.operator_coil is None
            else (RelayOutput.LOCK, RelayOutput.OPERATOR)
        )
        self.outputs: tuple[RelayOutput, ...] = wired

    def fit(self, seconds: float) -> None:
        """Check that the device's timer supports this duration."""
        units = questions.units_of(self._config, seconds)
        if self.ends_itself and not 1 <= units <= questions.MAX_UNITS:
            raise DoorRefused(
                f"A time of {seconds:g} s does not fit the device's timer.",
                "Correct door.modbus.unit_ms, or the times of the door.",
            )

    def switch_on(
        self, output: RelayOutput, seconds: float, until: float, check: FinalCheck
    ) -> None:
        """Switch on for that many seconds, or without a time limit if the device has no timer."""
        if self.ends_itself:
            question = questions.flash(self._config, output, seconds)
        else:
            question = questions.switch_on(self._config, output)
        self._device.ask(question, until, check)

    def switch_off(self, output: RelayOutput, until: float) -> None:
        """Switch off; that also ends a timed release."""
        self._device.ask(questions.switch_off(self._config, output), until)

    def is_on(self, output: RelayOutput, until: float) -> bool:
        """True if the coil is on, read back."""
        return bool(self._device.ask(questions.is_on(self._config, output), until).bits[0])

    def reading(self, lock: Lock, until: float) -> DoorReading:
        """Read all fitted inputs in one request."""
        places = [contact.place for contact in self._config.contacts.fitted().values()]
        closed: dict[int, bool] = {}
        if places:
            first, count = min(places), max(places) - min(places) + 1
            bits = self._device.ask(questions.inputs(self._config, first, count), until).bits
            closed = {place: bool(bits[place - first]) for place in places}
        return self._config.contacts.reading(lock, closed)

    def close(self) -> None:
        """Close the line."""
        self._device.close()


def _refuse_unfitting(config: ModbusConfig, rules: DoorRules) -> None:
    if config.mode == "coil":
        return
    operator = (config.operator_coil, config.operator_flash_address)
    if config.flash_address is None or operator.count(None) == 1:
        raise SettingsError(
            f'door.modbus.mode = "{config.mode}" has no address to write a time to.',
            "Name it in door.modbus.flash_address, and the operator's too if it has one.",
        )
    if questions.units_of(config, rules.max_release_seconds) > questions.MAX_UNITS:
        raise SettingsError(
            f"A release of {rules.max_release_seconds:g} s does not fit into the device's timer.",
            "Lower door.max_release_seconds, or set the device and door.modbus.unit_ms coarser.",
        )
