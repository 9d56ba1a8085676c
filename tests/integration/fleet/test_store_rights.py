"""The rights that a device, the publisher and an admin need: enough, and no more.

Over a real SeaweedFS that holds each of them to the policy which `kiosk fleet policy` prints. What
AWS does otherwise is played: it calls forbidden what is not there, to whoever may not list names.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import pytest
import seaweedfs_server
from kiosk_process import kiosk
from moto_peer import BUCKET
from seaweedfs_server import SeaweedServer
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, everything, person

from kiosk.domain.errors import FleetRefused
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.device import hand_in
from kiosk.fleet.offering.accepting import FleetOffers
from kiosk.fleet.stores.port import (
    ABSENT,
    ANYTHING,
    Expected,
    ObjectStore,
    StoredObject,
    Unchanged,
)
from kiosk.fleet.stores.s3 import S3Store
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.uploads.withdrawing import mark_withdrawn

PREFIX, NEW = "site/fleet", "site/new"
HERE = f"arn:aws:s3:::{BUCKET}/{PREFIX}/"
NOBODYS = "f" * 32
PATIENCE = {"connect_seconds": 60.0, "read_seconds": 60.0}


def printed(*words: str, prefix: str = PREFIX) -> dict[str, Any]:
    """What the command prints."""
    return kiosk("fleet", "policy", *words, "--store", f"s3://{BUCKET}/{prefix}").said


def keys_of(configuration: dict[str, Any]) -> tuple[str, str]:
    (identity,) = configuration["identities"]
    (credentials,) = identity["credentials"]
    return credentials["accessKey"], credentials["secretKey"]


@dataclass
class Recorded:
    """A store that writes down what is asked of it, as actions of IAM.

    Attributes:
        store: the store.
        as_aws: whether a missing object is forbidden.
    """

    store: ObjectStore
    as_aws: bool = False
    calls: set[tuple[str, str]] = field(default_factory=set)

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def get(
        self, name: str, most_bytes: int, *, known_tag: str | None = None
    ) -> StoredObject | Unchanged | None:
        self.calls.add(("s3:GetObject", HERE + name))
        found = self.store.get(name, most_bytes, known_tag=known_tag)
        if found is None:
            self._forbidden()
        return found

    def stream(self, name: str, start: int = 0) -> Iterator[bytes] | None:
        self.calls.add(("s3:GetObject", HERE + name))
        found = self.store.stream(name, start)
        if found is None:
            self._forbidden()
        return found

    def put(self, name: str, data: bytes, *, expected: str | Expected) -> str:
        self.calls.add(("s3:PutObject", HERE + name))
        return self.store.put(name, data, expected=expected)

    def delete(self, name: str) -> None:
        self.calls.add(("s3:DeleteObject", HERE + name))
        self.store.delete(name)

    def names(self, prefix: str = "") -> Iterator[str]:
        self.calls.add(("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"))
        return self.store.names(prefix)

    def _forbidden(self) -> None:
        if self.as_aws:
            raise FleetRefused("The store refuses a request: 403 AccessDenied.", "Ask.")


@dataclass
class Rights:
    """A fleet in a bucket, whose roles have their own access keys.

    Attributes:
        server: the server.
        fleet: the fleet, whose own store is the folder from which it was copied.
        front: a kiosk of the harbour.
        stores: the store of each role, by its name.
        policies: the policy of each.
    """

    server: SeaweedServer
    fleet: SmallFleet
    front: Kiosk
    stores: dict[str, Recorded]
    policies: dict[str, dict[str, Any]]

    @property
    def device(self) -> S3Store:
        """The store as the kiosk's access key has it."""
        store = self.stores["device"].store
        assert isinstance(store, S3Store)
        return store


