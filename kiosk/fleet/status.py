"""The state of a fleet for its admins, and what is not as safe as it could be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tuf.api.metadata import Targets

from kiosk.domain.fleet.history import history_of
from kiosk.domain.fleet.statement import ADMINS
from kiosk.fleet.cards import ScopeCard
from kiosk.fleet.checking.inviters import odd_inviters
from kiosk.fleet.checking.offers import odd_offers
from kiosk.fleet.log import published_now
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.expiry import expiry_warnings
from kiosk.fleet.trust.freshness import signed_at
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore

LATE = timedelta(hours=1)
"""A publisher that has signed nothing for so long may be down, or kept from the store."""


@dataclass(frozen=True, slots=True)
class ScopeStatus:
    """One scope as it is published.

    Attributes:
        scope: its name.
        doors: in it.
        devices: the fingerprints of its devices.
        people: how many records count; those of erased people are among them.
        waiting: how many objects wait for the publisher.
    """

    scope: str
    doors: tuple[str, ...]
    devices: tuple[str, ...]
    people: int
    waiting: int


@dataclass(frozen=True, slots=True)
class FleetStatus:
    """A fleet as it is published.

    Attributes:
        version: of the timestamp; 0 before the first.
        signed_at: when the publisher signed it, UTC; None before the first time.
        admins: how many there are.
        threshold: how many of them must sign.
        scopes: by name.
        warnings: what is not as safe as it could be, a sentence each.
    """

    version: int
    signed_at: datetime | None
    admins: int
    threshold: int
    scopes: tuple[ScopeStatus, ...]
    warnings: tuple[str, ...]


def fleet_status(
    store: ObjectStore, verified: VerifiedStore, keys: Keyring, now: datetime
) -> FleetStatus:
    """The state of a fleet.

    Raises:
        FleetRefused: it cannot be verified.
    """
    targets, found = verified.targets(), verified.timestamp()
    role = verified.root.roles[Targets.type]
    at = None if found is None else signed_at(found[0])
    return FleetStatus(
        0 if found is None else found[0].version,
        at,
        len(role.keyids),
        role.threshold,
        tuple(_scope(store, verified, targets, name) for name in layout.scopes_in(targets.targets)),
        (
            *_warnings(keys, role.threshold, at, now),
            *expiry_warnings(verified.root, targets, now),
            *odd_inviters(verified, targets),
            *odd_offers(verified, targets, keys),
        ),
    )


def _scope(
    store: ObjectStore, verified: VerifiedStore, targets: Targets, scope: str
) -> ScopeStatus:
    card = ScopeCard.decode(verified.read_target(targets, layout.scope_target(scope)) or b"")
    statements = published_now(verified, targets, scope).file.statements
    history = history_of(scope, (statement for statement, _ in statements))
    authors = (ADMINS, *card.devices)
    waiting = sum(1 for each in authors for _ in store.names(layout.inbox(each, scope)))
    people = len(history.current)
    return ScopeStatus(scope, tuple(card.doors), tuple(card.devices), people, waiting)


def _warnings(
    keys: Keyring, threshold: int, signed_at: datetime | None, now: datetime
) -> list[str]:
    found: list[str] = []
    if keys.unprotected:
        found.append(f"{keys.unprotected} admins' keys in {keys.folder} have no passphrase.")
    if threshold == 1:
        found.append("One admin alone can change everything: enough for one door, not for a fleet.")
    if signed_at is not None and now - signed_at > LATE:
        found.append(f"The publisher has signed nothing since {signed_at:%Y-%m-%d %H:%M} UTC.")
    return found
