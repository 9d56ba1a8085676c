"""The fleet of a kiosk: whom it trusts, when it last heard from it, and over which line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.finding import Finding, Health

if TYPE_CHECKING:
    from kiosk.store.home import Home

LATE = timedelta(hours=1)


def fleet(home: Path) -> Iterator[Finding]:
    """Check a device of a fleet; nothing where the kiosk belongs to none. Reads files only."""
    from kiosk.store.home import Home

    if not Home(home).fleet.exists():
        return
    from kiosk.fleet.client import last_expiries, last_signed_at
    from kiosk.fleet.device import DeviceFile, admins_who_sign
    from kiosk.fleet.stores.address import parse_address

    kept = Home(home)
    device = DeviceFile(kept).load()
    if device is None:
        return
    if admins_who_sign(device.root) == 1:
        said = "one admin alone can change who is let in: enough for one door"
        yield Finding("fleet", Health.WARN, said, "Found the fleet with a threshold of two.")
    if parse_address(device.store).plain:
        said = "its store is asked over a line that is not encrypted"
        yield Finding("fleet", Health.WARN, said, "Give the store a certificate, and use https.")
    yield _heard(last_signed_at(kept.fleet_cache))
    for warning in last_expiries(kept.fleet_cache, datetime.now(UTC)):
        yield Finding(
            "fleet", Health.WARN, warning, "Have two admins run `kiosk fleet keys renew`."
        )
    yield from _settings(kept)


def _settings(home: Home) -> Iterator[Finding]:
    """The settings of the fleet: which are in force, and what keeps newer ones."""
    from kiosk.fleet.rollout.kept import SettingsFile

    known = SettingsFile(home).load()
    number = known.running.number
    in_force = f"version {number} of the fleet's settings is in force" if number else None
    if known.failed is not None:
        said = f"version {known.failed.number} was tried and left: {known.failed.problem}"
        yield Finding("fleet", Health.WARN, said, "Tell the fleet's admins; they halt or mend it.")
    elif known.following is not None or known.trying is not None:
        waits = known.following or known.trying
        said = f"version {waits.number if waits else 0} of the fleet's settings waits for a restart"
        remedy = "A kiosk that runs restarts once nobody is there; else start it."
        yield Finding("fleet", Health.WARN, said, remedy)
    elif in_force is not None:
        yield Finding("fleet", Health.OK, in_force)


def _heard(signed_at: datetime | None) -> Finding:
    if signed_at is None:
        said = "this kiosk has never synced"
        return Finding(
            "fleet", Health.WARN, said, "Have it approved, then run `kiosk sync --once`."
        )
    age = datetime.now(UTC) - signed_at
    hours = age.total_seconds() / 3600
    if age > LATE:
        said = f"nobody has signed for {hours:.0f} h that what is known here is the newest"
        remedy = "See whether the publisher runs, and whether this kiosk reaches the store."
        return Finding("fleet", Health.WARN, said, remedy)
    return Finding("fleet", Health.OK, f"what is known here was signed {60 * hours:.0f} min ago")
