"""What can be seen wrong in a Modbus section without the device."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.sections.doors.modbus import ModbusSettings

COIL: dict[str, object] = {"mode": "coil", "host": "192.0.2.10", "coil": 0}
FLASH: dict[str, object] = {**COIL, "mode": "flash-coil", "flash_address": 0x200}
REGISTER: dict[str, object] = {**FLASH, "mode": "flash-register", "flash_address": 0}
SERIAL: dict[str, object] = {"mode": "coil", "serial_port": "/dev/ttyUSB0", "coil": 0}


def contact(number: int) -> dict[str, object]:
    return {"input": number, "normally": "closed"}


@pytest.mark.parametrize(
    "values",
    [
        COIL,
        FLASH,
        REGISTER,
        SERIAL,
        {**COIL, "host": "2001:db8::7"},
        {**COIL, "operator_coil": 1},
        {**FLASH, "operator_coil": 1, "operator_flash_address": 0x201},
        {**COIL, "leaf": contact(0), "tamper": contact(63)},
        {**SERIAL, "serial_port": "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0"},
    ],
)
def test_fits(values: dict[str, object]) -> None:
    assert ModbusSettings.model_validate(values).coil == 0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"mode": "coil", "coil": 0}, "name either host or serial_port"),
        ({**COIL, "serial_port": "/dev/ttyUSB0"}, "name either host or serial_port"),
        ({**COIL, "host": "relay.example"}, "an address in numbers"),
        ({**COIL, "host": "192.0.2.300"}, "an address in numbers"),
        ({**SERIAL, "serial_port": "socket://192.0.2.1:5"}, "pattern"),
        ({**SERIAL, "serial_port": "ttyUSB0"}, "pattern"),
        ({"host": "192.0.2.10", "coil": 0}, "Field required"),
        ({"host": "192.0.2.10", "mode": "coil"}, "Field required"),
        ({**COIL, "unit": 0}, "greater than or equal to 1"),
        ({**COIL, "flash_address": 0x200}, "belongs to the flash modes"),
        ({**COIL, "mode": "flash-coil"}, "belongs to the flash modes"),
        ({**COIL, "operator_coil": 0}, "must differ"),
        ({**FLASH, "operator_coil": 1}, "operator_flash_address belongs"),
        ({**FLASH, "operator_flash_address": 0x201}, "operator_flash_address belongs"),
        ({**FLASH, "flash_address": 0}, "must differ"),
        (
            {**FLASH, "operator_coil": 1, "operator_flash_address": 0x200},
            "must differ",
        ),
        (
            {**REGISTER, "operator_coil": 1, "operator_flash_address": 0},
            "must differ",
        ),
        ({**COIL, "leaf": contact(0), "fire": contact(0)}, "one contact only"),
        ({**COIL, "leaf": contact(0), "fire": contact(64)}, "within 64 of each other"),
        ({**COIL, "leaf": contact(0), "inputs_as": "coil"}, "must not be an output"),
        ({**COIL, "leaf": {"input": 3}}, "Field required"),
        ({**COIL, "baud": 9601}, "Input should be"),
        ({**COIL, "coil": True}, "true or false"),
    ],
)
def test_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ModbusSettings.model_validate(values)
