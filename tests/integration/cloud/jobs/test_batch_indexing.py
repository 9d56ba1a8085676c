"""People's faces into collections on the wire: none lost, none doubled, nobody sent who may not be.

R20, R28, R35, R38, R41, R42, R43, R73.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cloud_jobs import FAST, JobsRig, jobs_rig

from kiosk.cloud.jobs.outcome import IndexEnd
from kiosk.cloud.jobs.progress import JobProgress
from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.domain.errors import BadInput, CloudRefused, LintelError

MANY = 24
BUSY, GONE = "ThrottlingException", "ServiceUnavailableException"


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobsRig]:
    with jobs_rig(tmp_path, monkeypatch) as made:
        made.founded(shards=3)
        yield made


def test_everybody_is_in_the_shard_of_their_id_with_each_photograph(rig: JobsRig) -> None:
    people = [rig.person(f"p-{number}", photographs=2) for number in range(MANY)]
    report = rig.index(people)
    assert [each.end for each in report.people] == [IndexEnd.INDEXED] * MANY
    assert (report.sent, report.looked_at, report.complete) == (2 * MANY, 2 * MANY, True)
    rig.assert_agreeing()
    found = rig.faces()
    assert {person: len(faces) for person, (_, faces) in found.items()} == {
        rig.id_of(each.subject): 2 for each in people
    }
    assert {name for name, _ in found.values()} == set(rig.in_force.names)
    calls = rig.peer.server.recording.calls("IndexFaces")
    assert len(calls) == 2 * MANY
    assert not (rig.folder / "progress").exists()


def test_again_nothing_is_sent(rig: JobsRig) -> None:
    people = [rig.person(f"p-{number}") for number in range(3)]
    rig.index(people)
    rig.peer.server.recording.clear()
    again = rig.index(people)
    assert [each.end for each in again.people] == [IndexEnd.UNCHANGED] * 3
    assert not rig.peer.server.recording.calls("IndexFaces", "SearchUsersByImage")


def test_whoever_did_not_agree_is_not_even_looked_at(rig: JobsRig) -> None:
    people = [rig.person("p-1"), rig.person("p-2"), rig.person("p-3")]
    rig.consents = {
        people[0].subject: IndexEnd.NO_CONSENT,
        people[1].subject: IndexEnd.UNKNOWN,
    }
    report = rig.index(people)
    assert [each.end.value for each in report.people] == ["no_consent", "not_enrolled", "indexed"]
    assert rig.looked_at == ["p-3"]
    assert set(rig.faces()) == {rig.id_of("p-3")}


def test_whoever_withdraws_while_they_are_placed_is_deleted_again(
    rig: JobsRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [rig.person(f"p-{number}") for number in range(4)]
    real: Callable[..., object] = rig.service.associate_faces

    def withdraws(*args: object, **kwargs: object) -> object:
        rig.consents[people[2].subject] = IndexEnd.UNKNOWN
        return real(*args, **kwargs)

    monkeypatch.setattr(rig.service, "associate_faces", withdraws)
    report = rig.index(people)
    assert [each.end.value for each in report.people].count("not_enrolled") == 1
    assert set(rig.faces()) == {rig.id_of("p-0"), rig.id_of("p-1"), rig.id_of("p-3")}
    rig.assert_agreeing()


def test_what_fails_the_local_gates_is_not_sent(rig: JobsRig) -> None:
    people = [rig.person("p-1", 2), rig.person("p-2")]
    rig.refusals = {"p-1-0.jpg": "eyes_closed", "p-2-0.jpg": "no_face"}
    report = rig.index(people)
    assert [each.end for each in report.people] == [IndexEnd.INDEXED, IndexEnd.REFUSED]
    reasons = [(it.name, it.refused) for each in report.people for it in each.photographs]
    assert reasons == [("p-1-0.jpg", "eyes_closed"), ("p-1-1.jpg", ""), ("p-2-0.jpg", "no_face")]
    assert len(rig.peer.server.recording.calls("IndexFaces")) == 1


def test_what_rekognition_does_not_take_leaves_nothing(rig: JobsRig) -> None:
    person = rig.person("p-1")
    rig.pictures["p-1-0.jpg"] = rig.peer.faces.of("p-1", sharpness=1.0, brightness=1.0)
    report = rig.index([person])
    assert report.people[0].end is IndexEnd.REFUSED
    assert report.people[0].photographs[0].refused == "not_taken_by_rekognition"
    assert rig.faces() == {}
    rig.assert_agreeing()


def test_two_photographs_of_one_face_under_two_names_are_flagged(rig: JobsRig) -> None:
    people = [rig.person(f"p-{number}") for number in range(6)]
    people.append(rig.person("q-1", like="p-1"))
    report = rig.index(people)
    pairs = {frozenset((rig.ids.of(it.subject), it.other)) for it in report.pairs}
    assert pairs == {frozenset((rig.id_of("p-1"), rig.id_of("q-1")))}
    flagged = {row.person: row.duplicate_of for row in rig.metadata.everybody()}
    assert {person for person, other in flagged.items() if other} == set(*pairs)
    rig.assert_agreeing()


@pytest.mark.parametrize("fault", [PeerFault.LOST, PeerFault.CLOSED, PeerFault.FAILED])
@pytest.mark.parametrize("operation", ["IndexFaces", "CreateUser", "AssociateFaces"])
def test_an_answer_that_is_lost_doubles_nobody(
    rig: JobsRig, fault: PeerFault, operation: str
) -> None:
    rig.peer.server.faults.add(FaultRule(fault, operation, times=3, name=BUSY))
    report = rig.index([rig.person(f"p-{number}", 2) for number in range(6)])
    assert report.complete
    assert {len(faces) for _, faces in rig.faces().values()} == {2}
    rig.assert_agreeing()


def test_while_the_service_fails_it_stops_and_goes_on_later(rig: JobsRig) -> None:
    people = [rig.person(f"p-{number}") for number in range(8)]
    rule = rig.peer.server.faults.add(FaultRule(PeerFault.REFUSED, "IndexFaces", name=GONE))
    report = rig.index(people)
    assert not report.complete
    assert {each.end for each in report.people} == {IndexEnd.INCOMPLETE}
    rig.peer.server.faults.lift(rule)
    with pytest.raises(BadInput, match="unfinished"):
        rig.index(people)
    rig.looked_at.clear()
    rig.service = rig.client()
    report = rig.index(people, resume=True)
    assert report.complete
    assert (report.resumed, rig.looked_at) == (8, [])
    rig.assert_agreeing()


class _Killed(BaseException):
    """As a kill -9: nothing after it runs."""


@pytest.mark.parametrize("step", ["create_user", "index_face", "associate_faces", "put", "place"])
@pytest.mark.parametrize("after", [False, True])
def test_ended_at_any_step_and_resumed(
    rig: JobsRig, monkeypatch: pytest.MonkeyPatch, step: str, *, after: bool
) -> None:
    people = [rig.person(f"p-{number}", 2) for number in range(6)]
    owner: object = {"put": rig.metadata, "place": JobProgress}.get(step, rig.service)
    real, count = getattr(owner, step), 0

    def dies(*args: object, **kwargs: object) -> object:
        nonlocal count
        count += 1
        if count > 3 and not after:
            raise _Killed
        done = real(*args, **kwargs)
        if count > 3:
            raise _Killed
        return done

    monkeypatch.setattr(owner, step, dies)
    with pytest.raises(_Killed):
        rig.index(people, workers=1)
    monkeypatch.setattr(owner, step, real)
    report = rig.index(people, workers=2, resume=True)
    assert report.complete
    assert {len(faces) for _, faces in rig.faces().values()} == {2}
    assert len(rig.faces()) == 6
    rig.assert_agreeing()


def test_where_faces_are_searched_duplicates_are_flagged_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with jobs_rig(tmp_path, monkeypatch, search="faces") as rig:
        rig.founded()
        report = rig.index([rig.person("p-1", 2), rig.person("q-1", like="p-1")])
        assert len(report.pairs) > 0
        assert not rig.peer.server.recording.calls("SearchUsersByImage")
        rig.assert_agreeing()


def test_the_quota_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = FAST | {"IndexFaces": 20.0}
    with jobs_rig(tmp_path, monkeypatch, tps=slow) as rig:
        rig.peer.server.quotas.set("IndexFaces", 20.0)
        rig.founded()
        report = rig.index([rig.person(f"p-{number}") for number in range(40)])
        assert report.complete
        assert report.rate <= 40.0  # a second's worth at once, and 20 a second from then on
        assert report.held_by == "quota"
        rig.assert_agreeing()


def test_a_collection_that_is_gone_ends_the_work(rig: JobsRig) -> None:
    for name in rig.in_force.names:
        rig.peer.client().delete_collection(CollectionId=name)
    with pytest.raises(CloudRefused, match="test-g1"):
        rig.index([rig.person(f"p-{number}") for number in range(8)])


def test_another_file_is_not_gone_on_with(rig: JobsRig) -> None:
    path = rig.folder / "progress"
    with JobProgress(path, {"CSV file": "x"}, resume=False):
        pass
    with pytest.raises(BadInput, match="another CSV file"):
        JobProgress(path, {"CSV file": "y"}, resume=True)
    with (
        JobProgress(path, {"CSV file": "x"}, resume=True),
        pytest.raises(BadInput, match="Another process"),
    ):
        JobProgress(path, {"CSV file": "x"}, resume=True)


def test_damaged_progress_is_told_of_and_a_torn_line_is_dropped(rig: JobsRig) -> None:
    path = rig.folder / "progress"
    with JobProgress(path, {}, resume=False) as progress:
        progress.gate(rig.id_of("p-1"), ())
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"gated": "tor')
    with JobProgress(path, {}, resume=True) as progress:
        assert set(progress.gated) == {rig.id_of("p-1")}
    assert path.read_bytes() == whole
    path.write_bytes(whole + b"not JSON\n")
    with pytest.raises(LintelError, match="damaged"):
        JobProgress(path, {}, resume=True)
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_the_progress_names_nobody(rig: JobsRig) -> None:
    rig.peer.server.faults.add(FaultRule(PeerFault.REFUSED, "IndexFaces", name=GONE))
    rig.index([rig.person("ottilie")])
    assert b"ottilie" not in (rig.folder / "progress").read_bytes()
