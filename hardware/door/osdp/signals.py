"""Light and sound of a reader: green and a beep while released, red otherwise.

They follow what the lock was told, and never hold it up.
"""

from __future__ import annotations

from osdp import Capability, Command, CommandLEDColor

from hardware.door.osdp.config import OsdpConfig
from hardware.door.osdp.panel import Panel, tenths
from hardware.door.osdp.worker import Step, Steps

_BEEP: Step = {
    "command": Command.Buzzer,
    "reader": 0,
    "control_code": 2,
    "on_count": 2,
    "off_count": 1,
    "rep_count": 2,
}


def signals(wire: OsdpConfig, seconds: float) -> Steps:
    """What shows a release of that time; with 0, its end."""
    led = () if wire.led is None else (_led(wire.led, seconds),)
    if seconds:
        return (*led, _BEEP) if wire.buzzer else led
    return () if wire.led is None else (_quench(wire.led), *led)


def known(panel: Panel, steps: Steps) -> Steps:
    """Those that the device can give: one that it cannot would end the session."""
    leds = panel.count(Capability.LEDControl)
    return tuple(
        step
        for step in steps
        if (step["command"] == Command.LED and step["led_number"] < leds)
        or (step["command"] == Command.Buzzer and panel.able(Capability.AudibleControl))
    )


def _led(number: int, seconds: float) -> Step:
    """Red for good, or green over it for a time."""
    return {
        "command": Command.LED,
        "reader": 0,
        "led_number": number,
        "temporary": bool(seconds),
        "control_code": 2 if seconds else 1,
        "on_count": 1,
        "off_count": 0,
        "on_color": CommandLEDColor.Green if seconds else CommandLEDColor.Red,
        "off_color": CommandLEDColor.Black,
        "timer_count": tenths(seconds),
    }


def _quench(number: int) -> Step:
    """End a green that still runs."""
    return {**_led(number, 1.0), "control_code": 1}
