"""Whoever can write to the store, and holds no key: they hold things up, and change nobody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copytree, rmtree

import pytest
from fleet_thieves import refused
from kept_samples import SPACE
from small_fleet import (
    DIMENSIONS,
    HARBOUR,
    YARD,
    Kiosk,
    SmallFleet,
    SteeredStore,
    everything,
    gone,
    person,
    put_back,
)

from kiosk.domain.errors import BadInput, FleetRefused, StoreCorrupt, StoreReplaced
from kiosk.fleet import log
from kiosk.fleet.applying.preparing import TemplateForm
from kiosk.fleet.cards import DeviceCard
from kiosk.fleet.device import DeviceFile
from kiosk.fleet.publisher import Publication
from kiosk.fleet.stores.port import ANYTHING
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore
from kiosk.fleet.updater import FleetUpdater

NOT_VERIFIED = "cannot be verified"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        yield made


@pytest.fixture
def kiosk(fleet: SmallFleet) -> Kiosk:
    """It knows Anna, in her second record, and Boris."""
    made = fleet.kiosk("front", HARBOUR)
    fleet.told(person("anna", 1), person("boris", 1))
    fleet.told(person("anna", 2))
    fleet.told(person("chen", 1), scope=YARD)
    made.sync()
    assert made.names() == {"anna 2", "boris 1"}
    return made


def versions(fleet: SmallFleet, role: str) -> list[str]:
    """The names of a role's metadata, oldest first."""
    found = VerifiedStore(fleet.store, fleet.keys.root).versions(role)
    return [layout.metadata_name(role, version) for version in found]


def copied(fleet: SmallFleet, source: str, target: str) -> None:
    fleet.store.put(target, everything(fleet.store, source)[source], expected=ANYTHING)


# -- what is older -------------------------------------------------------------------------------


def test_an_older_timestamp(fleet: SmallFleet, kiosk: Kiosk) -> None:
    before = everything(fleet.store)
    fleet.told(gone("anna"))
    kiosk.sync()
    put_back(fleet.store, before, ["metadata/timestamp.json"])
    refused(kiosk, NOT_VERIFIED)


