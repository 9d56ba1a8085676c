"""Calls as the methods of the port need them: by pages, without a face, of one face model."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from kiosk.aws.faults import AwsFault
from kiosk.aws.wire import AwsAnswer
from kiosk.cloud.client import answers
from kiosk.cloud.client.calling import Caller
from kiosk.cloud.client.refusals import INVALID, NOT_FOUND, error_of, senseless
from kiosk.cloud.client.service_answer import ServiceAnswer
from kiosk.domain.cloud.faces import CollectionFacts, ModelVersion
from kiosk.domain.cloud.operations import Operation

Read = TypeVar("Read")
"""What is read of an answer."""


class CollectionCalls:
    """Calls about collections; any thread may make them.

    A collection's face model never changes: an answer with another one than before is refused.

    Every call raises:
        CloudUnavailable: no answer in time, or limits are used up.
        CloudRefused: the request is refused, or its answer makes no sense.

    Args:
        caller: makes the calls.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._lock = threading.Lock()
        self._models: dict[str, ModelVersion] = {}

    # -- calls -----------------------------------------------------------------------------------

    def answer(
        self,
        operation: Operation,
        request: Mapping[str, object],
        seconds: float,
        read: Callable[[ServiceAnswer], Read],
    ) -> Read:
        """What an answer says."""
        return self._whole(self.asked(operation, request, seconds, read), operation, request)

    def of_face(
        self,
        operation: Operation,
        request: Mapping[str, object],
        seconds: float,
        read: Callable[[ServiceAnswer], Read],
    ) -> Read | None:
        """What an answer about a face says; None if the service sees none."""
        answer = self.asked(operation, request, seconds, read, INVALID)
        if isinstance(answer, AwsFault) and answer.no_face:
            return None
        return self._whole(answer, operation, request)

    def asked(
        self,
        operation: Operation,
        request: Mapping[str, object],
        seconds: float,
        read: Callable[[ServiceAnswer], Read],
        *expected: str,
    ) -> Read | AwsFault:
        """What an answer says, or a refusal with one of the expected codes."""

        def checked(answer: AwsAnswer) -> Read:
            return read(ServiceAnswer(operation, answer.content))

        return self._caller.call(operation, request, seconds, checked, frozenset(expected))

    def pages(
        self,
        operation: Operation,
        request: Mapping[str, object],
        seconds: float,
        read: Callable[[ServiceAnswer], Iterator[Read]],
        *expected: str,
    ) -> Iterator[Read]:
        """What the pages of a list say; none where it is expected that something is missing.

        `seconds` are for each page.
        """

        def paged(answer: ServiceAnswer) -> tuple[list[Read], str | None]:
            token = answer.text("NextToken") if answer.has("NextToken") else None
            if token in seen:
                raise answer.wrong("has been given before", "NextToken")
            return list(read(answer)), token

        token: str | None = None
        seen = set[str]()
        while True:
            more = {} if token is None else {"NextToken": token}
            page = self.asked(operation, {**request, **more}, seconds, paged, *expected)
            if isinstance(page, AwsFault):
                self._refuse_missing(page, operation, str(request["CollectionId"]), seconds)
                return
            found, token = page
            yield from found
            if token is None:
                return
            seen.add(token)

    # -- models ----------------------------------------------------------------------------------

    def described(self, collection: str, seconds: float) -> CollectionFacts | None:
        """What a collection says of itself; None if there is none of that name."""
        answer = self.asked(
            Operation.DESCRIBE_COLLECTION,
            {"CollectionId": collection},
            seconds,
            lambda said: answers.described(said, collection),
            NOT_FOUND,
        )
        if isinstance(answer, AwsFault):
            self.forget(collection)
            return None
        self.known(collection, answer.model)
        return answer

    def known(self, collection: str, model: ModelVersion) -> ModelVersion:
        """Remember the version of a collection, which it says itself."""
        with self._lock:
            self._models[collection] = model
        return model

    def forget(self, collection: str) -> None:
        """A collection is gone."""
        with self._lock:
            self._models.pop(collection, None)

    def same(self, operation: Operation, collection: str, model: ModelVersion) -> ModelVersion:
        """The same version, if no answer of that collection had another one.

        Raises:
            CloudRefused: one had. It is forgotten: the collection may have been made anew.
        """
        with self._lock:
            known = self._models.setdefault(collection, model)
            if known == model:
                return model
            del self._models[collection]
        raise senseless(operation, f"{collection} is of face model {known}, not {model}")

    def model(self, collection: str, until: float) -> ModelVersion:
        """The version of a collection that did not say it; until monotonic seconds."""
        with self._lock:
            known = self._models.get(collection)
        if known is not None:
            return known
        found = self.described(collection, until - time.monotonic())
        if found is None:
            raise senseless(Operation.DESCRIBE_COLLECTION, "a collection that was searched is gone")
        return found.model

    def _refuse_missing(
        self, fault: AwsFault, operation: Operation, collection: str, seconds: float
    ) -> None:
        """Raises CloudRefused: it is the collection that is missing, not something in it."""
        if self.described(collection, seconds) is None:
            raise error_of(fault, operation, collection)

    @staticmethod
    def _whole(
        answer: Read | AwsFault, operation: Operation, request: Mapping[str, object]
    ) -> Read:
        if isinstance(answer, AwsFault):
            collection = request.get("CollectionId")
            raise error_of(answer, operation, None if collection is None else str(collection))
        return answer
