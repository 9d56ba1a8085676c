"""The health of a device, as its fleet is told: numbers and states; no name, no id and no score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from kiosk.fleet.cards import DeviceKeys
from kiosk.fleet.device import Device
from kiosk.fleet.reporting.counting import Counts, Latency
from kiosk.fleet.reporting.signed import (
    ReportKind,
    read_report,
    short_word,
    sign_report,
    understood,
    utc_time,
)
from kiosk.fleet.rollout.report import SettingsReport

MOST_HEALTH = 16_384
"""Limit of a report's bytes; what is longer is no report."""
MOST_NUMBER = 1e9


@dataclass(frozen=True, slots=True)
class SyncedTo:
    """What a device has applied of its fleet.

    Attributes:
        version: of the timestamp; 0 before the first sync.
        signed_at: when the publisher signed it, UTC; None before the first sync.
        scopes: the place of the last statement that was applied, by scope.
    """

    version: int = 0
    signed_at: datetime | None = None
    scopes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JournalHandedIn:
    """How far a device has handed in its journal.

    Attributes:
        number: of the last segment; 0 before the first.
        digest: its hash; None before the first.
    """

    number: int = 0
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceHealth:
    """One report of a device.

    Attributes:
        number: higher than that of every report before.
        at: when it was made, by the device's clock, UTC.
        started_at: when the kiosk was started, UTC.
        every_seconds: how often it reports.
        program: the version of the program.
        settings: the version of the fleet's settings that it runs; None for its own.
        rollout: how it gets along with them; None where its program is older, or it has none.
        synced: what it has applied of the fleet.
        journal: how far it has handed in its journal.
        door: conditions of the door that last; none if it is secured.
        faults: the parts that are out of order.
        since_start: what was counted since the start.
        last_hour: what was counted in the last hour.
        latency_ms: how fast the door was released in the last hour.
    """

    number: int
    at: datetime
    started_at: datetime
    every_seconds: float
    program: str
    synced: SyncedTo = SyncedTo()
    journal: JournalHandedIn = JournalHandedIn()
    settings: int | None = None
    rollout: SettingsReport | None = None
    door: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    since_start: Counts = Counts()
    last_hour: Counts = Counts()
    latency_ms: Latency = Latency()

    def signed(self, device: Device) -> bytes:
        """The report, signed by its device."""
        return sign_report(ReportKind.HEALTH, device, self.said())

    def said(self) -> dict[str, Any]:
        """The report as a JSON object."""
        signed_at = self.synced.signed_at
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "started_at": self.started_at.isoformat(),
            "every_seconds": self.every_seconds,
            "program": self.program,
            "settings": self.settings,
            "rollout": None if self.rollout is None else self.rollout.said(),
            "synced": {
                "version": self.synced.version,
                "signed_at": None if signed_at is None else signed_at.isoformat(),
                "scopes": dict(self.synced.scopes),
            },
            "journal": asdict(self.journal),
            "door": list(self.door),
            "faults": list(self.faults),
            "counts": {
                "since_start": asdict(self.since_start),
                "last_hour": asdict(self.last_hour),
            },
            "latency_ms": asdict(self.latency_ms),
        }


def read_health(data: bytes, keys: DeviceKeys) -> DeviceHealth:
    """A report, if this device has signed it.

    Raises:
        FleetRefused: it has not, or this version does not understand it.
    """
    report = read_report(ReportKind.HEALTH, data, keys)
    return understood(ReportKind.HEALTH, report.said, _health)


def _health(said: Mapping[str, Any]) -> DeviceHealth:
    synced, counts, settings = said["synced"], said["counts"], said["settings"]
    rollout = said.get("rollout")
    return DeviceHealth(
        number=int(said["number"]),
        at=utc_time(said["at"]),
        started_at=utc_time(said["started_at"]),
        every_seconds=_finite(said["every_seconds"]),
        program=short_word(said["program"]),
        settings=None if settings is None else int(settings),
        rollout=None if rollout is None else SettingsReport.of(rollout),
        synced=SyncedTo(
            int(synced["version"]),
            None if synced["signed_at"] is None else utc_time(synced["signed_at"]),
            {short_word(scope): int(place) for scope, place in synced["scopes"].items()},
        ),
        journal=_journal(said["journal"]),
        door=tuple(map(short_word, said["door"])),
        faults=tuple(map(short_word, said["faults"])),
        since_start=_counts(counts["since_start"]),
        last_hour=_counts(counts["last_hour"]),
        latency_ms=_latency(said["latency_ms"]),
    )


def _journal(said: Mapping[str, Any]) -> JournalHandedIn:
    digest = said["digest"]
    return JournalHandedIn(int(said["number"]), None if digest is None else short_word(digest))


def _counts(said: Mapping[str, Any]) -> Counts:
    refusals = {short_word(kind): int(count) for kind, count in said["refusals"].items()}
    return Counts(int(said["decisions"]), int(said["grants"]), refusals, int(said["faults"]))


def _latency(said: Mapping[str, Any]) -> Latency:
    p50, p95 = (None if said[it] is None else _finite(said[it]) for it in ("p50", "p95"))
    return Latency(p50, p95, int(said["samples"]))


def _finite(number: float) -> float:
    if not 0 <= number <= MOST_NUMBER:
        raise ValueError(number)
    return float(number)
