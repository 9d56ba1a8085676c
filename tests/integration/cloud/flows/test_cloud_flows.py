"""What the flows decide, step by step, and that a failure leaves nothing behind (R25 to R34)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from flow_rig import ANNA, BORIS, CONSENT, IDS, PLACE, FlowRig, made, request
from memory_faces import GOOD, MemoryFaces, gone, picture

from kiosk.cloud.flows import registration
from kiosk.cloud.flows.parts import FlowProgress, FlowRefusal, FlowRequest
from kiosk.domain.cloud.faces import CloudId, FaceId
from kiosk.domain.cloud.flows import CloudFlow, FlowIntent, FlowReason, FlowStep, PersonFaces
from kiosk.domain.cloud.quality import FaceDefect
from kiosk.domain.errors import CloudRefused, CloudUnavailable
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.cloud import CloudFlowEnded, CloudFlowStepped
from kiosk.journal.events.enrolling import StepOutcome
from kiosk.wiring.cloud.flows import TOKEN_BYTES

STEPS = ["create_user", "index_face", "associate_faces"]


@pytest.fixture
def service() -> MemoryFaces:
    faces = MemoryFaces()
    made(faces)
    return faces


@pytest.fixture
def rig(tmp_path: Path, service: MemoryFaces) -> Iterator[FlowRig]:
    rig = FlowRig(tmp_path / "cloud.db", service)
    rig.people.consented |= {ANNA: CONSENT, BORIS: CONSENT}
    yield rig
    rig.close()


def _claims(_name: str, faces: Sequence[FaceId], **_details: object) -> Sequence[FaceId]:
    return faces


def lost(rig: FlowRig, subject: SubjectId) -> None:
    """Somebody is to be registered, and the program has ended meanwhile."""
    rig.flows.want(request(subject, picture("anna")))
    rig.shelf.drop(IDS.of(subject))


# -- registration --------------------------------------------------------------------------------


def test_a_registration_takes_the_steps_in_their_order(rig: FlowRig, service: MemoryFaces) -> None:
    asked = FlowRequest(IDS.of(ANNA), (picture("anna"),), CONSENT, trusted=picture("anna", "hr"))
    assert rig.flows.bring(asked) is None
    assert len(rig.valid(ANNA)) == 1
    passed = [
        it.step.value
        for it in rig.events
        if isinstance(it, CloudFlowStepped) and it.outcome is StepOutcome.PASSED
    ]
    order = ["quality", "identity", "duplicate", "create_user", "index", "associate", "metadata"]
    assert passed == order
    assert service.calls[:3] == ["detect_faces", "compare_faces", "search"]
    assert rig.events[-1] == CloudFlowEnded(
        CloudFlow.REGISTRATION, rig.events[-1].end, IDS.of(ANNA), ANNA, indexed=1
    )


def test_a_row_says_what_is_there(rig: FlowRig) -> None:
    rig.flows.bring(request(ANNA, picture("anna"), picture("anna", "2")))
    (row,) = rig.metadata.of_person(IDS.of(ANNA))
    assert (row.collection, row.model, row.consent) == (PLACE.of(IDS.of(ANNA)), "7.0", CONSENT)
    assert (len(row.faces), row.owner, row.intent) == (2, "kiosk-1", None)


def test_only_the_good_pictures_are_sent_on(rig: FlowRig, service: MemoryFaces) -> None:
    service.seen[b"anna-dark"] = (replace(GOOD, brightness=1.0),)
    assert rig.flows.bring(request(ANNA, picture("anna", "dark"), picture("anna"))) is None
    assert len(rig.valid(ANNA)) == 1


def test_without_a_good_picture_nothing_is_begun(rig: FlowRig, service: MemoryFaces) -> None:
    service.seen[b"anna-1"] = (replace(GOOD, sunglasses=True),)
    refusal = rig.flows.bring(request(ANNA, picture("anna")))
    assert refusal == FlowRefusal(FlowStep.QUALITY, FaceDefect.SUNGLASSES)
    assert service.calls == ["detect_faces"]
    assert rig.ends() == [("failed", "sunglasses")]
    assert not rig.valid(ANNA)


def test_who_is_not_on_the_trusted_picture_is_refused(rig: FlowRig, service: MemoryFaces) -> None:
    asked = FlowRequest(IDS.of(ANNA), (picture("anna"),), CONSENT, trusted=picture("boris"))
    assert rig.flows.bring(asked) == FlowRefusal(FlowStep.IDENTITY, FlowReason.IDENTITY)
    assert service.calls == ["detect_faces", "compare_faces"]
    assert not rig.valid(ANNA)


def test_who_is_there_already_is_found_in_every_shard(rig: FlowRig) -> None:
    rig.flows.bring(request(ANNA, picture("anna")))
    refusal = rig.flows.bring(request(BORIS, picture("hanna")))
    assert refusal == FlowRefusal(FlowStep.DUPLICATE, FlowReason.DUPLICATE, (IDS.of(ANNA),))
    assert not rig.valid(BORIS)
    ended = rig.events[-1]
    assert isinstance(ended, CloudFlowEnded)
    assert (ended.step, ended.duplicates) == (FlowStep.DUPLICATE, (IDS.of(ANNA),))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("afterwards", [False, True], ids=["before", "answer lost"])
@pytest.mark.parametrize("kind", [CloudUnavailable, CloudRefused])
def test_a_failure_at_any_step_leaves_nothing(
    rig: FlowRig,
    service: MemoryFaces,
    step: str,
    kind: type[CloudUnavailable | CloudRefused],
    *,
    afterwards: bool,
) -> None:
    service.fail[step] = kind("It broke.", ""), afterwards
    if step == "index_face" and afterwards and kind is CloudUnavailable:
        assert rig.flows.bring(request(ANNA, picture("anna"))) is None, "it is found in the listing"
        assert len(rig.valid(ANNA)) == 1
        return
    with pytest.raises(kind):
        rig.flows.bring(request(ANNA, picture("anna")))
    assert not rig.valid(ANNA)
    assert rig.ends()[-1][0] == "incomplete"


def test_a_second_picture_that_fails_takes_the_first_with_it(
    rig: FlowRig, service: MemoryFaces
) -> None:
    refusal = rig.flows.bring(request(ANNA, picture("anna"), picture("unusable")))
    assert refusal == FlowRefusal(FlowStep.INDEX, FlowReason.NOT_INDEXED)
    assert not rig.valid(ANNA)
    assert service.calls.count("index_face") == 2


def test_what_cannot_be_undone_now_is_undone_later(rig: FlowRig, service: MemoryFaces) -> None:
    service.fail["associate_faces"] = gone(), False
    service.fail["delete_faces"] = gone(), False
    with pytest.raises(CloudUnavailable):
        rig.flows.bring(request(ANNA, picture("anna")))
    (row,) = rig.metadata.unfinished()
    assert row.intent is not None
    assert row.intent.undoing
    assert rig.flows.resume(lambda _e: None) == 0, "it may still be at work"
    rig.now += 151.0
    assert rig.flows.resume(lambda _e: None) == 1
    assert not rig.valid(ANNA)


# -- photo update --------------------------------------------------------------------------------


def test_a_photo_update_replaces_the_faces(rig: FlowRig, service: MemoryFaces) -> None:
    rig.flows.bring(request(ANNA, picture("anna")))
    before = rig.valid(ANNA)
    service.calls.clear()
    assert rig.flows.bring(request(ANNA, picture("anna", "2"), picture("anna", "3"))) is None
    after = rig.valid(ANNA)
    assert len(after) == 2
    assert not before & after
    assert service.calls.index("associate_faces") < service.calls.index("delete_faces")
    ended = rig.events[-1]
    assert isinstance(ended, CloudFlowEnded)
    assert (ended.flow, ended.indexed, ended.deleted) == (CloudFlow.PHOTO_UPDATE, 2, 1)


def test_pictures_that_are_added_leave_the_others_there(
    rig: FlowRig, service: MemoryFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.flows.bring(request(ANNA, picture("anna"), picture("anna", "2")))
    before = rig.valid(ANNA)
    service.calls.clear()
    more = replace(request(ANNA, picture("anna", "3")), adding=True)
    assert rig.flows.bring(more) is None
    assert rig.valid(ANNA) > before
    assert "delete_faces" not in service.calls
    ended = rig.events[-1]
    assert isinstance(ended, CloudFlowEnded)
    assert (ended.indexed, ended.deleted) == (1, 0)
    monkeypatch.setattr(registration, "MOST_KEPT", 3)
    assert rig.flows.bring(replace(more, pictures=(picture("anna", "4"),))) is None
    assert len(rig.valid(ANNA)) == 3
    assert len(rig.valid(ANNA) & before) == 1
    ended = rig.events[-1]
    assert isinstance(ended, CloudFlowEnded)
    assert ended.deleted == 1


@pytest.mark.parametrize(
    ("who", "reason"), [("boris", FlowReason.IDENTITY), ("chen", FlowReason.DUPLICATE)]
)
def test_pictures_of_somebody_else_update_nobody(
    rig: FlowRig, who: str, reason: FlowReason
) -> None:
    rig.flows.bring(request(ANNA, picture("anna")))
    rig.flows.bring(request(BORIS, picture("chen")))
    before = rig.valid(ANNA)
    refusal = rig.flows.bring(request(ANNA, picture(who)))
    assert refusal is not None
    assert refusal.reason is reason
    assert rig.valid(ANNA) == before


@pytest.mark.parametrize("step", ["index_face", "associate_faces"])
def test_a_failure_before_the_switch_keeps_the_old_faces(
    rig: FlowRig, service: MemoryFaces, step: str
) -> None:
    rig.flows.bring(request(ANNA, picture("anna")))
    before = rig.valid(ANNA)
    service.fail[step] = gone(), False
    with pytest.raises(CloudUnavailable):
        rig.flows.bring(request(ANNA, picture("anna", "2")))
    assert rig.valid(ANNA) == before


def test_an_update_is_undone_again_after_other_faces_are_left_of_it(
    rig: FlowRig, service: MemoryFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A face is deleted whose deletion is not confirmed; then one is listed that was not before."""
    rig.flows.bring(request(ANNA, picture("anna")))
    before = rig.valid(ANNA)
    honest: Callable[..., object] = service.faces

    def shown_later(*details: object, **named: object) -> object:
        if "delete_faces" in service.calls:
            raise gone()
        return honest(*details, **named)

    monkeypatch.setattr(service, "faces", shown_later)
    pictures = (picture("anna", "2"), picture("unusable"))
    with pytest.raises(CloudUnavailable):
        rig.flows.bring(request(ANNA, *pictures, passed=True))
    monkeypatch.undo()
    service.index_face(PLACE.of(IDS.of(ANNA)), b"anna-3", IDS.of(ANNA))
    rig.now += 151.0
    assert rig.flows.resume(lambda _e: None) == 1
    assert rig.valid(ANNA) == before


