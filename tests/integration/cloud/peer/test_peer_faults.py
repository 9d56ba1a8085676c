"""Faults, quotas, keys and policies, as a client of boto3 meets them."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from rekognition_peer import PeerInTest, peer

from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.cloud.peer.signature import PeerKey, new_key

C = {"CollectionId": "c-1"}


@pytest.fixture
def there() -> Iterator[PeerInTest]:
    with peer() as made:
        made.client().create_collection(**C)
        yield made


def once(there: PeerInTest, key: PeerKey | None = None, seconds: float = 5.0) -> boto3.client:
    """A client that asks once, and waits so long for each part of an answer."""
    key = key or there.server.key
    return boto3.client(
        "rekognition",
        endpoint_url=there.endpoint,
        region_name=there.server.region,
        aws_access_key_id=key.access_key,
        aws_secret_access_key=key.secret,
        aws_session_token=key.token,
        config=Config(
            retries={"total_max_attempts": 1}, read_timeout=seconds, max_pool_connections=50
        ),
    )


def code_of(call: Callable[..., object], **given: object) -> str:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return str(caught.value.response["Error"]["Code"])


# -- faults --------------------------------------------------------------------------------------


def test_a_black_hole_does_and_answers_nothing(there: PeerInTest) -> None:
    rule = there.server.faults.add(FaultRule(PeerFault.BLACK_HOLE))
    aws = once(there, seconds=0.3)
    with pytest.raises(ReadTimeoutError):
        aws.create_collection(CollectionId="c-2")
    there.server.faults.lift(rule)
    assert aws.list_collections()["CollectionIds"] == ["c-1"], "it recovers by itself"


def test_a_lost_answer_was_done_all_the_same(there: PeerInTest) -> None:
    there.server.faults.add(FaultRule(PeerFault.LOST, "CreateCollection", times=1))
    aws = once(there, seconds=0.3)
    with pytest.raises(ReadTimeoutError):
        aws.create_collection(CollectionId="c-2")
    assert aws.list_collections()["CollectionIds"] == ["c-1", "c-2"]


@pytest.mark.parametrize("fault", [PeerFault.REFUSED, PeerFault.FAILED])
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("InternalServerError", 500),
        ("ThrottlingException", 500),
        ("InternalFailure", 500),
        ("ServiceUnavailable", 503),
        ("ServiceUnavailableException", 503),
        ("ProvisionedThroughputExceededException", 400),
        ("AccessDeniedException", 400),
    ],
)
def test_an_error_has_aws_s_status(
    there: PeerInTest, fault: PeerFault, name: str, status: int
) -> None:
    """Before anything is done, or after it."""
    there.server.faults.add(FaultRule(fault, "CreateCollection", 1, name=name))
    with pytest.raises(ClientError) as caught:
        once(there).create_collection(CollectionId="c-2")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert caught.value.response["Error"]["Code"] == name
    done = ["c-2"] if fault is PeerFault.FAILED else []
    assert once(there).list_collections()["CollectionIds"] == ["c-1", *done]


def test_a_share_of_the_requests_fails(there: PeerInTest) -> None:
    there.server.faults.add(FaultRule(PeerFault.REFUSED, share=0.5))
    aws = once(there)

    def asked(_: int) -> bool:
        try:
            aws.list_collections()
        except ClientError:
            return False
        return True

    answered = sum(map(asked, range(60)))
    assert 10 < answered < 50


@pytest.mark.parametrize("fault", [PeerFault.CLOSED, PeerFault.NO_JSON])
def test_a_broken_answer_is_one_without_members_to_boto3(
    there: PeerInTest, fault: PeerFault
) -> None:
    """So a client of boto3's has to look if what it needs is there."""
    there.server.faults.add(FaultRule(fault, times=1))
    aws = once(there)
    assert set(aws.list_collections()) == {"ResponseMetadata"}
    assert aws.list_collections()["CollectionIds"] == ["c-1"]


def test_an_answer_may_announce_more_than_comes(there: PeerInTest) -> None:
    there.server.faults.add(FaultRule(PeerFault.SHORT, times=1))
    answers = [once(there).list_collections()["ResponseMetadata"] for _ in range(2)]
    lengths = [int(each["HTTPHeaders"]["content-length"]) for each in answers]
    assert lengths[0] == lengths[1] + 7


