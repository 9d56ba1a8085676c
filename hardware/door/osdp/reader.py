"""libosdp as one reader of a panel: sends card data, and receives the panel's commands.

The usual reader commands are acknowledged; a new key or another address is refused, since those are
for a person to set. A card that was not fetched in time is withdrawn.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from osdp import (
    Capability,
    Command,
    CommandLEDColor,
    CompletionStatus,
    Event,
    LibFlag,
    LogLevel,
    PDCapabilities,
    PDInfo,
    PeripheralDevice,
)

from hardware.door.osdp.line import SerialLine
from hardware.door.osdp.peripheral_config import Card, OsdpPdConfig

_SHAKEN_SECONDS = 0.1
_POLL = 0x60
_OBEYED = frozenset({Command.LED, Command.Buzzer, Command.Output, Command.Text, Command.Status})
_TENTHS = 10
_TEMPORARY_OUTPUT = 5
_AS_IT_IS, _SET, _SET_FOR_A_TIME = 0, 1, 2
_ALWAYS = float("inf")
_OUTPUT_CODES = {1: 0.0, 2: _ALWAYS, 3: 0.0, 4: _ALWAYS, 6: 0.0}
"""Off, on, off when the timer ends, on when it ends, off for a time."""

Said = Mapping[str, Any]
"""One command of the panel, in libosdp's format."""


def permits(config: OsdpPdConfig, said: Said) -> float | None:
    """Seconds for which a panel command grants access.

    Returns:
        0 if it ends a grant, infinity if it has no time limit; None if it is unrelated.
    """
    return _output(config, said) if config.granted_by == "output" else _light(config, said)


def _output(config: OsdpPdConfig, said: Said) -> float | None:
    if said["command"] != Command.Output or said["output_no"] != config.output:
        return None
    if said["control_code"] == _TEMPORARY_OUTPUT:
        return float(said["timer_count"]) / _TENTHS
    return _OUTPUT_CODES.get(said["control_code"])


def _light(config: OsdpPdConfig, said: Said) -> float | None:
    if not _of_led(config, said):
        return None
    if not _shines(said, CommandLEDColor.Green):
        return 0.0
    return float(said["timer_count"]) / _TENTHS if said["temporary"] else _ALWAYS


def denies(config: OsdpPdConfig, said: Said) -> bool:
    """True if a panel command denies access."""
    red = _of_led(config, said) and _shines(said, CommandLEDColor.Red)
    return red and config.denied_by == "led-red"


def _of_led(config: OsdpPdConfig, said: Said) -> bool:
    """True if the command is for the configured LED and changes it."""
    if said["command"] != Command.LED or said["control_code"] == _AS_IT_IS:
        return False
    return bool(said["reader"] == config.reader and said["led_number"] == config.led)


def _shines(said: Said, colour: int) -> bool:
    """True if it turns the LED to that colour, permanently or for a time."""
    sets = _SET_FOR_A_TIME if said["temporary"] else _SET
    lit = said["control_code"] == sets and said["on_count"] > 0
    return bool(lit and said["on_color"] == colour)


class Reader:
    """The reader's end of the panel line. For one thread.

    Args:
        line: open.
        config: the settings.
        key: of the secure channel; None for a plain channel.
        heard_seconds: silence after which the panel counts as absent.
    """

    def __init__(
        self, line: SerialLine, config: OsdpPdConfig, key: bytes | None, heard_seconds: float
    ) -> None:
        self.said: list[Said] = []
        self.fetched = False
        self._line, self._config = line, config
        self._secure, self._heard_seconds = key is not None, heard_seconds
        self._library = PeripheralDevice(
            PDInfo(config.address, line, key, flags=[LibFlag.EnforceSecure] if key else []),
            PDCapabilities(_capabilities(config)),
            log_level=LogLevel.Critical,
            command_handler=_obey,
            event_completion_handler=self._completed,
        )

    @property
    def online(self) -> bool:
        """True if the panel spoke recently, over the secure channel if there is a key."""
        return self._heard and self.secure >= self._secure

    @property
    def secure(self) -> bool:
        """True if the channel is secure."""
        return bool(self._library.is_sc_active())

    @property
    def mistrusted(self) -> bool:
        """True if the panel last spoke without this key, in plain text or a failed handshake."""
        frame = self._line.heard
        if frame is None or not self._secure or self.secure or frame.sealed:
            return False
        shaken = frame.kind is not None or (self._heard and frame.code == _POLL)
        return shaken and time.monotonic() - self._line.heard_at > _SHAKEN_SECONDS

    def show(self, shown: Card) -> None:
        """Present a card, until the panel fetches it or it is withdrawn."""
        self.fetched = False
        self._library.ctx.submit_event(
            {
                "event": Event.CardRead,
                "reader_no": self._config.reader,
                "direction": 0,
                "format": shown.format,
                "length": shown.bits,
                "data": shown.data,
            }
        )

    def take_back(self) -> None:
        """Withdraw a card that was not fetched."""
        self._library.ctx.flush_events()

    def turn(self) -> None:
        """Answer the panel once; its commands are in `said`."""
        self._library.ctx.refresh()
        while (command := self._library.get_command(-1)) is not None:
            self.said.append(command)

    def close(self) -> None:
        """Detach all callbacks: they form a reference cycle through C that is never collected."""
        context = self._library.ctx
        self._library.set_event_completion_handler(None)
        context.set_command_callback(_nobody)
        context.set_event_completion_callback(_nobody)

    @property
    def _heard(self) -> bool:
        return time.monotonic() - self._line.heard_at < self._heard_seconds

    def _completed(self, _event: Said, status: int) -> None:
        """Record that a card was fetched, or withdrawn."""
        self.fetched |= status == CompletionStatus.Ok


def _obey(command: Said) -> tuple[int, None]:
    return (0 if command["command"] in _OBEYED else -1), None


def _nobody(*_: object) -> tuple[int, None]:
    return -1, None


def _capabilities(config: OsdpPdConfig) -> list[tuple[int, int, int]]:
    """Tuples of capability, compliance level and number of items, for the panel."""
    found = [
        (Capability.CardDataFormat, 1, 0),
        (Capability.LEDControl, 4, config.led + 1),
        (Capability.AudibleControl, 2, 1),
        (Capability.Readers, 0, config.reader + 1),
    ]
    if config.granted_by == "output":
        found.append((Capability.OutputControl, 2, config.output + 1))
    return found
