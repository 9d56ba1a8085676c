"""A relay on a line of a GPIO chip, through libgpiod 2. The kiosk ends every release.

All lines are requested at once, with the outputs off, and held, so no other process can drive them.
The process owns them. When it ends, for whatever reason, the kernel releases them, and the level of
a line after that depends on the chip: see `docs/doors/gpio.md`.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable

import gpiod
from gpiod.line import Bias, Direction, Drive, Value

from hardware.door.gpio.config import GpioConfig, LineId
from hardware.door.relay_door import FinalCheck, RelayDoor, RelayOutput
from kiosk.domain.door.protocol import DoorReading, DoorRules, Lock
from kiosk.domain.errors import DoorTimeout, DoorUnusable
from kiosk.domain.ports import Clock

CONSUMER = "lintel"
"""Name that `gpioinfo` shows as the consumer of the lines."""

_BIAS = {
    "as-is": Bias.AS_IS,
    "disabled": Bias.DISABLED,
    "pull-up": Bias.PULL_UP,
    "pull-down": Bias.PULL_DOWN,
}
_DRIVE = {
    "push-pull": Drive.PUSH_PULL,
    "open-drain": Drive.OPEN_DRAIN,
    "open-source": Drive.OPEN_SOURCE,
}


class GpioDoor(RelayDoor):
    """A relay on a GPIO line.

    Args:
        config: the lines.
        rules: checks that every order must pass.
        clock: measures the age of evidence and ends a release.
        answer_seconds: maximum duration of any call.
    """

    def __init__(
        self, config: GpioConfig, rules: DoorRules, clock: Clock, answer_seconds: float
    ) -> None:
        super().__init__(GpiodRelays(config), rules, clock, answer_seconds)


class GpiodRelays:
    """The lines of a chip, as `Relays`. Each call takes effect at once or fails.

    Args:
        config: the lines.
    """

    setting = "door.gpio.line"
    ends_itself = False

    def __init__(self, config: GpioConfig) -> None:
        self._config = config
        self._request: gpiod.LineRequest | None = None
        self.where = f"The GPIO chip {config.chip}"
        self.outputs = tuple(config.outputs)

    def fit(self, seconds: float) -> None:
        """Accept any duration: the kiosk's timer ends the release."""

    def switch_on(
        self, output: RelayOutput, _seconds: float, _until: float, check: FinalCheck
    ) -> None:
        """Set a line active."""
        request = self._held()
        check()
        self._set(request, output, Value.ACTIVE)

    def switch_off(self, output: RelayOutput, _until: float) -> None:
        """Set a line inactive."""
        self._set(self._held(), output, Value.INACTIVE)

    def is_on(self, output: RelayOutput, _until: float) -> bool:
        """True if the level on the line is active; a short circuit would change it."""
        return self._values([self._config.outputs[output]])[0]

    def reading(self, lock: Lock, _until: float) -> DoorReading:
        """Read all inputs at one moment."""
        lines = self._config.inputs
        closed = dict(zip(lines, self._values(lines), strict=True)) if lines else {}
        return self._config.contacts.reading(lock, closed)

    def close(self) -> None:
        """Release the lines."""
        if self._request is not None:
            self._request.release()
        self._request = None

    def _set(self, request: gpiod.LineRequest, output: RelayOutput, value: Value) -> None:
        try:
            request.set_value(self._config.outputs[output], value)
        except OSError as error:
            raise self._gone(error) from error

    def _values(self, lines: Iterable[LineId]) -> list[bool]:
        request = self._held()
        try:
            return [bool(value) for value in request.get_values(lines)]
        except OSError as error:
            raise self._gone(error) from error

    def _gone(self, error: OSError) -> DoorTimeout:
        """Handle an unplugged chip; the next call opens it again."""
        self.close()
        return DoorTimeout(
            f"{self.where} does not respond any more ({_why(error)}).",
            "Plug it in again; it is door.gpio.chip.",
        )

    def _held(self) -> gpiod.LineRequest:
        """The line request; made now if the lines are not held yet."""
        if self._request is None:
            with self._opened() as chip:
                self._request = self._taken(chip)
        return self._request

    def _opened(self) -> gpiod.Chip:
        try:
            return gpiod.Chip(self._config.chip)
        except OSError as error:
            if error.errno == errno.EACCES:
                raise DoorTimeout(
                    f"{self.where} may not be opened by this user.",
                    "Put the kiosk's user into the group of that device (door.gpio.chip).",
                ) from error
            raise DoorTimeout(
                f"{self.where} is absent, or no GPIO chip ({_why(error)}).",
                "Look at `gpiodetect`, and correct door.gpio.chip.",
            ) from error

    def _taken(self, chip: gpiod.Chip) -> gpiod.LineRequest:
        try:
            return chip.request_lines(self._settings(), consumer=CONSUMER)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno == errno.EBUSY:
                raise DoorTimeout(
                    f"A line of {self._config.listed} on {self._config.chip} is held by "
                    "another program.",
                    "Look with `gpioinfo` who holds it, and end that, or correct door.gpio.",
                ) from error
            raise DoorUnusable(
                f"{self.where} lacks one of the lines {self._config.listed}, one is named twice, "
                f"or it cannot be set up so ({_why(error)}).",
                "Look at `gpioinfo`, and correct the lines, drive and bias of door.gpio.",
            ) from error

    def _settings(self) -> dict[Iterable[LineId] | LineId, gpiod.LineSettings | None]:
        config = self._config
        output = gpiod.LineSettings(
            direction=Direction.OUTPUT,
            drive=_DRIVE[config.drive],
            active_low=config.active_low,
            output_value=Value.INACTIVE,
        )
        read = gpiod.LineSettings(
            direction=Direction.INPUT,
            bias=_BIAS[config.bias],
            active_low=config.closed_is == "low",
        )
        lines: dict[Iterable[LineId] | LineId, gpiod.LineSettings | None] = {}
        lines.update(dict.fromkeys(config.outputs.values(), output))
        lines.update(dict.fromkeys(config.inputs, read))
        return lines


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
