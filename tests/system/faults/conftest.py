"""A door whose relay is a plain coil, which nothing but the kiosk switches off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rig_modbus
from rig_modbus import ModbusTcpRig

Wired = Callable[[Path], Path]
"""The home, once its settings name that relay."""


@pytest.fixture
def relay() -> Iterator[ModbusTcpRig]:
    """A real Modbus server behind a wire that can hang."""
    rig = ModbusTcpRig(**rig_modbus.PLAIN)
    rig.door.close()  # the kiosk has a driver of its own
    try:
        yield rig
    finally:
        rig.close()


@pytest.fixture
def wired(relay: ModbusTcpRig) -> Wired:
    """Gives a home that door, which a grant releases for a minute."""

    def wire(home: Path) -> Path:
        (home / "config.toml").write_text(f"""
            [screen]
            fullscreen = false
            [door]
            driver = "modbus"
            fail_mode = "secure"
            lock = "strike"
            release_seconds = 60
            max_release_seconds = 60
            [door.modbus]
            host = "127.0.0.1"
            port = {relay.proxy.port}
            mode = "coil"
            coil = 0
        """)
        return home

    return wire
