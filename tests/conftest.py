"""What every test shares: a slow or busy machine is no failure of a property."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
import runtime_environment
from hypothesis import HealthCheck, settings

settings.register_profile("kiosk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("brief", parent=settings.get_profile("kiosk"), max_examples=10)
settings.load_profile("kiosk")

# A shell that starts us in the background has us ignore Ctrl-C, and with us all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

HERE = Path(__file__).parent
IN_REAL_TIME = (HERE / "system", HERE / "integration" / "measure")
"""Whole kiosks and benchmarks: what runs beside them would slow them down."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what no other test may run beside; see `make test`."""
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in IN_REAL_TIME):
            item.add_marker(pytest.mark.alone)


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the runtime lock and nothing beside it."""
    return runtime_environment.make(tmp_path_factory.mktemp("runtime") / "environment")
