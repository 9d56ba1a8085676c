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

# A shell that starts us in the background has us ignore Ctrl-C, and nohup the end of the terminal;
# and with us all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the runtime lock and nothing beside it."""
    return runtime_environment.make(tmp_path_factory.mktemp("runtime") / "environment")
