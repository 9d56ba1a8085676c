"""The effect of the door on the preview: complete kiosks with a good, a slow and a dead door.

All doors are simulated: the configured door is not contacted, and no driver library is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from config.settings import Settings
from hardware.sim.door import SimulatedDoor
from kiosk.domain.ports import Clock, Door

SLOW_SECONDS = 0.4
"""The time that a slow door takes for every answer."""
UNHEARD_SECONDS = 10.0
"""The longest wait for a dead door. After it the kiosk is out of service and covers the picture."""

MakeDoor = Callable[[Settings, Clock], Door]


def unwired(settings: Settings) -> Settings:
    """The settings with a simulated door: a measurement must never operate a real one."""
    door = settings.door.model_copy(update={"driver": "simulated", "interlock": False})
    return settings.model_copy(update={"door": door})


def good(settings: Settings, clock: Clock) -> Door:
    """A door that answers at once."""
    return _simulated(settings, clock, after_seconds=0.0)


def slow(settings: Settings, clock: Clock) -> Door:
    """A door that delays every answer, to an order as to a query."""
    return _simulated(settings, clock, after_seconds=SLOW_SECONDS)


def dead(settings: Settings, clock: Clock) -> Door:
    """A door that never answers: each call waits as long as the settings allow."""
    return _simulated(settings, clock, after_seconds=math.inf)


def _simulated(settings: Settings, clock: Clock, after_seconds: float) -> Door:
    door = SimulatedDoor(settings.door.rules(), clock, settings.door.answer_seconds)
    door.answers_after(after_seconds)
    return door


DOORS: Mapping[str, MakeDoor] = {"good": good, "slow": slow, "dead": dead}


def patient(settings: Settings) -> Settings:
    """The settings with the longest time before a silent door puts the kiosk out of service."""
    door = settings.door.model_copy(update={"unknown_seconds": UNHEARD_SECONDS})
    return settings.model_copy(update={"door": door})
