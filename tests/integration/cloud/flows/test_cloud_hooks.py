"""The people service and the cloud: who is enrolled, renewed and erased here, there (R25, R31)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flow_rig import CONSENT, IDS, FlowRig, made
from kept_samples import AGREED
from memory_faces import GOOD, MemoryFaces, gone, picture
from people_changes import TERMS, by_gates, sample

from kiosk.cloud.flows.erasures import ErasureFinder
from kiosk.cloud.flows.hooks import CloudRegistrar, ErasureListener
from kiosk.domain.people.enrolment import IdentityVerdict
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.people import Erased
from kiosk.people.enrolment import Enrolment, Newcomer
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome

CHEN, DORA = SubjectId("s-1003"), SubjectId("s-1004")
NAMED = replace(AGREED, version=CONSENT, cloud=True)


class Desk:
    """A home, its people service, and the flows behind it."""

    def __init__(self, path: Path, service: MemoryFaces) -> None:
        self.open_home = OpenHome.open(path)
        self.service = service
        self.rig = FlowRig(path / "cloud.db", service)
        self.woken = 0
        self.registrar = CloudRegistrar(
            self.rig.flows, IDS, lambda content: picture(content.decode()), self._wake
        )
        self.listener = ErasureListener(self.rig.flows, IDS, self.open_home.references, self._wake)
        self.open_home.recorder.subscribe(self.listener.hear, durable=True)
        self.people = PeopleService(self.open_home, self.registrar)

    def enrol(
        self, subject: SubjectId, name: str, seed: int, *, cloud: bool = True, **more: object
    ) -> Enrolment:
        consent = NAMED if cloud else AGREED
        newcomer = Newcomer(subject, consent, views=lambda _: [picture(name)], **more)  # type: ignore[arg-type]
        enrolment = self.people.enrol(newcomer, TERMS, by_gates([sample(seed)]))
        if enrolment.references and cloud:
            self.rig.people.consented[subject] = CONSENT
        return enrolment

    def close(self) -> None:
        self.registrar.close()
        self.rig.close()
        self.open_home.close()

    def _wake(self) -> None:
        self.woken += 1


@pytest.fixture
def service() -> MemoryFaces:
    faces = MemoryFaces()
    made(faces)
    return faces


@pytest.fixture
def desk(tmp_path: Path, service: MemoryFaces) -> Iterator[Desk]:
    desk = Desk(tmp_path / "home", service)
    yield desk
    desk.close()


def test_who_is_enrolled_here_is_registered_there(desk: Desk, service: MemoryFaces) -> None:
    assert desk.enrol(CHEN, "chen", 30).references == 1
    assert desk.woken == 1
    assert not desk.rig.valid(CHEN), "the cloud does not know them yet"
    gates = ["detect_faces", "search", "search"]
    assert service.calls[:3] == gates
    desk.rig.work()
    assert len(desk.rig.valid(CHEN)) == 1
    assert service.calls.count("detect_faces") == 1, "what was judged is not judged again"


def test_who_agreed_to_local_matching_only_is_enrolled_and_never_sent(
    desk: Desk, service: MemoryFaces
) -> None:
    assert desk.enrol(CHEN, "chen", 30, cloud=False).references == 1
    desk.rig.work()
    assert service.calls == []
    desk.people.erase(CHEN)
    desk.rig.work()
    assert service.calls == []


def test_what_fails_here_is_never_sent(desk: Desk, service: MemoryFaces) -> None:
    desk.enrol(CHEN, "chen", 30)
    service.calls.clear()
    assert desk.enrol(DORA, "dora", 30).references == 0, "a duplicate here"
    assert service.calls == []


def test_a_picture_too_poor_for_the_cloud_enrols_nobody(desk: Desk, service: MemoryFaces) -> None:
    service.seen[b"chen-1"] = (replace(GOOD, brightness=3.0),)
    enrolment = desk.enrol(CHEN, "chen", 30)
    assert enrolment.references == 0
    assert [it.reason.value for it in enrolment.outcome.refused] == [
        "not_good_enough_for_the_cloud"
    ]
    _nothing_of(desk, CHEN)


def test_a_duplicate_in_the_cloud_enrols_nobody(desk: Desk) -> None:
    desk.enrol(CHEN, "anna", 30)
    desk.rig.work()
    enrolment = desk.enrol(DORA, "hanna", 31)
    assert (enrolment.references, enrolment.outcome.duplicate_of) == (0, CHEN)
    _nothing_of(desk, DORA)


def test_a_duplicate_whom_nobody_here_knows_is_named_by_their_id_there(desk: Desk) -> None:
    desk.enrol(CHEN, "anna", 30)
    desk.rig.work()
    desk.rig.people.consented.clear()
    assert desk.enrol(DORA, "hanna", 31).outcome.duplicate_of == IDS.of(CHEN)


def test_who_was_seen_to_be_another_person_is_registered_all_the_same(desk: Desk) -> None:
    desk.enrol(CHEN, "anna", 30)
    desk.rig.work()
    assert desk.enrol(DORA, "hanna", 31, different_person=True).references == 1
    desk.rig.work()
    assert len(desk.rig.valid(DORA)) == 1


@pytest.mark.parametrize(("photo", "fits"), [(b"chen", True), (b"boris", False)])
def test_they_are_compared_with_the_photograph_of_their_invitation(
    desk: Desk, photo: bytes, *, fits: bool
) -> None:
    enrolment = desk.enrol(CHEN, "chen", 30, photo=photo)
    assert bool(enrolment.references) is fits
    if not fits:
        assert enrolment.outcome.identity is IdentityVerdict.DIFFERS
        _nothing_of(desk, CHEN)


def test_a_cloud_that_is_gone_holds_nobody_up(desk: Desk, service: MemoryFaces) -> None:
    service.fail["detect_faces"] = gone(), False
    assert desk.enrol(CHEN, "chen", 30).references == 1
    desk.rig.work()
    assert len(desk.rig.valid(CHEN)) == 1


def test_a_cloud_that_never_answers_holds_nobody_up_for_long(
    desk: Desk, service: MemoryFaces
) -> None:
    let_go = threading.Event()
    honest = service.detect_faces

    def hanging(content: bytes, **_details: float) -> object:
        let_go.wait(30.0)
        return honest(content)

    service.detect_faces = hanging  # type: ignore[method-assign, assignment]
    desk.registrar._seconds = 0.05
    try:
        assert desk.enrol(CHEN, "chen", 30).references == 1
    finally:
        let_go.set()


def test_other_pictures_here_are_other_pictures_there(desk: Desk) -> None:
    desk.enrol(CHEN, "chen", 30)
    desk.rig.work()
    before = desk.rig.valid(CHEN)
    taken = [picture("chen", "2"), picture("chen", "3")]
    desk.people.renew(CHEN, TERMS, by_gates([sample(30)]), views=lambda _: taken)
    desk.rig.work()
    assert len(desk.rig.valid(CHEN)) == 2
    assert not desk.rig.valid(CHEN) & before


def test_who_is_erased_here_is_deleted_there(desk: Desk) -> None:
    desk.enrol(CHEN, "chen", 30)
    desk.rig.work()
    desk.rig.people.consented.clear()
    desk.people.erase(CHEN)
    assert desk.rig.outbox.waiting() == 1, "it is written down before they are gone here"
    desk.rig.work()
    assert not desk.rig.valid(CHEN)


def test_who_was_erased_by_another_process_is_found_in_the_journal(desk: Desk) -> None:
    own = desk.rig.metadata
    reader = ErasureFinder(desk.open_home.home, own, desk.rig.flows, IDS, set())
    assert reader.read() == 0
    for subject, name, seed in ((CHEN, "chen", 30), (DORA, "dora", 31)):
        desk.enrol(subject, name, seed)
    desk.rig.work()
    assert reader.read() == 0, "nobody was erased"
    path = desk.open_home.home.path
    with OpenHome.open(path) as other:  # with no listener
        PeopleService(other).erase(CHEN)
    assert desk.rig.outbox.waiting() == 0
    assert reader.read() == 1
    assert reader.read() == 0, "it was read"
    desk.rig.work()
    assert not desk.rig.valid(CHEN)
    assert len(desk.rig.valid(DORA)) == 1


def test_what_is_added_here_is_added_there(desk: Desk) -> None:
    desk.enrol(CHEN, "chen", 30)
    desk.rig.work()
    before = desk.rig.valid(CHEN)
    for adding in (True, False):
        taken = [picture("chen", f"{adding}")]
        desk.people.renew(
            CHEN, TERMS, by_gates([sample(30)]), adding=adding, views=lambda _, it=taken: it
        )
        desk.rig.work()
        after = desk.rig.valid(CHEN)
        assert (before <= after) is adding
        assert len(after) == 1 + adding


def test_who_moves_in_the_fleet_stays_there(desk: Desk) -> None:
    reader = _reader(desk)
    reader.read()
    desk.enrol(CHEN, "chen", 30)
    desk.rig.work()
    moved = Erased(CHEN, 1, moved=True)
    desk.open_home.recorder.note(moved)
    with OpenHome.open(desk.open_home.home.path) as other:
        other.recorder.note(moved)
    assert reader.read() == 0
    assert desk.rig.outbox.waiting() == 0
    assert len(desk.rig.valid(CHEN)) == 1


def test_who_was_never_there_is_not_looked_for(desk: Desk, service: MemoryFaces) -> None:
    reader = _reader(desk)
    reader.read()
    desk.enrol(CHEN, "chen", 30, cloud=False)
    with OpenHome.open(desk.open_home.home.path) as other:
        PeopleService(other).erase(CHEN)
    assert reader.read() == 0
    assert service.calls == []


def test_the_cloud_being_gone_prevents_no_erasure(desk: Desk, service: MemoryFaces) -> None:
    desk.enrol(CHEN, "chen", 30)
    desk.rig.work()
    service.fail["collections"] = gone(), False
    desk.rig.people.consented.clear()
    assert desk.people.erase(CHEN).references == 1
    desk.rig.worker.run_once()
    assert desk.rig.outbox.waiting() == 1
    desk.rig.work()
    assert not desk.rig.valid(CHEN)


def test_who_is_erased_before_they_are_registered_never_is(
    desk: Desk, service: MemoryFaces
) -> None:
    desk.enrol(CHEN, "chen", 30)
    desk.rig.people.consented.clear()
    desk.people.erase(CHEN)
    desk.rig.work()
    assert "index_face" not in service.calls
    assert not desk.rig.valid(CHEN)


def test_who_comes_back_is_not_deleted_for_an_erasure_of_before(desk: Desk) -> None:
    """The journal is read a minute later; the erasure was heard, and they are there again."""
    reader = _reader(desk)
    reader.read()
    desk.enrol(CHEN, "chen", 30)
    desk.rig.work()
    desk.people.erase(CHEN)
    desk.rig.work()
    desk.enrol(CHEN, "chen", 30)
    desk.rig.work()
    assert reader.read() == 0
    desk.rig.work()
    assert len(desk.rig.valid(CHEN)) == 1


def test_who_was_erased_elsewhere_and_enrols_again_is_deleted_and_then_registered(
    desk: Desk,
) -> None:
    reader = _reader(desk)
    reader.read()
    desk.enrol(CHEN, "chen", 30)
    desk.rig.work()
    before = desk.rig.valid(CHEN)
    with OpenHome.open(desk.open_home.home.path) as other:
        PeopleService(other).erase(CHEN)
    desk.enrol(CHEN, "chen", 30)
    assert reader.read() == 1
    desk.rig.work()
    assert len(desk.rig.valid(CHEN)) == 1
    assert not desk.rig.valid(CHEN) & before


def test_who_was_erased_elsewhere_before_they_were_registered_never_is(desk: Desk) -> None:
    reader = _reader(desk)
    reader.read()
    desk.enrol(CHEN, "chen", 30)
    with OpenHome.open(desk.open_home.home.path) as other:
        PeopleService(other).erase(CHEN)
    desk.rig.people.consented.clear()
    reader.read()
    desk.rig.work()
    assert not desk.rig.valid(CHEN)
    assert desk.rig.outbox.waiting() == 0


def _reader(desk: Desk) -> ErasureFinder:
    home, rig = desk.open_home.home, desk.rig
    return ErasureFinder(home, rig.metadata, rig.flows, IDS, desk.listener.heard)


def _nothing_of(desk: Desk, subject: SubjectId) -> None:
    desk.rig.work()
    assert subject not in desk.open_home.references.subjects()
    assert not desk.rig.valid(subject)
    assert desk.rig.outbox.waiting() == 0
