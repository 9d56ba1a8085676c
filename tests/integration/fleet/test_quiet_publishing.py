"""A publisher that watches writes when there is something to say, and reads what it has to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, everything, person

from kiosk.fleet.stores.port import ANYTHING, ObjectStore, StoredObject, Unchanged
from kiosk.fleet.trust import layout

QUIET = timedelta(minutes=5)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        made.say(person("anna"))
        made.say(person("boris"), scope=YARD)
        yield made


@pytest.fixture
def kiosk(fleet: SmallFleet) -> Kiosk:
    made = fleet.kiosk("north", HARBOUR, YARD)
    fleet.publish()
    made.sync()
    return made


def test_nothing_is_written_where_nothing_waits(fleet: SmallFleet, kiosk: Kiosk) -> None:
    before, version = everything(fleet.store), kiosk.sync().version
    assert fleet.publisher().publish(QUIET).version == version
    assert everything(fleet.store) == before


def test_that_there_is_nothing_new_is_signed_once_its_time_has_come(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    heard = kiosk.sync().signed_at
    fleet.clock.by = kiosk.clock.by = QUIET
    fleet.publisher().publish(QUIET)
    assert kiosk.sync().signed_at >= heard + QUIET


def test_a_clock_that_was_set_back_signs_anew(fleet: SmallFleet, kiosk: Kiosk) -> None:
    version = kiosk.sync().version
    fleet.clock.by = -QUIET
    assert fleet.publisher().publish(QUIET).version == version + 1


def test_whatever_waits_is_published_however_quiet_it_may_be(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    fleet.say(person("chen"))
    assert fleet.publisher().publish(QUIET).published == {HARBOUR: 1}
    assert kiosk.sync().people == 3
    fleet.kiosk("south", YARD)
    fleet.publisher().publish(QUIET)  # admins have changed something else
    kiosk.sync()


class ReadStore:
    """A store that writes down what is read."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.read: list[str] = []
        self.listed: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def get(
        self, name: str, most_bytes: int, *, known_tag: str | None = None
    ) -> StoredObject | Unchanged | None:
        self.read.append(name)
        return self._store.get(name, most_bytes, known_tag=known_tag)

    def names(self, prefix: str = "") -> Iterator[str]:
        self.listed.append(prefix)
        return self._store.names(prefix)


@pytest.mark.usefixtures("kiosk")
def test_the_history_of_a_scope_is_read_where_something_is_added_to_it(fleet: SmallFleet) -> None:
    fleet.say(person("chen"))
    store = ReadStore(fleet.store)
    fleet.publisher(store).publish()
    histories = [name for name in store.read if "base-" in name or "delta-" in name]
    assert histories
    assert all(f"people/{HARBOUR}/" in name for name in histories)


def test_the_store_is_listed_as_often_however_many_scopes_and_devices_there_are(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    def lists() -> list[str]:
        store = ReadStore(fleet.store)
        fleet.publisher(store).publish(QUIET)
        return store.listed

    before = lists()
    fleet.inviter()
    fleet.admin.add_scope("quay", ["quay"])
    for n in range(3):
        fleet.kiosk(f"another-{n}", YARD, "quay")
    fleet.publish()
    assert lists() == before
    assert kiosk.sync().people == 2


@pytest.mark.usefixtures("kiosk")
def test_other_things_beside_inboxes_keep_no_publisher_busy(fleet: SmallFleet) -> None:
    version = fleet.publish().version
    stranger = fleet.asking("stranger").fingerprint
    for name in (
        layout.inbox_name(stranger, "nowhere", 1),
        layout.offer_name(stranger, HARBOUR),
        layout.health_name(stranger),
        f"{layout.UPLOADS}x",
        f"{layout.CHANGES}nowhere/1",
        f"{layout.INVITATIONS}x",
    ):
        fleet.store.put(name, b"{}", expected=ANYTHING)
    done = fleet.publisher().publish(QUIET)
    assert (done.version, done.review) == (version, [])