def test_an_answer_lacks_a_member_wherever_it_is(there: PeerInTest) -> None:
    image = {"Bytes": there.faces.of("ada")}
    there.client().index_faces(**C, Image=image)
    there.server.faults.add(FaultRule(PeerFault.WITHOUT, "SearchFacesByImage", name="Similarity"))
    (match,) = once(there).search_faces_by_image(**C, Image=image)["FaceMatches"]
    assert set(match) == {"Face"}


def test_a_match_has_the_similarity_that_a_test_gives(there: PeerInTest) -> None:
    image = {"Bytes": there.faces.of("ada")}
    there.client().index_faces(**C, Image=image)
    there.server.faults.add(FaultRule(PeerFault.SIMILARITY, value=98.99))
    aws = once(there)
    asked = {**C, "Image": image}
    (match,) = aws.search_faces_by_image(**asked, FaceMatchThreshold=90)["FaceMatches"]
    assert match["Similarity"] == 98.99
    assert aws.search_faces_by_image(**asked, FaceMatchThreshold=99)["FaceMatches"] == []


def test_answers_come_out_of_order(there: PeerInTest) -> None:
    """The first answer waits until the second was sent."""
    there.server.faults.add(FaultRule(PeerFault.AFTER_NEXT, "ListUsers", 1, value=60.0))
    aws = once(there, seconds=60.0)
    with ThreadPoolExecutor(1) as other:
        first = other.submit(aws.list_users, **C)
        _until(lambda: bool(there.server.recording.calls("ListUsers")))
        assert not first.done()
        assert aws.list_faces(**C)["Faces"] == []
        assert first.result()["Users"] == []


def test_an_operation_takes_longer(there: PeerInTest) -> None:
    there.server.faults.slow(0.4, "ListUsers")
    aws, begun = once(there), time.monotonic()
    aws.list_users(**C)
    assert time.monotonic() - begun >= 0.4
    with pytest.raises(ReadTimeoutError):
        once(there, seconds=0.1).list_users(**C)
    there.server.faults.lift()
    assert there.server.faults.latency("ListUsers") == 0.0


def test_the_end_of_a_peer_waits_for_no_connection(there: PeerInTest) -> None:
    there.server.faults.add(FaultRule(PeerFault.BLACK_HOLE))
    aws = once(there, seconds=600.0)

    def ask() -> None:
        with pytest.raises(ConnectionClosedError):
            aws.list_users(**C)

    asking = threading.Thread(target=ask)
    asking.start()
    _until(lambda: bool(there.server.recording.calls("ListUsers")))
    there.server.close()
    asking.join()


# -- quotas, keys and policies -------------------------------------------------------------------


def test_calls_beyond_the_quota_are_refused(there: PeerInTest) -> None:
    there.server.quotas.set("ListUsers", 0.001)
    aws = once(there)
    aws.list_users(**C)
    assert code_of(aws.list_users, **C) == "ProvisionedThroughputExceededException"
    there.server.answering.throttled_as = "ThrottlingException"
    assert code_of(aws.list_users, **C) == "ThrottlingException"
    aws.list_faces(**C)
    there.server.quotas.set("ListUsers", None)
    aws.list_users(**C)


def test_keys_are_known_end_and_are_taken_away(there: PeerInTest) -> None:
    session = new_key("door", expires=datetime.now(UTC) + timedelta(hours=1))
    assert code_of(once(there, session).list_collections) == "UnrecognizedClientException"
    there.server.add_key(session)
    once(there, session).list_collections()
    there.server.add_key(dataclasses.replace(session, expires=datetime.now(UTC)))
    assert code_of(once(there, session).list_collections) == "ExpiredTokenException"
    there.server.remove_key(session)
    assert code_of(once(there, session).list_collections) == "UnrecognizedClientException"
    wrong = dataclasses.replace(there.server.key, secret="another")
    assert code_of(once(there, wrong).list_collections) == "InvalidSignatureException"


def test_a_key_does_what_its_policy_allows(there: PeerInTest) -> None:
    arn = "arn:aws:rekognition:eu-west-1:123456789012:collection/c-1"
    policy = {
        "Statement": {"Effect": "Allow", "Action": "rekognition:List*", "Resource": arn},
    }
    key = there.server.add_key(new_key("door", (policy,)))
    aws = once(there, key)
    aws.list_faces(**C)
    with pytest.raises(ClientError, match=r"door is not authorized to perform: rekognition:Del"):
        aws.delete_collection(**C)
    assert code_of(aws.list_faces, CollectionId="c-2") == "AccessDeniedException"
    assert there.client().list_collections()["CollectionIds"] == ["c-1"]


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError
