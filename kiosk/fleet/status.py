"""The state of a fleet for its admins, and what is not as safe as it could be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tuf.api.metadata import Targets

from kiosk.domain.errors import FleetRefused, StoreKeyError
from kiosk.domain.fleet.history import history_of
from kiosk.domain.fleet.statement import ADMINS
from kiosk.fleet.checking.inviters import odd_inviters
from kiosk.fleet.checking.offers import odd_offers
from kiosk.fleet.inviting.judging import Judge
from kiosk.fleet.inviting.reviewing import JudgedScope
from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.log import Authors, published_now
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
        people: how many are known there; None where no key that is here opens the scope, or
            something of it cannot be opened.
        waiting: how many objects wait for the publisher.
        problem: why something that admins have signed cannot be opened; None where all can be.
    """

    scope: str
    doors: tuple[str, ...]
    devices: tuple[str, ...]
    people: int | None
    waiting: int
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class FleetStatus:
    """A fleet as it is published.

    Attributes:
        version: of the timestamp; 0 before the first.
        signed_at: when the publisher signed it, UTC; None before the first time.
        admins: how many there are.
        threshold: how many of them must sign.
        scopes: by name.
        pending: how many changes wait for more admins to sign them.
        warnings: what is not as safe as it could be, a sentence each.
    """

    version: int
    signed_at: datetime | None
    admins: int
    threshold: int
    scopes: tuple[ScopeStatus, ...]
    pending: int
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
    book = ScopeBook(verified, targets, keys)
    names = layout.scopes_in(targets.targets)
    scopes = tuple(_scope(verified, targets, book, name) for name in names)
    return FleetStatus(
        0 if found is None else found[0].version,
        at,
        len(role.keyids),
        role.threshold,
        scopes,
        sum(layout.pending_of(name) is not None for name in store.names(layout.PENDING)),
        (
            *_warnings(keys, role.threshold, at, now),
            *expiry_warnings(verified.root, targets, now),
            *(f"Scope {it.scope}: {it.problem}" for it in scopes if it.problem is not None),
            *odd_inviters(verified, targets),
            *odd_offers(verified, targets, keys),
        ),
    )


def _scope(verified: VerifiedStore, targets: Targets, book: ScopeBook, scope: str) -> ScopeStatus:
    card = book.scope(scope)
    authors = (ADMINS, *layout.inviters_in(targets.targets), *card.devices)
    waiting = sum(1 for each in authors for _ in verified.store.names(layout.inbox(each, scope)))
    file = published_now(verified, targets, scope).file
    people, problem = None, None
    try:
        keys = book.open(card)
        judge = Judge(keys, file, Authors(verified, targets).inviter)
        history = history_of(scope, (statement for statement, _ in file.statements))
        people = sum(1 for _ in JudgedScope(keys, history, judge).people())
    except StoreKeyError:
        pass  # such as where only the publisher's key is
    except FleetRefused as error:
        problem = error.problem
    doors, devices = tuple(card.doors), tuple(card.devices)
    return ScopeStatus(scope, doors, devices, people, waiting, problem)


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
