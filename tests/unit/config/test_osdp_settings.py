"""What can be seen wrong in the OSDP sections without the device or the panel."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.sections.doors.osdp import OsdpSettings
from config.sections.doors.osdp_pd import OsdpPdSettings

WIRE: dict[str, object] = {"port": "/dev/ttyUSB0", "key_file": "/etc/lintel/osdp.key"}
PLAIN: dict[str, object] = {"port": "/dev/ttyUSB0", "allow_insecure": True}
READER: dict[str, object] = {**WIRE, "facility_code": 7}


def contact(number: int) -> dict[str, object]:
    return {"input": number, "normally": "closed"}


@pytest.mark.parametrize(
    "values",
    [
        WIRE,
        PLAIN,
        {**WIRE, "key_file": "osdp-key"},
        {**WIRE, "operator_output": 1, "led": 0, "buzzer": True, "housing": False},
        {**WIRE, "leaf": contact(0), "exit_button": contact(63)},
        {**WIRE, "port": "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0"},
    ],
)
def test_a_controller_that_fits(values: dict[str, object]) -> None:
    assert OsdpSettings.model_validate(values).output == 0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"port": "/dev/ttyUSB0"}, "key_file must name the key"),
        ({**WIRE, "allow_insecure": True}, "never both"),
        ({**WIRE, "port": "ttyUSB0"}, "pattern"),
        ({**WIRE, "port": "socket://192.0.2.1:5"}, "pattern"),
        ({**WIRE, "baud": 9601}, "Input should be 9600"),
        ({**WIRE, "address": 127}, "less than or equal to 126"),
        ({**WIRE, "output": 1, "operator_output": 1}, "must differ"),
        ({**WIRE, "leaf": contact(2), "fire": contact(2)}, "one contact only"),
        ({**WIRE, "leaf": {"input": 0}}, "Field required"),
    ],
)
def test_a_controller_that_does_not_fit(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        OsdpSettings.model_validate(values)


@pytest.mark.parametrize(
    "values",
    [
        READER,
        {**PLAIN, "card_format": "raw-64"},
        {**WIRE, "card_format": "raw-32", "granted_by": "output", "denied_by": "nothing"},
    ],
)
def test_a_reader_that_fits(values: dict[str, object]) -> None:
    assert OsdpPdSettings.model_validate(values).panel_seconds == 1.5


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (WIRE, "facility_code belongs to"),
        ({**READER, "card_format": "raw-64"}, "facility_code belongs to"),
        ({**READER, "facility_code": 256}, "less than or equal to 255"),
        ({**READER, "panel_seconds": 2.1}, "less than or equal to 2"),
        ({**READER, "allow_insecure": True}, "never both"),
        ({**READER, "granted_by": "text"}, "led-green"),
    ],
)
def test_a_reader_that_does_not_fit(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        OsdpPdSettings.model_validate(values)
