"""The devices of a fleet as they report themselves, verified by the cards that admins have signed.

A device can lie about itself, and about nobody else. Whoever holds the store can withhold reports,
and that shows as age.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from tuf.api.metadata import Targets

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.cards import DeviceCard, DeviceKeys
from kiosk.fleet.device import MOST_SKEW
from kiosk.fleet.index import ScopeIndex
from kiosk.fleet.reporting.health import MOST_HEALTH, DeviceHealth, read_health
from kiosk.fleet.reporting.receipts import MOST_RECEIPTS, read_receipts
from kiosk.fleet.reporting.seen import SeenReports
from kiosk.fleet.stores.port import StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore

MISSED = 3
"""A device is late once it has missed so many reports in a row, and a minute has gone by."""


class Numbered(Protocol):
    """A report that has a number."""

    @property
    def number(self) -> int:
        """Higher than that of every one before."""
        ...


ReportT = TypeVar("ReportT", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Reported(Generic[ReportT]):
    """A kind of report that is written over by the next.

    Attributes:
        word: by which it is called and remembered.
        name: of the object in the store, by device.
        most_bytes: limit of its length.
        read: verifies and understands it; raises FleetRefused.
    """

    word: str
    name: Callable[[str], str]
    most_bytes: int
    read: Callable[[bytes, DeviceKeys], ReportT]


HEALTH = Reported("report", layout.health_name, MOST_HEALTH, read_health)
RECEIPTS = Reported("receipt", layout.receipts_name, MOST_RECEIPTS, read_receipts)


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """A device as its fleet sees it.

    Attributes:
        device: its fingerprint.
        door: on which it decides; None where its own settings say so.
        scopes: those that it is approved for; none once it was dropped.
        health: its newest report; None where there is none that counts.
        behind: how many statements it has yet to apply, by scope; empty at the head.
        late: true if its newest report is older than it should be.
        problem: why there is no report that counts; None if there is one.
    """

    device: str
    door: str | None
    scopes: tuple[str, ...]
    health: DeviceHealth | None = None
    behind: Mapping[str, int] = field(default_factory=dict)
    late: bool = False
    problem: str | None = None


def device_cards(verified: VerifiedStore, targets: Targets) -> Mapping[str, DeviceCard]:
    """What admins say of each device, those that were dropped included.

    Raises:
        FleetRefused: it cannot be verified.
    """
    found: dict[str, DeviceCard] = {}
    for device in layout.devices_in(targets.targets):
        raw = verified.read_target(targets, layout.device_target(device))
        if raw is not None:
            found[device] = DeviceCard.decode(raw)
    return found


def heads(verified: VerifiedStore, targets: Targets) -> Mapping[str, int]:
    """The place of the last published statement of each scope.

    Raises:
        FleetRefused: what is published cannot be verified.
    """
    found = verified.timestamp()
    if found is None:
        return {}
    meta, places = verified.snapshot(found[0]).meta, dict[str, int]()
    for scope in layout.scopes_in(targets.targets):
        role = layout.people_role(scope)
        known = meta.get(f"{role}.json")
        if known is not None:
            people = verified.delegated(role, known.version, targets)
            raw = verified.read_target(people, layout.index_target(scope))
            places[scope] = 0 if raw is None else ScopeIndex.decode(raw, scope).last
    return places


def device_statuses(
    verified: VerifiedStore, seen: SeenReports, now: datetime
) -> Sequence[DeviceStatus]:
    """Every device that admins have approved at some time, by fingerprint.

    Args:
        verified: the store.
        seen: which reports were seen; takes the new ones.
        now: the time, UTC.

    Raises:
        FleetRefused: what admins or the publisher have signed cannot be verified.
        FleetStoreUnreachable: the store does not answer.
    """
    targets = verified.targets()
    places = heads(verified, targets)
    cards = device_cards(verified, targets)
    return [_status(verified, card, places, seen, now) for card in cards.values()]


def _status(
    verified: VerifiedStore,
    card: DeviceCard,
    places: Mapping[str, int],
    seen: SeenReports,
    now: datetime,
) -> DeviceStatus:
    device = card.keys.fingerprint
    known = DeviceStatus(device, card.door, tuple(sorted(card.scopes)))
    if not card.scopes:
        return replace(known, problem="It was dropped; what it reports counts no more.")
    try:
        health = newest(verified, card, seen, HEALTH)
    except FleetRefused as error:
        return replace(known, problem=error.problem)
    if health is None:
        return replace(known, problem="It has never reported.")
    if health.at > now + MOST_SKEW:
        return replace(known, problem="Its report is of the future: look at its clock.")
    applied = {scope: health.synced.scopes.get(scope, 0) for scope in card.scopes}
    behind = {
        scope: places[scope] - place
        for scope, place in sorted(applied.items())
        if places.get(scope, 0) > place
    }
    patience = timedelta(seconds=60 + MISSED * health.every_seconds)
    return replace(known, health=health, behind=behind, late=now - health.at > patience)


def newest(
    verified: VerifiedStore, card: DeviceCard, seen: SeenReports, what: Reported[ReportT]
) -> ReportT | None:
    """A device's newest report of a kind; None where it has none.

    Raises:
        FleetRefused: it is too long, not signed by the device, older than one that was seen, or
            gone.
    """
    device = card.keys.fingerprint
    found = verified.store.get(what.name(device), what.most_bytes)
    if not isinstance(found, StoredObject):
        if seen.of(device, what.word)["number"]:
            raise FleetRefused(f"Its {what.word} was there, and is missing.", "Look at the store.")
        return None
    report = what.read(found.data, card.keys)
    if not seen.take(device, what.word, report.number):
        raise FleetRefused(
            f"Its {what.word} {report.number} was put back over a newer one.",
            "Look who has written to the store.",
        )
    return report
