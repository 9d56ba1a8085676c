"""Seeded drift of each kind, found and mended, on the wire (R60)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cloud_jobs import JobsRig, jobs_rig, pauses

from kiosk.cloud.jobs.drift import OLD_SECONDS, DriftKind, DriftRules
from kiosk.cloud.jobs.reconciling import ReconcileReport, Reconciling, ReconcilingParts
from kiosk.domain.cloud.faces import FaceId
from kiosk.domain.cloud.flows import CloudFlow, FlowIntent, FlowStep
from kiosk.domain.errors import CloudRefused

PEOPLE = 6


class Site:
    """Six people with two faces each, and what can go wrong with them."""

    def __init__(self, rig: JobsRig) -> None:
        self.rig = rig
        self.agreed = {rig.id_of(f"p-{number}") for number in range(PEOPLE)}
        self.known = set(self.agreed)
        self.recovered = 0
        rig.founded(shards=2)
        rig.index([rig.person(f"p-{number}", 2) for number in range(PEOPLE)])
        self.first = rig.id_of("p-0")
        self.place = rig.in_force.of(self.first)
        self.other = next(name for name in rig.in_force.names if name != self.place)
        self.aws = rig.peer.client()

    def reconcile(self, *, repair: bool = False, alone: bool = True) -> ReconcileReport:
        rig = self.rig

        def rules() -> DriftRules:
            return DriftRules(self.agreed, self.known, alone, rig.now)

        def recover() -> None:
            self.recovered += 1

        parts = ReconcilingParts(
            rig.service,
            rig.metadata,
            rig.records,
            "test",
            rules,
            lambda _: "form 3",
            "kiosk-1",
            recover,
            pauses,
        )
        return Reconciling(parts).run(repair=repair)

    def row(self) -> Any:  # noqa: ANN401 - asserts that there is one
        row = self.rig.metadata.get(self.first, self.place)
        assert row is not None
        return row

    def listed(self) -> list[tuple[object, object]]:
        names = self.rig.in_force.names
        faces = (it for n in names for it in self.rig.service.faces(n, seconds=5.0))
        return [(it.face, it.user) for it in faces]

    # -- drift -----------------------------------------------------------------------------------

    def index(self, collection: str, external: str | None) -> None:
        more = {} if external is None else {"ExternalImageId": external}
        picture = self.rig.peer.faces.of("p-0")
        self.aws.index_faces(CollectionId=collection, Image={"Bytes": picture}, **more)

    def orphan(self) -> None:
        self.index(self.place, None)

    def unrecorded(self) -> None:
        self.rig.metadata.delete(self.row())

    def doubled(self) -> None:
        self.index(self.place, self.first)

    def missing(self) -> None:
        faces = list(self.row().faces[:1])
        of_user = {"CollectionId": self.place, "UserId": self.first, "FaceIds": faces}
        self.aws.disassociate_faces(**of_user)
        self.aws.delete_faces(CollectionId=self.place, FaceIds=faces)

    def wrong_shard(self) -> None:
        self.index(self.other, self.first)

    def no_user(self) -> None:
        self.aws.delete_user(CollectionId=self.place, UserId=self.first)

    def stray_user(self) -> None:
        stranger = self.rig.id_of("p-9")
        self.known.add(stranger)
        self.agreed.add(stranger)
        place = self.rig.in_force.of(stranger)
        self.aws.create_user(CollectionId=place, UserId=stranger)

    def no_consent(self) -> None:
        self.agreed.discard(self.first)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with jobs_rig(tmp_path, monkeypatch) as rig:
        yield Site(rig)


def test_without_drift_nothing_is_found(site: Site) -> None:
    report = site.reconcile(repair=True)
    assert (report.drifts, report.faces, report.people) == ([], 2 * PEOPLE, PEOPLE)
    assert len(report.collections) == 2


@pytest.mark.parametrize(
    ("seed", "kind"),
    [
        (Site.orphan, DriftKind.ORPHAN),
        (Site.unrecorded, DriftKind.UNRECORDED),
        (Site.doubled, DriftKind.DOUBLED),
        (Site.missing, DriftKind.MISSING),
        (Site.wrong_shard, DriftKind.WRONG_SHARD),
        (Site.no_user, DriftKind.NO_USER),
        (Site.stray_user, DriftKind.STRAY_USER),
        (Site.no_consent, DriftKind.NO_CONSENT),
    ],
)
def test_each_kind_is_found_alone_and_mended(
    site: Site, seed: Callable[[Site], None], kind: DriftKind
) -> None:
    seed(site)
    before = site.listed()
    found = site.reconcile()
    assert [it.kind for it in found.drifts] == [kind]
    assert found.mended == 0
    assert site.listed() == before
    mended = site.reconcile(repair=True)
    assert (mended.mended, [it.kind for it in mended.drifts]) == (1, [kind])
    assert site.reconcile().drifts == []
    site.rig.assert_agreeing()
    gone = {DriftKind.NO_CONSENT}
    assert (site.first in site.rig.faces()) is (kind not in gone)


def test_all_at_once(site: Site) -> None:
    seeds = (Site.orphan, Site.doubled, Site.wrong_shard, Site.stray_user)
    for seed in seeds:
        seed(site)
    report = site.reconcile(repair=True)
    assert report.mended == len(report.drifts) == len(seeds)
    site.rig.assert_agreeing()


def test_whose_faces_are_all_gone_is_to_be_registered_again(site: Site) -> None:
    faces = list(site.row().faces)
    site.aws.disassociate_faces(CollectionId=site.place, UserId=site.first, FaceIds=faces)
    site.aws.delete_faces(CollectionId=site.place, FaceIds=faces)
    report = site.reconcile(repair=True)
    assert report.left == [site.first]
    assert site.rig.metadata.get(site.first, site.place) is None
    site.rig.assert_agreeing()


def test_a_flow_that_stopped_long_ago_is_told_of(site: Site) -> None:
    intent = FlowIntent(CloudFlow.PHOTO_UPDATE, FlowStep.INDEX, "t", 1, at=site.rig.now)
    site.rig.metadata.put(replace(site.row(), intent=intent))
    assert site.reconcile().drifts == []
    site.rig.now += OLD_SECONDS + 1.0
    assert [it.kind for it in site.reconcile().drifts] == [DriftKind.UNFINISHED]
    site.reconcile(repair=True)
    assert site.recovered == 1


def test_people_of_other_kiosks_are_left_alone(site: Site) -> None:
    site.known.discard(site.first)
    site.agreed.discard(site.first)
    assert site.reconcile(alone=False).drifts == []
    assert [it.kind for it in site.reconcile().drifts] == [DriftKind.NO_CONSENT]


def test_a_wrong_home_does_not_delete_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with jobs_rig(tmp_path, monkeypatch) as rig:
        site = Site(rig)
        rig.index([rig.person(f"q-{number}") for number in range(8)])
        site.known, site.agreed = set(), set()
        with pytest.raises(CloudRefused, match="14 of 14 people would be removed"):
            site.reconcile(repair=True)
        assert len(rig.faces()) == 14


def test_people_of_other_kiosks_whose_rows_are_lost_are_left_alone(site: Site) -> None:
    for person in sorted(site.agreed):
        row = site.rig.metadata.get(person, site.rig.in_force.of(person))
        assert row is not None
        site.rig.metadata.delete(row)
    site.known, site.agreed = {site.first}, {site.first}
    before = sorted(map(str, site.listed()))
    report = site.reconcile(repair=True, alone=False)
    kinds = [it.kind for it in report.drifts]
    assert kinds.count(DriftKind.UNKNOWN_HERE) == PEOPLE - 1
    assert kinds.count(DriftKind.UNRECORDED) == report.mended == 1
    assert sorted(map(str, site.listed())) == before
    assert len(site.row().faces) == 2


@pytest.mark.parametrize("here", [True, False])
def test_a_row_of_an_older_copy_deletes_nobody(site: Site, *, here: bool) -> None:
    row, before = site.row(), sorted(map(str, site.listed()))
    site.rig.metadata.put(replace(row, faces=(FaceId("0" * 8), FaceId("1" * 8))))
    if not here:
        site.known.discard(site.first)
        site.agreed.discard(site.first)
    report = site.reconcile(repair=True, alone=False)
    kind = DriftKind.UNRECORDED if here else DriftKind.UNKNOWN_HERE
    assert ([it.kind for it in report.drifts], report.left) == ([kind], [])
    assert sorted(map(str, site.listed())) == before
    if here:
        assert sorted(site.row().faces) == sorted(row.faces)
        site.rig.assert_agreeing()


def test_a_loose_face_beside_those_of_another_kiosk_is_left_alone(site: Site) -> None:
    site.unrecorded()
    site.doubled()
    site.known.discard(site.first)
    site.agreed.discard(site.first)
    report = site.reconcile(repair=True, alone=False)
    (drift,) = report.drifts
    assert (drift.kind, len(drift.faces)) == (DriftKind.UNKNOWN_HERE, 3)
    assert (report.mended, len(site.listed())) == (0, 2 * PEOPLE + 1)


def test_faces_with_neither_row_nor_user_of_most_of_the_people_are_not_deleted(
    site: Site,
) -> None:
    for number in range(11):
        stranger = site.rig.id_of(f"s-{number}")
        site.index(site.rig.in_force.of(stranger), stranger)
    with pytest.raises(CloudRefused, match="11 of 17 people would be removed"):
        site.reconcile(repair=True, alone=False)
    assert len(site.listed()) == 2 * PEOPLE + 11


def test_a_collection_of_no_generation_is_told_of_and_left(site: Site) -> None:
    site.aws.create_collection(CollectionId="test-g9-0")
    site.aws.create_collection(CollectionId="test-other")
    report = site.reconcile(repair=True)
    assert report.strays == ["test-g9-0"]
    assert site.rig.service.describe_collection("test-g9-0", seconds=5.0) is not None


def test_a_face_that_vanishes_meanwhile_is_no_error(site: Site) -> None:
    site.doubled()
    real = site.rig.service.delete_faces

    def vanished(collection: str, faces: Any, *, seconds: float) -> Any:  # noqa: ANN401 - as the real
        site.aws.delete_faces(CollectionId=collection, FaceIds=list(faces))
        return real(collection, faces, seconds=seconds)

    site.rig.service.delete_faces = vanished  # type: ignore[method-assign]
    assert site.reconcile(repair=True).mended == 1
    site.rig.assert_agreeing()
