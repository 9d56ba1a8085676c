"""The metadata in a table of Amazon DynamoDB, for a site with several kiosks.

Each row is an item, under the person's id in the cloud and the collection's name. Nothing else
names anybody. Every write is conditional on the revision that was read. A row with a flow that has
not ended is in a sparse index too.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final, Protocol

from kiosk.aws.faults import AwsFault, FaultKind
from kiosk.aws.wire import AwsAnswer
from kiosk.cloud.metadata.encoding import decode, encode
from kiosk.cloud.metadata.port import NO_FACT, MetadataFact, changed
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.cloud.flows import PersonFaces
from kiosk.domain.errors import CloudRefused, CloudUnavailable

PERSON, COLLECTION, REVISION, CONTENT, OPEN = "person", "collection", "revision", "content", "open"
INDEX = "unfinished"
ATTEMPTS = 3
WAITS_SECONDS = 0.1
READ_SECONDS = 3.0
READY_SECONDS = 60.0
"""How long a new table is waited for."""
_FACT = "fact:"
_NONE = "-"
_CONFLICT: Final = "ConditionalCheckFailedException"
_MISSING: Final = "ResourceNotFoundException"
_EXISTS: Final = "ResourceInUseException"
_PASSING: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalServerError",
        "TransactionConflictException",
        "LimitExceededException",
        _EXISTS,
    }
)
_NEVER: Final = frozenset({FaultKind.CREDENTIALS, FaultKind.REQUEST, FaultKind.CERTIFICATE})

TABLE: Mapping[str, Any] = {
    "AttributeDefinitions": [
        {"AttributeName": PERSON, "AttributeType": "S"},
        {"AttributeName": COLLECTION, "AttributeType": "S"},
        {"AttributeName": OPEN, "AttributeType": "S"},
    ],
    "KeySchema": [
        {"AttributeName": PERSON, "KeyType": "HASH"},
        {"AttributeName": COLLECTION, "KeyType": "RANGE"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": INDEX,
            "KeySchema": [
                {"AttributeName": OPEN, "KeyType": "HASH"},
                {"AttributeName": PERSON, "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
    "SSESpecification": {"Enabled": True},
}
"""What a new table is made with, beside its name."""


class AsksService(Protocol):
    """The wire to one service; see `kiosk.aws.wire`."""

    def ask(
        self, operation: str, request: Mapping[str, object], read_seconds: float
    ) -> AwsAnswer | AwsFault:
        """Send one request."""
        ...


class DynamoMetadata:
    """The metadata in a table; see `Metadata`.

    Args:
        wire: to DynamoDB.
        table: its name.
    """

    def __init__(self, wire: AsksService, table: str) -> None:
        self._wire, self._table = wire, table

    def create(self) -> bool:
        """Make the table, and wait until it can be used; False if it is there already.

        Raises:
            CloudUnavailable, CloudRefused: it could not be made.
        """
        made = self._asked("CreateTable", TABLE, {_EXISTS})
        if isinstance(made, AwsFault):
            return False
        ends = time.monotonic() + READY_SECONDS
        while self._asked("DescribeTable", {})["Table"]["TableStatus"] != "ACTIVE":
            if time.monotonic() > ends:
                raise CloudUnavailable(
                    f"The table {self._table} is not ready yet.", "Look again in a minute."
                )
            time.sleep(1.0)
        return True

    def of_person(self, person: CloudId) -> Sequence[PersonFaces]:
        """A person's faces in each collection."""
        return list(
            self._pages(
                "Query",
                KeyConditionExpression="#p = :p",
                ExpressionAttributeNames={"#p": PERSON},
                ExpressionAttributeValues={":p": {"S": person}},
                ConsistentRead=True,
            )
        )

    def get(self, person: CloudId, collection: str) -> PersonFaces | None:
        """A person's faces in one collection."""
        item = self._get(person, collection)
        return None if item is None else self._row(item)

    def put(self, row: PersonFaces) -> PersonFaces:
        """Write a row over the one of the same revision."""
        revision = row.revision + 1
        item = _item(row.person, row.collection, revision, encode(row))
        if row.intent is not None:
            item[OPEN] = {"S": "1"}
        self._put(item, row.revision)
        return replace(row, revision=revision)

    def delete(self, row: PersonFaces) -> None:
        """Delete a row of this revision."""
        request = {
            "Key": {PERSON: {"S": row.person}, COLLECTION: {"S": row.collection}},
            "ConditionExpression": "attribute_not_exists(#p) OR #r = :r",
            "ExpressionAttributeNames": {"#p": PERSON, "#r": REVISION},
            "ExpressionAttributeValues": {":r": {"N": str(row.revision)}},
        }
        if isinstance(self._asked("DeleteItem", request, {_CONFLICT}), AwsFault):
            raise changed()

    def everybody(self, collection: str | None = None) -> Iterator[PersonFaces]:
        """All rows, or those of one collection."""
        names, values = {"#c": COLLECTION}, {":c": {"S": collection or _NONE}}
        yield from self._pages(
            "Scan",
            FilterExpression="#c <> :c" if collection is None else "#c = :c",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            ConsistentRead=True,
        )

    def unfinished(self) -> Iterator[PersonFaces]:
        """The rows with a flow that has not ended; each is read again, the index lags behind."""
        found = self._pages(
            "Query",
            IndexName=INDEX,
            KeyConditionExpression="#o = :o",
            ExpressionAttributeNames={"#o": OPEN},
            ExpressionAttributeValues={":o": {"S": "1"}},
        )
        for each in found:
            row = self.get(each.person, each.collection)
            if row is not None and row.intent is not None:
                yield row

    def fact(self, name: str) -> MetadataFact:
        """A fact of the site."""
        item = self._get(_FACT + name, _NONE)
        if item is None:
            return NO_FACT
        with self._sense():
            return MetadataFact(item[CONTENT]["S"], int(item[REVISION]["N"]))

    def set_fact(self, name: str, text: str, before: MetadataFact) -> MetadataFact:
        """Write a fact over the one that was read."""
        revision = before.revision + 1
        self._put(_item(_FACT + name, _NONE, revision, text), before.revision)
        return MetadataFact(text, revision)

    # -- the wire --------------------------------------------------------------------------------

    def _get(self, person: str, collection: str) -> dict[str, Any] | None:
        key = {PERSON: {"S": person}, COLLECTION: {"S": collection}}
        item: dict[str, Any] | None = self._asked(
            "GetItem", {"Key": key, "ConsistentRead": True}
        ).get("Item")
        return item

    def _put(self, item: dict[str, Any], revision: int) -> None:
        """Write an item over that of a revision.

        An attempt whose answer was lost may have written it: then what is there is the same.
        """
        first = revision == 0
        request: dict[str, Any] = {
            "Item": item,
            "ConditionExpression": "attribute_not_exists(#p)" if first else "#r = :r",
            "ExpressionAttributeNames": {"#p": PERSON} if first else {"#r": REVISION},
        }
        if not first:
            request["ExpressionAttributeValues"] = {":r": {"N": str(revision)}}
        if isinstance(self._asked("PutItem", request, {_CONFLICT}), AwsFault):
            there = self._get(item[PERSON]["S"], item[COLLECTION]["S"])
            if there != item:
                raise changed()

    def _pages(self, operation: str, **details: object) -> Iterator[PersonFaces]:
        start: dict[str, Any] = {}
        while True:
            answer = self._asked(operation, {**details, **start})
            yield from (self._row(item) for item in answer.get("Items", ()))
            if not answer.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _row(self, item: Mapping[str, Any]) -> PersonFaces:
        with self._sense():
            person, collection = CloudId(item[PERSON]["S"]), str(item[COLLECTION]["S"])
            return decode(person, collection, int(item[REVISION]["N"]), item[CONTENT]["S"])

    @contextmanager
    def _sense(self) -> Iterator[None]:
        try:
            yield
        except (KeyError, TypeError, ValueError) as error:
            raise CloudRefused(
                f"The table {self._table} holds a record that makes no sense.",
                "See who else writes into it; a newer program may have.",
            ) from error

    def _asked(
        self, operation: str, request: Mapping[str, object], known: Collection[str] = ()
    ) -> Any:  # noqa: ANN401 - an answer as botocore reads it, or a known fault
        """The answer; a fault only if its code is a known one.

        Every call may be repeated: a write is conditional.
        """
        for attempt in range(ATTEMPTS):
            answer = self._wire.ask(operation, {"TableName": self._table, **request}, READ_SECONDS)
            if isinstance(answer, AwsAnswer):
                return answer.content
            if answer.code in known:
                return answer
            error = self._error(answer)
            if isinstance(error, CloudRefused) or attempt == ATTEMPTS - 1:
                raise error
            time.sleep(WAITS_SECONDS * 2**attempt)
        raise ValueError("there is no attempt")

    def _error(self, fault: AwsFault) -> CloudUnavailable | CloudRefused:
        said = f"{fault.status} {fault.code}".strip() if fault.status else fault.kind.name.lower()
        if fault.code == _MISSING:
            return CloudRefused(
                f"There is no table {self._table} in DynamoDB, in this region and account.",
                "Make it, or name another in the settings.",
            )
        passes = fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR or fault.code in _PASSING
        if fault.kind in _NEVER or (fault.kind is FaultKind.ANSWERED and not passes):
            return CloudRefused(
                f"DynamoDB refuses a request for the table {self._table}: {said}.",
                "Check the credentials, what they may do, the region, and this machine's clock.",
            )
        return CloudUnavailable(
            f"The table {self._table} in DynamoDB cannot be used now: {said}.",
            "It is tried again.",
        )


def _item(person: str, collection: str, revision: int, content: str) -> dict[str, Any]:
    return {
        PERSON: {"S": person},
        COLLECTION: {"S": collection},
        REVISION: {"N": str(revision)},
        CONTENT: {"S": content},
    }
