"""Failures counted across sessions, so that stepping out of the picture resets nothing.

After AWS's advice for liveness (five failures in three minutes are enough) and R56. A lockout that
was sat through settles the account; a fault in its midst does not shorten it.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.frame import Instant


@dataclass(frozen=True, slots=True)
class Failures:
    """When the latest refusals were, oldest first."""

    at: tuple[Instant, ...] = ()

    def add(self, now: Instant, window_seconds: float) -> Failures:
        """One more refusal; those older than the window are forgotten."""
        return Failures((*self.since(now, window_seconds), now))

    def since(self, now: Instant, window_seconds: float) -> tuple[Instant, ...]:
        """The refusals within the window that ends now."""
        return tuple(at for at in self.at if now - at < window_seconds)
