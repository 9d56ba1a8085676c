"""A clock that a test moves by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kiosk.domain.vision.frame import Instant


class HandClock:
    """Fulfils the `Clock` port; time passes only by `pass_`, or by being waited for."""

    def __init__(self, at: float = 100.0) -> None:
        self.at = at

    def monotonic(self) -> Instant:
        return Instant(self.at)

    def utc(self) -> datetime:
        return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=self.at)

    def pass_(self, seconds: float) -> None:
        self.at += seconds
