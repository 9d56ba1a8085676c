"""One call: attempts within a deadline, the quota, the circuit and the spending limit."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from kiosk.aws.faults import AwsFault, FaultKind
from kiosk.aws.wire import AwsAnswer
from kiosk.cloud.client.attempts import TimedAttempts, TooManyAtOnce
from kiosk.cloud.client.circuits import (
    FAILURES,
    SHUT_SECONDS,
    CallFailed,
    Circuit,
    CircuitShut,
)
from kiosk.cloud.client.limits import CallLimits, Timing
from kiosk.cloud.client.observing import (
    CallGroup,
    CallObserver,
    CallReport,
    Outcome,
    Unobserved,
)
from kiosk.cloud.client.refusals import (
    counts_against,
    error_of,
    is_throttled,
    may_pass,
    outcome_of,
    reason_of,
    unavailable,
)
from kiosk.cloud.client.spending import Spending
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.errors import CloudRefused, CloudUnavailable, LintelError

MOST_READ_SECONDS: Final = 2.0
FIRST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 0.1, 1.0
"""Bounds of the pause before the second attempt and before later ones; it is chance below them."""
LEAST_SECONDS: Final = 0.02
"""With less time left no attempt is made."""

Read = TypeVar("Read")


class RequestSender(Protocol):
    """Sends one request."""

    def ask(
        self, operation: str, request: Mapping[str, object], read_seconds: float
    ) -> AwsAnswer | AwsFault:
        """The answer, or what went wrong."""
        ...


class RealTiming:
    """The clock of this machine."""

    def now(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def full_jitter(most: float) -> float:
    """A pause between nothing and a bound, all equally likely."""
    return secrets.SystemRandom().uniform(0.0, most)


@dataclass(frozen=True)
class CallParts:
    """What calls are made with.

    Attributes:
        wire: sends requests.
        limits: calls a second.
        attempts: how many at once.
        spending: what may be spent.
        observer: hears of calls.
        timing: the clock.
        jitter: chooses a pause below a bound.
        read_seconds: the most that each part of an answer may take.
        failures: one after the other, until calls are not sent for a while.
        shut_seconds: how long; then one is tried.
    """

    wire: RequestSender
    limits: CallLimits
    attempts: TimedAttempts
    spending: Spending
    observer: CallObserver = field(default_factory=Unobserved)
    timing: Timing = field(default_factory=RealTiming)
    jitter: Callable[[float], float] = full_jitter
    read_seconds: float = MOST_READ_SECONDS
    failures: int = FAILURES
    shut_seconds: float = SHUT_SECONDS


@dataclass(frozen=True, slots=True)
class _Stopped:
    """A call that ends without another attempt."""

    outcome: Outcome
    error: LintelError


@dataclass
class _Call:
    """One call under way."""

    operation: Operation
    request: Mapping[str, object]
    begun: float
    latest: float
    attempts: int = 0
    throttled: int = 0
    request_id: str | None = None
    fault: AwsFault | None = None

    @property
    def collection(self) -> str | None:
        found = self.request.get("CollectionId")
        return None if found is None else str(found)


class Caller:
    """Makes calls; any thread may.

    Args:
        parts: what they are made with.
        circuits: of another caller that makes some of the same calls; None for its own.
        heard: called with what came of each call, besides the observer.
    """

    def __init__(
        self,
        parts: CallParts,
        circuits: Mapping[CallGroup, Circuit] | None = None,
        heard: Callable[[CallReport], None] = lambda _report: None,
    ) -> None:
        self._parts, self._heard = parts, heard
        self._circuits = circuits or {
            group: Circuit(
                group, parts.observer.circuit, parts.timing.now, parts.failures, parts.shut_seconds
            )
            for group in CallGroup
        }

    def heard_by(self, heard: Callable[[CallReport], None]) -> Caller:
        """A caller with the same limits and circuits, of whose calls somebody hears besides."""
        return Caller(self._parts, self._circuits, heard)

    def call(
        self,
        operation: Operation,
        request: Mapping[str, object],
        seconds: float,
        read: Callable[[AwsAnswer], Read],
        expected: frozenset[str] = frozenset(),
    ) -> Read | AwsFault:
        """What an answer says, or a refusal that is expected.

        Args:
            operation: what is called.
            request: its parameters.
            seconds: the most that it may take, all waiting and every attempt included.
            read: reads the answer; raises CloudRefused where it makes no sense.
            expected: the service's names of errors that are returned.

        Raises:
            CloudUnavailable: no answer in time, or limits are used up.
            CloudRefused: the request is refused, or its answer makes no sense.
        """
        now = self._parts.timing.now()
        call = _Call(operation, request, now, now + seconds)
        ended = self._ended(call, expected)
        if isinstance(ended, _Stopped):
            self._report(call, ended.outcome)
            raise ended.error
        if isinstance(ended, AwsFault):
            self._report(call, Outcome.DECLINED)
            return ended
        try:
            found = read(ended)
        except CloudRefused:
            self._report(call, Outcome.SENSELESS)
            raise
        self._report(call, Outcome.ANSWERED)
        return found

    def _ended(self, call: _Call, expected: frozenset[str]) -> AwsAnswer | AwsFault | _Stopped:
        timing = self._parts.timing
        while True:
            result = self._attempt(call)
            if isinstance(result, _Stopped):
                return result
            call.request_id = result.request_id
            if isinstance(result, AwsAnswer):
                return result
            call.fault = result
            if is_throttled(result):
                call.throttled += 1
                self._parts.limits.overloaded(call.operation)
            if result.code in expected:
                return result
            bound = min(FIRST_PAUSE_SECONDS * 2.0 ** (call.attempts - 1), MOST_PAUSE_SECONDS)
            pause = self._parts.jitter(bound)
            if not may_pass(result) or timing.now() + pause + LEAST_SECONDS > call.latest:
                return self._given_up(call, result)
            timing.sleep(pause)

    def _attempt(self, call: _Call) -> AwsAnswer | AwsFault | _Stopped:
        """One attempt, if the limits allow it."""
        parts = self._parts
        circuit = self._circuits[CallGroup.of(call.operation)]
        if circuit.shut:
            return self._shut(call)
        if not parts.limits.wait(call.operation, call.latest - LEAST_SECONDS):
            return self._held_back(call, f"the quota of {call.operation.value} is used up")
        if call.operation.costs:
            try:
                parts.spending.count(call.latest - parts.timing.now())
            except CloudUnavailable as error:
                return _Stopped(Outcome.SPENT, error)
        try:
            return circuit.call(lambda: self._sent(call))
        except CallFailed as failed:
            return failed.fault
        except CircuitShut:
            return self._shut(call)
        except TooManyAtOnce:
            return self._held_back(call, "too many calls are under way")

    def _sent(self, call: _Call) -> AwsAnswer | AwsFault:
        parts = self._parts
        left = call.latest - parts.timing.now()
        read_seconds = max(LEAST_SECONDS, min(left, parts.read_seconds))
        call.attempts += 1

        def ask() -> AwsAnswer | AwsFault:
            return parts.wire.ask(call.operation.value, call.request, read_seconds)

        try:
            result = parts.attempts.make(ask, left)
        except TimeoutError:
            result = AwsFault(FaultKind.TIMEOUT)
        if isinstance(result, AwsFault) and counts_against(result):
            raise CallFailed(result)
        return result

    def _given_up(self, call: _Call, fault: AwsFault) -> _Stopped:
        return _Stopped(outcome_of(fault), error_of(fault, call.operation, call.collection))

    def _shut(self, call: _Call) -> _Stopped:
        if call.fault is not None:
            return self._given_up(call, call.fault)
        before = self._circuits[CallGroup.of(call.operation)].fault
        why = "" if before is None else f" ({reason_of(before)})"
        return _Stopped(Outcome.SHUT, unavailable(f"the calls before this one failed{why}"))

    def _held_back(self, call: _Call, why: str) -> _Stopped:
        if call.fault is not None:
            return self._given_up(call, call.fault)
        remedy = f"It passes by itself; cloud.tps holds the quota of {call.operation.value}."
        return _Stopped(Outcome.HELD_BACK, unavailable(why, remedy))

    def _report(self, call: _Call, outcome: Outcome) -> None:
        seconds = self._parts.timing.now() - call.begun
        report = CallReport(
            call.operation, seconds, call.attempts, call.throttled, outcome, call.request_id
        )
        self._parts.observer.called(report)
        self._heard(report)