@pytest.fixture(scope="module")
def rights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rights]:
    folder = tmp_path_factory.mktemp("rights")
    with ExitStack() as ends:
        fleet = ends.enter_context(SmallFleet(folder, HARBOUR, YARD))
        front = fleet.kiosk("front", HARBOUR)
        fleet.kiosk("yard", YARD)
        fleet.told(person("anna"))
        fleet.told(person("boris"), scope=YARD)
        words = {
            "device": ("device", "--device", front.fingerprint, "--scope", HARBOUR),
            "publisher": ("publisher",),
            "admin": ("admin",),
        }
        printed_ones = {name: printed(*it, "--seaweedfs") for name, it in words.items()}
        founding = printed("admin", "--seaweedfs", prefix=NEW)
        founding["identities"][0]["name"] = "founding"
        named = [_named(name, it) for name, it in printed_ones.items()]
        server = SeaweedServer(*named, _named("founding", founding))
        ends.callback(server.close)

        def opened(keys: tuple[str, str], prefix: str = PREFIX) -> S3Store:
            store = S3Store(BUCKET, prefix, server.endpoint, keys=keys, **PATIENCE)
            ends.enter_context(closing(store))
            return store

        whole = opened(seaweedfs_server.ADMIN)
        for name, data in everything(fleet.store).items():
            whole.put(name, data, expected=ANYTHING)
        stores = {name: Recorded(opened(keys_of(it))) for name, it in printed_ones.items()}
        stores["founding"] = Recorded(opened(keys_of(founding), NEW))
        stores["device"].as_aws = True
        policies = {name: printed(*it) for name, it in words.items()}
        yield Rights(server, fleet, front, stores, policies)


def _named(name: str, configuration: dict[str, Any]) -> dict[str, Any]:
    """The same under another name: two admins would have the same one."""
    (identity,), (policy,) = configuration["identities"], configuration["policies"]
    return {
        "identities": [{**identity, "name": name, "policyNames": [name]}],
        "policies": [{**policy, "name": name}],
    }


@pytest.fixture(scope="module")
def played(rights: Rights) -> Rights:
    """The life of a fleet, by each role with its own rights."""
    fleet, stores = rights.fleet, rights.stores
    founder = Keyring.create(fleet.folder / "others", 1, None)
    AdminSigning(stores["founding"], founder, fleet.clock.utc).found(1)
    admin, publisher = fleet.admins(stores["admin"]), fleet.publisher(stores["publisher"])
    front = rights.front
    hand_in(front.device, stores["device"])
    updater = front.anew(stores["device"])
    assert updater.sync().people == 1
    admin.add_scope("east", ["e"])
    admin.approve(front.fingerprint, [HARBOUR])
    admin.say(HARBOUR, [person("carla")])
    publisher.publish()
    assert updater.sync().people == 2
    mark_withdrawn(front.members, front.kept.invitations, SubjectId("anna"), fleet.clock.utc())
    assert updater.sync().people == 2
    assert publisher.publish().published[HARBOUR] == 1
    assert updater.sync().people == 1
    stores["device"].put(f"devices/{front.fingerprint}/{HARBOUR}/x", b"none", expected=ABSENT)
    assert publisher.publish().review
    admin.status()
    FleetOffers(stores["admin"], admin).clear(HARBOUR)
    return rights


def allowed(policy: dict[str, Any], action: str, resource: str) -> bool:
    """True if a policy allows an action; as IAM reads patterns of these letters."""
    return any(
        action in each["Action"] and fnmatchcase(resource, pattern)
        for each in policy["Statement"]
        for pattern in each["Resource"]
    )


@pytest.mark.parametrize("role", ["device", "publisher", "admin"])
def test_what_the_code_asks_is_allowed(played: Rights, role: str) -> None:
    calls, policy = played.stores[role].calls, played.policies[role]
    assert calls
    assert {call for call in calls if not allowed(policy, *call)} == set()


NOT_PLAYED = {
    "inviters/",  # inviters have tests of their own
    "invitations/",
    "admins.json",
    "scopes/",
    "rollouts/",  # so has what is rolled out
    ".rings.json",
}
"""Parts of names that no call above has; what a device reads there admins have published for it."""


@pytest.mark.parametrize("role", ["device", "publisher", "admin"])
def test_what_is_allowed_is_used(played: Rights, role: str) -> None:
    calls = played.stores[role].calls
    unused = {
        (action, pattern)
        for each in played.policies[role]["Statement"]
        for action in each["Action"]
        for pattern in each["Resource"]
        if not any(a == action and fnmatchcase(name, pattern) for a, name in calls)
    }
    assert {it for it in unused if not any(part in it[1] for part in NOT_PLAYED)} == set()


