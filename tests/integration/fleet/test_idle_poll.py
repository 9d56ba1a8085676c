"""A poll that finds nothing newer: one small request, and everything is judged again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace

import pytest
import seaweedfs_server
from fleet_thieves import refused
from moto_peer import BUCKET, KEYS, MotoPeer
from seaweedfs_server import SeaweedServer
from small_fleet import Kiosk, SmallFleet, everything, person
from tuf.ngclient._internal import trusted_metadata_set

from kiosk.domain.errors import FleetStoreUnreachable
from kiosk.fleet.stores.port import (
    ANYTHING,
    UNCHANGED,
    ObjectStore,
    StoredObject,
    Unchanged,
)
from kiosk.fleet.stores.s3 import S3Store


@dataclass
class ToldStore:
    """A store that notes what it is asked, and may lie that nothing is newer."""

    store: ObjectStore
    lies: bool = False
    asked: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def get(
        self, name: str, most_bytes: int, *, known_tag: str | None = None
    ) -> StoredObject | Unchanged | None:
        self.asked.append(name)
        if self.lies and known_tag is not None:
            return UNCHANGED
        return self.store.get(name, most_bytes, known_tag=known_tag)

    def stream(self, name: str, start: int = 0) -> Iterator[bytes] | None:
        self.asked.append(name)
        return self.store.stream(name, start)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        yield made


@pytest.fixture
def kiosk(fleet: SmallFleet) -> Kiosk:
    made = fleet.kiosk("front")
    fleet.told(person("anna"))
    return made


def told(kiosk: Kiosk) -> ToldStore:
    """The store of a kiosk that has synced once over it."""
    store = ToldStore(kiosk.store)
    kiosk.anew(store).sync()
    store.asked.clear()
    return store


@pytest.fixture(scope="module", params=["seaweedfs", "moto"])
def bucket(request: pytest.FixtureRequest) -> Iterator[S3Store]:
    with ExitStack() as ends:
        server = SeaweedServer() if request.param == "seaweedfs" else MotoPeer()
        ends.callback(server.close)
        keys = seaweedfs_server.ADMIN if request.param == "seaweedfs" else KEYS
        patience = {"connect_seconds": 60.0, "read_seconds": 60.0}
        store = S3Store(BUCKET, uuid.uuid4().hex, server.endpoint, keys=keys, **patience)
        ends.callback(store.close)
        yield store


def test_over_s3_it_costs_one_request_and_no_byte(kiosk: Kiosk, bucket: S3Store) -> None:
    for name, data in everything(kiosk.store).items():
        bucket.put(name, data, expected=ANYTHING)
    updater = kiosk.anew(bucket)
    assert updater.sync().people == 1
    requests, received = bucket.traffic.requests, bucket.traffic.bytes
    assert updater.sync().people == 1
    assert (bucket.traffic.requests - requests, bucket.traffic.bytes - received) == (1, 0)


def test_what_is_newer_is_found_with_no_request_more(fleet: SmallFleet, kiosk: Kiosk) -> None:
    store = told(kiosk)
    fleet.told(person("boris"))
    assert kiosk.sync().people == 2
    assert store.asked.count("metadata/timestamp.json") == 1
    assert "metadata/2.root.json" in store.asked


def test_a_store_that_lies_only_withholds(fleet: SmallFleet, kiosk: Kiosk) -> None:
    """What it hides is not there, and the age of what is known goes on growing."""
    store = told(kiosk)
    store.lies = True
    before = kiosk.sync()
    fleet.told(person("boris"))
    assert kiosk.sync() == before
    store.lies = False
    assert kiosk.sync().people == 2


def test_what_was_fresh_when_it_was_fetched_expires_all_the_same(kiosk: Kiosk) -> None:
    store = told(kiosk)
    store.lies = True
    kiosk.sync()
    kiosk.clock.by = timedelta(hours=1)
    assert kiosk.sync().people == 1
    with pytest.MonkeyPatch.context() as patch:
        _in_a_day(patch)
        refused(kiosk, "has expired")
    assert kiosk.sync().people == 1


def test_a_clock_that_was_set_back_is_noticed_without_news(kiosk: Kiosk) -> None:
    told(kiosk)
    kiosk.clock.by = -timedelta(hours=1)
    refused(kiosk, "later than this kiosk's clock")
    kiosk.clock.by = timedelta()
    assert kiosk.sync().people == 1


def test_a_newer_root_is_looked_for_now_and_then(kiosk: Kiosk) -> None:
    store = told(kiosk)
    kiosk.sync()
    assert store.asked == ["metadata/timestamp.json"]
    kiosk.updater._client._whole_until = float("-inf")
    kiosk.sync()
    assert "metadata/2.root.json" in store.asked


def test_another_process_that_synced_meanwhile_leads_to_no_refusal(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    """What this one remembers is older than the cache then, and would look like an attack."""
    store, mine = told(kiosk), kiosk.updater
    fleet.told(person("boris"))
    assert kiosk.anew().sync().people == 2
    store.lies = True
    assert mine.sync().people == 2
    assert kiosk.entries("sync_refused") == []


@pytest.mark.parametrize("lost", ["timestamp", "snapshot", "targets", "people-harbour"])
def test_a_file_that_is_gone_from_the_cache_is_fetched_again(kiosk: Kiosk, lost: str) -> None:
    told(kiosk)
    (kiosk.cache / "metadata" / f"{lost}.json").unlink()
    assert kiosk.sync().people == 1
    assert kiosk.sync().people == 1


@pytest.mark.parametrize("damaged", ["timestamp", "snapshot", "targets", "people-harbour"])
def test_a_file_that_was_changed_in_the_cache_is_not_believed(kiosk: Kiosk, damaged: str) -> None:
    told(kiosk)
    (kiosk.cache / "metadata" / f"{damaged}.json").write_bytes(b"{}")
    assert kiosk.sync().people == 1


def test_after_a_store_that_was_away_everything_is_asked(kiosk: Kiosk) -> None:
    store = told(kiosk)
    kiosk.store.path.rename(kiosk.store.path.with_name("away"))
    with pytest.raises(FleetStoreUnreachable):
        kiosk.sync()
    kiosk.store.path.with_name("away").rename(kiosk.store.path)
    store.asked.clear()
    assert kiosk.sync().people == 1
    assert "metadata/2.root.json" in store.asked


def _in_a_day(patch: pytest.MonkeyPatch) -> None:
    """Let the framework's own clock be a day later; nobody else's is."""

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override] # no Self
            return datetime.now(tz) + timedelta(hours=25)

    zone = SimpleNamespace(utc=UTC)
    patch.setattr(trusted_metadata_set, "datetime", SimpleNamespace(datetime=Later, timezone=zone))


# -- the publisher's side ------------------------------------------------------------------------


KEEPS = timedelta(minutes=5)


def test_a_publisher_that_watches_signs_nothing_new_only_now_and_then(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    kiosk.sync()
    signed, before = fleet.publisher().publish(), everything(fleet.store)
    for _ in range(3):
        kept = fleet.publisher().publish(KEEPS)
        assert (kept.version, kept.news) == (signed.version, False)
    assert everything(fleet.store) == before
    fleet.clock.by = KEEPS
    assert fleet.publisher().publish(KEEPS).version == signed.version + 1
    fleet.clock.by = timedelta()
    assert fleet.publisher().publish(KEEPS).version == signed.version + 2, "signed in the future"


def test_what_is_new_is_signed_at_once_and_told_of(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.publish()
    fleet.say(person("boris"))
    assert fleet.publisher().publish(KEEPS).news
    assert kiosk.sync().people == 2
    fleet.admin.revoke(kiosk.fingerprint)
    assert fleet.publisher().publish(KEEPS).news, "cards are news without a statement"
    assert not fleet.publisher().publish(KEEPS).news
    assert not fleet.publish().news


def test_rubbish_is_set_aside_though_nothing_is_signed(fleet: SmallFleet, kiosk: Kiosk) -> None:
    del kiosk
    version = fleet.publish().version
    fleet.store.put("changes/harbour/zzz", b"rubbish", expected=ANYTHING)
    done = fleet.publisher().publish(KEEPS)
    assert (done.version, len(done.review)) == (version, 1)
    assert everything(fleet.store, "changes/") == {}