def test_an_older_snapshot_under_the_newest_name(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.told(gone("anna"))
    old, new = versions(fleet, "snapshot")[-2:]
    copied(fleet, old, new)
    refused(kiosk, NOT_VERIFIED)


def test_older_targets_under_the_newest_name(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.admin.add_scope("east", ["e"])
    fleet.publish()
    old, new = versions(fleet, "targets")[-2:]
    copied(fleet, old, new)
    refused(kiosk, NOT_VERIFIED)


def test_an_older_list_of_files_under_the_newest_name(fleet: SmallFleet, kiosk: Kiosk) -> None:
    old = set(everything(fleet.store, f"targets/people/{HARBOUR}/"))
    fleet.told(gone("anna"))
    new = set(everything(fleet.store, f"targets/people/{HARBOUR}/")) - old
    index = next(name for name in new if name.endswith("index.json"))
    copied(fleet, next(name for name in old if name.endswith("index.json")), index)
    refused(kiosk, NOT_VERIFIED)


def test_a_whole_store_of_yesterday_with_the_cache_of_yesterday(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    """Whoever has both the kiosk's disk and the store cannot bring somebody back."""
    before = everything(fleet.store)
    copytree(kiosk.cache, kiosk.path / "old", symlinks=True)
    fleet.told(gone("anna"))
    kiosk.sync()
    put_back(fleet.store, before, sorted({*everything(fleet.store), *before}))
    rmtree(kiosk.cache)
    copytree(kiosk.path / "old", kiosk.cache, symlinks=True)
    kiosk.anew()
    refused(kiosk, "is not in the store any more")


def test_what_nobody_signs_anew_expires(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.clock.by -= timedelta(hours=25)
    fleet.told(gone("anna"))
    refused(kiosk, "has expired")


@pytest.mark.parametrize("hours", [1, 24])
def test_a_kiosk_whose_clock_is_behind(fleet: SmallFleet, kiosk: Kiosk, hours: int) -> None:
    fleet.told(gone("anna"))
    kiosk.clock.by -= timedelta(hours=hours)
    refused(kiosk, "later than this kiosk's clock")
    kiosk.clock.by = timedelta(minutes=-4)
    assert kiosk.sync().people == 1


def test_newest_word_of_admins_taken_away_is_not_published_over(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    """A device that was dropped would be back, for whoever has not heard of its end."""
    fleet.admin.revoke(kiosk.fingerprint)
    fleet.publish()
    fleet.store.delete(versions(fleet, "targets")[-1])
    with pytest.raises(FleetRefused, match="is missing from the fleet's store"):
        fleet.publish()


# -- what is another file ------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["targets", f"people-{HARBOUR}"])
def test_metadata_of_another_role(fleet: SmallFleet, kiosk: Kiosk, what: str) -> None:
    fleet.admin.add_scope("east", ["e"])
    fleet.told(gone("anna"))
    copied(fleet, versions(fleet, f"people-{YARD}")[-1], versions(fleet, what)[-1])
    refused(kiosk, NOT_VERIFIED)


@pytest.mark.parametrize("name", ["index.json", ".jsonl"])
def test_files_of_another_scope(fleet: SmallFleet, kiosk: Kiosk, name: str) -> None:
    old = set(everything(fleet.store))
    fleet.told(person("anna", 3))
    (new,) = (it for it in set(everything(fleet.store, "targets/")) - old if it.endswith(name))
    theirs = everything(fleet.store, f"targets/people/{YARD}/")
    copied(fleet, next(it for it in theirs if it.endswith(name)), new)
    refused(kiosk, NOT_VERIFIED)


FILES = ("timestamp.json", ".snapshot.json", ".targets.json", f"people-{HARBOUR}.json", ".jsonl")
"""By the ends of their names: everything that a sync fetches but roots, which are seldom there."""


def steered(kiosk: Kiosk, end: str, change: Callable[[bytes], Iterator[bytes]]) -> None:
    """Let the store answer something else for every object whose name ends so."""

    def answered(name: str, _: int, pieces: Iterator[bytes] | None) -> Iterator[bytes] | None:
        if pieces is None or not name.endswith(end):
            return pieces
        return change(b"".join(pieces))

    kiosk.anew(SteeredStore(kiosk.store, streamed=answered))


@pytest.mark.parametrize("end", [*FILES, "index.json"])
@pytest.mark.parametrize("left", [0, 10, -1], ids=["empty", "beginning", "all but one byte"])
def test_a_truncated_file(fleet: SmallFleet, kiosk: Kiosk, end: str, left: int) -> None:
    fleet.admin.add_scope("east", ["e"])
    fleet.told(gone("anna"))
    steered(kiosk, end, lambda data: iter([data[:left]]))
    refused(kiosk, NOT_VERIFIED)


@pytest.mark.parametrize("end", [*FILES, "index.json"])
def test_a_file_that_never_ends(fleet: SmallFleet, kiosk: Kiosk, end: str) -> None:
    fleet.admin.add_scope("east", ["e"])
    fleet.told(gone("anna"))
    given = [0]

    def endless(data: bytes) -> Iterator[bytes]:
        while True:
            given[0] += max(len(data), 50_000)
            yield data.ljust(50_000)

    steered(kiosk, end, endless)
    refused(kiosk, f"{NOT_VERIFIED}|is longer than 16384 bytes")
    assert given[0] < 6_000_000


def test_a_root_that_never_ends(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.store.put("metadata/2.root.json", b"{", expected=ANYTHING)
    steered(kiosk, "2.root.json", lambda data: iter(lambda: data.ljust(50_000), b""))
    refused(kiosk, NOT_VERIFIED)


def test_a_timestamp_that_is_gone_or_is_none(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.store.put("metadata/timestamp.json", b"[" * 5000, expected=ANYTHING)
    refused(kiosk, NOT_VERIFIED)
    fleet.store.delete("metadata/timestamp.json")
    refused(kiosk, NOT_VERIFIED)


# -- what is handed in ---------------------------------------------------------------------------


def published_all_the_same(fleet: SmallFleet, kiosk: Kiosk) -> Publication:
    """Assert that what admins said reaches kiosks whatever else lies in the store."""
    told = fleet.told(person("dora"))
    fresh = fleet.kiosk("fresh", HARBOUR)
    fleet.publish()
    for each in (kiosk, fresh):
        each.sync()
        assert each.names() == {"anna 2", "boris 1", "dora 1"}
    return told


def sample(**other: object) -> bytes:
    return json.dumps({"record": "a", "epoch": 1, "sealed": "", **other}).encode()


STRANGE = {
    "no text": b"\xff\xfe",
    "no object": b"17",
    "deep": b"[" * 100_000,
    "no end": sample(epoch=float("inf")),
    "no number": sample(epoch=float("nan")),
    "no base64": sample(sealed="?"),
    "no signatures": b'{"payloadType": "application/vnd.lintel.statement+json", "payload": ""}',
    "another type": b'{"payloadType": "x", "payload": "", "signatures": []}',
    "signatures of nothing": b'{"payloadType": 5, "payload": 5, "signatures": 5}',
}


@pytest.mark.parametrize("kind", STRANGE)
def test_a_strange_file_is_set_aside_and_holds_up_nobody(
    fleet: SmallFleet, kiosk: Kiosk, kind: str
) -> None:
    name = f"{layout.CHANGES}{HARBOUR}/zzz"
    fleet.store.put(name, STRANGE[kind] + b"\n", expected=ANYTHING)
    with pytest.raises(FleetRefused):
        fleet.say(person("dora"))
    assert fleet.publish().review[0].startswith(f"{name}: ")
    assert everything(fleet.store, layout.REVIEW) == {f"review/{name}": STRANGE[kind] + b"\n"}
    published_all_the_same(fleet, kiosk)


def test_what_cannot_be_moved_holds_up_nobody(
    fleet: SmallFleet, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is as long as can be, and a file that is longer than any may be."""
    monkeypatch.setattr(log, "MOST_WAITING", 100_000)
    fleet.say(person("dora"))
    long = f"{layout.CHANGES}{HARBOUR}/{'z' * 240}/{'z' * 240}"
    fleet.store.put(long, b"x", expected=ANYTHING)
    fleet.store.put(f"{layout.CHANGES}{HARBOUR}/large", b"x" * 100_001, expected=ANYTHING)
    assert len(fleet.publish().review) == 2
    kiosk.sync()
    assert kiosk.names() == {"anna 2", "boris 1", "dora 1"}


def test_a_statement_that_was_published_is_handed_in_again(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.say(person("boris", 5))
    (name,) = everything(fleet.store, layout.CHANGES)
    again = everything(fleet.store, name)[name]
    fleet.publish()
    fleet.told(person("boris", 1))
    for other in (name, f"{layout.CHANGES}{HARBOUR}/9999999999.jsonl"):
        fleet.store.put(other, again, expected=ANYTHING)
    assert published_all_the_same(fleet, kiosk).review == []


def test_a_statement_about_another_scope_is_handed_in(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.say(person("boris", 5), scope=YARD)
    (name,) = everything(fleet.store, layout.CHANGES)
    copied(fleet, name, f"{layout.CHANGES}{HARBOUR}/0000000003.jsonl")
    assert len(fleet.publish().review) == 1
    published_all_the_same(fleet, kiosk)


def test_rubbish_beside_a_good_statement_spoils_nobodys_record(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    (boris, *_) = fleet.published().records
    fleet.say(person("dora"))
    (name,) = everything(fleet.store, layout.CHANGES)
    more = "".join(sample(record=each).decode() + "\n" for each in fleet.published().records)
    data = everything(fleet.store, name)[name]
    fleet.store.put(name, data + more.encode(), expected=ANYTHING)
    fleet.store.put(f"{layout.CHANGES}{HARBOUR}/zzz", more.encode(), expected=ANYTHING)
    fleet.publish()
    assert fleet.published().records[boris].sealed
    fresh = fleet.kiosk("fresh", HARBOUR)
    fleet.publish()
    fresh.sync()
    kiosk.sync()
    assert fresh.names() == kiosk.names() == {"anna 2", "boris 1", "dora 1"}


def test_a_statement_without_its_record_is_set_aside(fleet: SmallFleet, kiosk: Kiosk) -> None:
    file = fleet.by_admins([person("dora")])
    file.records.clear()
    fleet.hand_in(file)
    assert "is missing" in fleet.publish().review[0]
    published_all_the_same(fleet, kiosk)


def test_high_numbers_use_up_no_versions(fleet: SmallFleet, kiosk: Kiosk) -> None:
    for role in ("snapshot", "targets", f"people-{HARBOUR}"):
        name = f"metadata/{'9' * 18}.{role}.json"
        fleet.store.put(name, b"{}", expected=ANYTHING)
    assert published_all_the_same(fleet, kiosk).version < 10
    found = VerifiedStore(fleet.store, fleet.keys.root)
    for role in ("snapshot", "targets", f"people-{HARBOUR}"):
        assert found.versions(role)[-2] < 20


def test_a_request_with_other_keys_than_its_fingerprint_says(fleet: SmallFleet) -> None:
    one, other = fleet.asking("one"), fleet.asking("other")
    mine, request = one.device.public, layout.request_name(one.fingerprint)
    longer = {"signing": (mine.signing + mine.opening[:1]).hex(), "opening": mine.opening[1:].hex()}
    for said in (other.device.public.said(), longer, {}, []):
        fleet.store.put(request, json.dumps(said).encode(), expected=ANYTHING)
        with pytest.raises(BadInput, match="No device with the fingerprint"):
            fleet.admin.approve(one.fingerprint, [HARBOUR])
    fleet.store.put(request, b"[" * 9_999, expected=ANYTHING)
    with pytest.raises(BadInput, match="No device with the fingerprint"):
        fleet.admin.approve(one.fingerprint, [HARBOUR])


# -- a kiosk's own files -------------------------------------------------------------------------


def test_a_kiosk_with_the_root_of_another_fleet(
    fleet: SmallFleet, kiosk: Kiosk, tmp_path: Path
) -> None:
    with SmallFleet(tmp_path / "other", HARBOUR) as other:
        theirs = Kiosk(tmp_path / "theirs", fleet.store, other.keys.root, kiosk.clock)
        fleet.admin.approve(theirs.fingerprint, [HARBOUR])
        fleet.publish()
        refused(theirs, NOT_VERIFIED)
        with pytest.raises(BadInput, match="belongs to the fleet"):
            DeviceFile(kiosk.open_home.home).join("folder:/x", other.keys.root, print)
        theirs.open_home.close()


def test_the_file_of_a_device_that_was_removed_or_is_of_another_home(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    other, file = fleet.kiosk("other", HARBOUR), kiosk.open_home.home.fleet
    own = file.read_bytes()
    file.unlink()
    with pytest.raises(StoreReplaced):
        DeviceFile(kiosk.open_home.home).load()
    file.write_bytes(other.open_home.home.fleet.read_bytes())
    with pytest.raises(StoreCorrupt):
        DeviceFile(kiosk.open_home.home).load()
    file.write_bytes(own)
    assert DeviceFile(kiosk.open_home.home).load() == kiosk.device


# -- what admins signed for somebody else --------------------------------------------------------


def carded(fleet: SmallFleet, kiosk: Kiosk, change: Callable[[DeviceCard], DeviceCard]) -> None:
    """Let admins sign another card for a device."""

    def edit(targets: object, verified: VerifiedStore) -> dict[str, bytes]:
        path = layout.device_target(kiosk.fingerprint)
        raw = verified.read_target(targets, path)  # type: ignore[arg-type]
        return {path: change(DeviceCard.decode(raw or b"")).encode()}

    fleet.admin._signing.edit(edit)  # type: ignore[arg-type]
    fleet.told(gone("anna"))


def test_the_card_of_another_device(fleet: SmallFleet, kiosk: Kiosk) -> None:
    other = fleet.kiosk("other", HARBOUR)
    carded(fleet, kiosk, lambda it: DeviceCard(other.device.public, it.door, it.scopes))
    refused(kiosk, "is of another device")


def test_keys_that_were_wrapped_for_another_device_or_another_scope(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    yard = fleet.kiosk("yard", YARD, HARBOUR)
    verified = VerifiedStore(fleet.store, fleet.keys.root)
    raw = verified.read_target(verified.targets(), layout.device_target(yard.fingerprint))
    theirs = DeviceCard.decode(raw or b"").scopes
    carded(fleet, kiosk, lambda it: DeviceCard(it.keys, it.door, {HARBOUR: theirs[HARBOUR]}))
    refused(kiosk, "cannot be opened with the key of this device")
    fleet.admin.approve(kiosk.fingerprint, [YARD])
    carded(fleet, kiosk, lambda it: DeviceCard(it.keys, it.door, {HARBOUR: it.scopes[YARD]}))
    kiosk.anew()
    refused(kiosk, "cannot be opened with the key of this device")


def test_a_clock_that_was_set_back_makes_nothing_good_again(tmp_path: Path) -> None:
    """The journal knows of a later time than the clock: what had expired by then is refused."""
    with SmallFleet(tmp_path) as fleet:
        kiosk = fleet.kiosk("front", HARBOUR)
        fleet.told(person("anna"))
        later = fleet.clock.utc() + timedelta(hours=25)
        note = kiosk.open_home.recorder.note
        where = (
            fleet.store,
            kiosk.device,
            kiosk.cache,
            kiosk.kept,
            TemplateForm(SPACE, DIMENSIONS),
        )
        updater = FleetUpdater(*where, kiosk.clock.utc, note, floor=lambda: later)
        with pytest.raises(FleetRefused, match="has expired"):
            updater.sync()
        assert kiosk.names() == set()
