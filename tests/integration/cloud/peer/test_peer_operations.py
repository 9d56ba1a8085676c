"""The peer's operations, asked by the real boto3 over the wire."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from rekognition_peer import PeerInTest, peer, seen_face

from kiosk.cloud.peer.account import PeerLimits
from kiosk.cloud.peer.sight import SeenPicture, SeenText
from kiosk.domain.access.policy import Form

ADA, BO = "a" * 32, "b" * 32
C = {"CollectionId": "c-1"}
NO_FACE = "00000000-0000-0000-0000-000000000000"


class AheadClock:
    """The wall clock, as far ahead as a test says; signatures allow five minutes."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def there() -> Iterator[PeerInTest]:
    with peer() as made:
        made.client().create_collection(**C)
        yield made


def code_of(call: Callable[..., object], **given: object) -> str:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return str(caught.value.response["Error"]["Code"])


def indexed(there: PeerInTest, person: str, count: int = 1, cosine: float = 0.95) -> list[str]:
    """The ids of new faces of somebody."""
    aws, ids = there.client(), []
    for _ in range(count):
        picture = {"Bytes": there.faces.of(person, cosine=cosine)}
        (record,) = aws.index_faces(**C, Image=picture, ExternalImageId=ADA)["FaceRecords"]
        ids.append(record["Face"]["FaceId"])
    return ids


def registered(there: PeerInTest, person: str, user: str, count: int = 1) -> list[str]:
    ids = indexed(there, person, count)
    there.client().create_user(**C, UserId=user)
    there.client().associate_faces(**C, UserId=user, FaceIds=ids)
    return ids


def users_found(there: PeerInTest, picture: bytes, threshold: float = 99.0) -> Sequence[str]:
    image = {"Bytes": picture}
    found = there.client().search_users_by_image(**C, Image=image, UserMatchThreshold=threshold)
    return [match["User"]["UserId"] for match in found["UserMatches"]]


# -- the whole way -------------------------------------------------------------------------------


def test_a_person_is_registered_found_and_withdrawn(there: PeerInTest) -> None:
    aws, faces = there.client(), there.faces
    ids = registered(there, "ada", ADA, 3)
    probe = {"Bytes": faces.of("ada", cosine=0.9)}
    found = aws.search_users_by_image(**C, Image=probe, UserMatchThreshold=99)
    (match,) = found["UserMatches"]
    assert match["User"] == {"UserId": ADA, "UserStatus": "ACTIVE"}
    assert match["Similarity"] >= 99
    assert found["FaceModelVersion"] == "7.0"
    found = aws.search_faces_by_image(**C, Image=probe, FaceMatchThreshold=99)
    assert {each["Face"]["FaceId"] for each in found["FaceMatches"]} == set(ids)
    assert {each["Face"]["UserId"] for each in found["FaceMatches"]} == {ADA}
    assert users_found(there, faces.of("bo")) == []

    refused = aws.delete_faces(**C, FaceIds=ids)
    assert "DeletedFaces" not in refused
    assert {each["Reasons"][0] for each in refused["UnsuccessfulFaceDeletions"]} == {
        "ASSOCIATED_TO_AN_EXISTING_USER"
    }
    aws.disassociate_faces(**C, UserId=ADA, FaceIds=ids)
    deleted = aws.delete_faces(**C, FaceIds=[*ids, NO_FACE])
    assert deleted["DeletedFaces"] == ids
    assert deleted["UnsuccessfulFaceDeletions"] == [
        {"FaceId": NO_FACE, "Reasons": ["FACE_NOT_FOUND"]}
    ]
    aws.delete_user(**C, UserId=ADA)
    said = aws.describe_collection(**C)
    assert (said["FaceCount"], said["UserCount"]) == (0, 0)
    aws.delete_collection(**C)
    assert aws.list_collections()["CollectionIds"] == []


def test_who_loses_their_user_keeps_their_faces(there: PeerInTest) -> None:
    aws = there.client()
    ids = registered(there, "ada", ADA, 2)
    aws.delete_user(**C, UserId=ADA)
    kept = aws.list_faces(**C)["Faces"]
    assert {each["FaceId"] for each in kept} == set(ids)
    assert not any("UserId" in each for each in kept)
    assert users_found(there, there.faces.of("ada")) == []
    assert aws.delete_faces(**C, FaceIds=ids)["DeletedFaces"] == ids


