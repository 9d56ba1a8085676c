"""The limits of calls, shared by all threads of the process: one token bucket an operation."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Final, Protocol

from kiosk.domain.cloud.bucket import WINDOW_SECONDS, TokenBucket
from kiosk.domain.cloud.operations import Operation

DEFAULT_TPS: Final = 5.0
"""Calls a second that every account has for every operation, in every region."""


class Timing(Protocol):
    """The clock of calls."""

    def now(self) -> float:
        """Monotonic seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class CallLimits:
    """Calls a second, for each operation.

    Args:
        tps: quotas by AWS's name of the operation; 5 where it is not named.
        timing: the clock.
        window_seconds: when a token of a bucket comes back.
    """

    def __init__(
        self,
        tps: Mapping[str, float],
        timing: Timing,
        window_seconds: float = WINDOW_SECONDS,
    ) -> None:
        self._timing = timing
        self._lock = threading.Lock()
        self._buckets = {
            each: TokenBucket(tps.get(each.value, DEFAULT_TPS), window_seconds)
            for each in Operation
        }

    def wait(self, operation: Operation, latest: float) -> bool:
        """Wait until a call may be sent.

        Args:
            operation: the call's.
            latest: the last time that is of use.

        Returns:
            False, at once, if that would be later.
        """
        with self._lock:
            now = self._timing.now()
            at = self._buckets[operation].reserve(now, latest)
        if at is None:
            return False
        if at > now:
            self._timing.sleep(at - now)
        return True

    def overloaded(self, operation: Operation) -> None:
        """Slow an operation down for a while: the service said that it is too busy."""
        with self._lock:
            self._buckets[operation].overloaded(self._timing.now())

    def rates(self) -> Mapping[Operation, tuple[float, float]]:
        """For each operation the calls a second that are allowed now, and its quota."""
        with self._lock:
            now = self._timing.now()
            return {
                operation: (bucket.rate(now), bucket.quota)
                for operation, bucket in self._buckets.items()
            }
