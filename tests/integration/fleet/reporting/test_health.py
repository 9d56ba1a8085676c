"""The health of devices: what admins see of it, and what nobody can make them believe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from reporting_kiosk import ReportingKiosk, statuses
from securesystemslib.dsse import Envelope
from small_fleet import HARBOUR, YARD, SmallFleet, SteeredStore, gone, person

from kiosk.domain.errors import FleetRefused, StoreKeyError
from kiosk.fleet.reporting.health import MOST_HEALTH
from kiosk.fleet.reporting.seen import SEEN
from kiosk.fleet.reporting.signed import ReportKind, read_report, sign_report
from kiosk.fleet.scope_file import read_scope_file
from kiosk.fleet.stores.port import ANYTHING, StoredObject
from kiosk.fleet.trust import layout


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        yield made


@pytest.fixture
def front(fleet: SmallFleet) -> ReportingKiosk:
    """A kiosk that has synced a person and reported."""
    kiosk = fleet.kiosk("front")
    fleet.told(person("anna"))
    kiosk.sync()
    made = ReportingKiosk(kiosk)
    made.busy()
    made.reporting.run()
    return made


def report_of(fleet: SmallFleet, who: ReportingKiosk) -> bytes:
    found = fleet.store.get(layout.health_name(who.kiosk.fingerprint), MOST_HEALTH)
    assert isinstance(found, StoredObject)
    return found.data


def put(fleet: SmallFleet, who: ReportingKiosk, data: bytes) -> None:
    fleet.store.put(layout.health_name(who.kiosk.fingerprint), data, expected=ANYTHING)


# -- what is told --------------------------------------------------------------------------------


def test_a_device_at_the_head(fleet: SmallFleet, front: ReportingKiosk) -> None:
    (status,) = statuses(fleet).values()
    assert (status.device, status.door) == (front.kiosk.fingerprint, "harbour door")
    assert (status.scopes, status.behind, status.late) == ((HARBOUR,), {}, False)
    assert status.problem is None
    assert status.health is not None
    assert status.health.synced.scopes == {HARBOUR: 1}
    assert (status.health.last_hour.grants, status.health.last_hour.refusals) == (2, {"view": 1})
    assert (status.health.latency_ms.p50, status.health.latency_ms.p95) == (180.0, 240.0)


def test_a_device_that_has_yet_to_apply_something(fleet: SmallFleet, front: ReportingKiosk) -> None:
    fleet.told(person("boris"))
    fleet.told(gone("anna"))
    front.reporting.run()
    assert statuses(fleet)[front.kiosk.fingerprint].behind == {HARBOUR: 2}
    front.kiosk.sync()
    front.reporting.run()
    assert statuses(fleet)[front.kiosk.fingerprint].behind == {}


def test_nothing_about_a_person_is_in_a_report(fleet: SmallFleet, front: ReportingKiosk) -> None:
    said = Envelope.from_dict(json.loads(report_of(fleet, front))).payload
    assert b"anna" not in said
    assert len(report_of(fleet, front)) < 2000


def test_a_device_that_is_silent_is_late(fleet: SmallFleet, front: ReportingKiosk) -> None:
    fleet.clock.by = timedelta(minutes=3)
    assert not statuses(fleet)[front.kiosk.fingerprint].late
    fleet.clock.by = timedelta(minutes=5)
    assert statuses(fleet)[front.kiosk.fingerprint].late


def test_a_device_that_never_reported_is_named(fleet: SmallFleet) -> None:
    kiosk = fleet.kiosk("yard", YARD)
    assert statuses(fleet)[kiosk.fingerprint].problem == "It has never reported."


def test_numbers_rise_over_restarts_and_a_restored_ledger(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    never_used = fleet.asking("other").open_home.home
    numbers: list[int] = []
    for ledger_in in (None, None, never_used):
        front.restart(ledger_in)
        front.reporting.run()
        health = statuses(fleet)[front.kiosk.fingerprint].health
        assert health is not None
        numbers.append(health.number)
    assert numbers == sorted(set(numbers))


# -- what is not believed ------------------------------------------------------------------------


def test_another_devices_report_in_its_place(fleet: SmallFleet, front: ReportingKiosk) -> None:
    other = ReportingKiosk(fleet.kiosk("back"))
    other.reporting.run()
    put(fleet, front, report_of(fleet, other))
    status = statuses(fleet)[front.kiosk.fingerprint]
    assert status.health is None
    assert "has not signed" in str(status.problem)


def test_an_older_report_put_back(fleet: SmallFleet, front: ReportingKiosk) -> None:
    old = report_of(fleet, front)
    front.reporting.run()
    statuses(fleet)
    put(fleet, front, old)
    assert "put back over a newer" in str(statuses(fleet)[front.kiosk.fingerprint].problem)
    fleet.store.delete(layout.health_name(front.kiosk.fingerprint))
    assert "is missing" in str(statuses(fleet)[front.kiosk.fingerprint].problem)
    front.reporting.run()
    assert statuses(fleet)[front.kiosk.fingerprint].problem is None


def test_a_report_of_another_kind_by_the_same_device(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    keys = front.kiosk.device.public
    said = read_report(ReportKind.HEALTH, report_of(fleet, front), keys).said
    for kind in (ReportKind.RECEIPTS, ReportKind.SEGMENT):
        put(fleet, front, sign_report(kind, front.kiosk.device, said))
        assert "has not signed" in str(statuses(fleet)[front.kiosk.fingerprint].problem)


def test_a_report_is_no_statement_about_people(fleet: SmallFleet, front: ReportingKiosk) -> None:
    with pytest.raises(FleetRefused, match="not of this program"):
        read_scope_file(report_of(fleet, front), lambda *_: None)


def test_a_report_that_was_changed(fleet: SmallFleet, front: ReportingKiosk) -> None:
    said = json.loads(report_of(fleet, front))
    envelope = Envelope.from_dict(said)
    envelope.payload = envelope.payload.replace(b'"faults": []', b'"faults":  []')
    put(fleet, front, json.dumps(envelope.to_dict()).encode())
    assert "has not signed" in str(statuses(fleet)[front.kiosk.fingerprint].problem)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 9000, b'{"payload":1,"payloadType":2}']
)
def test_what_is_no_report_at_all(fleet: SmallFleet, front: ReportingKiosk, data: bytes) -> None:
    put(fleet, front, data)
    assert statuses(fleet)[front.kiosk.fingerprint].problem


def test_a_file_that_is_too_long(fleet: SmallFleet, front: ReportingKiosk) -> None:
    put(fleet, front, b" " * MOST_HEALTH + report_of(fleet, front))
    assert "longer than" in str(statuses(fleet)[front.kiosk.fingerprint].problem)


@pytest.mark.parametrize(
    "change",
    [
        {"faults": ["\x1b[2Jcamera"]},
        {"program": "x" * 1000},
        {"number": "many"},
        {"at": "2026-01-01T00:00:00"},
        {"every_seconds": float("nan")},
        {"counts": None},
        {"format": 2},
    ],
)
def test_a_device_that_signs_nonsense(
    fleet: SmallFleet, front: ReportingKiosk, change: dict[str, object]
) -> None:
    keys, device = front.kiosk.device.public, front.kiosk.device
    said = read_report(ReportKind.HEALTH, report_of(fleet, front), keys).said
    put(fleet, front, sign_report(ReportKind.HEALTH, device, {**said, **change}))
    status = statuses(fleet)[front.kiosk.fingerprint]
    assert status.health is None
    assert "\x1b" not in str(status.problem)


def test_a_clock_that_is_ahead_is_named(fleet: SmallFleet, front: ReportingKiosk) -> None:
    front.kiosk.clock.by = timedelta(days=30)
    front.reporting.run()
    assert "of the future" in str(statuses(fleet)[front.kiosk.fingerprint].problem)


def test_a_dropped_device_is_not_heard(fleet: SmallFleet, front: ReportingKiosk) -> None:
    fleet.admin.revoke(front.kiosk.fingerprint)
    front.reporting.run()
    status = statuses(fleet)[front.kiosk.fingerprint]
    assert (status.health, status.scopes) == (None, ())
    assert "was dropped" in str(status.problem)


def test_a_damaged_memory_is_named(fleet: SmallFleet, front: ReportingKiosk) -> None:
    statuses(fleet)
    (fleet.keys.folder / SEEN).write_text('{"x": {"health": {}}}', encoding="utf-8")
    with pytest.raises(StoreKeyError, match="remembers what was seen of devices"):
        statuses(fleet)
    assert front.kiosk.fingerprint


# -- a store that takes nothing ------------------------------------------------------------------


def test_a_store_that_takes_nothing_is_noted_once(fleet: SmallFleet, front: ReportingKiosk) -> None:
    store = SteeredStore(fleet.store, left=0)
    kiosk = ReportingKiosk(front.kiosk, store)
    for _ in range(3):
        kiosk.reporting.run()
    assert front.kiosk.entries("fleet_reports") == ["fleet_reports"]
    store.left = None
    kiosk.reporting.run()
    kiosk.reporting.run()
    assert front.kiosk.entries("fleet_reports") == ["fleet_reports"] * 2
    assert statuses(fleet)[front.kiosk.fingerprint].problem is None


def test_a_job_that_fails_keeps_none_of_the_others(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    done: list[str] = []

    def refused() -> None:
        raise FleetRefused("The store forbids it.", "Give it the right.")

    reporting = front.doing(refused, lambda: done.append("done"))
    reporting.run()
    assert done == ["done"]
    assert front.kiosk.entries("fleet_reports") == ["fleet_reports"]
    assert fleet.store
