"""What can be seen wrong in a GPIO section without the chip."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.sections.doors.gpio import GpioSettings


def contact(line: int | str) -> dict[str, object]:
    return {"line": line, "normally": "closed"}


@pytest.mark.parametrize(
    "values",
    [
        {"line": "relay"},
        {"line": 17, "library": "gpiozero"},
        {"line": 0, "operator_line": 1, "drive": "open-drain"},
        {"line": 0, "bias": "pull-down", "closed_is": "high"},
        {"line": 0, "bias": "disabled", "closed_is": "high"},
        {"line": "GPIO17", "leaf": contact("GPIO5"), "tamper": contact(6)},
    ],
)
def test_fits(values: dict[str, object]) -> None:
    assert GpioSettings.model_validate(values).line == values["line"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Field required"),
        ({"line": -1}, "greater than or equal to 0"),
        ({"line": 1024}, "less than or equal to 1023"),
        ({"line": ""}, "pattern"),
        ({"line": "relay", "chip": "gpiochip0"}, "pattern"),
        ({"line": "relay", "library": "RPi.GPIO"}, "Input should be"),
        ({"line": "relay", "library": "gpiozero", "drive": "open-drain"}, "push-pull only"),
        ({"line": "relay", "closed_is": "high"}, "must be the other level"),
        ({"line": "relay", "bias": "pull-down"}, "must be the other level"),
        ({"line": "relay", "operator_line": "relay"}, "used once only"),
        ({"line": 17, "leaf": contact("17")}, "used once only"),
        ({"line": 1, "leaf": contact(2), "fire": contact(2)}, "used once only"),
        ({"line": 1, "leaf": {"line": 2, "normally": "shut"}}, "Input should be"),
    ],
)
def test_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        GpioSettings.model_validate(values)
