"""Whatever happens to a wire: no release that nobody ordered, none twice, and all is well again.

All wires are broken at the same time, each by a process of its own: most of it is waiting.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from door_rig import Fault
from door_rigs import RIGS
from measure_faults import SEQUENCES, RigRun

RIG_PATIENCE_SECONDS = 600.0
FEW = 5
"""Sequences a rig where all of them would take too long: enough to see a driver that is broken."""
RECOVERY_SECONDS = 8.0
"""What no driver takes as a rule, not on a busy machine either; one that waits for long does."""

Runs = dict[str, RigRun]


@pytest.fixture(scope="module")
def few_runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    test = test_a_few_random_faults_release_nothing_that_was_not_ordered
    yield from running(request, test, partial(RigRun, sequences=FEW, parts=1))


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    yield from running(request, test_random_faults_release_nothing_that_was_not_ordered, RigRun)


@pytest.fixture(scope="module")
def thread_runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    test = test_a_driver_s_thread_that_dies_leaves_no_door_released
    yield from running(request, test, partial(RigRun, only=Fault.THREAD))


def running(
    request: pytest.FixtureRequest, test: Callable[..., None], make: Callable[[str], RigRun]
) -> Iterator[Runs]:
    """The runs of all rigs with which a test was chosen."""
    chosen = [item for item in request.session.items if getattr(item, "function", None) is test]
    names = [item.callspec.params["name"] for item in chosen]  # type: ignore[attr-defined] # has one
    begun = {name: make(name) for name in names}
    yield begun
    for run in begun.values():
        run.close()


@pytest.mark.timeout(RIG_PATIENCE_SECONDS + 30.0)
@pytest.mark.parametrize("name", RIGS)
def test_a_few_random_faults_release_nothing_that_was_not_ordered(
    name: str, few_runs: Runs
) -> None:
    tally = few_runs[name].tally(RIG_PATIENCE_SECONDS)
    assert tally.sequences == FEW
    assert tally.obeyed >= FEW
    assert sum(tally.faults.values()) > 0


@pytest.mark.long
@pytest.mark.timeout(RIG_PATIENCE_SECONDS + 30.0)
@pytest.mark.parametrize("name", RIGS)
def test_random_faults_release_nothing_that_was_not_ordered(name: str, runs: Runs) -> None:
    tally = runs[name].tally(RIG_PATIENCE_SECONDS)
    assert tally.sequences == SEQUENCES
    assert tally.orders > tally.obeyed > SEQUENCES, "some orders must fail, and some be obeyed"
    assert min(tally.faults.values()) > 10, "a fault that hardly happens is not tried"
    assert tally.losses > 0
    assert statistics.median(tally.recovered) < RECOVERY_SECONDS


THREADED = ("osdp", "mqtt", "gpio", "gpio-pi", "modbus-coil", "modbus-serial-coil")
"""Drivers with a thread of their own: of the line, or of what ends a release."""


@pytest.mark.long
@pytest.mark.timeout(RIG_PATIENCE_SECONDS + 30.0)
@pytest.mark.parametrize("name", THREADED)
def test_a_driver_s_thread_that_dies_leaves_no_door_released(name: str, thread_runs: Runs) -> None:
    tally = thread_runs[name].tally(RIG_PATIENCE_SECONDS)
    assert tally.sequences == SEQUENCES
    assert tally.faults["THREAD"] > SEQUENCES
    assert statistics.median(tally.recovered) < RECOVERY_SECONDS
