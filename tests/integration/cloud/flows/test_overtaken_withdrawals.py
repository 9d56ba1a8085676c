"""A withdrawal that waited while the person was registered anew, at another kiosk of the site.

In doubt they are deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flow_rig import ANNA, CONSENT, IDS, FlowRig, made, request
from memory_faces import MemoryFaces, picture

from kiosk.cloud.flows.service import SKEW_SECONDS
from kiosk.cloud.outbox.port import CloudWork, WorkKind
from kiosk.domain.cloud.faces import FaceId
from kiosk.domain.cloud.flows import CloudFlow, FlowIntent, FlowReason, FlowStep, PersonFaces

WAITED_SECONDS = 1000.0


@dataclass
class Site:
    """Two kiosks with one table: one registers, the other is offline for a while."""

    one: FlowRig
    other: FlowRig

    def erased(self) -> None:
        """Both hear of it; the work of the other has to wait."""
        self.other.now = self.one.now
        for rig in (self.one, self.other):
            rig.flows.forget(IDS.of(ANNA))
        self.one.work()
        assert not self.one.valid(ANNA)

    def enrolled(self, detail: str, *, adding: bool = False) -> None:
        self.one.flows.want(replace(request(ANNA, picture("anna", detail)), adding=adding))
        self.one.work()
        assert self.one.valid(ANNA)

    def online(self) -> set[FaceId]:
        """The other kiosk does its work; the faces that are left."""
        self.other.now = max(self.other.now, self.one.now + WAITED_SECONDS)
        self.other.work()
        assert self.other.outbox.waiting() == 0
        return self.one.valid(ANNA)

    def change(self, change: Callable[[PersonFaces], PersonFaces]) -> None:
        """Change what is kept of her faces."""
        (row,) = self.one.metadata.of_person(IDS.of(ANNA))
        self.one.metadata.put(change(row))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    service = MemoryFaces()
    made(service)
    one = FlowRig(tmp_path / "one.db", service)
    other = FlowRig(tmp_path / "other.db", service, metadata=one.metadata, owner="kiosk-2")
    one.people.consented[ANNA] = CONSENT
    site = Site(one, other)
    site.enrolled("1")
    yield site
    other.close()
    one.close()


def test_who_enrolled_again_since_stays(site: Site) -> None:
    site.erased()
    site.enrolled("2")
    there = site.one.valid(ANNA)
    assert site.online() == there
    assert site.other.ends() == [("incomplete", FlowReason.CHANGED.value)]


def test_who_left_again_since_is_deleted(site: Site) -> None:
    site.erased()
    site.enrolled("2")
    site.other.now = site.one.now + WAITED_SECONDS
    site.other.flows.forget(IDS.of(ANNA))
    assert site.other.outbox.waiting() == 1
    assert not site.online()


def test_what_was_asked_for_before_they_left_is_deleted(site: Site) -> None:
    """It is registered after that only: the pictures waited too."""
    site.one.flows.want(request(ANNA, picture("anna", "2")))
    site.other.now = site.one.now + 100.0
    site.other.flows.forget(IDS.of(ANNA))
    site.one.work()
    assert site.one.valid(ANNA)
    assert not site.online()


def test_faces_beside_those_of_before_are_no_newer_than_they(site: Site) -> None:
    site.other.now = site.one.now
    site.other.flows.forget(IDS.of(ANNA))
    site.one.now += WAITED_SECONDS
    site.enrolled("2", adding=True)
    assert not site.online()


@pytest.mark.parametrize("earlier", [SKEW_SECONDS + 1.0, SKEW_SECONDS - 1.0])
def test_clocks_may_differ_a_little(site: Site, earlier: float) -> None:
    site.erased()
    site.enrolled("2")
    (row,) = site.one.metadata.of_person(IDS.of(ANNA))
    site.other.now = site.one.now
    left = CloudWork(WorkKind.WITHDRAW, IDS.of(ANNA), at=row.since - earlier)
    site.other.flows.withdraw(left, shared=False)
    assert bool(site.one.valid(ANNA)) is (earlier > SKEW_SECONDS)


@pytest.mark.parametrize("since", [0.0, 4_000_000_000.0], ids=["none", "to come"])
def test_a_time_that_says_nothing_keeps_nobody(site: Site, since: float) -> None:
    site.erased()
    site.enrolled("2")
    site.change(lambda row: replace(row, since=since))
    assert not site.online()


def test_faces_that_only_the_work_knows_of_are_deleted(site: Site) -> None:
    work = CloudWork(WorkKind.WITHDRAW, IDS.of(ANNA), (FaceId("face-9"),), at=1.0)
    assert site.other.flows.withdraw(work, shared=True) == 1


def test_who_is_leaving_already_is_deleted(site: Site) -> None:
    begun = FlowIntent(CloudFlow.WITHDRAWAL, FlowStep.DELETE_FACES, "a-token")
    site.change(lambda row: replace(row, intent=begun))
    site.other.flows.withdraw(CloudWork(WorkKind.WITHDRAW, IDS.of(ANNA), at=1.0), shared=True)
    assert not site.one.valid(ANNA)


def test_faces_of_whom_nothing_is_kept_are_deleted(site: Site) -> None:
    (row,) = site.one.metadata.of_person(IDS.of(ANNA))
    site.one.metadata.delete(row)
    site.other.flows.withdraw(CloudWork(WorkKind.WITHDRAW, IDS.of(ANNA), at=1.0), shared=True)
    assert not site.one.valid(ANNA)


@pytest.mark.parametrize("shared", [True, False])
def test_a_kiosks_own_outbox_has_its_order_and_a_queue_may_deliver_again(
    site: Site, *, shared: bool
) -> None:
    """By its own outbox it has registered before: then its clock was wrong."""
    work = CloudWork(WorkKind.WITHDRAW, IDS.of(ANNA), at=1.0)
    site.one.flows.withdraw(work, shared=shared)
    assert bool(site.one.valid(ANNA)) is shared
