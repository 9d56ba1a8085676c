"""A fleet of a benchmark: admins and publisher with keys of its own, and synthetic people."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from kiosk.domain.people.consent import Consent
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.device import DeviceFile, hand_in
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.keyring import Keyring
from kiosk.measure.synthetic import unit_rows
from kiosk.store.home import now_utc
from kiosk.store.open_home import OpenHome
from kiosk.store.people.person import Profile
from models.packs.manifest import Pack

SCOPE, IMPORTED = "bench", "imported"
EACH = 5
"""References of each person."""
ADMINS, THRESHOLD = 3, 2
PEOPLE_A_STATEMENT = 2_000
"""As an import says them."""


class BenchFleet:
    """A fleet in an empty store: a scope with people, and one into which an import brings some.

    Args:
        folder: for the keys; an empty one.
        store: the fleet's store.
        address: its address, as kiosks are told it.
        pack: the models; people are random vectors in their space.
    """

    def __init__(self, folder: Path, store: ObjectStore, address: str, pack: Pack) -> None:
        self.store, self.address, self.keys_folder = store, address, folder
        self._pack = pack
        self._keys = Keyring.create(folder, ADMINS, None)
        AdminSigning(store, self._keys, now_utc).found(THRESHOLD)
        self._admin = FleetAdmin(store, self._keys, now_utc)
        for scope in (SCOPE, IMPORTED):
            self._admin.add_scope(scope, ["front"])

    def join(self, home: Path) -> None:
        """Make a kiosk a device of this fleet, and approve it."""
        with OpenHome.open(home) as open_home:
            file = DeviceFile(open_home.home)
            device = file.join(self.address, self._keys.root, open_home.recorder.note)
            hand_in(device, self.store)
        self._admin.approve(device.fingerprint, [SCOPE])

    def say(self, people: int, first: int = 0, seed: int = 1) -> None:
        """Say who so many people are; another seed gives them other references.

        Args:
            people: how many.
            first: the number of the first.
            seed: of their references.
        """
        for at in range(first, first + people, PEOPLE_A_STATEMENT):
            few = min(PEOPLE_A_STATEMENT, first + people - at)
            self._admin.say(SCOPE, self._people(few, at, seed))

    def publish(self) -> float:
        """Publish what was said; returns how many seconds it took."""
        began = time.perf_counter()
        self._admin.publish()
        return time.perf_counter() - began

    def _people(self, count: int, first: int, seed: int) -> Sequence[FleetPerson]:
        dimensions = self._pack.file("embedding").dimensions
        rows = unit_rows(count * EACH, dimensions, seed + first)
        space, agreed = SpaceId(self._pack.space), Consent("given", datetime.now(UTC))
        made: list[FleetPerson] = []
        for number in range(count):
            subject = SubjectId(f"nobody-{first + number}")
            references = tuple(
                Reference(ReferenceId(f"{subject}.{seed}.{n}"), subject, Template(row, space))
                for n, row in enumerate(rows[number * EACH : (number + 1) * EACH])
            )
            made.append(FleetPerson(subject, Profile("Nobody", agreed, now_utc()), references))
        return made


def polling_each_second(settings: Settings) -> Settings:
    """The settings with a poll each second."""
    fleet = settings.fleet.model_copy(update={"poll_seconds": 1.0})
    return settings.model_copy(update={"fleet": fleet})
