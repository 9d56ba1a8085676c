"""The fleet of the demonstration: admins, a desk that invites, a publisher, and two kiosks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from config.settings import Settings
from kiosk.app.demonstration.people import GIVEN_NAME
from kiosk.domain.errors import StoreError, SubjectUnknown
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.device import DeviceFile, hand_in
from kiosk.fleet.directing import FleetDirector
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.inviting.inviter import FleetInviter
from kiosk.fleet.inviting.naming import InviterNaming
from kiosk.fleet.polling import FleetPolling
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.key_file import PrivateKeys
from kiosk.fleet.trust.keyring import Keyring
from kiosk.people.invitations import InvitationWish
from kiosk.store.home import now_utc
from kiosk.store.open_home import OpenHome
from kiosk.wiring.fleet import fleet_updater

SCOPE = "harbour"
DOORS = ("front", "yard")
ADMINS, THRESHOLD = 3, 2
PUBLISH_SECONDS = 1.0


@dataclass
class DemoKiosk:
    """A kiosk that is a device of the fleet, and syncs by itself.

    Attributes:
        open_home: its open home.
        people: how many people of the fleet it knows.
        changes: how many changes of the fleet it has applied.
        version: of the fleet, as it was synced last.
    """

    open_home: OpenHome
    people: int = 0
    changes: int = 0
    version: int = 0

    def given_name(self, subject: SubjectId | None) -> str | None:
        """The name for the greeting; None for nobody, or for whoever was just erased."""
        if subject is None:
            return None
        try:
            return self.open_home.references.given_name(subject)
        except (StoreError, SubjectUnknown):
            return None


class DemoFleet:
    """A fleet in a folder, while its kiosks sync and its publisher runs.

    Args:
        store: its store.
        keys: admins' and the publisher's.
        desk: invites people.
        first: where the person enrols.
        second: where they come later.
    """

    def __init__(
        self,
        store: FolderStore,
        keys: Keyring,
        desk: FleetInviter,
        first: DemoKiosk,
        second: DemoKiosk,
    ) -> None:
        self._store, self._keys, self._desk = store, keys, desk
        self.first, self.second = first, second

    def invite(self, subject: SubjectId) -> tuple[str, int]:
        """Invite somebody, who may enrol once, at any kiosk of the fleet.

        Returns:
            The text of their code, and the version of the fleet from which on it counts.

        Raises:
            FleetRefused, FleetStoreUnreachable: nobody was invited.
        """
        wish = InvitationWish(subject, timedelta(days=1), GIVEN_NAME)
        code = self._desk.issue(SCOPE, wish).code
        published = FleetAdmin(self._store, self._keys, now_utc).publish()
        return code, 0 if published is None else published.version

    def suspend(self, subject: SubjectId) -> None:
        """Let somebody in nowhere, as admins; it counts once it is published.

        Raises:
            SubjectUnknown: nobody with that id is published.
            FleetRefused, FleetStoreUnreachable: nothing was said.
        """
        FleetDirector(FleetAdmin(self._store, self._keys, now_utc)).suspend(subject)


@contextmanager
def demo_fleet(folder: Path, settings: Settings) -> Iterator[DemoFleet]:
    """Found a fleet, and keep it running meanwhile.

    Args:
        folder: an empty folder for store, keys and homes.
        settings: of the kiosks.

    Raises:
        FleetRefused, FleetStoreUnreachable: it could not be founded.
    """
    keys = Keyring.create(folder / "keys", ADMINS, None)
    with closing(FolderStore.create(folder / "store")) as store:
        AdminSigning(store, keys, now_utc).found(THRESHOLD)
        admin = FleetAdmin(store, keys, now_utc)
        admin.add_scope(SCOPE, DOORS)
        key = PrivateKeys.draw(opens=False)
        card = InviterCard("desk", key.public_signing, (SCOPE,))
        InviterNaming(store, keys, now_utc).name(card)
        desk = FleetInviter(store, keys.root, key, now_utc)
        homes = [folder / door for door in DOORS]
        for home, door in zip(homes, DOORS, strict=True):
            _joined(home, door, store, keys)
        with (
            FleetPolling(admin.publish, PUBLISH_SECONDS, _say),
            _syncing(homes[0], settings) as first,
            _syncing(homes[1], settings) as second,
        ):
            yield DemoFleet(store, keys, desk, first, second)


def _joined(home: Path, door: str, store: FolderStore, keys: Keyring) -> None:
    """Make a kiosk a device of the fleet, and have admins approve its fingerprint."""
    with OpenHome.open(home) as open_home:
        file = DeviceFile(open_home.home)
        device = file.join(f"folder:{store.path}", keys.root, open_home.recorder.note)
        hand_in(device, store)
    FleetAdmin(store, keys, now_utc).approve(device.fingerprint, [SCOPE], door)


@contextmanager
def _syncing(home: Path, settings: Settings) -> Iterator[DemoKiosk]:
    """A kiosk that syncs by itself meanwhile, as `kiosk run` does."""
    with (
        OpenHome.open(home) as open_home,
        fleet_updater(open_home, settings) as (updater, _),
    ):
        kiosk = DemoKiosk(open_home)

        def sync() -> None:
            done = updater.sync()
            kiosk.people = done.people
            kiosk.changes += sum(change.put for change in done.changes)
            kiosk.version = done.version

        with FleetPolling(sync, settings.fleet.poll_seconds, _say):
            yield kiosk


def _say(problem: str) -> None:
    sys.stderr.write(f"kiosk: {problem}\n")
