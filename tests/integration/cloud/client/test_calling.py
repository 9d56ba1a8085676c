"""Calls by a clock that the test moves: attempts, pauses, quotas, and the deadline they keep to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cloud_client import Heard

from kiosk.aws.faults import AwsFault, FaultKind
from kiosk.aws.wire import AwsAnswer
from kiosk.cloud.client.attempts import TimedAttempts, TooManyAtOnce
from kiosk.cloud.client.calling import Caller, CallParts, full_jitter
from kiosk.cloud.client.circuits import CallFailed, Circuit, CircuitShut
from kiosk.cloud.client.limits import CallLimits
from kiosk.cloud.client.observing import CallGroup, Outcome
from kiosk.cloud.client.spending import Spending
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.errors import CloudRefused, CloudUnavailable, LintelError

FAILED = AwsFault(FaultKind.ANSWERED, 500, "InternalServerError")
THROTTLED = AwsFault(FaultKind.ANSWERED, 400, "ThrottlingException")
DENIED = AwsFault(FaultKind.ANSWERED, 400, "AccessDeniedException")
LATE = AwsFault(FaultKind.TIMEOUT)
DONE = AwsAnswer({}, "id")


class Hand:
    """A clock that moves when it is slept by."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0.0
        self.slept.append(seconds)
        self.at += seconds


class Service:
    """Answers as it is told, the last answer for ever; each takes so long."""

    def __init__(self, clock: Hand, *answers: AwsAnswer | AwsFault, takes: float = 0.0) -> None:
        self._clock, self._answers, self._takes = clock, list(answers), takes
        self.at: list[float] = []
        self.read_seconds: list[float] = []

    def ask(
        self, _operation: str, _request: Mapping[str, object], read_seconds: float
    ) -> AwsAnswer | AwsFault:
        self.at.append(self._clock.at)
        self.read_seconds.append(read_seconds)
        self._clock.at += min(self._takes, read_seconds)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class Called:
    """A caller by such a clock, and what it told."""

    def __init__(
        self,
        folder: Path,
        *answers: AwsAnswer | AwsFault,
        takes: float = 0.0,
        limit: float = 1e6,
        **more: Any,  # noqa: ANN401 - see CallParts
    ) -> None:
        self.clock, self.heard = Hand(), Heard()
        self.service = Service(self.clock, *answers, takes=takes)
        tps = more.pop("tps", {each.value: 10_000.0 for each in Operation})
        self.spending = Spending(folder / "spent", limit, 1.0)
        parts = {
            "wire": self.service,
            "limits": CallLimits(tps, self.clock),
            "attempts": TimedAttempts(16),
            "spending": self.spending,
            "observer": self.heard,
            "timing": self.clock,
            "jitter": lambda most: most,
            "failures": 1000,
            **more,
        }
        self.caller = Caller(CallParts(**parts))

    def call(self, seconds: float = 3.0, operation: Operation = Operation.SEARCH_USERS) -> object:
        return self.caller.call(operation, {"CollectionId": "c"}, seconds, lambda each: each)


def test_pauses_grow_to_a_second_and_no_further(tmp_path: Path) -> None:
    called = Called(tmp_path, *[FAILED] * 7, DONE)
    called.call(60.0)
    assert called.clock.slept == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0])
    assert called.heard.last.attempts == 8


def test_a_pause_is_chance_below_its_bound() -> None:
    chosen = [full_jitter(0.4) for _ in range(500)]
    assert min(chosen) >= 0.0
    assert max(chosen) <= 0.4
    assert len({round(each, 6) for each in chosen}) > 100


