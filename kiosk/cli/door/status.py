"""`kiosk door status`: what the door reports."""

from __future__ import annotations

from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.door.common import opened_door, show_state


def status(
    *, home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """Show what the door reports: lock, leaf and inputs."""
    with opened_door(home, config) as door:
        door.hear()
        show_state(door, json=json)
    return 0