@pytest.mark.parametrize(("similarity", "found"), [(98.99, []), (99.01, [ADA])])
def test_a_threshold_is_kept_to_a_hundredth(
    there: PeerInTest, similarity: float, found: list[str]
) -> None:
    picture = {"Bytes": there.faces.of("ada")}
    (record,) = there.client().index_faces(**C, Image=picture)["FaceRecords"]
    there.client().create_user(**C, UserId=ADA)
    there.client().associate_faces(**C, UserId=ADA, FaceIds=[record["Face"]["FaceId"]])
    probe = there.faces.alike("ada", similarity, there.scale(Form.MEAN))
    assert users_found(there, probe) == found


def test_a_user_is_the_mean_of_their_faces(there: PeerInTest) -> None:
    """Each face for itself is less like the probe than the user is."""
    registered(there, "ada", ADA, 3)
    image = {"Bytes": there.faces.of("ada")}
    (user,) = there.client().search_users_by_image(**C, Image=image)["UserMatches"]
    assert user["Similarity"] > there.scale(Form.MEAN).similarity(0.96)


def test_a_model_has_its_own_similarities(there: PeerInTest) -> None:
    there.server.account.model = "6.0"
    there.client().create_collection(CollectionId="older")
    picture = {"Bytes": there.faces.of("ada")}
    probe = {"Bytes": there.faces.alike("ada", 99.2, there.scale(model="6.0"))}
    for name, model in (("c-1", "7.0"), ("older", "6.0")):
        made = there.client().index_faces(CollectionId=name, Image=picture)
        assert made["FaceModelVersion"] == model
        found = there.client().search_faces_by_image(CollectionId=name, Image=probe)
        assert found["FaceModelVersion"] == model
        similarity = found["FaceMatches"][0]["Similarity"]
        assert (similarity == pytest.approx(99.2, abs=1e-3)) is (model == "6.0")
    assert there.client().list_collections()["FaceModelVersions"] == ["7.0", "6.0"]


# -- pictures ------------------------------------------------------------------------------------


def test_faces_of_a_picture_are_described(there: PeerInTest) -> None:
    vector = there.faces.vector("ada")
    picture = there.faces.picture(
        seen_face(vector, yaw=12.0, sunglasses=0.9, mask=0.2), seen_face(vector, size_px=45.0)
    )
    (face, _) = there.client().detect_faces(Image={"Bytes": picture})["FaceDetails"]
    assert face["Pose"] == {"Roll": 0.0, "Yaw": 12.0, "Pitch": 0.0}
    assert face["BoundingBox"] == {"Left": 0.1, "Top": 0.1, "Width": 0.8, "Height": 0.8}
    assert "Sunglasses" not in face
    (face, _) = there.client().detect_faces(Image={"Bytes": picture}, Attributes=["ALL"])[
        "FaceDetails"
    ]
    assert face["Sunglasses"]["Value"]
    assert face["FaceOccluded"]["Value"]
    assert face["EyesOpen"]["Value"]


def test_two_pictures_are_compared(there: PeerInTest) -> None:
    aws, faces = there.client(), there.faces
    ada, bo = seen_face(faces.vector("ada")), seen_face(faces.vector("bo"))
    source, both = {"Bytes": faces.of("ada")}, {"Bytes": faces.picture(bo, ada)}
    found = aws.compare_faces(SourceImage=source, TargetImage=both, QualityFilter="HIGH")
    assert found["FaceMatches"][0]["Similarity"] == pytest.approx(100.0)
    assert len(found["UnmatchedFaces"]) == 1
    other = aws.compare_faces(SourceImage={"Bytes": faces.of("bo")}, TargetImage=source)
    assert other["FaceMatches"] == []
    nobody = {"Bytes": faces.nobody()}
    assert code_of(aws.compare_faces, SourceImage=nobody, TargetImage=source) == (
        "InvalidParameterException"
    )


def test_lines_of_text_are_read(there: PeerInTest) -> None:
    picture = there.faces.nobody()
    lines = [SeenText("IDUTOD231458907", 99.0), SeenText("ERIKSSON", 98.0, (0.1, 0.2, 0.3, 0.1))]
    there.sight.remember(picture, SeenPicture(160, 160, ()), lines)
    found = there.client().detect_text(Image={"Bytes": picture})["TextDetections"]
    assert [each["DetectedText"] for each in found] == ["IDUTOD231458907", "ERIKSSON"]
    assert there.client().detect_text(Image={"Bytes": there.faces.nobody()})["TextDetections"] == []


