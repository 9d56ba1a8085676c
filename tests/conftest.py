"""What every test shares: a slow or busy machine is no failure of a property."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import runtime_environment
from hypothesis import HealthCheck, settings

settings.register_profile("kiosk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("brief", parent=settings.get_profile("kiosk"), max_examples=10)
settings.load_profile("kiosk")

# A shell that starts us in the background has us ignore Ctrl-C, and nohup the end of the terminal;
# and with us all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


AHEAD = -15
"""The nice value of the tests; kiosks and doors in real time go before them."""
GROUP = Path("/proc/self/autogroup")
"""The kernel's own share of the processor for this terminal or service, where it has one."""


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Iterator[None]:
    """Run ahead of what else this machine does, where we may: half a second on a wire is not ours.

    Workers, and all that tests start, inherit it.
    """
    del config
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, AHEAD)
    before = _share(AHEAD)
    try:
        return (yield)
    finally:
        if before is not None:
            _share(before)


def _share(nice: int) -> int | None:
    """Give the terminal's group this nice value; its value before, or None where we may not."""
    with suppress(OSError, ValueError):
        before = int(GROUP.read_text(encoding="ascii").rpartition(" ")[2])
        GROUP.write_text(str(nice), encoding="ascii")
        return before
    return None


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the runtime lock and nothing beside it."""
    return runtime_environment.make(tmp_path_factory.mktemp("runtime") / "environment")
