"""The real `kiosk` command; tells each frame and view on its screen, and each release it orders.

A JSON object a line, as they happen, between the command's own.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from config.settings import Settings
from kiosk.app.console import print_json
from kiosk.cli import app
from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, ReleaseOrder
from kiosk.domain.ports import Clock, Door
from kiosk.domain.prompts import View
from kiosk.domain.vision.frame import Frame
from kiosk.ui.window import KioskWindow
from kiosk.wiring import doors


@dataclass
class TellingDoor:
    """A real driver that says when a release began and what came of it."""

    wire: Door
    two_stage: bool = False

    def release(self, order: ReleaseOrder) -> Reason | None:
        print_json({"event": "release_began"})
        answered = False
        try:
            said = self.wire.release(order)
            answered = True
        finally:
            print_json({"event": "release_ended", "answered": answered})
        return said

    def secure(self) -> None:
        self.wire.secure()

    def status(self) -> DoorReading:
        return self.wire.status()

    def close(self) -> None:
        self.wire.close()


def watch() -> None:
    """Stand between the kiosk and its screen and door."""
    make_door, show_frame, show_view = doors.door, KioskWindow.show_frame, KioskWindow.show_view

    def door(settings: Settings, clock: Clock) -> Door:
        return TellingDoor(make_door(settings, clock))

    def frame(window: KioskWindow, shown: Frame) -> None:
        show_frame(window, shown)
        print_json({"event": "frame"})

    def view(window: KioskWindow, shown: View, given_name: str | None = None) -> None:
        show_view(window, shown, given_name)
        print_json({"event": "view", "tone": shown.tone.value})

    doors.door = door
    KioskWindow.show_frame = frame  # type: ignore[method-assign] # to listen in
    KioskWindow.show_view = view  # type: ignore[method-assign] # to listen in


if __name__ == "__main__":
    watch()
    app(sys.argv[1:], prog_name="kiosk")
