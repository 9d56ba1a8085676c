"""Values are held against botocore's shapes, and the limits that it leaves to the service."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kiosk.cloud.peer.operations.table import OPERATIONS
from kiosk.cloud.peer.refusals import PeerRefusal
from kiosk.cloud.peer.shapes import operation_model, parsed, violations

FACE = "0" * 8 + "-0000-0000-0000-" + "0" * 12


def refusal(operation: str, body: bytes) -> PeerRefusal:
    with pytest.raises(PeerRefusal) as caught:
        parsed(body, operation_model(operation).input_shape)
    return caught.value


def wrong(operation: str, **given: Any) -> str:  # noqa: ANN401 - JSON
    refused = refusal(operation, json.dumps(given).encode())
    assert refused.code == "ValidationException"
    return refused.message


def test_every_operation_is_one_that_aws_has() -> None:
    assert {operation_model(name).name for name in OPERATIONS} == set(OPERATIONS)


def test_members_that_there_are_not_types_and_limits_are_refused_by_place() -> None:
    assert "unknown field" in wrong("DescribeCollection", CollectionId="c", Secret="x")
    assert "missing required field" in wrong("DescribeCollection")
    assert "invalid type" in wrong("DescribeCollection", CollectionId=7)
    assert ".CollectionId must satisfy" in wrong("DescribeCollection", CollectionId="a b")
    assert "must be 255 or less" in wrong("DescribeCollection", CollectionId="a" * 256)
    assert "must be 4096 or less" in wrong("ListFaces", CollectionId="c", MaxResults=4097)
    assert "must be one of NONE" in wrong(
        "SearchFacesByImage", CollectionId="c", Image={}, QualityFilter="BEST"
    )
    assert "must be 100 or less" in wrong(
        "SearchFaces", CollectionId="c", FaceId=FACE, FaceMatchThreshold=100.1
    )
    many = [FACE] * 101
    assert "FaceIds must be 100 or less" in wrong(
        "AssociateFaces", CollectionId="c", UserId="u", FaceIds=many
    )
    assert "FaceIds[] must satisfy" in wrong(
        "DeleteFaces", CollectionId="c", FaceIds=["not-a-face"]
    )


def test_a_refusal_quotes_no_value() -> None:
    assert "secret" not in wrong("DescribeCollection", CollectionId="se cret")
    assert "12345" not in wrong("DescribeCollection", CollectionId=12345)


@pytest.mark.parametrize("body", [b"{", b"[]", b"7", b"\xff", b"[" * 100_000])
def test_what_is_no_object_of_json_is_refused(body: bytes) -> None:
    assert refusal("ListCollections", body).code == "SerializationException"


def test_a_picture_that_is_no_base64_is_refused() -> None:
    body = json.dumps({"Image": {"Bytes": "***"}}).encode()
    assert refusal("DetectFaces", body).code == "SerializationException"


def test_an_answer_out_of_shape_is_seen() -> None:
    shape = operation_model("IndexFaces").output_shape
    assert violations({"FaceRecords": []}, shape) == []
    assert violations({"FaceRecords": [{"Face": {"FaceId": "x"}}]}, shape)
    assert violations({"FaceRecords": [{"Face": {"Confidence": 101.0}}]}, shape)
    assert violations({"Faces": []}, shape)
    assert violations({"UnindexedFaces": [{"Reasons": ["UGLY"]}]}, shape)
