"""Signatures of requests are checked as AWS checks them."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from kiosk.cloud.peer.refusals import PeerRefusal
from kiosk.cloud.peer.signature import PeerKey, new_key, signer

REGION, BODY = "eu-west-1", b'{"CollectionId": "c-1"}'
KEY = new_key()


def headers(
    key: PeerKey = KEY,
    *,
    region: str = REGION,
    service: str = "rekognition",
    body: bytes = BODY,
    **more: str,
) -> dict[str, str]:
    """Signed as boto3 signs them, now."""
    request = AWSRequest(
        method="POST",
        url="http://127.0.0.1:9999/",
        data=body,
        headers={
            "X-Amz-Target": "RekognitionService.ListFaces",
            "Content-Type": "application/x-amz-json-1.1",
            "Host": "127.0.0.1:9999",
            **more,
        },
    )
    SigV4Auth(Credentials(key.access_key, key.secret, key.token), service, region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


def refusal(
    given: dict[str, str], *keys: PeerKey, body: bytes = BODY, now: datetime | None = None
) -> tuple[str, str]:
    known = {key.access_key: key for key in keys or (KEY,)}
    with pytest.raises(PeerRefusal) as caught:
        signer(known, given, body, REGION, now or datetime.now(UTC))
    return caught.value.code, caught.value.message


def test_the_signer_of_a_request_is_known() -> None:
    assert signer({KEY.access_key: KEY}, headers(), BODY, REGION, datetime.now(UTC)) is KEY


def test_the_signature_is_that_of_aws_s_own_example() -> None:
    """The signing key of AWS's documentation, which is not made by botocore's code path alone."""
    auth = SigV4Auth(
        Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), "iam", "us-east-1"
    )
    request = AWSRequest(
        method="GET",
        url="https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
        headers={
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            "host": "iam.amazonaws.com",
            "x-amz-date": "20150830T123600Z",
        },
    )
    request.context["timestamp"] = "20150830T123600Z"
    said = auth.string_to_sign(request, auth.canonical_request(request))
    assert auth.signature(said, request) == (
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


@pytest.mark.parametrize("name", ["x-amz-target", "host", "content-type"])
def test_a_changed_header_breaks_the_signature(name: str) -> None:
    given = headers()
    given[name] += "x"
    code, message = refusal(given)
    assert code == "InvalidSignatureException"
    assert KEY.secret not in message


def test_a_changed_body_breaks_the_signature() -> None:
    assert refusal(headers(), body=BODY + b" ")[0] == "InvalidSignatureException"


def test_a_body_s_announced_digest_is_not_believed() -> None:
    """botocore takes this header for the digest: with it a body could be exchanged."""
    given = headers(**{"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    assert refusal(given)[0] == "InvalidSignatureException"
    assert refusal(given, body=b"{}")[0] == "InvalidSignatureException"


def test_what_is_not_signed_is_not_believed() -> None:
    """The operation has to be among the signed headers."""
    given = headers()
    given["authorization"] = given["authorization"].replace(";x-amz-target", "")
    assert refusal(given)[0] == "InvalidSignatureException"
    assert refusal({**headers(), "x-amz-security-token": "t"})[0] == "InvalidSignatureException"
    given = headers()
    given["authorization"] = given["authorization"].replace("x-amz-target", "x-amz-target;x-none")
    assert refusal(given)[0] == "InvalidSignatureException"


def test_another_secret_region_or_service_is_refused() -> None:
    other = dataclasses.replace(KEY, secret="another")
    assert refusal(headers(other))[0] == "InvalidSignatureException"
    code, message = refusal(headers(region="us-east-1"))
    assert (code, "valid region" in message) == ("InvalidSignatureException", True)
    code, message = refusal(headers(service="sqs"))
    assert (code, "correct service" in message) == ("InvalidSignatureException", True)


@pytest.mark.parametrize(
    ("minutes", "says"), [(5.2, "Signature expired"), (-5.2, "Signature not yet current")]
)
def test_a_clock_may_be_five_minutes_off_and_no_more(minutes: float, says: str) -> None:
    given, now = headers(), datetime.now(UTC)
    code, message = refusal(given, now=now + timedelta(minutes=minutes))
    assert (code, says in message) == ("InvalidSignatureException", True)
    near = now + timedelta(minutes=minutes * 0.9)
    assert signer({KEY.access_key: KEY}, given, BODY, REGION, near) is KEY


def test_an_unknown_key_and_a_wrong_token_are_not_recognized() -> None:
    assert refusal(headers(new_key()))[0] == "UnrecognizedClientException"
    session = new_key(expires=datetime.now(UTC) + timedelta(hours=1))
    without = dataclasses.replace(session, token=None)
    assert refusal(headers(without), session)[0] == "UnrecognizedClientException"
    another = dataclasses.replace(session, token="another")
    assert refusal(headers(another), session)[0] == "UnrecognizedClientException"
    lent = dataclasses.replace(KEY, token="made up")
    assert refusal(headers(lent))[0] == "UnrecognizedClientException"


def test_a_session_ends() -> None:
    end = datetime.now(UTC) + timedelta(minutes=2)
    session, given = new_key(expires=end), None
    given = headers(session)
    known = {session.access_key: session}
    assert signer(known, given, BODY, REGION, datetime.now(UTC)) is session
    assert refusal(given, session, now=end)[0] == "ExpiredTokenException"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"authorization": None}, "MissingAuthenticationTokenException"),
        ({"authorization": "Basic YTpi"}, "IncompleteSignatureException"),
        ({"x-amz-date": "yesterday"}, "IncompleteSignatureException"),
        ({"x-amz-date": "20269999T000000Z"}, "InvalidSignatureException"),
    ],
)
def test_a_request_without_a_whole_signature_is_refused(
    changed: dict[str, str | None], code: str
) -> None:
    given = {name: value for name, value in {**headers(), **changed}.items() if value is not None}
    assert refusal(given)[0] == code


def test_a_secret_is_never_shown() -> None:
    session = new_key(expires=datetime.now(UTC))
    assert session.secret not in repr(session)
    assert str(session.token) not in repr(session)
