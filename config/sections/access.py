"""Settings of the access decision, its time-outs and lockout."""

from __future__ import annotations

from pydantic import Field, model_validator

from config.sections.common import Section


class AccessSettings(Section):
    """Evidence, time-outs and lockout of an access session."""

    probes_required: int = Field(10, ge=5, le=60)
    """Unbroken agreeing probes for a grant; one frame never decides."""
    comparisons_required: int = Field(4, ge=3, le=60)
    """How many of these probes are compared, spread over the run; the mean of their templates
    decides."""
    span_seconds: float = Field(0.5, ge=0.2, le=5.0)
    """Least time that they span."""
    refusal_probes: int = Field(15, ge=3, le=120)
    """Unbroken probes before a refusal is certain."""
    refusal_span_seconds: float = Field(1.5, ge=0.2, le=10.0)
    """Least time that they span."""
    window_seconds: float = Field(3.0, ge=0.5, le=10.0)
    """Older evidence is forgotten."""
    absence_seconds: float = Field(0.7, ge=0.3, le=5.0)
    """A face gone for so long has left."""
    session_timeout_seconds: float = Field(8.0, ge=2.0, le=60.0)
    """A session without a decision ends after this."""
    granted_hold_seconds: float = Field(4.0, ge=1.0, le=30.0)
    """How long a grant stays on the screen."""
    refused_hold_seconds: float = Field(3.0, ge=1.0, le=30.0)
    """How long a refusal stays on the screen."""
    retry_seconds: float = Field(8.0, ge=1.0, le=120.0)
    """How long the same face waits in the lane for another session."""
    failures_allowed: int = Field(5, ge=1, le=20)
    """Refusals within the window before a lockout."""
    failure_window_seconds: float = Field(180.0, ge=10.0, le=3600.0)
    """How long a refusal is remembered."""
    lockout_seconds: float = Field(30.0, ge=5.0, le=3600.0)
    """Duration of a lockout; no access decision is made during it."""
    factor_seconds: float = Field(20.0, ge=5.0, le=120.0)
    """How long a second factor is waited for."""
    factor_absence_seconds: float = Field(6.0, ge=1.0, le=30.0)
    """A face gone for so long meanwhile has left. Typing people look down at the keys."""

    @model_validator(mode="after")
    def _fits(self) -> AccessSettings:
        spans = max(self.span_seconds, self.refusal_span_seconds)
        if not spans <= self.window_seconds < self.session_timeout_seconds:
            raise ValueError(
                "span_seconds and refusal_span_seconds must fit into window_seconds, "
                "and that into session_timeout_seconds"
            )
        if self.comparisons_required > self.probes_required:
            raise ValueError("comparisons_required must not exceed probes_required")
        if self.refusal_probes < self.probes_required:
            raise ValueError("refusal_probes must not be fewer than probes_required")
        if self.refusal_span_seconds < self.span_seconds:
            raise ValueError("refusal_span_seconds must not be shorter than span_seconds")
        return self
