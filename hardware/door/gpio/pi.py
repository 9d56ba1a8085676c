"""A relay on a Raspberry Pi's own header, through gpiozero. The kiosk ends every release.

gpiozero accepts every common name of the header's pins (GPIO17, BOARD11), and supports no other
chips. A killed process leaves its pins as they were: see `docs/doors/gpio.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from gpiozero import InputDevice, OutputDevice
from gpiozero.exc import BadPinFactory, GPIOPinInUse, GPIOZeroError

from hardware.door.gpio.config import GpioConfig, LineId
from hardware.door.relay_door import FinalCheck, RelayDoor, RelayOutput
from kiosk.domain.door.protocol import DoorReading, DoorRules, Lock
from kiosk.domain.errors import DoorError, DoorTimeout, DoorUnusable, SettingsError
from kiosk.domain.ports import Clock

_PULL = {"as-is": None, "disabled": None, "pull-up": True, "pull-down": False}


class GpioPiDoor(RelayDoor):
    """A relay on a pin of the header.

    Args:
        config: the pins.
        rules: checks that every order must pass.
        clock: measures the age of evidence and ends a release.
        answer_seconds: maximum duration of any call.

    Raises:
        SettingsError: a drive mode that gpiozero does not support.
    """

    def __init__(
        self, config: GpioConfig, rules: DoorRules, clock: Clock, answer_seconds: float
    ) -> None:
        if config.drive != "push-pull":
            raise SettingsError(
                f'gpiozero cannot drive a pin as door.gpio.drive = "{config.drive}" asks.',
                'Set door.gpio.library = "gpiod", or drive = "push-pull".',
            )
        super().__init__(PiRelays(config), rules, clock, answer_seconds)


class PiRelays:
    """The pins of the header, as `Relays`. Each call takes effect at once or fails.

    Args:
        config: the pins.
    """

    where = "The Raspberry Pi's header"
    setting = "door.gpio.line"
    ends_itself = False

    def __init__(self, config: GpioConfig) -> None:
        self._config = config
        self._driven: dict[RelayOutput, OutputDevice] = {}
        self._read: dict[LineId, InputDevice] = {}
        self.outputs = tuple(config.outputs)

    def fit(self, seconds: float) -> None:
        """Accept any duration: the kiosk's timer ends the release."""

    def switch_on(
        self, output: RelayOutput, _seconds: float, _until: float, check: FinalCheck
    ) -> None:
        """Set a pin active."""
        with self._held():
            check()
            self._driven[output].on()

    def switch_off(self, output: RelayOutput, _until: float) -> None:
        """Set a pin inactive."""
        with self._held():
            self._driven[output].off()

    def is_on(self, output: RelayOutput, _until: float) -> bool:
        """True if the pin is active, read back."""
        with self._held():
            return bool(self._driven[output].is_active)

    def reading(self, lock: Lock, _until: float) -> DoorReading:
        """Read all inputs."""
        with self._held():
            closed = {line: bool(device.is_active) for line, device in self._read.items()}
        return self._config.contacts.reading(lock, closed)

    def close(self) -> None:
        """Release the pins."""
        for device in (*self._driven.values(), *self._read.values()):
            with suppress(Exception):  # a pin that cannot be released must not block the others
                device.close()
        self._driven, self._read = {}, {}

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Hold every pin, with the outputs off at first; all of them, or none once one fails."""
        try:
            if not self._driven:
                self._take_each()
            yield
        except DoorError:
            raise  # the final check of the order failed
        except Exception as error:
            self.close()
            # Pin libraries below gpiozero raise arbitrary exceptions; none may propagate unchanged.
            raise self._not_taken(error) from error

    def _take_each(self) -> None:
        config = self._config
        for line in config.inputs:
            self._read[line] = InputDevice(line, **_input_settings(config))
        for output, line in config.outputs.items():
            self._driven[output] = OutputDevice(
                line, active_high=not config.active_low, initial_value=False
            )

    def _not_taken(self, error: Exception) -> DoorError:
        if isinstance(error, GPIOPinInUse):
            return DoorUnusable(
                f"One of the pins {self._config.listed} is named twice.",
                "Correct the lines of door.gpio.",
            )
        if isinstance(error, BadPinFactory) or not isinstance(error, GPIOZeroError | ValueError):
            return DoorTimeout(
                f"{self.where} cannot be used: no Raspberry Pi, or its pins are held by another "
                f"program ({type(error).__name__}).",
                'End that program, or set door.gpio.library = "gpiod" and door.gpio.chip.',
            )
        return DoorUnusable(
            f"{self.where} lacks one of the pins {self._config.listed}, or it cannot be set up so "
            f"({type(error).__name__}).",
            "Correct the lines and bias of door.gpio.",
        )


def _input_settings(config: GpioConfig) -> dict[str, bool | None]:
    """Settings for gpiozero: a pull defines which level is active; without one it must be given."""
    pull = _PULL[config.bias]
    return {"pull_up": pull, "active_state": config.closed_is == "high" if pull is None else None}
