"""A reason to skip what runs the reference engine, where MediaPipe has no wheel."""

from __future__ import annotations

import platform
from importlib.util import find_spec

import pytest

REFERENCE_IS_HERE = platform.machine() == "x86_64" or find_spec("mediapipe") is not None
"""An x86-64 without MediaPipe is a broken installation, and tests fail there (ADR 33)."""

needs_reference = pytest.mark.skipif(
    not REFERENCE_IS_HERE,
    reason="the reference engine needs mediapipe, which has no wheel for this processor",
)

BOTH_ENGINES = [pytest.param("reference", marks=needs_reference), "litert"]
"""Values for `pytest.mark.parametrize`: each engine on its own."""