@pytest.mark.parametrize(
    ("looks", "reason"),
    [
        ({"yaw": 46.0}, "EXTREME_POSE"),
        ({"pitch": -31.0}, "EXTREME_POSE"),
        ({"sharpness": 15.0}, "LOW_SHARPNESS"),
        ({"brightness": 15.0}, "LOW_BRIGHTNESS"),
        ({"size_px": 49.0}, "SMALL_BOUNDING_BOX"),
        ({"mask": 0.6}, "LOW_FACE_QUALITY"),
    ],
)
def test_the_highest_filter_takes_no_poor_face(
    there: PeerInTest, looks: dict[str, float], reason: str
) -> None:
    aws, image = there.client(), {"Bytes": there.faces.of("ada", **looks)}
    made = aws.index_faces(**C, Image=image, QualityFilter="HIGH")
    assert made["FaceRecords"] == []
    assert made["UnindexedFaces"][0]["Reasons"] == [reason]
    found = aws.search_users_by_image(**C, Image=image, QualityFilter="HIGH")
    assert found["UnsearchedFaces"][0]["Reasons"] == [reason]
    assert "SearchedFace" not in found
    search = {**C, "Image": image, "QualityFilter": "HIGH"}
    assert code_of(aws.search_faces_by_image, **search) == "InvalidParameterException"
    assert len(aws.index_faces(**C, Image=image, QualityFilter="NONE")["FaceRecords"]) == 1


def test_only_the_largest_faces_are_indexed_and_searched(there: PeerInTest) -> None:
    aws, faces = there.client(), there.faces
    both = {"Bytes": faces.picture(seen_face(faces.vector("ada")), seen_face(faces.vector("bo")))}
    made = aws.index_faces(**C, Image=both, MaxFaces=1, DetectionAttributes=["ALL"])
    assert len(made["FaceRecords"]) == 1
    assert "EyesOpen" in made["FaceRecords"][0]["FaceDetail"]
    assert made["UnindexedFaces"][0]["Reasons"] == ["EXCEEDS_MAX_FACES"]
    found = aws.search_users_by_image(**C, Image=both)
    assert found["UnsearchedFaces"][0]["Reasons"] == ["FACE_NOT_LARGEST"]


def test_a_picture_is_within_aws_s_limits(there: PeerInTest) -> None:
    aws, faces = there.client(), there.faces
    small = {"Bytes": faces.picture(seen_face(faces.vector("ada")), side=79)}
    assert code_of(aws.detect_faces, Image=small) == "InvalidParameterException"
    assert code_of(aws.detect_faces, Image={"Bytes": b"GIF89a"}) == "InvalidImageFormatException"
    unknown = {"Bytes": b"\xff\xd8\xff\xe0 and no more"}
    assert code_of(aws.detect_faces, Image=unknown) == "InvalidImageFormatException"
    most = faces.of("ada") + bytes(5 * 1024 * 1024)
    assert code_of(aws.detect_faces, Image={"Bytes": most}) == "ImageTooLargeException"
    assert code_of(aws.detect_faces, Image={}) == "InvalidParameterException"
    stored = {"S3Object": {"Bucket": "bucket", "Name": "n"}}
    assert code_of(aws.detect_faces, Image=stored) == "InvalidS3ObjectException"
    tiny = {"Bytes": faces.of("ada", size_px=39.0)}
    assert aws.detect_faces(Image=tiny)["FaceDetails"] == []


# -- faces and users -----------------------------------------------------------------------------


def test_an_association_has_its_reasons(there: PeerInTest) -> None:
    aws = there.client()
    adas, bos = registered(there, "ada", ADA, 2), registered(there, "bo", BO)
    (stranger,) = indexed(there, "eve")
    said = aws.associate_faces(**C, UserId=ADA, FaceIds=[adas[0], bos[0], stranger, NO_FACE])
    assert said["AssociatedFaces"] == []
    assert {each["FaceId"]: each["Reasons"] for each in said["UnsuccessfulFaceAssociations"]} == {
        bos[0]: ["ASSOCIATED_TO_A_DIFFERENT_USER"],
        stranger: ["LOW_MATCH_CONFIDENCE"],
        NO_FACE: ["FACE_NOT_FOUND"],
    }
    forced = aws.associate_faces(**C, UserId=ADA, FaceIds=[stranger], UserMatchThreshold=0)
    assert forced["AssociatedFaces"] == [{"FaceId": stranger}]
    said = aws.disassociate_faces(**C, UserId=ADA, FaceIds=[stranger, bos[0], NO_FACE])
    assert said["DisassociatedFaces"] == [{"FaceId": stranger}]
    assert [each["Reasons"] for each in said["UnsuccessfulFaceDisassociations"]] == [
        ["ASSOCIATED_TO_A_DIFFERENT_USER"],
        ["FACE_NOT_FOUND"],
    ]


