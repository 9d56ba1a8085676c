"""The rights that a device, the publisher, an admin and an inviter need: enough, and no more.

Over a real SeaweedFS that holds each of them to the policy which `kiosk fleet policy` prints. What
AWS does otherwise is played: it calls forbidden what is not there, to whoever may not list names.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import pytest
import seaweedfs_server
from fleet_desk import enrol
from kept_samples import AGREED, BORIS, SPACE, template
from kiosk_process import kiosk
from moto_peer import BUCKET
from reporting_kiosk import ReportingKiosk, statuses
from rolling_fleet import RollingKiosk, margin
from seaweedfs_server import SeaweedServer
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, everything, person

from config.settings import check_shared
from kiosk.domain.errors import FleetRefused
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.cleaning.ages import KeptFor
from kiosk.fleet.cleaning.cleaner import clean
from kiosk.fleet.cleaning.memory import CLEANING
from kiosk.fleet.device import hand_in
from kiosk.fleet.inviting.card import InviterCard, inviter_fingerprint
from kiosk.fleet.inviting.inviter import FleetInviter
from kiosk.fleet.inviting.naming import InviterNaming
from kiosk.fleet.keys.change import KeyChange
from kiosk.fleet.keys.plans import admin_gone
from kiosk.fleet.keys.rotation import KeyRotation
from kiosk.fleet.keys.trial import PartKeyring
from kiosk.fleet.offering.accepting import FleetOffers
from kiosk.fleet.offering.offering import offer, whom_to_offer
from kiosk.fleet.pending.desk import PendingDesk
from kiosk.fleet.rollout.directing import RolloutDirector, RolloutWish
from kiosk.fleet.rollout.plan import Ring
from kiosk.fleet.stores.overlay import OverlayStore
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
from kiosk.fleet.trust.key_file import PrivateKeys
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore
from kiosk.fleet.uploads.withdrawing import mark_withdrawn
from kiosk.people.invitations import InvitationWish

PREFIX, NEW = "site/fleet", "site/new"
HERE = f"arn:aws:s3:::{BUCKET}/{PREFIX}/"
NOBODYS = "f" * 32
Call = tuple[str, str, str]
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
    """A store that writes down what is asked of it: action, resource, and the prefix of a list.

    Attributes:
        store: the store.
        as_aws: whether a missing object is forbidden.
    """

    store: ObjectStore
    as_aws: bool = False
    calls: set[Call] = field(default_factory=set)

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def get(
        self, name: str, most_bytes: int, *, known_tag: str | None = None
    ) -> StoredObject | Unchanged | None:
        self.calls.add(("s3:GetObject", HERE + name, ""))
        found = self.store.get(name, most_bytes, known_tag=known_tag)
        if found is None:
            self._forbidden()
        return found

    def stream(self, name: str, start: int = 0) -> Iterator[bytes] | None:
        self.calls.add(("s3:GetObject", HERE + name, ""))
        found = self.store.stream(name, start)
        if found is None:
            self._forbidden()
        return found

    def put(self, name: str, data: bytes, *, expected: str | Expected) -> str:
        self.calls.add(("s3:PutObject", HERE + name, ""))
        return self.store.put(name, data, expected=expected)

    def delete(self, name: str) -> None:
        self.calls.add(("s3:DeleteObject", HERE + name, ""))
        self.store.delete(name)

    def names(self, prefix: str = "") -> Iterator[str]:
        self.calls.add(("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", f"{PREFIX}/{prefix}"))
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
        desk: the keys of an inviter of the harbour.
        stores: the store of each role, by its name.
        policies: the policy of each.
    """

    server: SeaweedServer
    fleet: SmallFleet
    front: Kiosk
    desk: PrivateKeys
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
        fleet.told(person("boris"), scope=YARD)
        desk = PrivateKeys.draw(opens=False)
        card = InviterCard("reception", desk.public_signing, (HARBOUR,))
        fleet.naming().name(card)
        fleet.publish()
        words = {
            "device": ("device", "--device", front.fingerprint, "--scope", HARBOUR),
            "publisher": ("publisher",),
            "admin": ("admin",),
            "inviter": ("inviter", "--inviter", card.fingerprint, "--scope", HARBOUR),
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
        stores["device"].as_aws = stores["inviter"].as_aws = True
        policies = {name: printed(*it) for name, it in words.items()}
        yield Rights(server, fleet, front, desk, stores, policies)


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
    kiosk, admin = rights.front, FleetAdmin(stores["admin"], machine(fleet, 1, 2), fleet.clock.utc)
    _somebody_is_invited(rights)
    _people_come_and_go(rights, admin)
    _the_kiosk_reports(rights, admin)
    _settings_are_rolled_out(rights)
    _keys_change_on_two_machines(rights)
    kiosk.anew(stores["device"]).sync()
    assert desk_of(rights).open(HARBOUR) == {}
    InviterNaming(stores["admin"], machine(fleet, 2, 1), fleet.clock.utc).drop("reception")
    admin.revoke(kiosk.fingerprint)
    _what_is_over_goes(rights)
    return rights


def wish(name: str) -> InvitationWish:
    return InvitationWish(SubjectId(name), timedelta(days=7), f"{name} 1")


def machine(fleet: SmallFleet, *admins: int) -> Keyring:
    """A folder with the keys of some admins, and no publisher's."""
    folder = fleet.folder / "-".join(["machine", *map(str, admins)])
    folder.mkdir(mode=0o700)
    for name in (*(f"admin-{number}.key" for number in admins), "root.json"):
        shutil.copy(fleet.keys.folder / name, folder / name)
    return Keyring(folder)


def desk_of(rights: Rights) -> FleetInviter:
    root, utc = rights.fleet.keys.root, rights.fleet.clock.utc
    return FleetInviter(rights.stores["inviter"], root, rights.desk, utc)


def _people_come_and_go(rights: Rights, admin: FleetAdmin) -> None:
    fleet, stores, front = rights.fleet, rights.stores, rights.front
    publisher = fleet.publisher(stores["publisher"])
    admin.add_scope("east", ["e"])
    admin.approve(front.fingerprint, [HARBOUR])
    admin.say(HARBOUR, [person("anna"), person("carla")])
    publisher.publish()
    assert front.sync().people == 3
    mark_withdrawn(front.members, front.kept.invitations, SubjectId("anna"), fleet.clock.utc())
    assert front.sync().people == 3
    assert publisher.publish().published[HARBOUR] == 1
    assert front.sync().people == 2
    stores["device"].put(f"uploads/{front.fingerprint}/{HARBOUR}/x", b"none", expected=ABSENT)
    assert publisher.publish().review


def _somebody_is_invited(rights: Rights) -> None:
    """A desk invites two, and takes one back; who comes is known to the fleet."""
    fleet, stores, front = rights.fleet, rights.stores, rights.front
    publisher = fleet.publisher(stores["publisher"])
    hand_in(front.device, stores["device"])
    assert front.anew(stores["device"]).sync().people == 0
    desk = desk_of(rights)
    issued, other = (desk.issue(HARBOUR, wish(name)) for name in ("dora", "emil"))
    desk.revoke(HARBOUR, other.tag)
    assert publisher.publish().published[HARBOUR] == 3
    front.sync()
    enrol(front, issued.code)
    front.sync()
    assert publisher.publish().published[HARBOUR] == 1
    assert front.sync().people == 1
    assert desk.open(HARBOUR) == {}


def _the_kiosk_reports(rights: Rights, admin: FleetAdmin) -> None:
    """Health, receipts, the journal, and an offer of somebody whom it knew before."""
    fleet, stores, front = rights.fleet, rights.stores, rights.front
    reports = ReportingKiosk(front, stores["device"])
    reports.hand_in_journal()
    reports.reporting.run()
    assert front.entries("fleet_reports") == []
    statuses(fleet, stores["admin"])
    front.open_home.references.enrol(BORIS, [template(1, SPACE, 32)], AGREED, "boris 1")
    chosen, _ = whom_to_offer(front.kept, [AGREED.text])
    keys, note = front.updater.scope_keys()[HARBOUR], front.open_home.recorder.note
    offer(stores["device"], front.device, keys, front.kept, chosen, SPACE, front.clock.utc, note)
    offers = FleetOffers(stores["admin"], admin)
    assert offers.accept(HARBOUR, None).accepted == [BORIS]
    offers.clear(HARBOUR)
    admin.status()


def _settings_are_rolled_out(rights: Rights) -> None:
    """Begun for a device in the first ring, which takes it over, and halted."""
    fleet, stores = rights.fleet, rights.stores
    keys, kiosk = Keyring(fleet.folder / "machine-1-2"), RollingKiosk(rights.front)
    director = RolloutDirector(stores["admin"], keys, fleet.clock.utc)
    director.put_in_ring(rights.front.fingerprint, Ring.CANARY)
    director.begin(HARBOUR, RolloutWish(margin(0.1)), check_shared)
    fleet.publisher(stores["publisher"]).publish()
    kiosk.sync(stores["device"])
    assert kiosk.known.seen == {HARBOUR: 1}
    assert kiosk.known.following is not None
    assert director.halt(HARBOUR).halted
    fleet.publisher(stores["publisher"]).publish()
    kiosk.sync(stores["device"])
    assert kiosk.known.seen == {HARBOUR: 2}


def _keys_change_on_two_machines(rights: Rights) -> None:
    """An admin goes: one signs and the other too. The publisher ends it; then roots are renewed."""
    fleet, store = rights.fleet, rights.stores["admin"]
    one, two = machine(fleet, 1), machine(fleet, 2)
    overlay = OverlayStore(store)
    part = PartKeyring(one.folder, partly=True)
    KeyRotation(overlay, part, fleet.clock.utc).edit(admin_gone("admin-3"))
    left = PendingDesk(store, one, fleet.clock.utc).leave(overlay.writes)
    desk = PendingDesk(store, two, fleet.clock.utc)
    assert desk.sign(left.ident, desk.look(left.ident))
    fleet.publisher(rights.stores["publisher"]).publish()
    both = Keyring(fleet.folder / "machine-1-2")
    KeyRotation(store, both, fleet.clock.utc).change(lambda *_: KeyChange())
    fleet.publisher(rights.stores["publisher"]).publish()


def _what_is_over_goes(rights: Rights) -> None:
    fleet, store, gone = rights.fleet, rights.stores["publisher"], Counter[str]()
    read = partial(VerifiedStore, store, fleet.keys.root)
    for _ in range(4):
        fleet.publisher(store).publish(compact=True)
        memory = fleet.folder / CLEANING
        gone.update(clean(memory, read, KeptFor(), fleet.clock.utc()).gone)
        fleet.clock.by += timedelta(days=15)
    assert set(gone) >= {"leftover", "superseded", "metadata"}


def allowed(policy: dict[str, Any], action: str, resource: str, listed: str = "") -> bool:
    """True if a policy allows an action; as IAM reads patterns of these letters."""
    return any(
        action in each["Action"]
        and any(fnmatchcase(resource, pattern) for pattern in each["Resource"])
        and any(fnmatchcase(listed, pattern) for pattern in _listed(each))
        for each in policy["Statement"]
    )


def _listed(statement: dict[str, Any]) -> list[str]:
    condition = statement.get("Condition", {"StringLike": {"s3:prefix": ["*"]}})
    found: list[str] = condition["StringLike"]["s3:prefix"]
    return found


ROLES = pytest.mark.parametrize("role", ["device", "publisher", "admin", "inviter"])


@ROLES
def test_what_the_code_asks_is_allowed(played: Rights, role: str) -> None:
    calls, policy = played.stores[role].calls, played.policies[role]
    assert calls
    assert {call for call in calls if not allowed(policy, *call)} == set()


@ROLES
def test_what_is_allowed_is_used(played: Rights, role: str) -> None:
    calls = played.stores[role].calls
    unused = {
        (action, pattern, begin)
        for each in played.policies[role]["Statement"]
        for action in each["Action"]
        for pattern in each["Resource"]
        for begin in _listed(each)
        if not any(
            a == action and fnmatchcase(name, pattern) and fnmatchcase(listed, begin)
            for a, name, listed in calls
        )
    }
    assert unused == set()


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
    for name in ("metadata/2.targets.json", f"pending/{'0' * 16}.json", "roots/x.json"):
        with pytest.raises(FleetRefused):
            store.put(name, b"x", expected=ANYTHING)
    for name in (
        "metadata/1.root.json",
        "metadata/2.targets.json",
        "metadata/timestamp.json",
        f"targets/scopes/x.{HARBOUR}.json",
        "roots/x.json",
        f"pending/{'0' * 16}.json",
    ):
        with pytest.raises(FleetRefused):
            store.delete(name)


def test_an_admin_removes_nothing_but_offers_and_what_waits(played: Rights) -> None:
    store = played.stores["admin"].store
    for name in ("metadata/timestamp.json", f"targets/people/{HARBOUR}/x", "requests/x.json"):
        with pytest.raises(FleetRefused):
            store.put(name, b"x", expected=ANYTHING)
    for name in ("metadata/1.root.json", f"changes/{HARBOUR}/0000000001.jsonl"):
        with pytest.raises(FleetRefused):
            store.delete(name)


def test_an_inviter_writes_its_own_invitations_and_nothing_else(played: Rights) -> None:
    store, own = played.stores["inviter"].store, inviter_fingerprint(played.desk.public_signing)
    for name in (
        f"invitations/{'f' * len(own)}/{HARBOUR}/0000000001.jsonl",
        f"invitations/{own}",
        "metadata/timestamp.json",
        f"changes/{HARBOUR}/0000000009.jsonl",
        f"targets/inviters/x.{own}.json",
    ):
        with pytest.raises(FleetRefused):
            store.put(name, b"x", expected=ANYTHING)
    for prefix in ("", "invitations/", "devices/", f"changes/{HARBOUR}/"):
        with pytest.raises(FleetRefused):
            list(store.names(prefix))
    for name in (f"invitations/{own}/{HARBOUR}/0000000001.jsonl", "metadata/1.root.json"):
        with pytest.raises(FleetRefused):
            store.delete(name)
    others = [name for name in everything(played.fleet.store) if f"people/{YARD}/" in name]
    assert others
    for name in (*others, f"requests/{played.front.fingerprint}.json", "review/x"):
        with pytest.raises(FleetRefused):
            store.get(name, 1 << 20)


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
        (("inviter", "--scope", HARBOUR), "--inviter"),
        (("inviter", "--inviter", "0" * 32, "--scope", HARBOUR), "fingerprint"),
        (("inviter", "--inviter", "*" * 16, "--scope", HARBOUR), "fingerprint"),
        (("device", "--device", "0" * 32, "--inviter", "0" * 16, "--scope", HARBOUR), "--inviter"),
        (("admin", "--device", "0" * 32), "--device"),
    ],
)
def test_what_is_no_role_of_anybody_is_refused(words: tuple[str, ...], says: str) -> None:
    kiosk("fleet", "policy", *words, "--store", f"s3://{BUCKET}/{PREFIX}").refused(2, says)


def test_a_bucket_without_a_prefix() -> None:
    made = kiosk("fleet", "policy", "admin", "--store", f"s3://{BUCKET}").said
    assert allowed(made, "s3:PutObject", f"arn:aws:s3:::{BUCKET}/metadata/1.root.json")
    assert allowed(made, "s3:ListBucket", f"arn:aws:s3:::{BUCKET}", "anything")
    assert not allowed(made, "s3:PutObject", f"arn:aws:s3:::{BUCKET}/x/metadata/1.root.json")
