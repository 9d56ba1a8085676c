"""Policies of IAM, as the peer enforces them: in doubt, nothing is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.cloud.peer.policies import allowed, asked_for

REGION = "eu-west-1"
ARN = f"arn:aws:rekognition:{REGION}:123456789012:collection/"


def statement(**other: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    whole = {
        "Effect": "Allow",
        "Action": "rekognition:SearchUsersByImage",
        "Resource": f"{ARN}lintel-*",
    }
    return {"Version": "2012-10-17", "Statement": [{**whole, **other}]}


def is_allowed(
    *policies: dict[str, Any],
    operation: str = "SearchUsersByImage",
    collection: str = "lintel-7-0-0",
    secure: bool = False,
) -> bool:
    asked = asked_for(operation, {"CollectionId": collection}, REGION, secure=secure)
    return allowed(asked, policies)


def test_what_a_statement_names_is_allowed_and_nothing_else() -> None:
    assert is_allowed(statement())
    assert is_allowed(statement(Action=["rekognition:search*"]))
    assert is_allowed({"Statement": statement()["Statement"][0]})
    assert not is_allowed(statement(), collection="others")
    assert not is_allowed(statement(Resource=f"{ARN}[a-z]*"))
    assert is_allowed(statement(Resource=f"{ARN}lintel-?-0-0"))
    assert not is_allowed(statement(), operation="DeleteFaces")
    assert not is_allowed()
    assert not is_allowed({})


@pytest.mark.parametrize("operation", ["DetectFaces", "ListCollections", "CreateCollection"])
def test_an_operation_without_a_resource_needs_every_resource(operation: str) -> None:
    action = f"rekognition:{operation}"
    assert is_allowed(statement(Action=action, Resource="*"), operation=operation)
    assert not is_allowed(statement(Action=action, Resource=f"{ARN}*"), operation=operation)


def test_a_denial_goes_before_what_is_allowed() -> None:
    assert not is_allowed(statement(), statement(Effect="Deny"))
    assert is_allowed(statement(), statement(Effect="Deny", Action="rekognition:DeleteFaces"))


def test_conditions_hold_or_the_statement_does_not() -> None:
    here = {"StringEquals": {"aws:RequestedRegion": [REGION]}}
    elsewhere = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    assert is_allowed(statement(Condition=here))
    assert not is_allowed(statement(Condition=elsewhere))
    assert not is_allowed(statement(), statement(Effect="Deny", Condition=plain))
    assert is_allowed(statement(), statement(Effect="Deny", Condition=plain), secure=True)
    outside = {"StringNotEquals": {"aws:RequestedRegion": REGION}}
    assert is_allowed(statement(), statement(Effect="Deny", Condition=outside))


@pytest.mark.parametrize(
    "unknown",
    [
        {"NotAction": "rekognition:DeleteFaces"},
        {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "doors"}}},
    ],
)
def test_what_is_not_understood_allows_nothing_and_denies_all(unknown: dict[str, Any]) -> None:
    assert not is_allowed(statement(**unknown))
    assert not is_allowed(statement(), statement(Effect="Deny", **unknown))
    assert not is_allowed(statement(), statement(Effect="Perhaps"))
