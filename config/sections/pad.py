"""Presentation attack detection. It can be made stricter, never switched off."""

from __future__ import annotations

from pydantic import Field

from config.sections.common import Section


class PadSettings(Section):
    """Limits for the mean bona fide score over a run of probes."""

    threshold: float = Field(0.2, ge=0.1, lt=1.0)
    """Mean score that a run must reach; higher is stricter."""