def test_a_token_is_of_the_faces_that_a_call_names_and_as_aws_takes_it(rig: FlowRig) -> None:
    step = max(FlowStep, key=lambda it: len(it.value))
    parts = replace(rig.flows.parts, token=lambda: secrets.token_hex(TOKEN_BYTES))
    row = PersonFaces(IDS.of(ANNA), PLACE.of(IDS.of(ANNA)))
    progress = FlowProgress.begin(parts, row, CloudFlow.PHOTO_UPDATE, step)
    one, other = [FaceId(str(UUID(int=number))) for number in (1, 2)]
    lists = [(), (one,), (other,), (one, other)]
    tokens = [progress.token(step, faces) for faces in lists]
    assert tokens == [progress.token(step, faces) for faces in lists], "the same once more"
    assert len({*tokens}) == len(lists)
    parted = len("-10")  # the adapter's number of a part of a long list
    for token in tokens:
        assert re.fullmatch(r"[A-Za-z0-9_-]+", token)
        assert len(token) + parted <= 64


@pytest.mark.parametrize("step", ["disassociate_faces", "delete_faces"])
@pytest.mark.parametrize("afterwards", [False, True])
def test_a_failure_after_the_switch_keeps_the_new_faces(
    rig: FlowRig, service: MemoryFaces, step: str, *, afterwards: bool
) -> None:
    rig.flows.bring(request(ANNA, picture("anna")))
    before = rig.valid(ANNA)
    service.fail[step] = gone(), afterwards
    with pytest.raises(CloudUnavailable):
        rig.flows.bring(request(ANNA, picture("anna", "2")))
    rig.now += 151.0
    assert rig.flows.resume(lambda _e: None) == 1
    assert not rig.valid(ANNA) & before
    assert len(rig.valid(ANNA)) == 1


