"""The policies that are shipped: each role's flows call nothing else, and call all of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cloud_client import FAR, CloudClient, client_of
from rekognition_peer import PeerInTest, peer

from config.sections.cloud import CloudSettings
from kiosk.cloud.peer.policies import ACCOUNT
from kiosk.cloud.peer.signature import new_key
from kiosk.cloud.policies import CloudRole, cloud_policy, operations_of, partition_of
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.cloud.modes import Searched
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.errors import BadInput, CloudRefused, SettingsError
from kiosk.wiring.cloud.policies import policy_scope

ADA = CloudId("a" * 32)
OWN, OTHER = "lintel-7-0-0", "another-7-0-0"
FAST = {each.value: 1000.0 for each in Operation}
Flow = Callable[[CloudClient, PeerInTest], object]


def lets_in(client: CloudClient, there: PeerInTest) -> None:
    """What a door calls."""
    client.faces.describe_collection(OWN, seconds=FAR)
    client.faces.search(OWN, there.faces.of("ada"), 99.0, seconds=FAR)


def registers(client: CloudClient, there: PeerInTest) -> None:
    """What a desk calls for a registration and a withdrawal."""
    faces, picture = client.faces, there.faces.of("ada")
    faces.describe_collection(OWN, seconds=FAR)
    faces.detect_faces(picture, seconds=FAR)
    faces.detect_text(picture, seconds=FAR)
    faces.compare_faces(picture, picture, 99.0, seconds=FAR)
    faces.search(OWN, picture, 99.0, seconds=FAR)
    withdrawn(client, there)
    assert faces.collections(seconds=FAR)


def withdrawn(client: CloudClient, there: PeerInTest) -> None:
    """Somebody is indexed, listed, and removed."""
    faces = client.faces
    made = faces.index_face(OWN, there.faces.of("ada"), ADA, seconds=FAR)
    assert made is not None
    faces.create_user(OWN, ADA, "t-1", seconds=FAR)
    faces.associate_faces(OWN, ADA, [made[0]], "t-2", seconds=FAR)
    assert list(faces.faces(OWN, ADA, seconds=FAR))
    assert list(faces.users(OWN, seconds=FAR)) == [ADA]
    faces.disassociate_faces(OWN, ADA, [made[0]], "t-3", seconds=FAR)
    faces.delete_faces(OWN, [made[0]], seconds=FAR)
    faces.delete_user(OWN, ADA, "t-4", seconds=FAR)


def maintains(client: CloudClient, there: PeerInTest) -> None:
    """What an admin calls to fill collections and to remove them."""
    faces = client.faces
    faces.create_collection(OWN, seconds=FAR)
    faces.describe_collection(OWN, seconds=FAR)
    faces.search(OWN, there.faces.of("ada"), 99.0, seconds=FAR)
    withdrawn(client, there)
    faces.collections(seconds=FAR)
    faces.delete_collection(OWN, seconds=FAR)


FLOWS: dict[CloudRole, tuple[Flow, ...]] = {
    CloudRole.DOOR: (lets_in,),
    CloudRole.ENROLMENT: (registers,),
    CloudRole.ADMIN: (maintains,),
}
"""For each role the flows whose calls are recorded."""


@pytest.fixture
def there() -> Iterator[PeerInTest]:
    with peer() as made:
        made.client().create_collection(CollectionId=OWN)
        made.client().create_collection(CollectionId=OTHER)
        yield made


def settings_of(there: PeerInTest, search: Searched) -> CloudSettings:
    return CloudSettings.model_validate(there.settings(search=search.value))


def client_in(
    role: CloudRole,
    there: PeerInTest,
    monkeypatch: pytest.MonkeyPatch,
    home: Path,
    search: Searched = Searched.USERS,
) -> CloudClient:
    """A client whose credentials have the policy of a role."""
    policy = cloud_policy(role, policy_scope(settings_of(there, search), ACCOUNT))
    key = there.server.add_key(replace(new_key(), policies=(policy,)))
    client = client_of(there, monkeypatch, home, tps=FAST, search=search.value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key.secret)
    return client


@pytest.mark.parametrize("search", Searched)
@pytest.mark.parametrize("role", CloudRole)
def test_a_role_may_do_what_its_flows_call_and_nothing_else(
    there: PeerInTest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    role: CloudRole,
    search: Searched,
) -> None:
    client = client_in(role, there, monkeypatch, tmp_path, search)
    there.server.recording.clear()
    for flow in FLOWS[role]:
        flow(client, there)
    called = {call.operation for call in there.server.recording.calls()}
    assert called == {each.value for each in operations_of(role, search)}
    assert not [
        call for call in there.server.recording.calls() if call.code == "AccessDeniedException"
    ]


def test_a_door_changes_nothing_and_looks_nowhere_else(
    there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = client_in(CloudRole.DOOR, there, monkeypatch, tmp_path)
    picture = there.faces.of("ada")
    for use in (
        lambda: client.faces.search(OTHER, picture, 99.0, seconds=FAR),
        lambda: client.faces.index_face(OWN, picture, ADA, seconds=FAR),
        lambda: client.faces.create_user(OWN, ADA, "t", seconds=FAR),
        lambda: client.faces.delete_user(OWN, ADA, "t", seconds=FAR),
        lambda: client.faces.delete_collection(OWN, seconds=FAR),
        lambda: client.faces.collections(seconds=FAR),
        lambda: list(client.faces.faces(OWN, seconds=FAR)),
    ):
        with pytest.raises(CloudRefused, match="may not call"):
            use()


def test_a_desk_removes_no_collection(
    there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = client_in(CloudRole.ENROLMENT, there, monkeypatch, tmp_path)
    for use in (
        lambda: client.faces.delete_collection(OWN, seconds=FAR),
        lambda: client.faces.create_collection("lintel-8-0-0", seconds=FAR),
        lambda: list(client.faces.users(OTHER, seconds=FAR)),
    ):
        with pytest.raises(CloudRefused, match="may not call"):
            use()


@pytest.mark.parametrize("role", CloudRole)
def test_other_services_are_in_a_policy_only_where_the_settings_name_them(role: CloudRole) -> None:
    queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/later"
    settings = CloudSettings.model_validate(
        {
            "region": "eu-west-1",
            "metadata": "dynamodb:people",
            "queue": queue,
            "dead_letters": f"{queue}-dead",
            "cloudwatch": True,
        }
    )
    said = json.dumps(cloud_policy(role, policy_scope(settings, ACCOUNT)))
    others = role is not CloudRole.DOOR
    assert ("arn:aws:dynamodb:eu-west-1:123456789012:table/people" in said) is others
    assert ("arn:aws:sqs:eu-west-1:123456789012:later-dead" in said) is others
    assert "cloudwatch:PutMetricData" in said
    plain = CloudSettings.model_validate({"region": "eu-west-1"})
    services = json.dumps(cloud_policy(role, policy_scope(plain, ACCOUNT)))
    assert not any(name in services for name in ("dynamodb", "sqs", "cloudwatch", ":*"))


@pytest.mark.parametrize("account", ["", "12345678901", "1234567890123", "12345678901x", "*" * 12])
def test_an_account_has_twelve_digits(account: str) -> None:
    settings = CloudSettings.model_validate({"region": "eu-west-1"})
    with pytest.raises(BadInput, match="twelve digits"):
        cloud_policy(CloudRole.DOOR, policy_scope(settings, account))


def test_a_policy_is_for_a_region() -> None:
    with pytest.raises(SettingsError, match=r"cloud\.region"):
        policy_scope(CloudSettings(), ACCOUNT)
    assert partition_of("us-gov-west-1") == "aws-us-gov"
    assert partition_of("cn-north-1") == "aws-cn"
    assert partition_of("eu-west-1") == "aws"