@pytest.mark.parametrize("seconds", [0.05, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("fault", [FAILED, LATE, THROTTLED])
@pytest.mark.parametrize("takes", [0.0, 0.4, 5.0])
def test_no_call_outlives_its_deadline(
    tmp_path: Path, seconds: float, fault: AwsFault, takes: float
) -> None:
    called = Called(tmp_path, fault, takes=takes)
    with pytest.raises(CloudUnavailable):
        called.call(seconds)
    assert called.clock.at <= seconds + 1e-9
    assert called.heard.last.seconds <= seconds + 1e-9
    for at, read_seconds in zip(called.service.at, called.service.read_seconds, strict=True):
        assert read_seconds <= min(2.0, seconds - at) + 1e-9


@pytest.mark.parametrize(
    "fault",
    [
        DENIED,
        AwsFault(FaultKind.ANSWERED, 400, "InvalidParameterException"),
        AwsFault(FaultKind.ANSWERED, 404, ""),
        AwsFault(FaultKind.ANSWERED, 302, ""),
        AwsFault(FaultKind.CERTIFICATE),
        AwsFault(FaultKind.CREDENTIALS),
        AwsFault(FaultKind.REQUEST),
    ],
)
def test_what_does_not_pass_is_not_asked_again(tmp_path: Path, fault: AwsFault) -> None:
    called = Called(tmp_path, fault, DONE)
    with pytest.raises(CloudRefused):
        called.call()
    assert len(called.service.at) == 1
    assert called.heard.outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    "fault",
    [
        FAILED,
        THROTTLED,
        LATE,
        AwsFault(FaultKind.ANSWERED, 503, ""),
        AwsFault(FaultKind.ANSWERED, 429, ""),
        AwsFault(FaultKind.ANSWERED, 400, "ConflictException"),
        AwsFault(FaultKind.NAME),
        AwsFault(FaultKind.CONNECTION),
        AwsFault(FaultKind.BROKEN),
        AwsFault(FaultKind.LENGTH),
        AwsFault(FaultKind.NONSENSE),
    ],
)
def test_what_may_pass_is_asked_again(tmp_path: Path, fault: AwsFault) -> None:
    called = Called(tmp_path, fault, DONE)
    called.call()
    assert len(called.service.at) == 2


def test_a_server_that_counts_never_sees_more_than_the_quota(tmp_path: Path) -> None:
    called = Called(tmp_path, DONE, tps={"ListUsers": 5.0})
    for _ in range(40):
        called.call(60.0, Operation.LIST_USERS)
    at = called.service.at
    assert len(at) == 40
    for begin in at:
        assert sum(begin <= each < begin + 1.0 for each in at) <= 5


def test_a_server_that_throttles_is_asked_half_as_often_and_slowly_more(tmp_path: Path) -> None:
    called = Called(tmp_path, THROTTLED, DONE, tps={"ListUsers": 8.0})
    for _ in range(400):
        called.call(60.0, Operation.LIST_USERS)
    at = called.service.at[1:]
    assert sum(each < 1.0 for each in at) <= 4
    late = at[-100:]
    assert max(sum(begin <= each < begin + 1.0 for each in late) for begin in late) == 8


def test_what_the_quota_leaves_no_time_for_is_not_sent(tmp_path: Path) -> None:
    called = Called(tmp_path, DONE, tps={"SearchUsersByImage": 1.0})
    called.call(0.5)
    with pytest.raises(CloudUnavailable, match="the quota of SearchUsersByImage is used up"):
        called.call(0.5)
    assert called.heard.outcome is Outcome.HELD_BACK
    assert (len(called.service.at), called.clock.slept) == (1, [])
    called.call(0.5, Operation.DESCRIBE_COLLECTION)  # each operation has a bucket of its own


# -- money ---------------------------------------------------------------------------------------


def test_every_attempt_with_a_picture_is_counted_before_it_is_sent(tmp_path: Path) -> None:
    called = Called(tmp_path, FAILED, FAILED, DONE)
    called.call(60.0)
    assert called.spending.spent().calls == 3
    for operation in (each for each in Operation if not each.costs):
        called.call(60.0, operation)
    assert called.spending.spent().calls == 3


def test_when_it_is_spent_nothing_is_sent(tmp_path: Path) -> None:
    called = Called(tmp_path, DONE, limit=0.002)
    called.call()
    called.call()
    with pytest.raises(CloudUnavailable, match=r"cloud\.monthly_limit is reached"):
        called.call()
    assert called.heard.outcome is Outcome.SPENT
    assert len(called.service.at) == 2
    called.call(operation=Operation.DELETE_USER)  # whoever withdraws is withdrawn


def test_a_shut_circuit_counts_no_money(tmp_path: Path) -> None:
    called = Called(tmp_path, FAILED, failures=2, shut_seconds=100.0)
    for _ in range(5):
        with pytest.raises(CloudUnavailable):
            called.call()
    assert called.spending.spent().calls == 2


COUNTING = """
import sys, time
from pathlib import Path
from kiosk.cloud.client.spending import Spending
spending = Spending(Path(sys.argv[1]), 1e6, 1.0)
for _ in range(int(sys.argv[2])):
    spending.count(60.0)
    print(flush=True)
time.sleep(float(sys.argv[3]))
"""


def counting(path: Path, times: int, stays: float = 0.0) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", COUNTING, str(path), str(times), str(stays)]
    return subprocess.Popen(
        arguments, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[4]
    )


def test_processes_share_the_count_and_killing_one_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "spent"
    killed = counting(path, 20, stays=60.0)
    others = [counting(path, 30) for _ in range(2)]
    assert killed.stdout is not None
    for _ in range(20):
        killed.stdout.readline()
    os.kill(killed.pid, signal.SIGKILL)
    for each in (killed, *others):
        each.communicate()
    assert Spending(path, 1e6, 1.0).spent().calls == 80


# -- the circuit and the attempts ----------------------------------------------------------------


def fails() -> object:
    raise CallFailed(LATE)


def shut(failures: int = 2) -> tuple[Circuit, Hand, list[bool]]:
    """A circuit that has shut just now."""
    clock, told = Hand(), list[bool]()
    circuit = Circuit(
        CallGroup.SEARCH, lambda _, shut: told.append(shut), clock.now, failures, 10.0
    )
    for _ in range(failures):
        with pytest.raises(CallFailed):
            circuit.call(fails)
    return circuit, clock, told


def test_a_circuit_tries_one_call_after_a_while() -> None:
    circuit, clock, told = shut()
    assert circuit.shut
    with pytest.raises(CircuitShut):
        circuit.call(lambda: 1)
    clock.at = 10.0
    assert not circuit.shut
    with pytest.raises(CallFailed):
        circuit.call(fails)
    assert circuit.shut
    clock.at = 20.0
    assert circuit.call(lambda: 1) == 1
    assert not circuit.shut
    assert told == [True, False]


def test_while_one_call_is_tried_no_other_waits_for_it() -> None:
    circuit, clock, _ = shut()
    clock.at = 10.0
    begun, over = threading.Event(), threading.Event()

    def trial() -> int:
        begun.set()
        over.wait(60.0)
        return 1

    thread = threading.Thread(target=circuit.call, args=(trial,))
    thread.start()
    begun.wait(60.0)
    assert circuit.shut
    with pytest.raises(CircuitShut):
        circuit.call(lambda: 1)
    over.set()
    thread.join()
    assert circuit.call(lambda: 2) == 2


def test_calls_of_a_whole_circuit_run_beside_each_other() -> None:
    circuit = Circuit(CallGroup.SEARCH, lambda *_, **__: None)
    together = threading.Barrier(4, timeout=60.0)
    threads = [threading.Thread(target=circuit.call, args=(together.wait,)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not together.broken


def test_a_success_forgets_the_failures_before_it() -> None:
    circuit = Circuit(CallGroup.REST, lambda *_, **__: None, failures=2)
    for _ in range(5):
        with pytest.raises(CallFailed):
            circuit.call(fails)
        circuit.call(lambda: 1)
    assert not circuit.shut


def test_so_many_attempts_at_once_and_none_waits_beyond_its_time() -> None:
    attempts, over = TimedAttempts(2), threading.Event()
    for _ in range(2):
        with pytest.raises(TimeoutError):
            attempts.make(lambda: over.wait(60.0), 0.01)
    with pytest.raises(TooManyAtOnce):
        attempts.make(lambda: 1, 0.01)
    over.set()
    assert attempts.make(lambda: 1, 60.0) == 1


def test_too_many_at_once_is_said(tmp_path: Path) -> None:
    attempts, over = TimedAttempts(1), threading.Event()
    with pytest.raises(TimeoutError):
        attempts.make(lambda: over.wait(60.0), 0.01)
    called = Called(tmp_path, DONE, attempts=attempts)
    with pytest.raises(CloudUnavailable, match="too many calls are under way"):
        called.call(0.05)
    over.set()
    called.call(60.0)


def test_an_error_in_an_attempt_reaches_whoever_waits() -> None:
    def wrong() -> object:
        raise LintelError("here")

    with pytest.raises(LintelError, match="here"):
        TimedAttempts(1).make(wrong, 60.0)
