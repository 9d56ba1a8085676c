"""The policies that are shipped, over the flows as they are: nothing is refused, nothing unused.

R62. Each role's real code runs with a key that may do what its policy says and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cloud_client import FAR, plain_environment
from cloud_jobs import FAST, PREFIX, JobsRig, jobs_rig, pauses
from flow_rig import ANNA, BORIS, CONSENT, IDS, PLACE, FlowPeople, FlowRig, request
from rekognition_peer import PeerInTest, peer

from config.sections.cloud import CloudSettings
from kiosk.cloud.jobs.building import GRACE_SECONDS, delete_retired
from kiosk.cloud.jobs.drift import DriftRules
from kiosk.cloud.jobs.reconciling import Reconciling, ReconcilingParts
from kiosk.cloud.matching import CollectionSearch, SearchTerms
from kiosk.cloud.peer.policies import ACCOUNT
from kiosk.cloud.peer.signature import new_key
from kiosk.cloud.policies import CloudRole, cloud_policy, operations_of
from kiosk.cloud.prefill import TextDetection
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.wiring.cloud.client import cloud_faces
from kiosk.wiring.cloud.policies import policy_scope

QUICK = {each.value: 1000.0 for each in Operation}


def credentials_of(
    role: CloudRole, there: PeerInTest, monkeypatch: pytest.MonkeyPatch, settings: CloudSettings
) -> None:
    """From now on this process has the credentials of a role, and its calls are recorded."""
    policy = cloud_policy(role, policy_scope(settings, ACCOUNT))
    key = there.server.add_key(replace(new_key(), policies=(policy,)))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key.secret)
    there.server.recording.clear()


def assert_covered(role: CloudRole, there: PeerInTest, settings: CloudSettings) -> None:
    """Recorded calls are the policy's, each of them, and none was refused."""
    calls = there.server.recording.calls()
    assert not [each.operation for each in calls if each.code == "AccessDeniedException"]
    wanted = {each.value for each in operations_of(role, settings.search)}
    assert {each.operation for each in calls} == wanted


class _Known:
    """Collections that were read before."""

    def known(self) -> Any:  # noqa: ANN401 - a `ShardedCollections`
        return PLACE

    def current(self, *, seconds: float) -> Any:  # noqa: ANN401 - same
        del seconds
        return PLACE

    def close(self) -> None:
        """Nothing is under way."""


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PeerInTest]:
    plain_environment(monkeypatch, tmp_path)
    with peer() as answering:
        for name in PLACE.names:
            answering.client().create_collection(CollectionId=name)
        yield answering


@pytest.mark.parametrize("search", ["users", "faces"])
def test_an_enrolment_desk(
    there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, search: str
) -> None:
    """Registration with a trusted picture, duplicate, update, withdrawal, and a document."""
    settings = CloudSettings.model_validate(there.settings(tps=QUICK, search=search))
    credentials_of(CloudRole.ENROLMENT, there, monkeypatch, settings)
    service = cloud_faces(settings, tmp_path)
    people = FlowPeople({ANNA: CONSENT, BORIS: CONSENT})
    rig = FlowRig(tmp_path / "cloud.db", service, people=people)
    trusted = picture(there, "anna")
    rig.flows.want(replace(request(ANNA, picture(there, "anna")), trusted=trusted))
    rig.work()
    rig.flows.want(request(BORIS, picture(there, "anna")))
    rig.work()
    rig.flows.want(request(ANNA, picture(there, "anna")))
    rig.work()
    rig.flows.forget(IDS.of(ANNA))
    rig.people.consented.pop(ANNA)
    rig.work()
    ends = [(end, reason) for end, reason in rig.ends() if end != "incomplete"]
    assert ends == [
        ("approved", None),
        ("failed", "duplicate"),
        ("approved", None),
        ("approved", None),
    ]
    TextDetection(service).read(picture(there, "card").jpeg, seconds=FAR)
    service.describe_collection(PLACE.names[0], seconds=FAR)
    rig.close()
    assert_covered(CloudRole.ENROLMENT, there, settings)


def picture(there: PeerInTest, person: str) -> FacePicture:
    return FacePicture(there.faces.of(person), 160, 160)


@pytest.mark.parametrize("search", ["users", "faces"])
def test_a_door(
    there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, search: str
) -> None:
    """A question about anybody, and one about somebody; how full the collections are."""
    settings = CloudSettings.model_validate(there.settings(tps=QUICK, search=search))
    credentials_of(CloudRole.DOOR, there, monkeypatch, settings)
    service = cloud_faces(settings, tmp_path)
    asked = CollectionSearch(service, _Known(), IDS, dict, SearchTerms(99.0))
    for claimed in (None, ANNA):
        asked.ask(there.faces.of("anna"), claimed, FAR).result(FAR)
    for name in PLACE.names:
        assert service.describe_collection(name, seconds=FAR) is not None
    asked.close()
    assert_covered(CloudRole.DOOR, there, settings)


@pytest.mark.parametrize("search", ["users", "faces"])
def test_an_admin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, search: str) -> None:
    """Found, fill, compare, fill anew, and delete what is searched no longer."""
    plain_environment(monkeypatch, tmp_path)
    with jobs_rig(tmp_path, monkeypatch, search=search) as rig:
        settings = CloudSettings.model_validate(
            rig.peer.settings(tps=dict(FAST), search=search, collection=PREFIX)
        )
        credentials_of(CloudRole.ADMIN, rig.peer, monkeypatch, settings)
        rig.service = rig.client()
        rig.founded()
        people = [rig.person("anna", 2), rig.person("boris")]
        assert rig.index(people).complete
        left_over(rig)
        there = {rig.id_of("anna"), rig.id_of("boris")}
        rules = DriftRules(there, there, alone=True, now=rig.now)
        report = Reconciling(
            ReconcilingParts(
                rig.service,
                rig.metadata,
                rig.records,
                PREFIX,
                lambda: rules,
                lambda _: "form 3",
                "kiosk-1",
                lambda: None,
                pauses,
            )
        ).run(repair=True)
        assert report.drifts
        builder = rig.builder("b")
        assert rig.index(people, into=builder.begin(3, None)).complete
        builder.switch()
        assert delete_retired(later(rig), GRACE_SECONDS, dry_run=False)
        assert_covered(CloudRole.ADMIN, rig.peer, settings)


def left_over(rig: JobsRig) -> None:
    """Somebody in the collections whom nobody here knows, and a face of Anna's too many."""
    anna = rig.id_of("anna")
    _added(rig, rig.in_force.names[0], "c" * 32, "cleo")
    _added(rig, rig.in_force.of(anna), anna, "anna")


def _added(rig: JobsRig, name: str, person: str, face: str) -> None:
    client = rig.peer.client()
    if person not in {each["UserId"] for each in client.list_users(CollectionId=name)["Users"]}:
        client.create_user(CollectionId=name, UserId=person)
    picture = {"Bytes": rig.peer.faces.of(face)}
    made = client.index_faces(CollectionId=name, Image=picture, ExternalImageId=person)
    faces = [each["Face"]["FaceId"] for each in made["FaceRecords"]]
    client.associate_faces(CollectionId=name, UserId=person, FaceIds=faces)


def later(rig: JobsRig) -> Any:  # noqa: ANN401 - `BuildingParts`, a day and more later
    rig.now += 2 * GRACE_SECONDS
    return rig.building
