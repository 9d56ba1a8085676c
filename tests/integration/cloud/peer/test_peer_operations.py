"""The peer's operations, asked by the real boto3 over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ClientError
from rekognition_peer import PeerInTest, peer

from kiosk.domain.access.policy import Form

ADA, BO = "a" * 32, "b" * 32


@pytest.fixture
def there() -> Iterator[PeerInTest]:
    with peer() as made:
        yield made


def code_of(call: Callable[..., object], **given: object) -> str:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return str(caught.value.response["Error"]["Code"])


def test_a_person_is_registered_found_and_withdrawn(there: PeerInTest) -> None:
    aws, faces = there.client(), there.faces
    made = aws.create_collection(CollectionId="c-1")
    assert (made["StatusCode"], made["FaceModelVersion"]) == (200, "7.0")

    ids = []
    for _ in range(3):
        indexed = aws.index_faces(
            CollectionId="c-1",
            Image={"Bytes": faces.of("ada", cosine=0.95)},
            ExternalImageId=ADA,
            MaxFaces=1,
            QualityFilter="HIGH",
        )
        (record,) = indexed["FaceRecords"]
        ids.append(record["Face"]["FaceId"])
    aws.create_user(CollectionId="c-1", UserId=ADA, ClientRequestToken="t-1")
    joined = aws.associate_faces(CollectionId="c-1", UserId=ADA, FaceIds=ids)
    assert [each["FaceId"] for each in joined["AssociatedFaces"]] == ids

    probe = {"Bytes": faces.of("ada", cosine=0.9)}
    found = aws.search_users_by_image(CollectionId="c-1", Image=probe, UserMatchThreshold=99)
    (match,) = found["UserMatches"]
    assert match["User"] == {"UserId": ADA, "UserStatus": "ACTIVE"}
    assert match["Similarity"] >= 99
    found = aws.search_faces_by_image(CollectionId="c-1", Image=probe, FaceMatchThreshold=99)
    assert {each["Face"]["FaceId"] for each in found["FaceMatches"]} == set(ids)
    stranger = {"Bytes": faces.of("bo")}
    assert not aws.search_users_by_image(CollectionId="c-1", Image=stranger)["UserMatches"]

    refused = aws.delete_faces(CollectionId="c-1", FaceIds=ids)
    assert {each["Reasons"][0] for each in refused["UnsuccessfulFaceDeletions"]} == {
        "ASSOCIATED_TO_AN_EXISTING_USER"
    }
    aws.disassociate_faces(CollectionId="c-1", UserId=ADA, FaceIds=ids)
    assert aws.delete_faces(CollectionId="c-1", FaceIds=ids)["DeletedFaces"] == ids
    aws.delete_user(CollectionId="c-1", UserId=ADA)
    said = aws.describe_collection(CollectionId="c-1")
    assert (said["FaceCount"], said["UserCount"]) == (0, 0)
    aws.delete_collection(CollectionId="c-1")
    assert not aws.list_collections()["CollectionIds"]


@pytest.mark.parametrize(("similarity", "found"), [(98.99, 0), (99.01, 1)])
def test_a_threshold_is_kept_to_a_hundredth(
    there: PeerInTest, similarity: float, found: int
) -> None:
    aws, faces = there.client(), there.faces
    aws.create_collection(CollectionId="c-1")
    index = {"CollectionId": "c-1", "Image": {"Bytes": faces.of("ada")}}
    face = aws.index_faces(**index)["FaceRecords"][0]["Face"]["FaceId"]
    aws.create_user(CollectionId="c-1", UserId=ADA)
    aws.associate_faces(CollectionId="c-1", UserId=ADA, FaceIds=[face])

    probe = faces.alike("ada", similarity, there.scale(Form.MEAN))
    answer = aws.search_users_by_image(
        CollectionId="c-1", Image={"Bytes": probe}, UserMatchThreshold=99.0
    )
    assert len(answer["UserMatches"]) == found


def test_an_error_has_the_name_that_aws_gives_it(there: PeerInTest) -> None:
    aws, picture = there.client(), {"Bytes": there.faces.of("ada")}
    aws.create_collection(CollectionId="c-1")
    aws.create_user(CollectionId="c-1", UserId=ADA)
    named = {"CollectionId": "c-1"}
    assert code_of(aws.create_collection, **named) == "ResourceAlreadyExistsException"
    assert code_of(aws.describe_collection, CollectionId="c-2") == "ResourceNotFoundException"
    assert code_of(aws.create_user, **named, UserId=ADA) == "ConflictException"
    assert code_of(aws.delete_user, **named, UserId=BO) == "ResourceNotFoundException"
    assert (
        code_of(aws.search_users_by_image, CollectionId="c-2", Image=picture)
        == "ResourceNotFoundException"
    )
    nobody = {"Bytes": there.faces.nobody()}
    assert code_of(aws.search_faces_by_image, **named, Image=nobody) == "InvalidParameterException"
    noise = {"Bytes": b"GIF89a"}
    assert code_of(aws.detect_faces, Image=noise) == "InvalidImageFormatException"
    huge = {"Bytes": picture["Bytes"] + bytes(5 * 1024 * 1024)}
    assert code_of(aws.detect_faces, Image=huge) == "ImageTooLargeException"
