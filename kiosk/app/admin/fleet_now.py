"""What an installer sees of the kiosk's fleet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.fleet.polling import PollingWatch
    from kiosk.store.open_home import OpenHome
    from kiosk.ui.installer import FleetNow


def fleet_part(open_home: OpenHome, watch: PollingWatch | None) -> Callable[[], FleetNow] | None:
    """Tells what is known of the fleet now; None where the kiosk belongs to none.

    Args:
        open_home: the home.
        watch: what came of the latest look into the fleet's store; None where nobody looks.
    """
    if not open_home.home.fleet.exists():
        return None
    from kiosk.fleet.device import DeviceFile
    from kiosk.store.people.members import Members
    from kiosk.ui.installer import FleetNow
    from kiosk.wiring.fleet import device_of

    file, members = DeviceFile(open_home.home), Members(open_home.references)
    fingerprint = device_of(open_home).fingerprint

    def now() -> FleetNow:
        device, latest = file.load(), None if watch is None else watch.latest
        heard = None if device is None else device.heard
        return FleetNow(
            fingerprint,
            "" if device is None else device.store,
            heard is not None,
            tuple(members.scopes()),
            None if heard is None else heard.astimezone(),
            None if latest is None else latest.at.astimezone(),
            None if latest is None else latest.problem,
        )

    return now