# -- withdrawal ----------------------------------------------------------------------------------


def test_a_withdrawal_deletes_in_every_generation_and_shard(
    rig: FlowRig, service: MemoryFaces
) -> None:
    person = IDS.of(ANNA)
    rig.flows.bring(request(ANNA, picture("anna")))
    rig.flows.bring(request(BORIS, picture("boris")))
    for name in ("lintel-g2-0", "lintel-g2-1", "another-g1-0"):
        service.create_collection(name, seconds=1.0)
        service.create_user(name, person, name, seconds=1.0)
        face, _ = service.index_face(name, b"anna-1", person, seconds=1.0) or ("", "")
        service.associate_faces(name, person, [FaceId(face)], name, seconds=1.0)
    rig.flows.forget(person)
    rig.work()
    left = {name for name, faces in service.faces_of(person).items() if faces}
    assert left == {"another-g1-0"}, "what another site has is its own affair"
    assert not rig.metadata.of_person(person)
    assert rig.outbox.waiting() == 0
    assert len(rig.valid(BORIS)) == 1


def test_faces_that_are_still_listed_are_not_withdrawn(rig: FlowRig, service: MemoryFaces) -> None:
    """The service says that it has deleted them; the listing tells otherwise."""
    rig.flows.bring(request(ANNA, picture("anna")))
    honest = service.delete_faces
    service.delete_faces = _claims  # type: ignore[method-assign]
    rig.flows.forget(IDS.of(ANNA))
    rig.worker.run_once()
    (queued,) = rig.outbox.troubled()
    assert "still listed" in queued.problem
    assert rig.metadata.of_person(IDS.of(ANNA))
    service.delete_faces = honest  # type: ignore[method-assign]
    rig.work()
    assert rig.outbox.waiting() == 0
    assert not rig.valid(ANNA)


