"""What a door costs the picture: whole kiosks with a good door, with a slow one and a dead one.

Nothing is said to the door of the settings. The good and the slow one are simulated; the dead one
is a real driver at a port of this machine that takes every connection and never answers.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from config.sections.door import DoorSettings
from config.sections.doors.modbus import ModbusSettings
from config.settings import Settings
from hardware.sim.door import SimulatedDoor
from kiosk import wiring
from kiosk.domain.fitting import FailMode, LockKind
from kiosk.domain.ports import Clock, Door

SLOW_SECONDS = 0.4
"""What a slow door takes over every answer."""
UNHEARD_SECONDS = 10.0
"""The longest that the kiosk waits for a dead door: out of service, the picture is covered."""
WAITING_CONNECTIONS = 128

MakeDoor = Callable[[Settings, Clock], Door]


def unwired(settings: Settings) -> Settings:
    """The same kiosk at a simulated door: what is measured must never move a real one."""
    door = settings.door.model_copy(update={"driver": "simulated", "interlock": False})
    return settings.model_copy(update={"door": door})


@contextmanager
def good() -> Iterator[MakeDoor]:
    """A door that answers at once."""
    yield wiring.door


@contextmanager
def slow() -> Iterator[MakeDoor]:
    """A door that thinks about every order and every question."""

    def make(settings: Settings, clock: Clock) -> Door:
        door = SimulatedDoor(settings.door.rules(), clock)
        door.answers_after(SLOW_SECONDS)
        return door

    yield make


@contextmanager
def dead() -> Iterator[MakeDoor]:
    """A relay board that takes connections, and is silent.

    Raises:
        SettingsError: the driver is not installed; raised by whoever makes the door.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=WAITING_CONNECTIONS) as nobody:
        port = nobody.getsockname()[1]

        def make(settings: Settings, clock: Clock) -> Door:
            return wiring.door(_at(settings, port), clock)

        yield make


DOORS: Mapping[str, Callable[[], AbstractContextManager[MakeDoor]]] = {
    "good": good,
    "slow": slow,
    "dead": dead,
}


def patient(settings: Settings) -> Settings:
    """Settings under which the picture stays as long as it may while a door is silent."""
    door = settings.door.model_copy(update={"unknown_seconds": UNHEARD_SECONDS})
    return settings.model_copy(update={"door": door})


def _at(settings: Settings, port: int) -> Settings:
    """A relay board at a port of this machine."""
    board = ModbusSettings(
        host="127.0.0.1", port=port, mode="flash-coil", coil=0, flash_address=512
    )
    door = DoorSettings(
        driver="modbus",
        fail_mode=FailMode.SECURE,
        lock=LockKind.STRIKE,
        modbus=board,
    )
    return settings.model_copy(update={"door": door})
