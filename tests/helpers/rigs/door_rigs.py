"""Every driver's rig by name: the suites in `tests/integration/doors` run over all of them."""

from __future__ import annotations

from collections.abc import Callable

import rig_modbus
from door_rig import Rig
from rig_gpio import GpioPiRig, GpioRig
from rig_http import ShellyRig, WebhookRig
from rig_mqtt import MqttRig
from rig_osdp import OsdpRig
from rig_simulated import SimulatedRig

RIGS: dict[str, Callable[[], Rig]] = {
    "simulated": SimulatedRig,
    "osdp": OsdpRig,
    "shelly": ShellyRig,
    "webhook": WebhookRig,
    "mqtt": MqttRig,
    "gpio": GpioRig,
    "gpio-pi": GpioPiRig,
    "modbus": rig_modbus.flash,
    "modbus-coil": rig_modbus.plain,
    "modbus-serial": rig_modbus.serial,
    "modbus-serial-coil": rig_modbus.serial_plain,
}
