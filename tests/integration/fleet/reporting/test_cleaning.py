"""What goes from a fleet's store by itself, and what never does."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from reporting_kiosk import KEPT, ReportingKiosk, journal_of, statuses
from small_fleet import HARBOUR, SmallFleet, SteeredStore, everything, gone, person

from kiosk.domain.errors import FleetStoreUnreachable, StoreKeyError
from kiosk.fleet.cleaning import cleaner
from kiosk.fleet.cleaning.ages import KeptFor
from kiosk.fleet.cleaning.cleaner import Cleaned, clean
from kiosk.fleet.cleaning.memory import CLEANING, load_memory
from kiosk.fleet.scope_file import SealedRecord
from kiosk.fleet.stores.port import ANYTHING, ObjectStore
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore

MOST_STEP = 10
"""Days between two cleanings, at most."""


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        yield made


@pytest.fixture
def front(fleet: SmallFleet) -> ReportingKiosk:
    """A kiosk that has synced two people, reported, and handed in its journal."""
    kiosk = fleet.kiosk("front")
    fleet.told(person("anna"), person("boris"))
    kiosk.sync()
    made = ReportingKiosk(kiosk)
    made.hand_in_journal()
    made.reporting.run()
    return made


def cleaned(fleet: SmallFleet, store: ObjectStore | None = None) -> Cleaned:
    used = store or fleet.store
    read = partial(VerifiedStore, used, fleet.keys.root, fleet.keys.seen)
    return clean(fleet.keys.folder / CLEANING, read, KeptFor(), fleet.clock.utc())


def days(fleet: SmallFleet, count: int) -> dict[str, int]:
    """Publish and clean now and then for so many days; returns what went."""
    whole: dict[str, int] = {}
    while count:
        step = min(count, MOST_STEP)
        fleet.clock.by += timedelta(days=step)
        fleet.publisher().publish(compact=True)
        for kept, number in cleaned(fleet).gone.items():
            whole[kept] = whole.get(kept, 0) + number
        count -= step
    return whole


def put(fleet: SmallFleet, name: str) -> str:
    fleet.store.put(name, b"{}", expected=ANYTHING)
    return name


def there(fleet: SmallFleet, *names: str) -> set[str]:
    return set(names) & set(fleet.store.names())


# -- what stays ----------------------------------------------------------------------------------


def test_nothing_that_is_needed_goes(fleet: SmallFleet, front: ReportingKiosk) -> None:
    waiting = fleet.hand_in(fleet.by_device(front.kiosk, [gone("boris")]))
    fleet.say(person("chen"))
    before = everything(fleet.store)
    assert cleaned(fleet).gone == {}
    fleet.clock.by = timedelta(days=29)
    assert cleaned(fleet).gone == {}
    assert everything(fleet.store) == before
    assert waiting in before
    days(fleet, 3)
    front.kiosk.clock.by = fleet.clock.by
    front.kiosk.sync()
    assert front.kiosk.names() == {"anna 1", "chen 1"}
    assert statuses(fleet)[front.kiosk.fingerprint].problem is None
    assert journal_of(fleet, front).problems == []
    newcomer = fleet.kiosk("later")
    newcomer.clock.by = fleet.clock.by
    fleet.publish()
    newcomer.sync()
    assert newcomer.names() == {"anna 1", "chen 1"}


# -- what goes -----------------------------------------------------------------------------------


def test_what_is_left_over_goes_after_a_month(fleet: SmallFleet, front: ReportingKiosk) -> None:
    asking = fleet.asking("asking")
    leftover = (
        put(fleet, f"{layout.REVIEW}changes/{HARBOUR}/0000000009.jsonl"),
        layout.request_name(asking.fingerprint),
        put(fleet, f"{layout.DEVICES}{'0' * 32}/health.json"),
        put(fleet, f"{layout.UPLOADS}{front.kiosk.fingerprint}/yard/0000000001.jsonl"),
        put(fleet, layout.offer_name(front.kiosk.fingerprint, HARBOUR)),
        put(fleet, f"{layout.INVITATIONS}{'0' * 32}/{HARBOUR}/0000000001.jsonl"),
    )
    days(fleet, 1)
    days(fleet, 29)
    assert there(fleet, *leftover) == set(leftover)
    assert days(fleet, 1)["leftover"] == len(leftover)
    assert there(fleet, *leftover, layout.request_name(front.kiosk.fingerprint)) == {
        layout.request_name(front.kiosk.fingerprint)
    }


def test_what_comes_again_begins_anew(fleet: SmallFleet) -> None:
    fleet.publish()
    name = put(fleet, f"{layout.REVIEW}one")
    days(fleet, 1)
    days(fleet, 20)
    fleet.store.delete(name)
    days(fleet, 1)
    put(fleet, name)
    days(fleet, 1)
    assert "leftover" not in days(fleet, 29)
    assert days(fleet, 1)["leftover"] == 1


def test_what_a_dropped_device_left_behind(fleet: SmallFleet, front: ReportingKiosk) -> None:
    front.kiosk.updater.sync()
    fleet.admin.revoke(front.kiosk.fingerprint)
    device = front.kiosk.fingerprint
    names = [layout.health_name(device), layout.receipts_name(device)]
    names += [layout.journal_name(device, 1), layout.request_name(device)]
    assert there(fleet, *names) == set(names)
    days(fleet, 1)
    days(fleet, 31)
    assert there(fleet, *names) == set(names[1:3])
    fleet.clock.by = KEPT
    days(fleet, 1)  # after a pause nothing goes for a week
    assert there(fleet, *names) == set(names[1:3])
    days(fleet, 8)
    assert there(fleet, *names) == {layout.receipts_name(device)}


def test_journals_go_by_age_from_their_beginning(fleet: SmallFleet, front: ReportingKiosk) -> None:
    device = front.kiosk.fingerprint
    fleet.store.put(layout.journal_name(device, 7), b"not the device's", expected=ANYTHING)
    front.kiosk.clock.by = timedelta(days=20)
    front.note("camera")
    front.hand_in_journal()
    for _ in range(8):
        fleet.clock.by += timedelta(days=23)
        cleaned(fleet)
    names = [layout.journal_name(device, number) for number in (1, 2, 7)]
    assert there(fleet, *names) == {names[1], names[2]}
    assert "Segments 1 to 1" not in " ".join(journal_of(fleet, front).problems)
    fleet.clock.by += timedelta(days=20)
    assert cleaned(fleet).gone["journal"] == 1


def test_nothing_of_who_was_erased_stays_in_the_store(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    """Their record is in the base, in a delta after it, and in bases that were replaced."""
    fleet.told(person("anna", 2))
    sealed = {it.sealed for it in fleet.published().records.values()}
    fleet.told(gone("anna"))
    theirs = sealed - {it.sealed for it in _counting(fleet).values()}
    assert theirs
    days(fleet, 1)
    days(fleet, 1)
    assert not theirs & {it.sealed for it in fleet.published().records.values()}
    assert days(fleet, 8)["superseded"] > 0
    left = b"".join(everything(fleet.store, f"{layout.TARGETS}people/").values())
    for each in fleet.published().records.values():
        assert _base64(each.sealed) in left
    assert not any(_base64(each) in left for each in theirs)
    front.kiosk.clock.by = fleet.clock.by
    front.kiosk.sync()
    assert front.kiosk.names() == {"boris 1"}


def test_a_scope_in_which_everything_counts_is_not_written_anew(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    before = set(fleet.store.names(f"{layout.TARGETS}people/"))
    fleet.publisher().publish(compact=True)
    assert set(fleet.store.names(f"{layout.TARGETS}people/")) == before
    assert front


def test_old_metadata_of_the_publisher_goes_after_a_day(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    for _ in range(5):
        fleet.publish()
    for _ in range(3):
        days(fleet, 1)
    verified = VerifiedStore(fleet.store, fleet.keys.root)
    assert len(verified.versions("snapshot")) <= 3
    roots = [name for name in fleet.store.names(layout.METADATA) if "root" in name]
    assert roots == ["metadata/1.root.json"]
    assert verified.versions("targets")[0] == 1
    front.kiosk.clock.by = fleet.clock.by
    front.kiosk.sync()


# -- clocks, and stores that fail ----------------------------------------------------------------


def test_a_clock_that_jumped_deletes_nothing_for_a_week(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    name = put(fleet, f"{layout.REVIEW}one")
    cleaned(fleet)
    fleet.clock.by = timedelta(days=400)
    assert cleaned(fleet) == Cleaned({}, held=True)
    fleet.clock.by = timedelta(days=1)
    assert cleaned(fleet).held
    assert there(fleet, name, layout.journal_name(front.kiosk.fingerprint, 1))
    for _ in range(6):
        fleet.clock.by += timedelta(days=1)
        assert cleaned(fleet).held
    fleet.clock.by += timedelta(days=1)
    assert not cleaned(fleet).held


def test_a_store_that_fails_half_way_is_cleaned_the_next_time(fleet: SmallFleet) -> None:
    fleet.publish()
    names = [put(fleet, f"{layout.REVIEW}{number}") for number in range(4)]
    cleaned(fleet)
    fleet.clock.by = timedelta(days=30)
    with pytest.raises(FleetStoreUnreachable):
        cleaned(fleet, SteeredStore(fleet.store, left=2))
    assert len(there(fleet, *names)) == 2
    fleet.clock.by = timedelta(days=31)
    assert cleaned(fleet).gone["leftover"] == 2


def test_what_is_much_goes_in_several_goes(
    fleet: SmallFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaner, "MOST_AT_ONCE", 3)
    fleet.publish()
    names = [put(fleet, f"{layout.REVIEW}{number}") for number in range(7)]
    cleaned(fleet)
    fleet.clock.by = timedelta(days=30)
    done = [cleaned(fleet) for _ in range(3)]
    assert [each.gone.get("leftover") for each in done] == [3, 3, 1]
    assert [each.unfinished for each in done] == [True, True, False]
    assert not there(fleet, *names)
    memory = load_memory(fleet.keys.folder / CLEANING)
    assert not memory.is_due(fleet.clock.utc())


def test_a_damaged_memory_is_named(fleet: SmallFleet) -> None:
    path = fleet.keys.folder / CLEANING
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(StoreKeyError, match="remembers what is to go"):
        load_memory(path)


def _counting(fleet: SmallFleet) -> dict[str, SealedRecord]:
    history, file = fleet.history(), fleet.published()
    return {name: it for name, it in file.records.items() if name in history.records}


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data)
