"""Doors whose wires have times of their own: a serial device counts as gone after half a second."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

import pytest
from kiosk_process import HURRIED


@pytest.fixture(autouse=True, scope="module")
def _in_time() -> Iterator[None]:
    """The processor first, where we may: these times are the protocol's, and busy or not, not ours.

    Threads and processes that a test begins inherit it.
    """
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, HURRIED)
    yield
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, before)
