"""LED and buzzer of a reader: green and a beep while released, red otherwise.

They follow the lock commands, and never delay them.
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


def signals(config: OsdpConfig, seconds: float) -> Steps:
    """Steps that show a release of that duration; with 0, its end."""
    led = () if config.led is None else (_led(config.led, seconds),)
    if seconds:
        return (*led, _BEEP) if config.buzzer else led
    return () if config.led is None else (_quench(config.led), *led)


def known(panel: Panel, steps: Steps) -> Steps:
    """The steps that the device supports: an unsupported one would end the session."""
    leds = panel.count(Capability.LEDControl)
    return tuple(
        step
        for step in steps
        if (step["command"] == Command.LED and step["led_number"] < leds)
        or (step["command"] == Command.Buzzer and panel.able(Capability.AudibleControl))
    )


def _led(number: int, seconds: float) -> Step:
    """Permanent red, or temporary green over it."""
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
    """End a temporary green that is still running."""
    return {**_led(number, 1.0), "control_code": 1}