def test_a_request_with_a_token_is_done_once(there: PeerInTest) -> None:
    aws, named = there.client(), {**C, "UserId": ADA}
    ids = indexed(there, "ada", 2)
    for _ in range(2):
        aws.create_user(**named, ClientRequestToken="t-1")
    joined = [aws.associate_faces(**named, FaceIds=ids, ClientRequestToken="t") for _ in range(2)]
    assert joined[0]["AssociatedFaces"] == joined[1]["AssociatedFaces"]
    assert len(joined[1]["AssociatedFaces"]) == 2
    assert (
        code_of(aws.associate_faces, **named, FaceIds=ids[:1], ClientRequestToken="t")
        == "IdempotentParameterMismatchException"
    )
    for _ in range(2):
        aws.delete_user(**named, ClientRequestToken="t-1")
    assert code_of(aws.delete_user, **named) == "ResourceNotFoundException"


def test_searches_by_id_leave_out_whom_they_are_about(there: PeerInTest) -> None:
    aws = there.client()
    first, second = registered(there, "ada", ADA, 2)
    twin = registered(there, "ada", BO)
    found = aws.search_faces(**C, FaceId=first, FaceMatchThreshold=90)
    ids = [each["Face"]["FaceId"] for each in found["FaceMatches"]]
    assert sorted(ids) == sorted([second, *twin])
    found = aws.search_users(**C, UserId=ADA)
    assert [each["User"]["UserId"] for each in found["UserMatches"]] == [BO]
    found = aws.search_users(**C, FaceId=first)
    assert [each["User"]["UserId"] for each in found["UserMatches"]] == [BO]
    assert code_of(aws.search_users, **C) == "InvalidParameterException"
    assert code_of(aws.search_faces, **C, FaceId=NO_FACE) == "InvalidParameterException"
    assert code_of(aws.search_users, **C, UserId="none") == "ResourceNotFoundException"


def test_lists_come_in_pages_and_are_filtered(there: PeerInTest) -> None:
    aws = there.client()
    ids = registered(there, "ada", ADA, 5)
    indexed(there, "eve", 2)
    for number in range(4):
        aws.create_user(**C, UserId=f"u-{number}")
    for operation, key, count, most in (
        ("list_faces", "Faces", 7, 3),
        ("list_users", "Users", 5, 2),
    ):
        pages = list(
            aws.get_paginator(operation).paginate(**C, PaginationConfig={"PageSize": most})
        )
        assert [len(page[key]) for page in pages][:-1] == [most] * (len(pages) - 1)
        assert sum(len(page[key]) for page in pages) == count
    own = aws.list_faces(**C, UserId=ADA)["Faces"]
    assert {each["FaceId"] for each in own} == set(ids)
    assert [each["FaceId"] for each in aws.list_faces(**C, FaceIds=ids[:1])["Faces"]] == ids[:1]
    for token in ("none", "YWZ0", "!"):
        assert code_of(aws.list_faces, **C, NextToken=token) == "InvalidPaginationTokenException"


def test_a_page_after_a_change_repeats_and_skips_nobody(there: PeerInTest) -> None:
    aws = there.client()
    indexed(there, "ada", 6)
    first = aws.list_faces(**C, MaxResults=3)
    aws.delete_faces(**C, FaceIds=[first["Faces"][-1]["FaceId"]])
    second = aws.list_faces(**C, MaxResults=3, NextToken=first["NextToken"])
    seen = [each["FaceId"] for each in (*first["Faces"], *second["Faces"])]
    assert len(set(seen)) == len(seen) == 6
    assert "NextToken" not in second