def test_a_withdrawal_is_tried_until_it_is_done(rig: FlowRig, service: MemoryFaces) -> None:
    rig.flows.bring(request(ANNA, picture("anna")))
    rig.flows.forget(IDS.of(ANNA))
    for _ in range(25):
        service.fail["collections"] = gone(), False
        rig.now += 3600.0
        rig.worker.run_once()
    assert (rig.outbox.waiting(), rig.outbox.dead()) == (1, [])
    assert rig.outbox.troubled()[0].attempts == 25
    rig.work()
    assert not rig.valid(ANNA)


def test_a_withdrawal_overtakes_a_registration(rig: FlowRig) -> None:
    rig.flows.want(request(ANNA, picture("anna")))
    rig.flows.forget(IDS.of(ANNA))
    rig.work()
    assert not rig.valid(ANNA)
    assert rig.outbox.waiting() == 0


def test_who_comes_back_is_registered_after_they_were_deleted(rig: FlowRig) -> None:
    rig.flows.bring(request(ANNA, picture("anna")))
    before = rig.valid(ANNA)
    rig.flows.forget(IDS.of(ANNA))
    rig.flows.want(request(ANNA, picture("anna", "2")))
    rig.worker.run_once()
    assert rig.outbox.waiting() == 1, "the registration waits for the withdrawal"
    rig.work()
    assert len(rig.valid(ANNA)) == 1
    assert not rig.valid(ANNA) & before


# -- the worker ----------------------------------------------------------------------------------


def test_a_registration_is_finished_when_the_cloud_is_back(
    rig: FlowRig, service: MemoryFaces
) -> None:
    rig.flows.want(request(ANNA, picture("anna")))
    service.fail["detect_faces"] = gone(), False
    rig.worker.run_once()
    assert not rig.valid(ANNA)
    rig.work()
    assert len(rig.valid(ANNA)) == 1
    assert rig.shelf.get(IDS.of(ANNA)) is None, "the pictures are gone then"


def test_without_pictures_it_is_a_dead_letter_that_says_so(rig: FlowRig) -> None:
    lost(rig, ANNA)
    rig.work()
    assert "new ones have to be taken" in rig.given_up()[0]
    (letter,) = rig.outbox.dead()
    rig.shelf.put(request(ANNA, picture("anna")))
    assert rig.outbox.retry(letter.ident)
    rig.work()
    assert len(rig.valid(ANNA)) == 1


