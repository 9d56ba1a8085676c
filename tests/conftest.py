"""What every test shares: a slow or busy machine is no failure of a property."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import runtime_environment
from hypothesis import HealthCheck, settings
from shared_by_workers import shared

settings.register_profile("kiosk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("brief", parent=settings.get_profile("kiosk"), max_examples=10)
settings.load_profile("kiosk")

UNIT = Path(__file__).parent / "unit"

# A shell that starts us in the background has us ignore Ctrl-C, and nohup the end of the terminal;
# and with us all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


ON_A_WIRE = pytest.mark.flaky(reruns=3, only_rerun="^DoorTimeout:")
"""A machine that stands still for half a second is slower than the wires of doors allow.

A test that ends with that one error is run again; a driver that is too slow is so each time.
"""

AHEAD = -15
"""The nice value of the tests; kiosks and doors in real time go before them."""

# A busy machine's other work waits for us, where we may say so: half a second on a wire is the
# protocol's, and no time of ours. Workers, and all that tests start, inherit it.
with suppress(PermissionError):
    os.setpriority(os.PRIO_PROCESS, 0, AHEAD)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while tests are collected, nor later through what stays to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Unit tests have no wires, and asking each whether it is to run again takes as long as it."""
    for item in items:
        if UNIT not in item.path.parents:
            item.add_marker(ON_A_WIRE)


@pytest.fixture(scope="module")
def real_time() -> Iterator[None]:
    """The processor before all else, where we may: an OSDP line is dead after half a second.

    Threads and processes that such a test begins inherit it.
    """
    policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    yield
    os.sched_setscheduler(0, policy, priority)


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the runtime lock and nothing beside it."""
    made = shared(tmp_path_factory, "runtime", runtime_environment.make)
    return runtime_environment.python_of(made)
