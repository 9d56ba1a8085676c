"""Answers as they come over the wire: botocore believes each type, so nothing here may."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cloud_client import FAR, CloudClient, client_with, plain_environment
from rekognition_peer import jpeg
from scripted_service import ScriptedService, scripted_service

from kiosk.cloud.client.observing import Outcome
from kiosk.domain.cloud.faces import CloudId, FaceId
from kiosk.domain.errors import CloudRefused, CloudUnavailable

ADA, BO = "a" * 32, "b" * 32
FACE = "12345678-1234-1234-1234-123456789abc"
PICTURE = jpeg(np.zeros((100, 100, 3), np.uint8))


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    with scripted_service() as made:
        yield made


@pytest.fixture
def client(
    service: ScriptedService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> CloudClient:
    plain_environment(monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "B")
    return client_with({"endpoint": service.endpoint, "region": "eu-west-1"}, tmp_path)


def user(similarity: object = 99.5, person: object = ADA, **more: object) -> dict[str, Any]:
    """An answer to a search that names one person."""
    match = {"Similarity": similarity, "User": {"UserId": person, "UserStatus": "ACTIVE"}}
    return {"UserMatches": [match], "FaceModelVersion": "7.0", "SearchedFace": {}, **more}


def search(client: CloudClient) -> object:
    return client.faces.search("c", PICTURE, 99.0, seconds=FAR)


def refuses(
    client: CloudClient, service: ScriptedService, answer: object, ask: Callable[[], object]
) -> str:
    """Why an answer is refused; it is asked for once."""
    service.body = json.dumps(answer).encode()
    service.heard.clear()
    with pytest.raises(CloudRefused, match="makes no sense") as caught:
        ask()
    assert len(service.heard) == 1
    assert client.heard.outcome is Outcome.SENSELESS
    return caught.value.problem


@pytest.mark.parametrize(
    "similarity",
    ["99.9", "NaN", None, True, float("nan"), float("inf"), -0.1, 100.1, [99.9], {"x": 99.9}],
    ids=repr,
)
def test_a_similarity_that_is_none(
    client: CloudClient, service: ScriptedService, similarity: object
) -> None:
    said = refuses(client, service, user(similarity), lambda: search(client))
    assert "UserMatches.Similarity" in said


@pytest.mark.parametrize("person", [None, "", "ada", 7, "A" * 32, "a" * 31, ADA + "\n", [ADA]])
def test_a_person_whom_nobody_knows(
    client: CloudClient, service: ScriptedService, person: object
) -> None:
    said = refuses(client, service, user(person=person), lambda: search(client))
    assert "UserMatches.User.UserId" in said
    assert str(person) not in said or person in (None, "", 7)


@pytest.mark.parametrize(
    "answer",
    [
        user(UserMatches=None),
        user(UserMatches=[None]),
        user(UserMatches=[{"Similarity": 99.5}]),
        user(FaceModelVersion=None),
        user(FaceModelVersion=7),
        user(FaceModelVersion=""),
        user(FaceModelVersion="7.0; drop"),
        user(FaceModelVersion="7" * 2000),
        user(UserMatches=user()["UserMatches"] * 2),
        {},
    ],
)
def test_a_search_that_makes_no_sense(
    client: CloudClient, service: ScriptedService, answer: object
) -> None:
    refuses(client, service, answer, lambda: search(client))


def test_of_several_people_the_best_is_first(client: CloudClient, service: ScriptedService) -> None:
    both = user()["UserMatches"] + user(99.9, BO)["UserMatches"]
    service.body = json.dumps(user(UserMatches=both)).encode()
    answer = client.faces.search("c", PICTURE, 99.0, seconds=FAR)
    assert [(match.person, match.similarity) for match in answer.matches] == [
        (BO, 99.9),
        (ADA, 99.5),
    ]


def record(face: object = FACE, person: object = ADA) -> dict[str, Any]:
    return {"Face": {"FaceId": face, "ExternalImageId": person}}


@pytest.mark.parametrize(
    "records",
    [
        [record("x")],
        [record(None)],
        [record(FACE.upper())],
        [record(person=BO)],
        [record(person=None)],
        [record(), record()],
        [{}],
        None,
    ],
)
def test_a_face_that_was_not_indexed_as_asked(
    client: CloudClient, service: ScriptedService, records: object
) -> None:
    answer = {"FaceRecords": records, "FaceModelVersion": "7.0"}
    refuses(
        client,
        service,
        answer,
        lambda: client.faces.index_face("c", PICTURE, CloudId(ADA), seconds=FAR),
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"CollectionIds": ["c"], "FaceModelVersions": []},
        {"CollectionIds": ["c"]},
        {"CollectionIds": [7], "FaceModelVersions": ["7.0"]},
        {"CollectionIds": ["c"], "FaceModelVersions": ["seven"]},
        {"CollectionIds": [], "FaceModelVersions": [], "NextToken": 7},
    ],
)
def test_a_list_of_collections_that_makes_no_sense(
    client: CloudClient, service: ScriptedService, answer: object
) -> None:
    refuses(client, service, answer, lambda: client.faces.collections(seconds=FAR))


def test_a_list_that_never_ends_is_left(client: CloudClient, service: ScriptedService) -> None:
    service.body = json.dumps({"Users": [{"UserId": ADA}], "NextToken": "again"}).encode()
    with pytest.raises(CloudRefused, match="NextToken has been given before"):
        list(client.faces.users("c", seconds=FAR))
    assert len(service.heard) == 2


def test_a_face_of_another_system_is_listed_without_a_person(
    client: CloudClient, service: ScriptedService
) -> None:
    face = {"FaceId": FACE, "ExternalImageId": "alice@example", "UserId": "u:1"}
    service.body = json.dumps({"Faces": [face], "FaceModelVersion": "7.0"}).encode()
    (found,) = client.faces.faces("c", seconds=FAR)
    assert (found.face, found.person, found.user) == (FACE, None, None)


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"7", b'{"UserMatches": [', b"\xff\xfe", b"null"]
)
def test_what_cannot_be_read_is_asked_for_again_and_never_taken_for_done(
    client: CloudClient, service: ScriptedService, body: bytes
) -> None:
    """`{}` is the answer of operations that say nothing: what cannot be read is no such answer."""
    service.body = body
    for ask in (
        lambda: client.faces.delete_faces("c", [FaceId(FACE)], seconds=0.5),
        lambda: client.faces.search("c", PICTURE, 99.0, seconds=0.5),
    ):
        with pytest.raises(CloudUnavailable):
            ask()
    assert len(service.heard) > 2


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"7", b"null"])
def test_what_cannot_be_read_does_not_count_as_done(
    client: CloudClient, service: ScriptedService, body: bytes
) -> None:
    service.body = body
    with pytest.raises(CloudUnavailable):
        client.faces.delete_user("c", CloudId(ADA), "t", seconds=0.5)


@pytest.mark.parametrize("status", [201, 301, 302, 304, 307, 308, 404])
def test_nobody_is_sent_elsewhere(
    client: CloudClient, service: ScriptedService, status: int
) -> None:
    with scripted_service() as other:
        service.status = status
        service.body = json.dumps(user()).encode() if status != 304 else b""
        service.headers = {"Location": f"{other.endpoint}/"}
        if status == 201:
            search(client)
        else:
            with pytest.raises(CloudRefused):
                search(client)
        assert other.heard == []
