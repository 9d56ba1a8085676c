"""`kiosk door release`: release the door for a time."""

from __future__ import annotations

from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.door.common import SecondsOption, opened_door, show_state


def release(
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    seconds: SecondsOption = 3.0,
    json: JsonOption = False,
) -> int:
    """Release the door for a time; the door ends it by itself where it can."""
    with opened_door(home, config, seconds) as door:
        door.hear()
        door.release(seconds)
        door.reading()  # so that the state is from after the release
        show_state(door, json=json)
        door.wait(seconds)
    return 0
