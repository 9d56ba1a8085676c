"""`kiosk init`: make a kiosk's home, with its key, journal and an empty database."""

from __future__ import annotations

from kiosk.cli.common import HomeOption, JsonOption, home_of, print_json


def init(home: HomeOption = None, json: JsonOption = False) -> int:
    """Make a kiosk's home: its key, its journal, nobody enrolled. One that is there stays."""
    from kiosk.store.cabinet import Cabinet
    from kiosk.store.home import Home

    place = home_of(home)
    made = not Home(place).references.exists()
    with Cabinet.open(place):
        pass
    if json:
        print_json({"home": str(place), "made": made})
    else:
        print(f"A new kiosk lies in {place}." if made else f"There is a kiosk in {place} already.")
    return 0
