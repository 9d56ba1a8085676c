"""The real `kiosk` command with a door that prints what happens to it, a JSON object a line."""

from __future__ import annotations

import sys

from config.settings import Settings
from hardware.sim.door import Happened, SimulatedDoor
from kiosk.app.console import print_json
from kiosk.cli import app
from kiosk.domain.ports import Clock, Door
from kiosk.domain.vision.frame import Instant
from kiosk.wiring import doors


class TellingDoor(SimulatedDoor):
    """Says everything that it writes into its history, and in the end how it was left."""

    def close(self) -> None:
        super().close()
        print_json({"event": "left", "unlocked": self.unlocked})

    def _note(self, at: Instant, what: Happened) -> None:
        super()._note(at, what)
        print_json({"event": "door", "what": what.value})


def _telling_door(settings: Settings, clock: Clock) -> Door:
    return TellingDoor(settings.door.rules(), clock)


if __name__ == "__main__":
    doors.door = _telling_door
    app(sys.argv[1:], prog_name="kiosk")
