"""Changes of a small fleet's keys, as admins plan them."""

from __future__ import annotations

import shutil
from pathlib import Path

from small_fleet import SmallFleet

from kiosk.fleet.keys.change import KeyChange
from kiosk.fleet.keys.plans import admin_added, admin_gone, admin_replaced, publisher_replaced
from kiosk.fleet.keys.rotation import KeyRotation, Rotated
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust.keyring import Keyring


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


def stolen(keys: Keyring, into: Path) -> Keyring:
    """A copy of a folder of keys, as a thief has it from now on."""
    shutil.copytree(keys.folder, into)
    return Keyring(into)
