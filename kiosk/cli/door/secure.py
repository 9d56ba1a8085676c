"""`kiosk door secure`: lock the door now."""

from __future__ import annotations

from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.door.common import opened_door, show_state


def secure(
    *, home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """Lock the door now, whatever was ordered before."""
    with opened_door(home, config) as door:
        door.secure()
        show_state(door, json=json)
    return 0
