"""The keys of a fleet, and how long what they have signed is good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tuf.api.metadata import Targets, Timestamp

from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore


@dataclass(frozen=True, slots=True)
class AdminReport:
    """One admin.

    Attributes:
        name: such as `admin-2`; empty for a key that nobody has named.
        keyid: the id of the signing key.
        scheme: how it signs.
        here: True if the key is among those at hand.
    """

    name: str
    keyid: str
    scheme: str
    here: bool


@dataclass(frozen=True, slots=True)
class KeysReport:
    """The keys of a fleet.

    Attributes:
        root: the version of the root of trust.
        expires: when the root does, UTC.
        targets_expire: when what admins have signed last does, UTC.
        threshold: how many admins must sign.
        admins: all of them.
        publisher: the id of the publisher's key.
        publisher_here: True if that key is at hand.
    """

    root: int
    expires: datetime
    targets_expire: datetime
    threshold: int
    admins: tuple[AdminReport, ...]
    publisher: str
    publisher_here: bool


def keys_report(verified: VerifiedStore, keys: Keyring) -> KeysReport:
    """The keys of a fleet, and which of them are at hand.

    Raises:
        FleetRefused: the store cannot be verified.
    """
    root, targets = verified.root, verified.targets()
    names = {it.keyid: it.name for it in ScopeBook(verified, targets, keys).admins.admins}
    here = {each.keyid for each in keys.admins}
    role = root.roles[Targets.type]
    admins = (
        AdminReport(names.get(keyid, ""), keyid, root.keys[keyid].scheme, keyid in here)
        for keyid in role.keyids
    )
    publisher, mine = root.roles[Timestamp.type].keyids[0], keys.publisher
    return KeysReport(
        root.version,
        root.expires,
        targets.expires,
        role.threshold,
        tuple(admins),
        publisher,
        mine is not None and mine.public_key.keyid == publisher,
    )
