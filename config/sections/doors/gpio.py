"""Settings of the GPIO driver."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from config.sections.common import Section
from config.sections.doors.contact import ContactSettings

MAX_OFFSET = 1023

LineId = (
    Annotated[int, Field(ge=0, le=MAX_OFFSET)]
    | Annotated[str, StringConstraints(pattern=r"^[\w.:/ -]{1,31}$")]
)
"""A line by its name (`gpioinfo` shows them), or by its number on the chip."""


class GpioInput(ContactSettings):
    """A contact on a line."""

    line: LineId
    """The line's name or number."""


class GpioSettings(Section):
    """Lines of a GPIO chip."""

    library: Literal["gpiod", "gpiozero"] = "gpiod"
    """gpiod for every chip; gpiozero only for a Raspberry Pi's own header."""
    chip: str = Field("/dev/gpiochip0", pattern=r"^/dev/[\w./:-]+$")
    """The chip's device; with gpiozero it is not used."""
    line: LineId
    """The lock's output, by name or number. Active is released."""
    active_low: bool = False
    """Whether the relay is energised by a low level, as many small boards are."""
    drive: Literal["push-pull", "open-drain", "open-source"] = "push-pull"
    """How the outputs are driven."""
    operator_line: LineId | None = None
    """The output that starts a door operator, where there is one."""
    bias: Literal["as-is", "disabled", "pull-up", "pull-down"] = "pull-up"
    """The resistor within the chip on each input."""
    closed_is: Literal["low", "high"] = "low"
    """The level of an input whose contact is closed: low where it closes to ground."""
    leaf: GpioInput | None = None
    """The door position switch; at rest while the leaf is shut."""
    tamper: GpioInput | None = None
    """The tamper contact."""
    exit_button: GpioInput | None = None
    """The exit button (REX). The door must open from within without the kiosk all the same."""
    fire: GpioInput | None = None
    """The fire panel's contact."""
    neighbour: GpioInput | None = None
    """The other door of an interlock; at rest while that is shut and locked."""

    @model_validator(mode="after")
    def _biased_right(self) -> GpioSettings:
        wrong = {"pull-up": "high", "pull-down": "low"}.get(self.bias)
        if self.closed_is == wrong:
            raise ValueError(
                f"with bias = {self.bias} an open contact reads {wrong}: closed_is must be the "
                "other level"
            )
        return self

    @model_validator(mode="after")
    def _driven_by_library(self) -> GpioSettings:
        if self.library == "gpiozero" and self.drive != "push-pull":
            raise ValueError("gpiozero drives push-pull only: choose gpiod, or drive = push-pull")
        return self

    @model_validator(mode="after")
    def _apart(self) -> GpioSettings:
        fitted = (self.leaf, self.tamper, self.exit_button, self.fire, self.neighbour)
        lines = [self.line, self.operator_line, *(contact and contact.line for contact in fitted)]
        named = [str(line) for line in lines if line is not None]
        if len(set(named)) < len(named):
            raise ValueError("each line can be used once only")
        return self
