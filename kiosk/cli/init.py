"""`kiosk init`: create a kiosk's home with its key, journal and an empty database."""

from __future__ import annotations

from kiosk.app.console import print_json
from kiosk.cli.common import HomeOption, JsonOption, home_of


def init(home: HomeOption = None, json: JsonOption = False) -> int:
    """Make a kiosk's home: its key, its journal, nobody enrolled. An existing one is kept."""
    from kiosk.store.home import Home
    from kiosk.store.open_home import OpenHome

    place = home_of(home)
    made = not Home(place).references.exists()
    with OpenHome.open(place):
        pass
    if json:
        print_json({"home": str(place), "made": made})
    else:
        print(f"A new kiosk is in {place}." if made else f"There is a kiosk in {place} already.")
    return 0
