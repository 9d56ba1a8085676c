"""Which GPIO lines a door hangs on: its settings, as the drivers take them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hardware.door.contacts import Contacts
from hardware.door.relay_door import RelayOutput

LineId = int | str
"""A line by its number (offset) on the chip, or by its name, which is surer."""


@dataclass(frozen=True, slots=True)
class GpioConfig:
    """What hangs on which line.

    Attributes:
        line: the lock's output: active is released.
        chip: the chip's device; not used on a Raspberry Pi's own header.
        active_low: whether the relay is energised by a low level.
        drive: how an output is driven.
        operator_line: the door operator's output.
        bias: the resistor within the chip on each input.
        closed_is: the level of an input whose contact is closed.
        contacts: what hangs on the inputs.
    """

    line: LineId
    chip: str = "/dev/gpiochip0"
    active_low: bool = False
    drive: Literal["push-pull", "open-drain", "open-source"] = "push-pull"
    operator_line: LineId | None = None
    bias: Literal["as-is", "disabled", "pull-up", "pull-down"] = "pull-up"
    closed_is: Literal["low", "high"] = "low"
    contacts: Contacts[LineId] = field(default_factory=Contacts)

    @property
    def outputs(self) -> dict[RelayOutput, LineId]:
        """The output lines."""
        lines: dict[RelayOutput, LineId] = {RelayOutput.LOCK: self.line}
        if self.operator_line is not None:
            lines[RelayOutput.OPERATOR] = self.operator_line
        return lines

    @property
    def inputs(self) -> list[LineId]:
        """The input lines."""
        return [contact.place for contact in self.contacts.fitted().values()]

    @property
    def listed(self) -> str:
        """All of them, for a person."""
        return ", ".join(str(line) for line in (*self.outputs.values(), *self.inputs))
