"""Another user of this machine, whom only root can act for."""

from __future__ import annotations

import os

import pytest

STRANGER = 65_500
"""A user id that nobody has."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as a second user")
"""Giving a file to somebody else takes root; who runs the suite as another user is told."""
