"""Evaluation of an OSDP device's reports. Pure.

For the lock, the fresh answer counts. An input counts as disturbed if any report since the last
answer says so: a short press of a button, or a leaf that opened and shut again, is not lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from osdp import StatusReportType

from hardware.door.osdp.config import OsdpConfig
from kiosk.domain.door.protocol import DoorReading, Leaf, Lock

Report = tuple[int, bytes]
"""Report type, and one byte for each output or input, or for housing and power."""


def reading(config: OsdpConfig, fresh: Mapping[int, bytes], pushed: list[Report]) -> DoorReading:
    """Combine the device's reports into a door reading.

    Args:
        config: assigns output and inputs to the door.
        fresh: the current answers, by type.
        pushed: unsolicited reports since the last answer.
    """
    heard = [*pushed, *fresh.items()]
    inputs = [report for kind, report in heard if kind == StatusReportType.Input]
    housing = [report for kind, report in heard if kind == StatusReportType.Local]
    on = fresh[StatusReportType.Output][config.output] != 0
    lock = Lock.RELEASED if on else Lock.SECURED
    readings = [config.contacts.reading(lock, _closed(report)) for report in inputs]
    whole = _merged(readings) if readings else DoorReading(lock)
    opened = config.housing and any(report[0] for report in housing)
    return replace(whole, tampered=whole.tampered or opened)


def _closed(report: bytes) -> dict[int, bool]:
    """Closed contacts by input number; an active input is a closed contact."""
    return {number: state != 0 for number, state in enumerate(report)}


def _merged(readings: list[DoorReading]) -> DoorReading:
    """The last reading, with every input disturbed that was disturbed in any reading."""
    last = readings[-1]
    return replace(
        last,
        leaf=Leaf.OPEN if any(each.leaf is Leaf.OPEN for each in readings) else last.leaf,
        tampered=any(each.tampered for each in readings),
        exit_asked=any(each.exit_asked for each in readings),
        fire=any(each.fire for each in readings),
        neighbour_secured=last.neighbour_secured
        and all(each.neighbour_secured for each in readings),
    )
