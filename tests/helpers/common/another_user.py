"""Another user of this machine, whom only root can act for."""

from __future__ import annotations

import os

import pytest

STRANGER = 65_500
"""A user id that nobody has."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
"""The kernel lets nobody else give a file to another user, and no test can stand in for that: the
kiosk asks the kernel whose it is. Who runs the suite as another user is told."""
