"""What a door costs the picture: whole kiosks with a good door, with a slow one and a dead one.

Nothing is said to the door of the settings, and no driver's library is needed: all are simulated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from config.settings import Settings
from hardware.sim.door import SimulatedDoor
from kiosk.domain.ports import Clock, Door

SLOW_SECONDS = 0.4
"""What a slow door takes over every answer."""
UNHEARD_SECONDS = 10.0
"""The longest that the kiosk waits for a dead door: out of service, the picture is covered."""

MakeDoor = Callable[[Settings, Clock], Door]


def unwired(settings: Settings) -> Settings:
    """The same kiosk at a simulated door: what is measured must never move a real one."""
    door = settings.door.model_copy(update={"driver": "simulated", "interlock": False})
    return settings.model_copy(update={"door": door})


def good(settings: Settings, clock: Clock) -> Door:
    """A door that answers at once."""
    return _simulated(settings, clock, after_seconds=0.0)


def slow(settings: Settings, clock: Clock) -> Door:
    """A door that thinks about every order and every question."""
    return _simulated(settings, clock, after_seconds=SLOW_SECONDS)


def dead(settings: Settings, clock: Clock) -> Door:
    """A door that is silent: whoever asks waits as long as the settings allow, for nothing."""
    return _simulated(settings, clock, after_seconds=math.inf)


def _simulated(settings: Settings, clock: Clock, after_seconds: float) -> Door:
    door = SimulatedDoor(settings.door.rules(), clock, settings.door.answer_seconds)
    door.answers_after(after_seconds)
    return door


DOORS: Mapping[str, MakeDoor] = {"good": good, "slow": slow, "dead": dead}


def patient(settings: Settings) -> Settings:
    """Settings under which the picture stays as long as it may while a door is silent."""
    door = settings.door.model_copy(update={"unknown_seconds": UNHEARD_SECONDS})
    return settings.model_copy(update={"door": door})
