"""The devices of a fleet in `kiosk fleet status`: whether each reports, and what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kiosk.cli.fleet.common import FleetSession
    from kiosk.fleet.reporting.reading import DeviceStatus


def reported_devices(session: FleetSession) -> Sequence[DeviceStatus]:
    """Every device, with its newest report; what is newer is remembered beside the keys."""
    from kiosk.fleet.reporting.reading import device_statuses
    from kiosk.fleet.reporting.seen import SEEN, SeenReports
    from kiosk.store.home import now_utc

    seen = SeenReports(session.keys.folder / SEEN)
    try:
        return device_statuses(session.signing.as_it_is, seen, now_utc())
    finally:
        if not session.dry_run:
            seen.save()


def devices_said(devices: Sequence[DeviceStatus]) -> list[dict[str, Any]]:
    """The devices for other programs."""
    return [
        {
            "device": each.device,
            "door": each.door,
            "scopes": list(each.scopes),
            "at_head": each.health is not None and not each.behind,
            "behind": dict(each.behind),
            "late": each.late,
            "problem": each.problem,
            "report": None if each.health is None else each.health.said(),
        }
        for each in devices
    ]


def device_lines(devices: Sequence[DeviceStatus]) -> Iterator[str]:
    """A line for each device."""
    for each in devices:
        yield f"Device {each.device} ({each.door or 'door by its own settings'}): {_told(each)}"


def _told(status: DeviceStatus) -> str:
    health = status.health
    if health is None:
        return str(status.problem)
    hour = health.last_hour
    behind = ", ".join(f"{count} behind in {scope}" for scope, count in status.behind.items())
    faults, door = ", ".join(health.faults), ", ".join(health.door)
    said = [
        f"{'LATE, ' if status.late else ''}reported {health.at:%Y-%m-%d %H:%M:%S} UTC",
        behind or "at the head",
        f"faults: {faults}" if faults else "no faults",
        *([f"door: {door}"] if door else []),
        f"{hour.grants} let in and {sum(hour.refusals.values())} refused in the last hour",
    ]
    return "; ".join(said) + "."