def test_a_device_reads_its_own_scopes_people_and_no_others(played: Rights) -> None:
    whole = S3Store(BUCKET, PREFIX, played.server.endpoint, keys=seaweedfs_server.ADMIN, **PATIENCE)
    with closing(whole):
        names = list(whole.names("targets/people/"))
    read, denied = [], []
    for name in names:
        try:
            found = played.device.get(name, 1 << 20)
        except FleetRefused:
            denied.append(name)
        else:
            assert isinstance(found, StoredObject)
            read.append(name)
    assert read
    assert denied
    assert all(name.startswith(f"targets/people/{HARBOUR}/") for name in read)
    assert all(not name.startswith(f"targets/people/{HARBOUR}/") for name in denied)


def test_a_device_writes_to_its_own_place_and_nowhere_else(played: Rights) -> None:
    own = played.front.fingerprint
    tag = played.device.put(f"devices/{own}/health/1", b"x", expected=ABSENT)
    played.device.put(f"devices/{own}/health/1", b"y", expected=tag)
    for name in (
        f"devices/{NOBODYS}/health/1",
        f"devices/{own}0/health/1",
        f"devices/{own}",
        f"requests/{NOBODYS}.json",
        "metadata/timestamp.json",
        "metadata/2.root.json",
        f"targets/people/{HARBOUR}/x",
        f"changes/{HARBOUR}/0000000009.jsonl",
        "review/x",
        "anything",
    ):
        with pytest.raises(FleetRefused):
            played.device.put(name, b"x", expected=ANYTHING)
    for name in (f"devices/{own}/health/1", "metadata/timestamp.json"):
        with pytest.raises(FleetRefused):
            played.device.delete(name)
    for prefix in ("", f"devices/{own}/", "metadata/"):
        with pytest.raises(FleetRefused):
            list(played.device.names(prefix))
    for name in (f"changes/{HARBOUR}/0000000001.jsonl", f"requests/{own}.json", "review/x"):
        with pytest.raises(FleetRefused):
            played.device.get(name, 1 << 20)


def test_a_publisher_changes_nothing_that_admins_sign(played: Rights) -> None:
    store = played.stores["publisher"].store
    for name in (f"changes/{HARBOUR}/x", "targets/scopes/x.json", "targets/devices/x.json"):
        with pytest.raises(FleetRefused):
            store.put(name, b"x", expected=ANYTHING)
    for name in ("metadata/1.root.json", "targets/people/x"):
        with pytest.raises(FleetRefused):
            store.delete(name)


def test_an_admin_removes_nothing_but_offers(played: Rights) -> None:
    store = played.stores["admin"].store
    for name in ("metadata/1.root.json", f"changes/{HARBOUR}/0000000001.jsonl"):
        with pytest.raises(FleetRefused):
            store.delete(name)


def test_each_identity_gets_keys_of_its_own() -> None:
    one, other = (keys_of(printed("publisher", "--seaweedfs")) for _ in range(2))
    assert not set(one) & set(other)
    assert len(one[1]) >= 40


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("device",), "--device"),
        (("device", "--device", "0" * 32), "scope"),
        (("device", "--device", "abc", "--scope", HARBOUR), "fingerprint"),
        (("device", "--device", "*" * 32, "--scope", HARBOUR), "fingerprint"),
        (("device", "--device", "0" * 32, "--scope", "*"), "scope"),
        (("publisher", "--scope", HARBOUR), "--scope"),
    ],
)
def test_what_is_no_role_of_anybody_is_refused(words: tuple[str, ...], says: str) -> None:
    kiosk("fleet", "policy", *words, "--store", f"s3://{BUCKET}/{PREFIX}").refused(2, says)


def test_a_bucket_without_a_prefix() -> None:
    made = kiosk("fleet", "policy", "admin", "--store", f"s3://{BUCKET}").said
    assert allowed(made, "s3:PutObject", f"arn:aws:s3:::{BUCKET}/metadata/1.root.json")
    assert not allowed(made, "s3:PutObject", f"arn:aws:s3:::{BUCKET}/x/metadata/1.root.json")
