"""IAM policies, as far as the peer enforces them: actions, resources and two conditions.

A statement with an element or a condition that is not known here allows nothing, and denies all
that it might deny.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

ACCOUNT = "123456789012"
"""AWS's own example of an account."""
WITHOUT_RESOURCE = frozenset(
    {"CompareFaces", "CreateCollection", "DetectFaces", "DetectText", "ListCollections"}
)
"""Operations whose policies name no collection; only `*` matches."""
_ELEMENTS = {"Sid", "Effect", "Action", "Resource", "Condition"}
_OPERATORS = {"Bool", "StringEquals", "StringNotEquals"}


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What a request wants.

    Attributes:
        operation: AWS's name of it.
        resource: the collection's ARN, or `*`.
        context: condition keys in lower case.
    """

    operation: str
    resource: str
    context: Mapping[str, str]


def collection_arn(region: str, name: str) -> str:
    """The ARN of a collection."""
    return f"arn:aws:rekognition:{region}:{ACCOUNT}:collection/{name}"


def asked_for(operation: str, given: Mapping[str, Any], region: str, *, secure: bool) -> AskedFor:
    """What a request wants, for a policy."""
    name = given.get("CollectionId", "")
    resource = "*" if operation in WITHOUT_RESOURCE else collection_arn(region, name)
    context = {"aws:requestedregion": region, "aws:securetransport": str(secure).lower()}
    return AskedFor(operation, resource, context)


def allowed(asked: AskedFor, policies: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a statement allows it, and none denies it."""
    statements = [each for policy in policies for each in _many(policy.get("Statement", []))]
    denies = any(
        each.get("Effect") != "Allow" and _applies(each, asked, doubt=True) for each in statements
    )
    allows = any(
        each.get("Effect") == "Allow" and _applies(each, asked, doubt=False) for each in statements
    )
    return allows and not denies


def _applies(statement: Mapping[str, Any], asked: AskedFor, *, doubt: bool) -> bool:
    if not set(statement) <= _ELEMENTS:
        return doubt
    action = f"rekognition:{asked.operation}".lower()
    acts = any(_like(action, each.lower()) for each in _many(statement.get("Action", [])))
    there = any(
        each == "*" or (asked.resource != "*" and _like(asked.resource, each))
        for each in _many(statement.get("Resource", []))
    )
    return acts and there and _holds(statement.get("Condition", {}), asked, doubt=doubt)


def _holds(conditions: Mapping[str, Any], asked: AskedFor, *, doubt: bool) -> bool:
    for operator, tests in conditions.items():
        for name, wanted in tests.items():
            has = asked.context.get(name.lower())
            if operator not in _OPERATORS or has is None:
                if not doubt:
                    return False
                continue
            equal = has in {str(each).lower() for each in _many(wanted)}
            if equal is (operator == "StringNotEquals"):
                return False
    return True


def _like(text: str, pattern: str) -> bool:
    """Whether a text matches; `*` and `?` are the only signs that stand for others."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _many(value: Any) -> Sequence[Any]:  # noqa: ANN401 - JSON: one, or a list of them
    return value if isinstance(value, list | tuple) else [value]