def test_a_picture_that_they_agreed_is_kept_serves_after_a_restart(rig: FlowRig) -> None:
    rig.people.kept[ANNA] = picture("anna", "kept")
    lost(rig, ANNA)
    rig.work()
    assert len(rig.valid(ANNA)) == 1


def test_who_agreed_to_local_matching_only_is_never_sent(
    rig: FlowRig, service: MemoryFaces
) -> None:
    rig.people.consented.clear()
    rig.flows.want(request(ANNA, picture("anna")))
    rig.work()
    assert service.calls == []
    assert rig.ends() == [("incomplete", "no_consent")]
    assert rig.shelf.get(IDS.of(ANNA)) is None


def test_a_refusal_that_comes_late_is_told(rig: FlowRig) -> None:
    rig.flows.bring(request(ANNA, picture("anna")))
    rig.flows.want(request(BORIS, picture("hanna")))
    rig.work()
    ((subject, refusal),) = rig.people.told
    assert (subject, refusal.reason) == (BORIS, FlowReason.DUPLICATE)
    assert rig.outbox.waiting() == 0


def test_it_is_given_up_after_ten_times(rig: FlowRig, service: MemoryFaces) -> None:
    rig.flows.want(request(ANNA, picture("anna")))
    for _ in range(10):
        service.fail["detect_faces"] = gone(), False
        rig.now += 60.0
        rig.worker.run_once()
    assert rig.outbox.waiting() == 0
    assert rig.outbox.dead()[0].attempts == 10


def test_who_is_not_enrolled_any_more_is_found_and_deleted(rig: FlowRig) -> None:
    rig.flows.bring(request(ANNA, picture("anna")))
    rig.flows.bring(request(BORIS, picture("boris")))
    del rig.people.consented[ANNA]
    assert rig.worker.sweep() == 1
    assert rig.worker.sweep() == 1
    assert rig.outbox.waiting() == 1
    rig.work()
    assert not rig.valid(ANNA)
    assert len(rig.valid(BORIS)) == 1
    assert rig.worker.sweep() == 0


def test_who_is_enrolled_while_it_is_looked_who_has_left_stays(
    rig: FlowRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process enrols and registers them between the two readings, of rows and people."""
    del rig.people.consented[ANNA]
    people, rows = rig.people.members, rig.metadata.everybody
    readings = iter((lambda: None, lambda: _come(rig)))

    def reading(read: Callable[..., object]) -> Callable[..., object]:
        def between(*details: object) -> object:
            next(readings)()
            return read(*details)

        return between

    monkeypatch.setattr(rig.people, "members", reading(people))
    monkeypatch.setattr(rig.metadata, "everybody", reading(rows))
    assert rig.worker.sweep() == 0
    monkeypatch.undo()
    rig.work()
    assert len(rig.valid(ANNA)) == 1


def _come(rig: FlowRig) -> None:
    rig.people.consented[ANNA] = CONSENT
    rig.flows.bring(request(ANNA, picture("anna")))


def test_a_home_that_has_lost_everybody_deletes_nobody(rig: FlowRig) -> None:
    for number in range(30):
        person = CloudId(f"{number:032x}")
        rig.metadata.put(PersonFaces(person, PLACE.of(person), (FaceId("f"),), owner="kiosk-1"))
    assert rig.worker.sweep() == 0
    assert rig.outbox.waiting() == 0


def test_two_kiosks_that_register_one_person_leave_one_set(
    tmp_path: Path, rig: FlowRig, service: MemoryFaces
) -> None:
    """The second finds the first at it, and lets it."""
    other = FlowRig(tmp_path / "cloud.db", service)
    other.people.consented |= {ANNA: CONSENT}
    asked = request(ANNA, picture("anna"), passed=True)
    rig.metadata.put(
        PersonFaces(
            IDS.of(ANNA),
            PLACE.of(IDS.of(ANNA)),
            owner="kiosk-1",
            intent=FlowIntent(CloudFlow.REGISTRATION, FlowStep.CREATE_USER, "t", 1, at=rig.now),
        )
    )
    assert other.flows.bring(asked) is None
    assert len(other.valid(ANNA)) == 1
    other.close()
