"""Generations of collections on the wire: made, filled, switched to, deleted (R45, R46)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cloud_jobs import PREFIX, JobsRig, jobs_rig

from kiosk.cloud.collections import CollectionsInForce
from kiosk.cloud.generations import FACT
from kiosk.cloud.jobs.building import GRACE_SECONDS, check_all, delete_retired
from kiosk.cloud.jobs.overview import OverviewTerms, overview
from kiosk.domain.cloud.faces import ModelVersion
from kiosk.domain.cloud.shards import LEASE_SECONDS
from kiosk.domain.errors import CloudRefused

V6, V7 = ModelVersion("6.0"), ModelVersion("7.0")


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobsRig]:
    with jobs_rig(tmp_path, monkeypatch, model="6.0") as made:
        yield made


def test_a_new_model_is_filled_beside_the_old_one_and_switched_to(rig: JobsRig) -> None:
    rig.founded(shards=2)
    people = [rig.person(f"p-{number}", 2) for number in range(6)]
    rig.index(people)
    assert rig.in_force.model == V6
    rig.peer.server.account.model = "7.0"
    builder = rig.builder()
    new = builder.begin(3, V7)
    assert (new.model, new.generation.number, len(new.names)) == (V7, 2, 3)
    assert rig.in_force.generation.number == 1
    rig.index(people[:4], into=new)
    assert set(builder.missing(new, builder.in_force())) == {rig.id_of("p-4"), rig.id_of("p-5")}
    rig.index(people, into=new)
    assert not builder.missing(new, builder.in_force())
    builder.switch()
    assert rig.in_force == new
    rig.assert_agreeing()
    old = "test-g1-0", "test-g1-1"
    assert delete_retired(rig.building, GRACE_SECONDS, dry_run=False) == []
    rig.now += GRACE_SECONDS
    assert tuple(delete_retired(rig.building, GRACE_SECONDS, dry_run=True)) == old
    assert rig.service.describe_collection(old[0], seconds=5.0) is not None
    assert tuple(delete_retired(rig.building, GRACE_SECONDS, dry_run=False)) == old
    assert rig.service.describe_collection(old[0], seconds=5.0) is None
    assert {row.collection for row in rig.metadata.everybody()} <= set(new.names)
    assert rig.records.read().present == (new.generation,)
    rig.assert_agreeing()


def test_of_two_who_make_new_collections_at_once_one_is_told_so(rig: JobsRig) -> None:
    rig.founded()
    rig.builder("a").begin(2, None)
    with pytest.raises(CloudRefused, match="another job"):
        rig.builder("b").begin(2, None)
    rig.builder("a").begin(2, None)  # after a crash, from the same home


def test_a_race_for_the_record_has_one_winner(
    rig: JobsRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.founded()
    real, both = rig.records.read, []

    def read() -> object:
        if not both:
            both.append(1)
            record = real()
            rig.builder("b").begin(2, None)  # comes in between
            return record
        return real()

    monkeypatch.setattr(rig.records, "read", read)
    with pytest.raises(CloudRefused, match="another job"):
        rig.builder("a").begin(2, None)
    held = rig.records.read().building
    assert held is not None
    assert held.owner == "b"


def test_a_job_that_was_taken_for_dead_stops(rig: JobsRig) -> None:
    rig.founded()
    first = rig.builder("a")
    first.begin(2, None)
    first.stay()
    rig.now += LEASE_SECONDS
    second = rig.builder("b")
    second.begin(2, None)
    with pytest.raises(CloudRefused, match="taken over"):
        first.stay()
    with pytest.raises(CloudRefused, match="taken over"):
        first.switch()
    second.switch()
    assert rig.in_force.generation.number == 2


def test_a_job_that_works_on_keeps_its_generation(rig: JobsRig) -> None:
    rig.founded()
    first = rig.builder("a")
    first.begin(2, None)
    for _ in range(5):
        rig.now += LEASE_SECONDS * 0.8
        first.stay()
    with pytest.raises(CloudRefused, match="another job"):
        rig.builder("b").begin(2, None)
    first.give_up()
    assert [it.generation.number for it in rig.records.read().retired] == [2]


def test_a_model_that_is_not_wanted_is_refused(rig: JobsRig) -> None:
    rig.founded()
    with pytest.raises(CloudRefused, match=r"face model 6\.0, not to 7\.0"):
        rig.builder().begin(2, V7)
    assert rig.in_force.generation.number == 1


def test_a_collection_that_was_made_again_is_refused(rig: JobsRig) -> None:
    collections = rig.founded()
    client = rig.peer.client()
    client.delete_collection(CollectionId=collections.names[1])
    with pytest.raises(CloudRefused, match="does not exist"):
        check_all(rig.service, collections)
    rig.peer.server.account.model = "7.0"
    client.create_collection(CollectionId=collections.names[1])
    with pytest.raises(CloudRefused, match=r"face model 7\.0"):
        check_all(rig.service, collections)
    doors = CollectionsInForce(rig.service, rig.records, PREFIX, lambda: 0.0)
    with pytest.raises(CloudRefused, match=r"face model 7\.0"):
        doors.current(seconds=5.0)


def test_a_record_that_makes_no_sense_is_refused(rig: JobsRig) -> None:
    for text in ("no JSON", '{"format":2}', '{"format":1,"revision":1}'):
        rig.metadata.set_fact(FACT, text, rig.metadata.fact(FACT))
        with pytest.raises(CloudRefused, match="cannot be read"):
            rig.records.read()


def test_the_state_tells_of_a_full_collection_an_unknown_model_and_who_waits(rig: JobsRig) -> None:
    empty = overview(rig.building, (), OverviewTerms({"7.0": 99.0}, ()))
    assert empty.warnings == ("No collections are in force: nobody can be searched.",)
    rig.founded(shards=1)
    rig.index([rig.person(f"p-{number}") for number in range(4)])
    agreed = {rig.id_of(f"p-{number}") for number in range(1, 6)}
    seen = overview(rig.building, (), OverviewTerms({"7.0": 99.0}, agreed, most_faces=5))
    assert (seen.agreed, seen.indexed, seen.waiting, seen.others) == (5, 3, 2, 1)
    assert seen.fill == 0.8
    assert "face model 6.0" in seen.warnings[0]
    assert "4 of 5 faces" in seen.warnings[1]
    calm = overview(rig.building, (), OverviewTerms({"6.0": 99.0}, agreed, most_faces=6))
    assert calm.warnings == ()
