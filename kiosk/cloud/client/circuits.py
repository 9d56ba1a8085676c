"""Circuit breakers: after several failures calls are not sent for a while.

pybreaker counts and decides. It makes one call at a time, and goes by the clock on the wall; so
calls are made outside it, and its storage is given monotonic time.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol, TypeVar

import pybreaker

from kiosk.aws.faults import AwsFault
from kiosk.cloud.client.observing import CallGroup

FAILURES: Final = 5
"""One after the other, until calls are not sent."""
SHUT_SECONDS: Final = 5.0
"""How long nothing is sent; then one call is tried."""

Answer = TypeVar("Answer")


class CallFailed(Exception):
    """A call that counts as a failure of the service.

    Args:
        fault: what went wrong.
    """

    def __init__(self, fault: AwsFault) -> None:
        super().__init__()
        self.fault = fault


class CircuitShut(Exception):
    """A call that is not made, since the calls before it failed."""


class CircuitChanged(Protocol):
    """Hears that calls of a group are not sent for a while, or are again."""

    def __call__(self, group: CallGroup, *, shut: bool) -> None:
        """Raises nothing, and returns at once."""
        ...


class Circuit:
    """The circuit of one group of calls; any thread may use it.

    Args:
        group: its calls.
        changed: called when it shuts or opens again.
        now: monotonic seconds.
        failures: one after the other, until it shuts.
        shut_seconds: until a call is tried.
    """

    def __init__(
        self,
        group: CallGroup,
        changed: CircuitChanged,
        now: Callable[[], float] = time.monotonic,
        failures: int = FAILURES,
        shut_seconds: float = SHUT_SECONDS,
    ) -> None:
        self._trial, self._now, self._shut_seconds = threading.Lock(), now, shut_seconds
        self._storage = _MonotonicStorage(now)
        self._fault: AwsFault | None = None
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=failures,
            reset_timeout=shut_seconds,
            listeners=[_Told(group, changed)],
            state_storage=self._storage,
            name=group.value,
            throw_new_error_on_trip=False,
        )

    def call(self, ask: Callable[[], Answer]) -> Answer:
        """Make a call, and count its end.

        Args:
            ask: makes it; raises `CallFailed` where that is a failure, and nothing else.

        Raises:
            CallFailed: it failed.
            CircuitShut: it was not made.
        """
        try:
            return self._made(ask)
        except CallFailed as error:
            self._fault = error.fault
            raise

    def _made(self, ask: Callable[[], Answer]) -> Answer:
        if self._closed:
            return self._counted(ask)
        if not self._trial.acquire(blocking=False):
            raise CircuitShut
        try:
            return self._breaker.call(ask)
        except pybreaker.CircuitBreakerError:
            raise CircuitShut from None
        finally:
            self._trial.release()

    @property
    def fault(self) -> AwsFault | None:
        """What went wrong last; None if nothing ever did."""
        return self._fault

    @property
    def shut(self) -> bool:
        """True if a call would not be made now."""
        if self._closed:
            return False
        return self._trial.locked() or self._storage.seconds_shut < self._shut_seconds

    @property
    def _closed(self) -> bool:
        return self._breaker.current_state == pybreaker.STATE_CLOSED

    def _counted(self, ask: Callable[[], Answer]) -> Answer:
        try:
            answer = ask()
        except CallFailed as error:
            self._count(error)
            raise
        self._count(None)
        return answer

    def _count(self, error: CallFailed | None) -> None:
        """Count a call that began while the circuit was whole; a trial counts by itself."""

        def ended() -> None:
            if error is not None:
                raise error

        if self._closed:
            try:
                self._breaker.call(ended)
            except (CallFailed, pybreaker.CircuitBreakerError):
                return


class _Told(pybreaker.CircuitBreakerListener):
    def __init__(self, group: CallGroup, changed: CircuitChanged) -> None:
        self._group, self._changed = group, changed
        self._shut = False

    def state_change(
        self,
        cb: pybreaker.CircuitBreaker,
        old_state: pybreaker.CircuitBreakerState | None,
        new_state: pybreaker.CircuitBreakerState,
    ) -> None:
        """Tell of the first shutting and of the opening, not of the trials between."""
        del cb, old_state
        shut = new_state.name != pybreaker.STATE_CLOSED
        if shut is not self._shut:
            self._shut = shut
            self._changed(self._group, shut=shut)


class _MonotonicStorage(pybreaker.CircuitMemoryStorage):
    """Time since it shut, whatever happens to the clock on the wall meanwhile."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(pybreaker.STATE_CLOSED)
        self._now = now
        self._shut_at: float | None = None

    @property
    def seconds_shut(self) -> float:
        """How long ago it shut."""
        return math.inf if self._shut_at is None else self._now() - self._shut_at

    @property
    def opened_at(self) -> datetime | None:
        """When it shut, by the clock as it stands now."""
        if self._shut_at is None:
            return None
        return datetime.now(UTC) - timedelta(seconds=self.seconds_shut)

    @opened_at.setter
    def opened_at(self, _: datetime) -> None:
        """It shuts now."""
        self._shut_at = self._now()
