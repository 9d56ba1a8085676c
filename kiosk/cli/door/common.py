"""Shared parts of the commands about the door: the door by hand, and its state as text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import made_home

if TYPE_CHECKING:
    from kiosk.app.door_by_hand import DoorByHand

SecondsOption = Annotated[float, typer.Option("--seconds", help="How long it is released.")]


@contextmanager
def opened_door(
    home: Path | None, config: Path | None, seconds: float | None = None
) -> Iterator[DoorByHand]:
    """The configured door of the home that the options name."""
    from config.settings import load
    from kiosk.app.door_by_hand import door_by_hand

    place = made_home(home)
    with door_by_hand(place, load(place, config), seconds) as door:
        yield door


def show_state(door: DoorByHand, *, json: bool) -> None:
    """Print the door's condition and its last reading."""
    reading = door.last_reading
    said = {
        "condition": door.condition.value,
        "lock": reading.lock.value if reading else None,
        "leaf": reading.leaf.value if reading else None,
        "tampered": reading.tampered if reading else None,
        "exit_asked": reading.exit_asked if reading else None,
        "fire": reading.fire if reading else None,
        "neighbour_secured": reading.neighbour_secured if reading else None,
    }
    if json:
        print_json(said)
        return
    for name, value in said.items():
        print(f"{name.replace('_', ' '):18} {'not fitted' if value is None else value}")
