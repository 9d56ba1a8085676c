"""The pictures of people who are to be registered: in memory, few of them, and not for long."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from kiosk.cloud.flows.parts import FlowRequest
from kiosk.domain.cloud.faces import CloudId

MOST_REQUESTS = 64
KEPT_SECONDS = 4 * 3600.0


class PictureShelf:
    """Requests with their pictures. Any thread may use it.

    Args:
        monotonic: a clock that only goes forward, in seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._turn = threading.Lock()
        self._kept: OrderedDict[CloudId, tuple[float, FlowRequest]] = OrderedDict()

    def put(self, request: FlowRequest) -> None:
        """Keep a request in place of any other for the person; the oldest gives way."""
        with self._turn:
            self._kept.pop(request.person, None)
            self._kept[request.person] = (self._monotonic(), request)
            while len(self._kept) > MOST_REQUESTS:
                self._kept.popitem(last=False)

    def get(self, person: CloudId) -> FlowRequest | None:
        """The request for a person; None if there is none any more."""
        with self._turn:
            ends = self._monotonic() - KEPT_SECONDS
            for old in [each for each, (at, _) in self._kept.items() if at < ends]:
                del self._kept[old]
            found = self._kept.get(person)
        return None if found is None else found[1]

    def drop(self, person: CloudId, request: FlowRequest | None = None) -> None:
        """Forget a person's pictures; with a request, only if these are still its."""
        with self._turn:
            found = self._kept.get(person)
            if found is not None and request in (None, found[1]):
                del self._kept[person]
