"""Every method of the port, through boto3 and over the wire, against the peer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cloud_client import FAR, CloudClient, client_of
from rekognition_peer import PeerInTest, jpeg, peer

from kiosk.cloud.client.observing import Outcome
from kiosk.cloud.peer.account import PeerLimits
from kiosk.domain.cloud.faces import CloudId, FaceId, IndexedFace
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.errors import CloudRefused

ADA, BO = CloudId("a" * 32), CloudId("b" * 32)
GONE = FaceId("00000000-0000-0000-0000-000000000000")
FAST = {each.value: 1000.0 for each in Operation}


@pytest.fixture
def there() -> Iterator[PeerInTest]:
    with peer() as made:
        yield made


@pytest.fixture
def client(there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CloudClient:
    return client_of(there, monkeypatch, tmp_path, tps=FAST)


def registered(client: CloudClient, there: PeerInTest, person: CloudId, name: str) -> FaceId:
    """Somebody in the collection `c`, with one face."""
    made = client.faces.index_face("c", there.faces.of(name), person, seconds=FAR)
    assert made is not None
    client.faces.create_user("c", person, f"u-{name}", seconds=FAR)
    joined = client.faces.associate_faces("c", person, [made[0]], f"a-{name}", seconds=FAR)
    assert joined == [made[0]]
    return made[0]


def test_a_collection_is_made_once_and_removed_once(client: CloudClient) -> None:
    faces = client.faces
    assert faces.describe_collection("c", seconds=FAR) is None
    assert faces.create_collection("c", seconds=FAR) == "7.0"
    assert faces.create_collection("c", seconds=FAR) == "7.0"
    assert faces.collections(seconds=FAR) == [("c", "7.0")]
    facts = faces.describe_collection("c", seconds=FAR)
    assert facts is not None
    assert (facts.name, facts.model, facts.faces, facts.users) == ("c", "7.0", 0, 0)
    faces.delete_collection("c", seconds=FAR)
    faces.delete_collection("c", seconds=FAR)
    assert faces.collections(seconds=FAR) == []


@pytest.mark.parametrize("search", ["users", "faces"])
def test_a_person_is_found_and_a_stranger_is_not(
    there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, search: str
) -> None:
    client = client_of(there, monkeypatch, tmp_path, tps=FAST, search=search)
    client.faces.create_collection("c", seconds=FAR)
    registered(client, there, ADA, "ada")
    registered(client, there, BO, "bo")
    answer = client.faces.search("c", there.faces.of("ada"), 99.0, seconds=FAR)
    assert answer.model == "7.0"
    assert [match.person for match in answer.matches] == [ADA]
    assert answer.matches[0].similarity >= 99.0
    assert answer.faces == 1
    assert not client.faces.search("c", there.faces.of("cy"), 99.0, seconds=FAR).matches


@pytest.mark.parametrize("search", ["users", "faces"])
def test_a_picture_without_a_face_finds_nobody(
    there: PeerInTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, search: str
) -> None:
    client = client_of(there, monkeypatch, tmp_path, tps=FAST, search=search)
    client.faces.create_collection("c", seconds=FAR)
    nobody = there.faces.nobody()
    for fresh in (client, client_of(there, monkeypatch, tmp_path, search=search)):
        answer = fresh.faces.search("c", nobody, 99.0, seconds=FAR)
        assert (answer.model, answer.matches, answer.faces) == ("7.0", (), 0)
    assert client.faces.index_face("c", nobody, ADA, seconds=FAR) is None
    assert client.faces.compare_faces(nobody, there.faces.of("ada"), 90.0, seconds=FAR) == ()
    assert client.faces.detect_faces(nobody, seconds=FAR) == ()


def test_what_rekognition_filters_out_is_nobody(client: CloudClient, there: PeerInTest) -> None:
    client.faces.create_collection("c", seconds=FAR)
    blurred = there.faces.of("ada", sharpness=0.0)
    assert client.faces.index_face("c", blurred, ADA, seconds=FAR) is None
    assert client.faces.search("c", blurred, 99.0, seconds=FAR).faces == 0


def test_pictures_are_compared_and_looked_at(client: CloudClient, there: PeerInTest) -> None:
    faces = there.faces
    (same,) = client.faces.compare_faces(faces.of("ada"), faces.of("ada"), 90.0, seconds=FAR)
    assert 99.0 <= same <= 100.0
    assert client.faces.compare_faces(faces.of("ada"), faces.of("bo"), 90.0, seconds=FAR) == ()
    (face,) = client.faces.detect_faces(faces.of("ada", yaw=20.0, sharpness=44.0), seconds=FAR)
    assert (face.yaw, face.sharpness) == (20.0, 44.0)
    assert face.eyes_open is True
    assert face.sunglasses is False
    assert face.occluded is False
    assert client.faces.detect_text(faces.of("ada"), seconds=FAR) == ()


def test_registering_and_withdrawing_may_be_repeated(
    client: CloudClient, there: PeerInTest
) -> None:
    faces = client.faces
    faces.create_collection("c", seconds=FAR)
    face = registered(client, there, ADA, "ada")
    faces.create_user("c", ADA, "another-token", seconds=FAR)
    assert list(faces.faces("c", seconds=FAR)) == [IndexedFace(face, ADA, ADA)]
    assert list(faces.faces("c", ADA, seconds=FAR)) == [IndexedFace(face, ADA, ADA)]
    assert list(faces.users("c", seconds=FAR)) == [ADA]
    assert list(faces.faces("c", BO, seconds=FAR)) == []
    for _ in range(2):
        faces.disassociate_faces("c", ADA, [face], "d-1", seconds=FAR)
    faces.disassociate_faces("c", BO, [face], "d-2", seconds=FAR)
    assert faces.delete_faces("c", [face, GONE], seconds=FAR) == [face, GONE]
    assert faces.delete_faces("c", [face], seconds=FAR) == [face]
    for token in ("x-1", "x-2"):
        faces.delete_user("c", ADA, token, seconds=FAR)
    assert list(faces.users("c", seconds=FAR)) == []
    assert list(faces.faces("c", seconds=FAR)) == []


def test_what_is_in_no_collection_is_said_to_have_none(
    client: CloudClient, there: PeerInTest
) -> None:
    picture = there.faces.of("ada")
    for use in (
        lambda: client.faces.search("none", picture, 99.0, seconds=FAR),
        lambda: client.faces.index_face("none", picture, ADA, seconds=FAR),
        lambda: client.faces.create_user("none", ADA, "t", seconds=FAR),
        lambda: list(client.faces.users("none", seconds=FAR)),
        lambda: list(client.faces.faces("none", seconds=FAR)),
        lambda: list(client.faces.faces("none", ADA, seconds=FAR)),
    ):
        with pytest.raises(CloudRefused, match="no collection none in this region") as caught:
            use()
        assert "cloud.collection" in caught.value.remedy


def test_every_list_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with peer(limits=PeerLimits(page=2)) as there:
        client = client_of(there, monkeypatch, tmp_path, tps=FAST)
        for name in ("c", "d", "e"):
            client.faces.create_collection(name, seconds=FAR)
        people = [CloudId(f"{number:032x}") for number in range(5)]
        for number, person in enumerate(people):
            registered(client, there, person, str(number))
        assert sorted(client.faces.users("c", seconds=FAR)) == people
        assert sorted(each.person or "" for each in client.faces.faces("c", seconds=FAR)) == people
        assert [name for name, _ in client.faces.collections(seconds=FAR)] == ["c", "d", "e"]


def test_every_face_is_compared_at_the_highest_bar(client: CloudClient, there: PeerInTest) -> None:
    """R15, R16: `QualityFilter=HIGH` and the threshold go with every comparison."""
    client.faces.create_collection("c", seconds=FAR)
    registered(client, there, ADA, "ada")
    client.faces.search("c", there.faces.of("ada"), 99.5, seconds=FAR)
    client.faces.compare_faces(there.faces.of("ada"), there.faces.of("bo"), 91.0, seconds=FAR)
    sent = {call.operation: call.parameters for call in there.server.recording.calls()}
    for operation in ("SearchUsersByImage", "CompareFaces", "IndexFaces"):
        assert sent[operation]["QualityFilter"] == "HIGH"
    assert sent["SearchUsersByImage"]["UserMatchThreshold"] == 99.5
    assert sent["CompareFaces"]["SimilarityThreshold"] == 91.0
    assert sent["IndexFaces"]["ExternalImageId"] == ADA
    assert sent["IndexFaces"]["MaxFaces"] == 1


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (b"", "no JPEG"),
        (b"GIF89a", "no JPEG"),
        (b"\xff\xd8", "no JPEG"),
        (b"\xff\xd8\xff\xe0\xff\xff" + bytes(100), "no JPEG"),
        (b"\xff\xd8" + bytes(5 * 1024 * 1024), "5 MB"),
    ],
)
def test_what_is_no_picture_is_never_sent(
    client: CloudClient, there: PeerInTest, picture: bytes, why: str
) -> None:
    good = there.faces.of("ada")
    for use in (
        lambda: client.faces.search("c", picture, 99.0, seconds=FAR),
        lambda: client.faces.index_face("c", picture, ADA, seconds=FAR),
        lambda: client.faces.detect_faces(picture, seconds=FAR),
        lambda: client.faces.detect_text(picture, seconds=FAR),
        lambda: client.faces.compare_faces(good, picture, 99.0, seconds=FAR),
    ):
        with pytest.raises(CloudRefused, match=why):
            use()
    assert not there.server.recording.calls()


def test_a_picture_under_50_pixels_is_never_sent(client: CloudClient, there: PeerInTest) -> None:
    small = jpeg(np.zeros((49, 200, 3), np.uint8))
    with pytest.raises(CloudRefused, match="200 by 49 pixels"):
        client.faces.detect_faces(small, seconds=FAR)
    assert not there.server.recording.calls()


def test_every_call_is_told_of_without_a_person(client: CloudClient, there: PeerInTest) -> None:
    client.faces.create_collection("c", seconds=FAR)
    client.faces.search("c", there.faces.of("ada"), 99.0, seconds=FAR)
    told = client.heard.last
    assert (told.operation, told.attempts, told.throttled) == (Operation.SEARCH_USERS, 1, 0)
    assert told.outcome is Outcome.ANSWERED
    assert told.request_id is not None
    assert told.seconds > 0.0
