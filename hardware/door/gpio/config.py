"""GPIO lines of a door: the settings in the form that the drivers take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hardware.door.contacts import Contacts
from hardware.door.relay_door import RelayOutput

LineId = int | str
"""A line by its number (offset) on the chip, or by its name, which is more robust."""


@dataclass(frozen=True, slots=True)
class GpioConfig:
    """Assignment of lock, door operator and contacts to lines.

    Attributes:
        line: the lock's output: active means released.
        chip: the chip's device; not used on a Raspberry Pi's own header.
        active_low: True if a low level energises the relay.
        drive: output drive mode.
        operator_line: the door operator's output.
        bias: the chip's internal resistor on each input.
        closed_is: the level of an input whose contact is closed.
        contacts: the contacts on the inputs.
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
        """All lines, as text for a message."""
        return ", ".join(str(line) for line in (*self.outputs.values(), *self.inputs))
