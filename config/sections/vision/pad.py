"""Presentation attack detection. It can be made stricter, never switched off."""

from __future__ import annotations

from pydantic import Field, model_validator

from config.sections.common import Section


class PadSettings(Section):
    """Limits for the mean bona fide score over a run of probes."""

    threshold: float = Field(0.4, ge=0.4, lt=1.0)
    """Mean score that a run must reach; higher is stricter."""
    attack_threshold: float = Field(0.1, ge=0.05, lt=1.0)
    """A run whose mean stays below this is refused as an attack; between the two, time goes on."""

    @model_validator(mode="after")
    def _ordered(self) -> PadSettings:
        if self.attack_threshold > self.threshold:
            raise ValueError("attack_threshold must not exceed threshold")
        return self
