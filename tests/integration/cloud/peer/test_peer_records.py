"""What the peer keeps, records, and says of itself when it is wrong."""

from __future__ import annotations

import hashlib
import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import certificates
import numpy as np
import pytest
from botocore.exceptions import ClientError
from rekognition_peer import PeerInTest, jpeg, peer, scales

from kiosk.cloud.peer.account import PeerAccount
from kiosk.cloud.peer.keeping import FILE
from kiosk.cloud.peer.operations import table
from kiosk.cloud.peer.server import RekognitionPeer
from kiosk.cloud.peer.sight import RememberedSight, SeenPicture, SeenText
from kiosk.domain.errors import BadInput, ImageError

ADA = "a" * 32
C = {"CollectionId": "c-1"}


@pytest.fixture
def there() -> Iterator[PeerInTest]:
    with peer(keep_pictures=True) as made:
        made.client().create_collection(**C)
        made.server.recording.clear()
        yield made


# -- the recording -------------------------------------------------------------------------------


def test_every_request_is_recorded_with_its_pictures(there: PeerInTest) -> None:
    aws, picture = there.client(), there.faces.of("ada")
    aws.index_faces(**C, Image={"Bytes": picture}, ExternalImageId=ADA)
    with pytest.raises(ClientError):
        aws.describe_collection(CollectionId="c-2")
    indexed, described = there.server.recording.calls()
    assert (indexed.operation, indexed.code) == ("IndexFaces", None)
    assert indexed.parameters == {**C, "ExternalImageId": ADA}
    assert indexed.access_key == there.server.key.access_key
    (kept,) = indexed.pictures
    assert kept.sha256 == hashlib.sha256(picture).hexdigest()
    assert (kept.size, kept.width, kept.height) == (len(picture), 160, 160)
    assert kept.content == picture
    assert (described.operation, described.code) == (
        "DescribeCollection",
        "ResourceNotFoundException",
    )
    assert there.server.recording.calls("IndexFaces") == [indexed]


def test_a_picture_is_kept_only_where_a_test_asks_for_it() -> None:
    with peer() as there:
        picture = there.faces.of("ada")
        there.client().detect_faces(Image={"Bytes": picture})
        (call,) = there.server.recording.calls()
        assert call.pictures[0].content is None
        assert "160" in repr(call)


# -- answers out of shape ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [{"CollectionIds": [7]}, {"Collections": []}, {"FaceModelVersions": "7.0"}]
)
def test_an_answer_out_of_shape_is_the_peer_s_failure(
    answer: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(dict(table.OPERATIONS), "ListCollections", lambda *_: answer)
    lying = {**table.OPERATIONS, "ListCollections": lambda *_: answer}
    monkeypatch.setattr("kiosk.cloud.peer.answering.OPERATIONS", lying)
    with (
        pytest.raises(AssertionError, match="ListCollections: "),
        peer() as there,
        pytest.raises(ClientError, match="InternalServerError"),
    ):
        there.client().list_collections()


def test_an_operation_that_fails_is_the_peer_s_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {**table.OPERATIONS, "ListCollections": lambda *_: 1 / 0}
    monkeypatch.setattr("kiosk.cloud.peer.answering.OPERATIONS", broken)
    with (
        pytest.raises(AssertionError, match="ZeroDivisionError"),
        peer() as there,
        pytest.raises(ClientError, match="InternalServerError"),
    ):
        there.client().list_collections()


# -- requests that no client of boto3 sends ------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "body", "status", "said"),
    [
        ({}, b"{}", 400, "UnknownOperationException"),
        ({"X-Amz-Target": "DynamoDB_20120810.ListTables"}, b"{}", 400, "UnknownOperation"),
        ({"X-Amz-Target": "RekognitionService.__class__"}, b"{}", 400, "UnknownOperation"),
        ({"X-Amz-Target": "RekognitionService.ListFaces"}, b"{", 400, "MissingAuthentication"),
        ({"Content-Length": "-1"}, b"", 413, "RequestEntityTooLarge"),
        ({"Content-Length": "99999999999"}, b"", 413, "RequestEntityTooLarge"),
        ({"Content-Length": "1e3"}, b"", 413, "RequestEntityTooLarge"),
    ],
)
def test_a_strange_request_is_refused(
    there: PeerInTest, headers: dict[str, str], body: bytes, status: int, said: str
) -> None:
    host = there.endpoint.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("POST", "/", body, headers)
    answer = connection.getresponse()
    assert (answer.status, said in json.loads(answer.read())["__type"]) == (status, True)
    connection.close()


def test_the_peer_answers_on_this_machine_alone(there: PeerInTest) -> None:
    assert there.endpoint.startswith("http://127.0.0.1:")


# -- the folder ----------------------------------------------------------------------------------


