"""Changes of a small fleet's keys, as admins plan them, and the machines of single admins."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from small_fleet import SmallFleet

from kiosk.cli.fleet.common import FleetSession, fleet_change
from kiosk.fleet.keys.change import KeyChange
from kiosk.fleet.keys.plans import admin_added, admin_gone, admin_replaced, publisher_replaced
from kiosk.fleet.keys.rotation import KeyRotation, Rotated
from kiosk.fleet.pending.desk import PendingDesk, PendingReport
from kiosk.fleet.stores.port import Expected, ObjectStore
from kiosk.fleet.trust.keyring import Keyring

Act = Callable[[FleetSession], object]


class Keys:
    """The keys of a small fleet, all in one folder.

    Args:
        fleet: the fleet.
        store: its store, or one over it.
    """

    def __init__(self, fleet: SmallFleet, store: ObjectStore | None = None) -> None:
        self.fleet = fleet
        self.ring = Keyring(fleet.keys.folder)
        self.rotation = KeyRotation(store or fleet.store, self.ring, fleet.clock.utc)

    def replace_admin(self, name: str) -> Rotated:
        return self.done(self.rotation.change(admin_replaced(self.ring, name)))

    def remove_admin(self, name: str) -> Rotated:
        return self.done(self.rotation.change(admin_gone(name)))

    def add_admin(self) -> Rotated:
        return self.done(self.rotation.change(admin_added(self.ring)))

    def set_threshold(self, threshold: int) -> Rotated:
        return self.done(self.rotation.change(lambda *_: KeyChange(threshold=threshold)))

    def renew(self) -> Rotated:
        return self.done(self.rotation.change(lambda *_: KeyChange()))

    def replace_publisher(self) -> Rotated:
        return self.done(self.rotation.change(publisher_replaced(self.ring)))

    def done(self, rotated: Rotated) -> Rotated:
        """The fleet's keys are read anew."""
        self.fleet.keys = Keyring(self.fleet.keys.folder)
        self.fleet.admin = self.fleet.admins()
        return rotated


class Machine:
    """One admin's machine: their key, the root of trust, and no more.

    Args:
        fleet: the fleet.
        name: whose.
    """

    def __init__(self, fleet: SmallFleet, name: str) -> None:
        self.fleet, self.folder = fleet, fleet.folder / f"machine of {name}"
        self.folder.mkdir(mode=0o700)
        for file in (f"{name}.key", "root.json"):
            shutil.copy(fleet.keys.folder / file, self.folder / file)

    @property
    def desk(self) -> PendingDesk:
        return PendingDesk(self.fleet.store, Keyring(self.folder), self.fleet.clock.utc)

    def leave(self, act: Act) -> PendingReport:
        """Do something for which this key alone is not enough."""
        (left,) = self.leave_all(act)
        return left

    def leave_all(self, act: Act) -> Sequence[PendingReport]:
        """Do something of which more than one change waits."""
        with fleet_change(f"folder:{self.fleet.store.path}", self.folder, None) as session:
            act(session)
        return session.waits

    def sign(self, ident: str) -> bool:
        desk = self.desk
        return desk.sign(ident, desk.look(ident))

    def sign_as(self, ident: str, act: Callable[[], object]) -> bool:
        """Sign a change; something happens just before it takes effect."""
        store = ActedStore(self.fleet.store, act)
        desk = PendingDesk(store, Keyring(self.folder), self.fleet.clock.utc)
        return desk.sign(ident, desk.look(ident))


@dataclass
class ActedStore:
    """A store in which something happens just before what admins sign is written."""

    store: ObjectStore
    act: Callable[[], object]

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def put(self, name: str, data: bytes, *, expected: str | Expected) -> str:
        if name.endswith(".targets.json"):
            self.act()
        return self.store.put(name, data, expected=expected)


def stolen(keys: Keyring, into: Path) -> Keyring:
    """A copy of a folder of keys, as a thief has it from now on."""
    shutil.copytree(keys.folder, into)
    return Keyring(into)