def test_what_is_missing_or_there_already_has_aws_s_error(there: PeerInTest) -> None:
    aws, picture = there.client(), {"Bytes": there.faces.of("ada")}
    aws.create_user(**C, UserId=ADA)
    gone = {"CollectionId": "gone"}
    assert code_of(aws.create_collection, **C) == "ResourceAlreadyExistsException"
    assert code_of(aws.create_user, **C, UserId=ADA) == "ConflictException"
    for call, given in (
        (aws.describe_collection, gone),
        (aws.delete_collection, gone),
        (aws.list_users, gone),
        (aws.create_user, {**gone, "UserId": ADA}),
        (aws.search_users_by_image, {**gone, "Image": picture}),
        (aws.index_faces, {**gone, "Image": picture}),
        (aws.delete_user, {**C, "UserId": BO}),
        (aws.list_faces, {**C, "UserId": BO}),
        (aws.associate_faces, {**C, "UserId": BO, "FaceIds": [NO_FACE]}),
    ):
        assert code_of(call, **given) == "ResourceNotFoundException"


def test_many_at_once_lose_and_double_nothing(there: PeerInTest) -> None:
    aws, count = there.client(), 40
    pictures = [there.faces.of("ada", cosine=0.95) for _ in range(count)]

    def index(picture: bytes) -> str:
        (record,) = aws.index_faces(**C, Image={"Bytes": picture})["FaceRecords"]
        return str(record["Face"]["FaceId"])

    def create(_: int) -> bool:
        try:
            aws.create_user(**C, UserId=ADA)
        except aws.exceptions.ConflictException:
            return False
        return True

    with ThreadPoolExecutor(8) as many:
        ids = list(many.map(index, pictures))
        assert sum(many.map(create, range(8))) == 1
        joined = many.map(lambda face: aws.associate_faces(**C, UserId=ADA, FaceIds=[face]), ids)
        assert all(len(each["AssociatedFaces"]) == 1 for each in joined)
    listed = aws.list_faces(**C, UserId=ADA)["Faces"]
    assert {each["FaceId"] for each in listed} == set(ids)
    assert len(set(ids)) == count


# -- limits and time -----------------------------------------------------------------------------


def test_collections_and_users_have_their_limits() -> None:
    limits = PeerLimits(faces=4, faces_of_user=2, collections=1)
    with peer(limits=limits) as there:
        aws = there.client()
        aws.create_collection(**C)
        full = "ServiceQuotaExceededException"
        assert code_of(aws.create_collection, CollectionId="c-2") == full
        ids = indexed(there, "ada", 4)
        picture = {"Bytes": there.faces.of("ada")}
        assert code_of(aws.index_faces, **C, Image=picture) == full
        aws.create_user(**C, UserId=ADA)
        said = aws.associate_faces(**C, UserId=ADA, FaceIds=ids[:3])
        assert len(said["AssociatedFaces"]) == 2
        assert [each["FaceId"] for each in said["UnsuccessfulFaceAssociations"]] == ids[2:3]
        assert code_of(aws.associate_faces, **C, UserId=ADA, FaceIds=ids[3:]) == full


def test_a_search_finds_what_is_old_enough() -> None:
    clock = AheadClock()
    with peer(delay=90.0, wall=clock) as there:
        aws = there.client()
        aws.create_collection(**C)
        ids = indexed(there, "ada")
        probe = {"Bytes": there.faces.of("ada")}
        assert aws.search_faces_by_image(**C, Image=probe)["FaceMatches"] == []
        assert len(aws.list_faces(**C)["Faces"]) == 1
        clock.ahead = 90.0
        assert len(aws.search_faces_by_image(**C, Image=probe)["FaceMatches"]) == 1

        aws.create_user(**C, UserId=ADA)
        assert aws.associate_faces(**C, UserId=ADA, FaceIds=ids)["UserStatus"] == "UPDATING"
        assert users_found(there, there.faces.of("ada")) == []
        assert aws.list_users(**C)["Users"] == [{"UserId": ADA, "UserStatus": "UPDATING"}]
        clock.ahead = 180.0
        assert users_found(there, there.faces.of("ada")) == [ADA]
        assert aws.list_users(**C)["Users"] == [{"UserId": ADA, "UserStatus": "ACTIVE"}]

        aws.disassociate_faces(**C, UserId=ADA, FaceIds=ids)
        assert users_found(there, there.faces.of("ada")) == [ADA], "the old vector still counts"
        clock.ahead = 270.0
        assert users_found(there, there.faces.of("ada")) == []
        assert aws.list_users(**C)["Users"] == [{"UserId": ADA, "UserStatus": "CREATED"}]