def test_a_restarted_peer_knows_what_it_knew(tmp_path: Path) -> None:
    folder = tmp_path / "peer"
    with peer(folder=folder) as there:
        aws, faces = there.client(), there.faces
        for name in ("c-1", "c-2"):
            aws.create_collection(CollectionId=name)
        ids = []
        for _ in range(3):
            made = aws.index_faces(
                **C, Image={"Bytes": faces.of("ada", cosine=0.9)}, ExternalImageId=ADA
            )
            ids.append(made["FaceRecords"][0]["Face"]["FaceId"])
        aws.create_user(**C, UserId=ADA)
        aws.associate_faces(**C, UserId=ADA, FaceIds=ids)
        aws.disassociate_faces(**C, UserId=ADA, FaceIds=ids[:1])
        aws.delete_faces(**C, FaceIds=ids[:1])
        aws.delete_collection(CollectionId="c-2")
        probe = {"Bytes": faces.of("ada")}
        before = [
            aws.list_faces(**C)["Faces"],
            aws.list_users(**C)["Users"],
            aws.search_users_by_image(**C, Image=probe)["UserMatches"],
        ]
        sight = there.sight
    for _ in range(2):  # the second one reads what the first one wrote anew
        with peer(folder=folder, sight=sight) as there:
            aws = there.client()
            assert aws.list_collections()["CollectionIds"] == ["c-1"]
            assert [
                aws.list_faces(**C)["Faces"],
                aws.list_users(**C)["Users"],
                aws.search_users_by_image(**C, Image=probe)["UserMatches"],
            ] == before
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / FILE).stat().st_mode & 0o077 == 0


def test_a_change_that_was_not_written_to_its_end_is_left_out(tmp_path: Path) -> None:
    with peer(folder=tmp_path) as there:
        there.client().create_collection(**C)
    with (tmp_path / FILE).open("a", encoding="utf-8") as stream:
        stream.write('{"do": "drop", "coll')
    with peer(folder=tmp_path) as there:
        assert there.client().list_collections()["CollectionIds"] == ["c-1"]


@pytest.mark.parametrize("line", ["no JSON", "[]", '{"do": "drop", "collection": "none"}', "7"])
def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path: Path, line: str) -> None:
    (tmp_path / FILE).write_text(line + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match="not what a peer has kept"), peer(folder=tmp_path):
        pass
    assert (tmp_path / FILE).read_text(encoding="utf-8") == line + "\n"
    with pytest.raises(BadInput, match="cannot be used"), peer(folder=tmp_path / FILE):
        pass


def test_two_peers_do_not_share_a_folder(tmp_path: Path) -> None:
    with peer(folder=tmp_path) as there:
        with (
            pytest.raises(BadInput, match="Another peer keeps its collections"),
            peer(folder=tmp_path),
        ):
            pass
        there.client().create_collection(**C)
    with peer(folder=tmp_path) as there:
        assert there.client().list_collections()["CollectionIds"] == ["c-1"]


def test_a_taken_port_and_an_unknown_model_are_refused(there: PeerInTest) -> None:
    port = int(there.endpoint.rpartition(":")[2])
    account = PeerAccount(RememberedSight(None), scales())
    with pytest.raises(BadInput, match=f"Port {port} of 127.0.0.1 cannot be used"):
        RekognitionPeer(account, port=port)
    with pytest.raises(BadInput, match="no face model"):
        PeerAccount(RememberedSight(None), scales(), model="1.0")


# -- what was seen before ------------------------------------------------------------------------


class CountedSight:
    looks = 0

    def look(self, _: bytes, /) -> SeenPicture:
        self.looks += 1
        return SeenPicture(160, 160, ())

    def read(self, _: bytes, /) -> list[SeenText]:
        return []


def test_a_picture_is_looked_at_once_and_not_kept(tmp_path: Path) -> None:
    file, picture = tmp_path / "seen.jsonl", jpeg(np.zeros((160, 160, 3), np.uint8))
    counted = CountedSight()
    for _ in range(2):
        with peer(sight=RememberedSight(counted, file=file)) as there:
            for _ in range(2):
                there.client().detect_faces(Image={"Bytes": picture})
    assert counted.looks == 1
    (line,) = file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "sha256": hashlib.sha256(picture).hexdigest(),
        "size": [160, 160],
        "faces": [],
    }


def test_templates_survive_the_file_and_damage_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "seen.jsonl"
    with peer(sight=RememberedSight(None, file=file)) as there:
        picture = there.faces.of("ada", cosine=0.7, yaw=3.5)
        before = there.sight.look(picture)
    file.write_text('{"sha256": "00"}\nnonsense\n' + file.read_text(encoding="utf-8"))
    again = RememberedSight(None, file=file)
    (face,), (old,) = again.look(picture).faces, before.faces
    assert np.array_equal(face.vector, old.vector)
    assert (face.yaw, face.box, dict(face.landmarks)) == (3.5, old.box, dict(old.landmarks))
    with pytest.raises(ImageError):
        again.look(b"another")


# -- TLS -----------------------------------------------------------------------------------------


def test_the_peer_speaks_tls(tmp_path: Path) -> None:
    shown = certificates.good(tmp_path)
    server = RekognitionPeer(PeerAccount(RememberedSight(None), scales()), tls=shown.context())
    with server:
        aws = boto3.client(
            "rekognition",
            endpoint_url=server.endpoint,
            region_name=server.region,
            aws_access_key_id=server.key.access_key,
            aws_secret_access_key=server.key.secret,
            verify=str(shown.ca_file),
        )
        assert aws.list_collections()["CollectionIds"] == []
