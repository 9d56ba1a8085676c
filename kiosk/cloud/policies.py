"""Least-privilege policies of IAM for each role: what its flows call, and nothing else.

A test records what the flows of each role call: no call is outside its policy, and no action of the
policy is uncalled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from kiosk.domain.cloud.modes import Searched
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.errors import BadInput

_VERSION: Final = "2012-10-17"
_ACCOUNT_DIGITS: Final = 12


class CloudRole(Enum):
    """Whoever has credentials of AWS."""

    DOOR = "door"
    """A kiosk that lets people in: it searches, and changes nothing."""
    ENROLMENT = "enrolment"
    """A kiosk or a desk where people are registered, updated and withdrawn."""
    ADMIN = "admin"
    """Whoever makes, fills, compares and removes collections."""


_SEARCH: Final = {
    Searched.USERS: Operation.SEARCH_USERS,
    Searched.FACES: Operation.SEARCH_FACES,
}
_OPERATIONS: Final = {
    CloudRole.DOOR: frozenset({Operation.DESCRIBE_COLLECTION}),
    CloudRole.ENROLMENT: frozenset(
        {
            Operation.ASSOCIATE_FACES,
            Operation.COMPARE_FACES,
            Operation.CREATE_USER,
            Operation.DELETE_FACES,
            Operation.DELETE_USER,
            Operation.DESCRIBE_COLLECTION,
            Operation.DETECT_FACES,
            Operation.DETECT_TEXT,
            Operation.DISASSOCIATE_FACES,
            Operation.INDEX_FACES,
            Operation.LIST_COLLECTIONS,
            Operation.LIST_FACES,
            Operation.LIST_USERS,
        }
    ),
    CloudRole.ADMIN: frozenset(
        {
            Operation.ASSOCIATE_FACES,
            Operation.CREATE_COLLECTION,
            Operation.CREATE_USER,
            Operation.DELETE_COLLECTION,
            Operation.DELETE_FACES,
            Operation.DELETE_USER,
            Operation.DESCRIBE_COLLECTION,
            Operation.DISASSOCIATE_FACES,
            Operation.INDEX_FACES,
            Operation.LIST_COLLECTIONS,
            Operation.LIST_FACES,
            Operation.LIST_USERS,
        }
    ),
}


def operations_of(role: CloudRole, search: Searched) -> frozenset[Operation]:
    """What the flows of a role call; each of them searches, as the settings say."""
    return _OPERATIONS[role] | {_SEARCH[search]}


@dataclass(frozen=True, slots=True)
class PolicyScope:
    """Where a policy holds.

    Attributes:
        partition: of AWS: `aws`, `aws-us-gov` or `aws-cn`.
        region: of the collections.
        account: its twelve digits.
        collection: what the collections' names begin with.
        search: what a face is compared with.
        table: the DynamoDB table of the metadata; None for none.
        queues: names of the SQS queue and its dead-letter queue; empty for none.
        metrics: the namespace of CloudWatch that metrics are sent to; None for none.
    """

    partition: str
    region: str
    account: str
    collection: str
    search: Searched = Searched.USERS
    table: str | None = None
    queues: tuple[str, ...] = ()
    metrics: str | None = None


def partition_of(region: str) -> str:
    """The partition of AWS that a region is in."""
    beginnings = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    found = (name for begin, name in beginnings.items() if region.startswith(begin))
    return next(found, "aws")


def cloud_policy(role: CloudRole, scope: PolicyScope) -> dict[str, Any]:
    """The policy of a role, as IAM reads it.

    Raises:
        BadInput: the account is no account.
    """
    if len(scope.account) != _ACCOUNT_DIGITS or not scope.account.isdecimal():
        raise BadInput(f"{scope.account[:40]!r} is no account of AWS.", "Give its twelve digits.")
    return {"Version": _VERSION, "Statement": list(_statements(role, scope))}


def _statements(role: CloudRole, scope: PolicyScope) -> Iterator[dict[str, Any]]:
    where = f"{scope.region}:{scope.account}"
    named = f"arn:{scope.partition}:rekognition:{where}:collection/{scope.collection}-*"
    operations = operations_of(role, scope.search)
    yield _allowed(
        "Collections",
        [f"rekognition:{each.value}" for each in operations if each.in_collection],
        [named],
    )
    others = [f"rekognition:{each.value}" for each in operations if not each.in_collection]
    if others:
        # These have no resource; the region keeps pictures where they may be processed.
        region = {"StringEquals": {"aws:RequestedRegion": scope.region}}
        yield {**_allowed("WithoutCollection", others, ["*"]), "Condition": region}
    yield from _beside(role, scope, where)


def _beside(role: CloudRole, scope: PolicyScope, where: str) -> Iterator[dict[str, Any]]:
    """What a role needs of AWS's other services, where the settings name them."""
    if scope.table is not None and role is not CloudRole.DOOR:
        acts = ["DeleteItem", "DescribeTable", "GetItem", "PutItem", "Query", "UpdateItem"]
        table = f"arn:{scope.partition}:dynamodb:{where}:table/{scope.table}"
        yield _allowed("Metadata", [f"dynamodb:{act}" for act in acts], [table, f"{table}/index/*"])
    if scope.queues and role is not CloudRole.DOOR:
        acts = ["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes"]
        acts += ["ReceiveMessage", "SendMessage"]
        queues = [f"arn:{scope.partition}:sqs:{where}:{name}" for name in scope.queues]
        yield _allowed("Outbox", [f"sqs:{act}" for act in acts], queues)
    if scope.metrics is not None:
        namespace = {"StringEquals": {"cloudwatch:namespace": scope.metrics}}
        metrics = _allowed("Metrics", ["cloudwatch:PutMetricData"], ["*"])
        yield {**metrics, "Condition": namespace}


def _allowed(name: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {
        "Sid": name,
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": resources,
    }
